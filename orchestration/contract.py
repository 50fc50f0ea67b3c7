"""The contract as the project declares it: models of the published schemas, and what the audit writes."""

from __future__ import annotations

from audit import tables
from orchestration import dbt
from publish.contract import Contract, ContractError, Declared, broken_promises
from publish.tables import TableName

FILE = dbt.PROJECT / "contract.yml"
NEXT = "raise contract_version in dbt_project/dbt_project.yml, then `make contract`"


def declared_columns() -> Declared:
    """Columns and types by dbt's contracts, and those of the tables that the audit writes."""
    audited = {
        TableName("audit", table.name): tuple((name, kind) for name, kind, _ in table.columns)
        for table in tables.TABLES
    }
    return dbt.declared_columns() | audited


def declared() -> Contract:
    """The contract of the project as it stands."""
    audited = {TableName("audit", table.name): table.grain for table in tables.TABLES}
    return Contract(dbt.contract_version(), declared_columns(), dbt.declared_keys() | audited)


def refuse_broken() -> None:
    """Raise BuildError where the project breaks what dbt_project/contract.yml promises at this version."""
    try:
        broken = broken_promises(Contract.read(FILE), declared())
    except ContractError as error:
        raise dbt.BuildError(str(error)) from error
    if broken:
        raise dbt.BuildError(f"the contract is broken: {'; '.join(broken)}. If this is meant, {NEXT}.")
