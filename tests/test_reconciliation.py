"""Wholes held against their parts: on the recorded data nothing is broken but what is listed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.border_workbook import ROWS, Shape
from tests.conftest import release, run_mtm

BORDER = "interior_ministry__border_crossings"


def asked(home: Path, query: str) -> list[tuple[object, ...]]:
    with release(home) as con:
        return con.execute(query).fetchall()


def count(home: Path, rule: str, dataset: str, verdict: str = "holds") -> int:
    query = (
        f"select count(*) from audit.reconciliation where rule = '{rule}' and dataset = '{dataset}'"
        f" and verdict = '{verdict}'"
    )
    return int(str(asked(home, query)[0][0]))


@pytest.mark.parametrize(
    ("rule", "dataset", "times"),
    [
        ("arrivals less departures is the balance", "statistics_bureau__migration_balance", 25),
        ("urban and rural are the total", "statistics_bureau__migration_balance", 25),
        ("arrivals less departures is the balance", "statistics_bureau__internal_migration", 280),
    ],
)
def test_a_rule_holds_every_time(refreshed: Path, rule: str, dataset: str, times: int) -> None:
    assert count(refreshed, rule, dataset) == times
    others = f"select count(*) from audit.reconciliation where rule = '{rule}' and dataset = '{dataset}'"
    assert asked(refreshed, others) == [(times,)]


def test_permit_categories_are_judged_at_every_date_that_has_all_six(refreshed: Path) -> None:
    with duckdb.connect(str(refreshed / "build.duckdb"), read_only=True) as con:
        dates = con.execute(
            "select period_end from intermediate.observation where breakdown = 'permit_category'"
            " and known_to is null group by all having count(distinct breakdown_code) = 6"
        ).fetchall()
    judged = asked(
        refreshed,
        "select period_end from audit.reconciliation where rule = 'permit categories are the total'"
        " and part_count = 6",
    )
    assert sorted(dates) == sorted(judged)
    assert len(judged) == 8
    assert count(refreshed, "permit categories are the total", "labour_ministry__foreign_labour") == 8


def test_the_tables_of_the_report_break_in_one_place_alone(refreshed: Path) -> None:
    rows = asked(
        refreshed,
        "select dataset, direction, geography_code, whole, parts, part_count from audit.reconciliation"
        " where verdict in ('listed exception', 'broken')"
        " and period_end between '2023-07-01' and '2023-09-30'",
    )
    assert [
        (*row[:3], int(str(row[3]).split(".")[0]), int(str(row[4]).split(".")[0]), row[5]) for row in rows
    ] == [(BORDER, "departure", "CIS", 4080540, 4092579, 4)]
    listed = asked(
        refreshed, "select period_end::varchar, verdict from audit.reconciliation where reason is not null"
    )
    assert sorted(listed) == [("2022-12-31", "listed exception"), ("2023-09-30", "listed exception")]
    assert asked(refreshed, "select count(*) from audit.reconciliation where verdict = 'broken'") == [(0,)]
    tables = asked(
        refreshed,
        "select distinct dataset from audit.reconciliation"
        " where period_end between '2023-08-31' and '2023-09-30'",
    )
    assert {str(row[0]).partition("__")[0] for row in tables} == {
        "interior_ministry",
        "labour_ministry",
        "national_bank",
        "statistics_bureau",
    }


def test_a_breach_that_nobody_listed_is_shown_and_stops_nothing(home: Path, tmp_path: Path) -> None:
    letter = tmp_path / "group.xlsx"
    rows = (ROWS[0], ("", "Страны СНГ", 1753688, 1774200, "-"), ROWS[2])
    letter.write_bytes(Shape(rows=rows, title=("Въезд и выезд", "за IV квартал 2023 года")).xlsx())
    assert run_mtm(home, "inbox", "add", str(letter), "--dataset", BORDER).returncode == 0
    done = run_mtm(home, "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning: nothing_is_broken: 1 row(s) of audit.reconciliation" in done.stdout
    broken = asked(
        home, "select direction, whole, parts, source_cell from audit.reconciliation where verdict = 'broken'"
    )
    assert [(row[0], int(str(row[1]).split(".")[0])) for row in broken] == [("arrival", 1753688)]
