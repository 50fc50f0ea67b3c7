"""What was known when: history of figures, shares and ranks, on letters constructed for the purpose."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.border_workbook import Shape
from tests.conftest import release, run_mtm

BORDER = "interior_ministry__border_crossings"
KEY = (
    "quarter, indicator, measure, direction, geography_kind, geography_code, breakdown, breakdown_code,"
    " denominator, unit, figure_unit, dataset"
)
FIRST = (("", "Всего", 1000, 900, "-"), (1, "Узбекистан", 600, 500, "-"), (2, "Россия", 300, 400, "-"))
LATER = (("", "Всего", 1200, 900, "-"), (1, "Узбекистан", 400, 500, "-"), (2, "Россия", 500, 400, "-"))


@pytest.fixture(scope="module")
def revised(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two letters of 2020Q4: one of 20 January 2021, one of 5 March that corrects it."""
    home = tmp_path_factory.mktemp("revised") / "data"
    shutil.copytree(refreshed, home, symlinks=True)
    for name, rows, day in (("first.xlsx", FIRST, "2021-01-20"), ("later.xlsx", LATER, "2021-03-05")):
        letter = home.parent / name
        letter.write_bytes(Shape(rows=rows, title=("Въезд и выезд", "за IV квартал 2020 года")).xlsx())
        options = ["--dataset", BORDER, "--published-on", day]
        added = run_mtm(home, "inbox", "add", str(letter), *options)
        assert added.returncode == 0, added.stderr
    done = run_mtm(home, "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def as_of(home: Path, day: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    with release(home) as con:
        rows = con.execute(
            "select measure, geography_code, denominator, cast(round(value, 1) as varchar), rank"
            " from indicators.indicator_history where quarter = '2020Q4' and direction = 'arrival'"
            f" and known_from <= date '{day}' and (known_to is null or date '{day}' < known_to)"
        ).fetchall()
    return {row[:3]: row[3:] for row in rows}


def test_figures_shares_and_ranks_are_those_of_the_day(revised: Path) -> None:
    assert as_of(revised, "2021-01-19") == {}
    january, april = as_of(revised, "2021-01-20"), as_of(revised, "2021-04-01")
    assert as_of(revised, "2021-03-04") == january
    assert as_of(revised, "2021-03-05") == april
    uzbekistan, share = ("value", "UZ", None), ("share_of_stated", "UZ", "TOTAL")
    assert (january[uzbekistan], april[uzbekistan]) == (("600.0", 1), ("400.0", 2))
    assert (january[share][0], april[share][0]) == ("60.0", "33.3")
    assert (january[("value", "RU", None)][1], april[("value", "RU", None)][1]) == (2, 1)


def test_the_revision_is_listed(revised: Path) -> None:
    with release(revised) as con:
        rows = con.execute(
            "select counterpart_code, first_value::integer, first_known_from::varchar, latest_value::integer,"
            " latest_known_from::varchar, revisions, revised_by::integer from audit.revision"
            " where period_end = '2020-12-31' and direction = 'arrival' order by counterpart_code nulls first"
        ).fetchall()
    assert rows == [
        (None, 1000, "2021-01-20", 1200, "2021-03-05", 1, 200),
        ("RU", 300, "2021-01-20", 500, "2021-03-05", 1, 200),
        ("UZ", 600, "2021-01-20", 400, "2021-03-05", 1, -200),
    ]


def test_as_of_the_last_day_is_the_current_table(revised: Path) -> None:
    columns = f"{KEY}, value, rank, coverage, flag, known_from"
    with release(revised) as con:
        (last,) = con.execute("select max(known_from) from indicators.indicator_history").fetchone() or ("",)
        then = (
            f"select {columns} from indicators.indicator_history"
            f" where known_from <= date '{last}' and (known_to is null or date '{last}' < known_to)"
        )
        now = f"select {columns} from indicators.quarterly_indicator"
        for left, right in ((then, now), (now, then)):
            assert con.execute(f"({left}) except ({right})").fetchall() == []


def test_no_two_values_of_one_series_are_known_on_one_day(revised: Path) -> None:
    same = " and ".join(f"a.{name.strip()} is not distinct from b.{name.strip()}" for name in KEY.split(","))
    with release(revised) as con:
        overlaps = con.execute(
            "select count(*) from indicators.indicator_history as a"
            f" inner join indicators.indicator_history as b on {same} and a.known_from < b.known_from"
            " and (a.known_to is null or b.known_from < a.known_to)"
        ).fetchone()
    assert overlaps == (0,)
