"""The contract of the published tables: written as the project is, and what breaks it is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration import contract, dbt
from publish.contract import Contract, ContractError, broken_promises
from publish.release import Releases
from publish.tables import TableName
from tests.conftest import ROOT
from tools.write_contract import page

REMITTANCES = TableName("indicators", "quarterly_remittances")


@pytest.fixture(scope="module")
def promised() -> Contract:
    return Contract.read(contract.FILE)


def changed(promise: Contract, *columns: tuple[str, str], version: int = 1) -> Contract:
    """The contract with other columns of quarterly_remittances."""
    return replace(promise, version=version, columns={**promise.columns, REMITTANCES: columns})


def test_the_committed_contract_is_that_of_the_project(promised: Contract) -> None:
    declared = contract.declared()
    assert contract.FILE.read_text("utf-8") == declared.text(), "run `make contract`"
    assert (ROOT / "docs" / "contract.md").read_text("utf-8") == page(declared), "run `make contract`"
    assert promised == declared


def test_the_contract_is_of_the_tables_that_are_released(refreshed: Path, promised: Contract) -> None:
    with duckdb.connect(str(refreshed / "current" / "warehouse.duckdb"), read_only=True) as con:
        released = con.execute("select distinct schema_name, table_name from duckdb_tables()").fetchall()
        keys = con.execute(
            "select schema_name, table_name, constraint_column_names from duckdb_constraints()"
            " where constraint_type = 'PRIMARY KEY'"
        ).fetchall()
    assert {TableName(*row) for row in released} == set(promised.columns)
    assert {TableName(*row[:2]): tuple(row[2]) for row in keys}.items() <= promised.keys.items()


def test_what_is_removed_retyped_or_rekeyed_is_broken(promised: Contract) -> None:
    quarter, _, *others = promised.columns[REMITTANCES]
    now = changed(promised, quarter, ("direction", "integer"), *others[1:])
    assert broken_promises(promised, now) == [
        "indicators.quarterly_remittances.direction: was varchar, is integer",
        "indicators.quarterly_remittances.first_month_mln_kzt: was decimal(24,9), is gone",
    ]
    assert broken_promises(promised, replace(now, version=promised.version + 1)) == []
    left = {name: columns for name, columns in promised.columns.items() if name != REMITTANCES}
    assert broken_promises(promised, replace(promised, columns=left)) == [
        "indicators.quarterly_remittances: the table is gone"
    ]
    rekeyed = replace(promised, keys={**promised.keys, REMITTANCES: ("quarter",)})
    assert broken_promises(promised, rekeyed) == [
        "indicators.quarterly_remittances: the key was quarter, direction, is quarter"
    ]
    assert broken_promises(replace(promised, version=2), promised) == ["contract_version was 2, is 1"]


def test_what_is_added_moved_or_spelled_otherwise_is_not(promised: Contract) -> None:
    columns = [(name, kind.upper().replace(",", ", ")) for name, kind in promised.columns[REMITTANCES]]
    now = changed(promised, ("added", "date"), *reversed(columns))
    added = {**now.columns, TableName("marts", "added"): (("added", "date"),)}
    assert broken_promises(promised, replace(now, columns=added)) == []


def test_a_file_that_is_no_contract_is_named(tmp_path: Path, promised: Contract) -> None:
    path = tmp_path / "contract.yml"
    with pytest.raises(ContractError, match=r"contract\.yml is not a contract"):
        Contract.read(path)
    for text in ("", "version: 1\ntables: [a]", "version: 1\ntables: {a.b: {key: []}}", "a: [", "version: x"):
        path.write_text(text, "utf-8")
        with pytest.raises(ContractError, match="make contract"):
            Contract.read(path)
    path.write_text(promised.text(), "utf-8")
    assert Contract.read(path) == promised


class Checkout:
    """A copy of the project whose `quarterly_remittances` lost one column and got another type for one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("audit", "ingest", "orchestration", "publish", "tools", "dbt_project"):
            ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        (folder / "docs").mkdir()
        models = folder / "dbt_project" / "models" / "indicators"
        described = models / "quarterly_remittances.yml"
        lines = described.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if "name: report_of_that_rate" not in line]
        text = "".join(kept).replace(
            'name: coverage, data_type: "varchar"', 'name: coverage, data_type: "varchar[]"'
        )
        described.write_text(text, "utf-8")
        self.settings = folder / "dbt_project" / "dbt_project.yml"

    def run(self, home: Path, *command: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MTM_")}
        settings = {"PYTHONPATH": str(self.folder), "MTM_HOME": str(home), "MTM_SOURCES": "recorded"}
        return subprocess.run(
            [sys.executable, *command],
            env={**inherited, **settings},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            cwd=self.folder,
        )

    def refresh(self, home: Path) -> subprocess.CompletedProcess[str]:
        return self.run(home, "-c", "from orchestration.cli import main; main()", "refresh")


def test_a_build_that_breaks_the_contract_is_refused_until_the_version_is_raised(
    home: Path, tmp_path: Path
) -> None:
    checkout = Checkout(tmp_path / "checkout")
    before, written = Releases(home).current(), checkout.folder / "dbt_project" / "contract.yml"
    refused = checkout.refresh(home)
    assert refused.returncode == 1, refused.stdout
    said = " ".join((refused.stdout + refused.stderr).split())
    assert "indicators.quarterly_remittances.coverage: was varchar, is varchar[]" in said
    assert "indicators.quarterly_remittances.report_of_that_rate: was varchar, is gone" in said
    assert "raise contract_version in dbt_project/dbt_project.yml, then `make contract`" in said
    assert "Traceback" not in said
    assert Releases(home).current() == before
    not_written = checkout.run(home, "-m", "tools.write_contract")
    assert not_written.returncode == 1
    assert "report_of_that_rate: was varchar, is gone" in not_written.stderr
    assert "raise contract_version" in not_written.stderr
    assert written.read_text("utf-8") == contract.FILE.read_text("utf-8")
    raised = checkout.settings.read_text("utf-8").replace("contract_version: 1", "contract_version: 2")
    checkout.settings.write_text(raised, "utf-8")
    passed = checkout.run(home, "-c", "from orchestration import contract; contract.refuse_broken()")
    assert passed.returncode == 0, passed.stderr
    done = checkout.run(home, "-m", "tools.write_contract")
    assert done.returncode == 0, done.stderr
    now = Contract.read(written)
    assert now.version == 2
    assert ("coverage", "varchar[]") in now.columns[REMITTANCES]
    assert "This is version\n2;" in (checkout.folder / "docs" / "contract.md").read_text("utf-8")


def test_the_version_is_that_of_the_project(promised: Contract) -> None:
    assert dbt.contract_version() == promised.version
