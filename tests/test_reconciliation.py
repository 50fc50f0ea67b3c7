"""Wholes held against their parts: on the recorded data nothing is broken but what is listed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration import dbt
from tests.border_workbook import ROWS, Shape
from tests.conftest import release, run_mtm

BORDER = "interior_ministry__border_crossings"
TRANSFERS = "national_bank__money_transfers"


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
        ("arrivals of all regions are their departures", "statistics_bureau__internal_migration", 14),
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
        " where relation <> 'two_publishers' and verdict in ('listed exception', 'broken')"
        " and period_end between '2023-07-01' and '2023-09-30'",
    )
    assert [
        (*row[:3], int(str(row[3]).split(".")[0]), int(str(row[4]).split(".")[0]), row[5]) for row in rows
    ] == [(BORDER, "departure", "CIS", 4080540, 4092579, 4)]
    listed = asked(
        refreshed, "select period_end::varchar, verdict from audit.reconciliation where reason is not null"
    )
    assert [row[0] for row in sorted(listed)] == [
        *["2022-12-31"] * 3,
        *["2023-07-31"] * 2,
        *["2023-08-31"] * 2,
        "2023-09-30",
    ]
    assert {row[1] for row in listed} == {"listed exception"}
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


def test_two_datasets_that_state_one_figure_are_held_against_each_other(refreshed: Path) -> None:
    rows = asked(
        refreshed,
        "select dataset, parts_dataset, verdict, count(*) from audit.reconciliation"
        " where relation = 'two_publishers' group by all order by all",
    )
    by_country = "statistics_bureau__external_migration_by_country"
    assert rows == [
        (TRANSFERS, f"{TRANSFERS}_by_country", "holds within rounding", 10),
        (TRANSFERS, f"{TRANSFERS}_by_country", "listed exception", 4),
        ("statistics_bureau__external_migration", by_country, "holds", 5),
        ("statistics_bureau__external_migration", by_country, "listed exception", 1),
        (by_country, "statistics_bureau__migration_balance", "holds", 2),
        (by_country, "statistics_bureau__migration_balance", "listed exception", 1),
    ]


def test_every_line_is_a_rule_and_every_breakdown_has_one(refreshed: Path) -> None:
    with duckdb.connect(str(refreshed / "build.duckdb"), read_only=True) as con:
        rules = con.execute("select relation, dimension, severity, tolerance from seeds.reconciliation_rule")
        rows = rules.fetchall()
        breakdowns = con.execute(
            "select distinct breakdown from intermediate.observation"
            " where breakdown is not null and breakdown <> 'currency'"
        ).fetchall()
        codes = con.execute("select rule_code from seeds.reconciliation_rule order by all").fetchall()
    assert {row[0] for row in rows} == {
        "parts_of_whole",
        "categories_of_total",
        "arrivals_less_departures",
        "months_of_quarter",
        "two_publishers",
        "mirrored",
    }
    assert {row[2:] for row in rows} <= {(a, b) for a in ("error", "warn") for b in ("rounding", "none")}
    assert {row[0] for row in breakdowns} <= {row[1] for row in rows}
    assert len(set(codes)) == len(codes)


def test_name_severity_and_the_rule_itself_come_from_the_seed(refreshed: Path, tmp_path: Path) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(dbt.PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    seed = project / "seeds" / "reconciliation_rule.csv"
    lines = [line for line in seed.read_text("utf-8").splitlines(True) if not line.startswith("activities,")]
    text = "".join(lines).replace("two datasets state one figure alike", "two datasets agree")
    seed.write_text(text.replace(",2,error,none", ",2,warn,none"), "utf-8")
    database = tmp_path / "build.duckdb"
    shutil.copy(refreshed / "build.duckdb", database)
    done = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("build", "--select", "reconciliation_rule", "reconciliation", "--project-dir", project),
            *("--profiles-dir", project, "--target-path", tmp_path / "target", "--no-use-colors"),
            *("--log-path", tmp_path / "logs"),
        ],
        env={**os.environ, "MTM_BUILD_DB": str(database)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    # The exceptions name the rule by its old words: without them six figures of two datasets are broken.
    assert "Got 6 results" in done.stdout
    with duckdb.connect(str(database), read_only=True) as con:
        found = con.execute(
            "select rule_code, rule, severity, count(*) from audit.reconciliation"
            " where rule_code in ('activities', 'two_datasets', 'localities') group by all order by all"
        ).fetchall()
    assert found == [
        ("localities", "urban and rural are the total", "warn", 25),
        ("two_datasets", "two datasets agree", "warn", 23),
    ]


@pytest.mark.proof
def test_a_breach_that_nobody_listed_is_shown_and_stops_nothing(home: Path, tmp_path: Path) -> None:
    letter = tmp_path / "group.xlsx"
    rows = (ROWS[0], ("", "Страны СНГ", 1753688, 1774200, "…"), ROWS[2])
    letter.write_bytes(Shape(rows=rows, title=("Въезд и выезд", "за IV квартал 2023 года")).xlsx())
    assert run_mtm(home, "inbox", "add", str(letter), "--dataset", BORDER).returncode == 0
    done = run_mtm(home, "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    # The letter also differs from what the Border Service states of that quarter.
    assert "warning: nothing_is_broken: 2 row(s) of audit.reconciliation" in done.stdout
    broken = asked(
        home,
        "select relation, direction, whole::bigint from audit.reconciliation where verdict = 'broken'"
        " order by all",
    )
    assert broken == [("parts_of_whole", "arrival", 1753688), ("two_publishers", "arrival", 3405102)]
