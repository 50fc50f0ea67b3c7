"""What the UI shows of each asset and check after a run: read from the Dagster instance of a real home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration import dbt
from orchestration.column_lineage import origins
from orchestration.definitions import defs
from orchestration.instance import dagster_instance
from orchestration.settings import Settings
from publish.contract import differences
from publish.tables import TableName
from tests.border_workbook import ROWS, Shape
from tests.conftest import release

BORDER = "interior_ministry__border_crossings"
# Columns of published tables that are made from no other table: a calendar, words a model writes itself.
CONSTANT = {
    *(
        ("marts", "dim_quarter", each)
        for each in ("quarter", "year", "quarter_of_year", "first_day", "last_day")
    ),
    ("marts", "dim_breakdown", "breakdown"),
    *(
        ("marts", "dictionary", each)
        for each in ("kind", "schema_name", "table_name", "column_name", "column_position", "data_type")
    ),
    *(
        ("indicators", f"quarterly_foreign_labour_by_{each}", "is_end_of_quarter")
        for each in ("activity", "category", "country")
    ),
}  # fmt: skip
EDGES = {
    ("marts/dim_country", "iso3"): {"seeds/country.iso3"},
    ("staging/stg_national_bank__money_transfers", "value"): {"raw/national_bank__money_transfers.amount"},
    ("staging/stg_national_bank__money_transfers", "known_from"): {"staging/landed_file.known_from"},
    ("staging/stg_national_bank__money_transfers", "direction"): {"seeds/alias.code"},
    ("marts/fct_money_transfers", "transfer_system"): {"intermediate/observation.breakdown_code"},
    ("indicators/quarterly_remittances", "amount_mln_kzt"): {"indicators/quarterly_indicator.value"},
    ("indicators/quarterly_remittances", "first_month_mln_usd"): {
        "marts/fct_money_transfers.period_start",
        "marts/fct_money_transfers.value",
        "marts/fct_monthly_exchange_rates.conversion_rate",
    },
}


@dataclass(frozen=True)
class Seen:
    """The latest materialisations and check results of a home, as the UI reads them."""

    assets: dict[str, dict[str, Any]]
    checks: dict[str, dg.AssetCheckEvaluation]


def seen(home: Path) -> Seen:
    keys = defs.resolve_asset_graph().asset_check_keys
    with dagster_instance(Settings(home=home)) as instance:
        entries = [record.asset_entry for record in instance.get_asset_records()]
        found = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(keys))
    assets = {
        entry.asset_key.to_user_string(): {
            name: value.value
            for name, value in entry.last_materialization.asset_materialization.metadata.items()
        }
        for entry in entries
        if entry.last_materialization and entry.last_materialization.asset_materialization
    }
    checks = {
        f"{key.asset_key.to_user_string()}:{key.name}": record.evaluation
        for key, record in found.items()
        if isinstance(record.evaluation, dg.AssetCheckEvaluation)
    }
    return Seen(assets, checks)


def lines(markdown: str) -> list[list[str]]:
    """The cells of a Markdown table below its header."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in markdown.splitlines()[2:]]


@pytest.fixture(scope="module")
def fresh(refreshed: Path) -> Seen:
    return seen(refreshed)


def test_a_source_file_says_where_it_came_from(fresh: Seen, refreshed: Path) -> None:
    shown = fresh.assets["source_file/national_bank__money_transfers"]
    assert (shown["http_status"], shown["files"], shown["failed"]) == (200, 1, 0)
    assert shown["url"].startswith("https://")
    assert shown["archived_as"] == f"{shown['sha256'][:2]}/{shown['sha256']}.json"
    with release(refreshed) as con:
        kept = con.execute(
            "select archive_path, obtained_via from marts.dim_source_file where source_file = ?",
            [shown["sha256"]],
        ).fetchall()
    assert kept == [(shown["archived_as"], shown["obtained_via"])]
    assert datetime.fromisoformat(shown["fetched_at"]).utcoffset() is not None


def test_a_raw_table_says_what_landed(fresh: Seen) -> None:
    shown = fresh.assets["raw/national_bank__money_transfers"]
    counts = [shown[name] for name in ("dagster/row_count", "rows_landed", "refused", "quarantined_cells")]
    assert counts == [116, 116, 0, 0]
    assert shown["last_landed_file"] == fresh.assets["source_file/national_bank__money_transfers"]["sha256"]
    assert "money transfers sent" in shown["preview"]


def test_a_table_says_its_period_and_shows_its_last_rows_and_its_series(fresh: Seen, refreshed: Path) -> None:
    shown = fresh.assets["indicators/quarterly_remittances"]
    with release(refreshed) as con:
        rows = con.execute(
            "select quarter, amount_mln_kzt from indicators.quarterly_remittances"
            " where direction = 'sent' order by quarter"
        ).fetchall()
        known = con.execute("select max(known_from) from indicators.quarterly_remittances").fetchone()
    assert shown["period"] == f"{rows[0][0]} to {rows[-1][0]}"
    assert (str(shown["known_from"]),) == tuple(map(str, known or ()))
    assert shown["chart_of"] == "amount_mln_kzt: national_bank__money_transfers, sent"
    drawn = lines(shown["chart"])
    assert [(line[0], float(line[1].replace(",", ""))) for line in drawn] == [
        (quarter, pytest.approx(float(amount), rel=1e-8)) for quarter, amount in rows[-12:]
    ]
    longest = max(drawn, key=lambda line: float(line[1].replace(",", "")))
    assert longest[2] == "█" * 24
    assert lines(shown["preview"])[0][:2] == ["quarter", "2026Q2"]


def test_every_series_is_drawn_that_has_two_periods(fresh: Seen) -> None:
    drawn = {key for key, shown in fresh.assets.items() if "chart" in shown}
    assert {"marts/fct_money_transfers", "staging/stg_national_bank__exchange_rates"} <= drawn
    assert {f"{name.schema}/{name.table}" for name in dbt.charted_values()} - drawn == {
        # one quarter or one year in the recorded files
        "indicators/quarterly_permanent_migration_by_group",
        "indicators/quarterly_border_crossings_by_country",
        "indicators/quarterly_border_crossings_by_group",
        "indicators/quarterly_temporary_residence_by_region",
        # no recorded register
        "indicators/quarterly_crossing_register",
        "marts/fct_crossing_register",
    }
    assert "marts/fct_policy_events" not in drawn, "events are no series"


def test_every_column_of_a_published_table_leads_to_the_columns_it_is_made_from(fresh: Seen) -> None:
    models = 0
    for name, columns in dbt.declared_columns().items():
        lineage = fresh.assets[f"{name.schema}/{name.table}"]["dagster/column_lineage"].deps_by_column
        models += 1
        for column, _ in columns:
            if name.schema != "audit":
                assert bool(lineage[column]) == ((name.schema, name.table, column) not in CONSTANT), column
    assert models == len(dbt.declared_columns()) > 30


def test_no_column_of_any_model_is_left_out(fresh: Seen) -> None:
    for node in dbt.manifest()["nodes"].values():
        if node["resource_type"] == "model":
            shown = fresh.assets[f"{node['schema']}/{node['alias']}"]
            assert shown["dagster/column_lineage"].deps_by_column.keys() >= node["columns"].keys(), node[
                "name"
            ]


@pytest.mark.parametrize(("asset", "column"), EDGES)
def test_a_column_is_made_from_what_its_sql_says(fresh: Seen, asset: str, column: str) -> None:
    deps = fresh.assets[asset]["dagster/column_lineage"].deps_by_column[column]
    assert {f"{dep.asset_key.to_user_string()}.{dep.column_name}" for dep in deps} == EDGES[asset, column]
    made_from = dict(lines(fresh.assets[asset]["made_from"]))
    assert set(made_from[column].split(", ")) == {edge.replace("/", ".") for edge in EDGES[asset, column]}


def test_a_column_that_cannot_be_followed_is_left_out() -> None:
    columns = {"raw": {"a": {"x": "integer"}}}
    assert origins("select x + 1 as y, 2 as two from raw.a", columns) == {"y": [("raw", "a", "x")], "two": []}
    assert origins("select x, f.z from raw.a, read_csv('f.csv') as f", columns) == {"x": [("raw", "a", "x")]}
    assert origins("select broken from", columns) == {}


def test_every_check_of_a_first_run_is_there_but_the_drift_of_what_never_landed(fresh: Seen) -> None:
    declared = {
        f"{key.asset_key.to_user_string()}:{key.name}" for key in defs.resolve_asset_graph().asset_check_keys
    }
    assert declared - fresh.checks.keys() == {
        "raw/national_bank__average_exchange_rates:drift",
        "source_file/national_bank__average_exchange_rates:on_time",
        "source_file/border_service__crossing_register:on_time",
    }
    lateness = ("on_time", "all_due_arrived")
    assert all(check.passed for key, check in fresh.checks.items() if not key.endswith(lateness))


def test_mismatches_of_claims_are_shown_with_both_figures(fresh: Seen) -> None:
    shown = fresh.checks["audit/claim_check:verdicts"].metadata
    assert ["report_2023q3", "C017", "4034184", "4044460"] in [
        line[:4] for line in lines(str(shown["mismatches"].value))
    ]


def test_a_release_with_another_column_or_type_than_declared_is_told(refreshed: Path, tmp_path: Path) -> None:
    declared = dbt.declared_columns()
    name = TableName("marts", "dim_agency")
    with duckdb.connect(str(tmp_path / "release.duckdb")) as con:
        con.execute("create schema marts; create table marts.dim_agency (agency integer, more varchar)")
    found = differences(tmp_path / "release.duckdb", {name: declared[name][:2]})
    assert found == [
        ("marts.dim_agency", "agency", "varchar", "integer"),
        ("marts.dim_agency", "name_en", "varchar", ""),
        ("marts.dim_agency", "more", "", "varchar"),
    ]


def collect(home: Path, dataset: str) -> Seen:
    """Fetch and land one dataset as the UI does, and what is seen of it afterwards."""
    keys = [dg.AssetKey([layer, dataset]) for layer in ("source_file", "raw")]
    with dagster_instance(Settings(home=home)) as instance:
        job = defs.resolve_job_def("collect")
        assert job.execute_in_process(instance=instance, asset_selection=keys).success
    return seen(home)


def test_a_letter_that_changed_is_warned_of_and_a_bad_cell_is_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MTM_HOME", str(home))
    folder = home / "inbox" / BORDER
    folder.mkdir(parents=True)
    (folder / "letter.xlsx").write_bytes(Shape().xlsx())
    assert collect(home, BORDER).checks[f"raw/{BORDER}:drift"].passed

    other = tuple((n, "Атлантида" if "Узбек" in str(label) else label, *rest) for n, label, *rest in ROWS)
    (folder / "letter.xlsx").write_bytes(Shape(rows=other).xlsx())
    drift = collect(home, BORDER).checks[f"raw/{BORDER}:drift"]
    assert (drift.passed, drift.severity) == (False, dg.AssetCheckSeverity.WARN)
    shown = lines(str(drift.metadata["offending_rows"].value))
    assert drift.metadata["failing_rows"].value == len(shown) == 4
    assert shown[0][:4] == ["new label", "letter.xlsx", "citizenship", "Атлантида"]
    assert {line[0] for line in shown[1:]} == {"vanished"}
    assert all("Узбекистан*" in line[3] for line in shown[1:])

    negative = tuple(
        (n, label, -5 if "Китай" in str(label) else first, *rest) for n, label, first, *rest in ROWS
    )
    (folder / "letter.xlsx").write_bytes(Shape(rows=negative).xlsx())
    after = collect(home, BORDER)
    quarantine = after.checks[f"raw/{BORDER}:quarantine"]
    assert (quarantine.passed, quarantine.severity) == (False, dg.AssetCheckSeverity.ERROR)
    cells = lines(str(quarantine.metadata["offending_rows"].value))
    assert [cell[1:] for cell in cells] == [["Лист1!C11", "amount: a negative number", "-5"]]
    assert after.assets[f"raw/{BORDER}"]["quarantined_cells"] == 1
    refused = lines(str(after.checks[f"raw/{BORDER}:landed"].metadata["offending_rows"].value))
    assert refused[0][0] == "letter.xlsx"
    assert f"raw/{BORDER}:drift" not in after.checks, "nothing landed, so that there is no result"
    assert after.assets[f"raw/{BORDER}"]["drift"] == "not looked at: no answer landed"
