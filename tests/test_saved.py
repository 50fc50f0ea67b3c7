"""Saved queries: `mtm sql --saved`, the views of a release, and that they answer what the report prints."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration import dbt, saved
from publish.tables import PublishError, View, write_tables
from tests.conftest import release, run_mtm

VIEWS = {view.name: view for view in saved.views()}
# By indicator, the saved query with its figures by country.
BY_COUNTRY = {
    "border_crossings": "border_crossings_by_country",
    "permanent_migration": "permanent_migration_by_country",
    "foreign_labour_permit_holders": "foreign_labour_by_country",
    "money_transfers": "remittances_by_country",
}
# Counts and amounts that the report prints of a country.
PRINTED = """
select claim.indicator, dim_country.name_en, claim.value * if(claim.unit = 'bn KZT', 1000, 1)
from audit.claim
inner join marts.dim_country on claim.geography = dim_country.country_code
where
    claim.report = 'report_2023q3' and claim.measure = 'value' and claim.unit in ('persons', 'bn KZT')
    and claim.period in ('2023Q3', '2023-01..2023-09', '2023-09-01')
"""


def test_each_answers_with_a_quarter_in_order(refreshed: Path) -> None:
    assert VIEWS
    with release(refreshed) as con:
        for name in VIEWS:
            rows = con.execute(f"from saved.{name}").fetchall()
            columns = [row[0] for row in con.execute(f"describe saved.{name}").fetchall()]
            quarters = [row[columns.index("quarter")] for row in rows]
            assert rows, name
            assert quarters == sorted(quarters, key=lambda quarter: quarter or ""), name
            assert len(set(rows)) == len(rows), name


def test_what_the_report_prints_of_a_country_is_in_the_answer(refreshed: Path) -> None:
    with release(refreshed) as con:
        printed = con.execute(PRINTED).fetchall()
        assert {indicator for indicator, _, _ in printed} == set(BY_COUNTRY)
        for indicator, country, value in printed:
            rows = con.execute(
                f"from saved.{BY_COUNTRY[indicator]} where quarter = '2023Q3' and country = ?", [country]
            ).fetchall()
            answered = [each for row in rows for each in row if isinstance(each, int | Decimal)]
            assert value in answered, (indicator, country, value)


def test_the_command_answers_as_the_view_does(refreshed: Path) -> None:
    shown = run_mtm(refreshed, "sql", "--saved", "remittances_by_country", "--format", "csv")
    assert shown.returncode == 0, shown.stderr
    columns, *rows = csv.reader(shown.stdout.splitlines())
    with release(refreshed) as con:
        answer = con.execute("from saved.remittances_by_country")
        assert columns == [column[0] for column in answer.description or []]
        assert rows == [["" if value is None else str(value) for value in row] for row in answer.fetchall()]
    of_quarter = run_mtm(
        refreshed, "sql", "--saved", "remittances_by_country", "--quarter", "2023Q3", "--format", "json"
    )
    records = json.loads(of_quarter.stdout)
    place = columns.index("quarter")
    assert [list(each.values())[:4] for each in records] == [
        [row[0], row[1], int(row[2]), row[3]] for row in rows if row[place] == "2023Q3"
    ]


def test_the_list_and_the_title_say_the_question(refreshed: Path) -> None:
    listed = json.loads(run_mtm(refreshed, "sql", "--saved", "list", "--format", "json").stdout)
    assert listed == [{"name": name, "question": view.comment} for name, view in VIEWS.items()]
    shown = run_mtm(refreshed, "sql", "--saved", "exchange_rates").stdout
    assert shown.startswith(VIEWS["exchange_rates"].comment)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--saved list"),
        (["select 1", "--saved", "remittances"], "--saved list"),
        (["--saved", "remitances"], "remittances_by_country"),
        (["--saved", "remittances", "--quarter", "Q3 2023"], "written 2023Q3"),
        (["select 1", "--quarter", "2023Q3"], "goes with --saved"),
    ],
)
def test_wrong_use_is_told(refreshed: Path, arguments: list[str], told: str) -> None:
    refused = run_mtm(refreshed, "sql", *arguments)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("select 1\nfrom {{ ref('observation') }}", "observation is no model of marts"),
        ("select 1\nfrom {{ source('raw', 'landing') }}", "line 2 has more of Jinja"),
        ("{% set a = 1 %}select 1", "line 1 has more of Jinja"),
    ],
)
def test_an_analysis_reads_tables_of_a_release(monkeypatch: pytest.MonkeyPatch, code: str, told: str) -> None:
    manifest = dbt.manifest()
    nodes = {
        unique_id: {**node, "raw_code": code} if node["name"] == "remittances" else node
        for unique_id, node in manifest["nodes"].items()
    }
    monkeypatch.setattr(dbt, "manifest", lambda: {**manifest, "nodes": nodes})
    with pytest.raises(dbt.BuildError, match=told) as refused:
        saved.views()
    assert "dbt_project/analyses/remittances.sql" in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"sql": "select quarter from marts.dim_nothing"}, r"remittances does not run .*dim_nothing"),
        ({"columns": {"quarter": "Quarter."}}, r"has the columns quarter, direction"),
    ],
)
def test_a_query_that_does_not_fit_is_not_published(
    refreshed: Path, tmp_path: Path, changed: dict[str, Any], told: str
) -> None:
    view = VIEWS["remittances"]
    broken = View(**{**vars(view), **changed})
    (tmp_path / "parquet").mkdir()
    tables = [name for name in dbt.published_tables() if name.table == "quarterly_remittances"]
    with pytest.raises(PublishError, match=f"(?s){told}"):
        write_tables(refreshed / "build.duckdb", tmp_path, tables, [broken])
