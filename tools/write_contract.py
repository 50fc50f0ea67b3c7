"""Write dbt_project/contract.yml and docs/contract.md: what is promised of the published tables.

Run `make contract`. Without a higher contract_version in dbt_project/dbt_project.yml it refuses to write that
a column is gone or has another type.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from audit import tables
from orchestration import contract, dbt
from orchestration.settings import ROOT
from publish.contract import Contract, ContractError, broken_promises
from publish.tables import TableName
from tools.markdown import table

PAGE = ROOT / "docs" / "contract.md"
HEAD = """\
# Contract

What a query may rest on: the tables of a release with their columns, types and keys. This is version
{version}; `dbt_project/contract.yml` says the same to the build.

Without a new version there may be new tables, new columns, and other values: an agency revises its figures, a
correction is listed, a description is put better. Name the columns that you ask for, and a new one does no
harm.

A new version is needed, and named in CHANGELOG.md, when a table or column is removed or renamed, a column has
another type, or another key identifies a row. The build refuses all of these until `contract_version` in
`dbt_project/dbt_project.yml` is raised. What the figures mean: [dictionary.md](dictionary.md).

The views of the schema `saved` are questions of the day and are not promised.

Written by `make contract`; a test holds it against the project.
"""


def page(promise: Contract) -> str:
    """The contract to read."""
    return "\n".join([HEAD.format(version=promise.version), *_sections(promise)])


def _sections(promise: Contract) -> Iterator[str]:
    described = _descriptions()
    for name in sorted(promise.columns):
        comment, columns = described[name]
        key = ", ".join(f"`{column}`" for column in promise.keys[name])
        rows = [(f"`{column}`", kind, columns[column]) for column, kind in promise.columns[name]]
        yield f"## {name}\n\n{comment}\n\nKey: {key or 'none'}.\n"
        yield table(("column", "type", "what it is"), rows)


def _descriptions() -> dict[TableName, tuple[str, dict[str, str]]]:
    """What is said of each published table and of its columns."""
    nodes = (node for node in dbt.manifest()["nodes"].values() if node["resource_type"] == "model")
    described = {
        TableName(node["schema"], node["alias"]): (
            node["description"],
            {column["name"]: column["description"] for column in node["columns"].values()},
        )
        for node in nodes
    }
    audited = {
        TableName("audit", table.name): (table.comment, {name: text for name, _, text in table.columns})
        for table in tables.TABLES
    }
    return described | audited


def write() -> None:
    """Write both files; nothing is written when a promise is broken."""
    promise = contract.declared()
    if contract.FILE.exists():
        try:
            broken = broken_promises(Contract.read(contract.FILE), promise)
        except ContractError as error:
            sys.exit(str(error))
        if broken:
            lines = "\n".join(f"  {line}" for line in broken)
            sys.exit(f"not written, the contract is broken:\n{lines}\nIf this is meant, {contract.NEXT}.")
    contract.FILE.write_text(promise.text(), "utf-8")
    PAGE.write_text(page(promise), "utf-8")


if __name__ == "__main__":
    write()
    sys.stdout.write(f"{contract.FILE.relative_to(ROOT)}, {PAGE.relative_to(ROOT)} written\n")
