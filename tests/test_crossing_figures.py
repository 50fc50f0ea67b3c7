"""Figures counted from the register: months, quarters, beside the letters; what a correction changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import release, run_mtm
from tests.register_files import NAME, Post, rows_of, text

COMMITTEE = "interior_ministry__border_crossings"
RUSSIA = "Кордай,въезд,RUS,work,road,31"
UZBEKISTAN = "Korday,въезд,UZB,tourism,road,31"
KYRGYZSTAN = "Korday,departure,Кыргызстан,,road,31"
MONTHS = {"2023-07": (100, 20), "2023-08": (200, 30), "2023-09": (300, 40)}
BY_MONTH = """
select strftime(month, '%Y-%m'), checkpoint_code, direction, citizenship_code, purpose_code, crossings,
    late_crossings
from marts.fct_crossing_register order by all
"""
COMPARED = """
select register_value::integer, letter_value::integer, letter_dataset, difference::integer, headline_dataset
from indicators.quarterly_border_crossings_compared
where quarter = '2023Q3' and direction = 'arrival' and geography_code = ?
"""


def month(name: str, russian: int, kyrgyz: int, late: int = 0) -> bytes:
    before = f"{name[:5]}{int(name[5:]) - 1:02}"
    rows = rows_of(name, russian, RUSSIA) + rows_of(name, kyrgyz, KYRGYZSTAN) + rows_of(before, late, RUSSIA)
    return text(rows)


@pytest.fixture(scope="module")
def with_register(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A refreshed home with the register of a quarter; September holds late rows of August and tourists."""
    home = tmp_path_factory.mktemp("register") / "data"
    shutil.copytree(refreshed, home, symlinks=True)
    post = Post(home)
    for name, (russian, kyrgyz) in MONTHS.items():
        content = month(name, russian, kyrgyz, late=5 if name == "2023-09" else 0)
        if name == "2023-09":
            content += text(rows_of(name, 7, UZBEKISTAN)).partition(b"\n")[2]
        post.take(f"crossings_{name}.csv", content)
    done = run_mtm(home, "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def build(home: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def test_a_month_is_counted_by_checkpoint_direction_citizenship_and_purpose(with_register: Path) -> None:
    with release(with_register) as con:
        assert con.execute(BY_MONTH).fetchall() == [
            ("2023-07", "KORDAI", "arrival", "RU", "WORK", 100, 0),
            ("2023-07", "KORDAI", "departure", "KG", "NOT_STATED", 20, 0),
            ("2023-08", "KORDAI", "arrival", "RU", "WORK", 205, 5),
            ("2023-08", "KORDAI", "departure", "KG", "NOT_STATED", 30, 0),
            ("2023-09", "KORDAI", "arrival", "RU", "WORK", 300, 0),
            ("2023-09", "KORDAI", "arrival", "UZ", "TOURISM", 7, 0),
            ("2023-09", "KORDAI", "departure", "KG", "NOT_STATED", 40, 0),
        ]
        assert con.execute("select quarter, direction, crossings, coverage from"
                           " indicators.quarterly_crossing_register order by all").fetchall() == [
            ("2023Q3", "arrival", 7, "3 of 3"),
            ("2023Q3", "arrival", 605, "3 of 3"),
            ("2023Q3", "departure", 90, "3 of 3"),
        ]  # fmt: skip


def test_register_and_letter_stand_side_by_side_and_the_seed_says_which_is_the_headline(
    with_register: Path,
) -> None:
    with release(with_register) as con:
        assert con.execute(COMPARED, ["TOTAL"]).fetchall() == [
            (
                612,
                4_482_427,
                "interior_ministry__border_crossings",
                612 - 4_482_427,
                "interior_ministry__border_crossings",
            )
        ]
        (russia,) = con.execute(COMPARED, ["RU"]).fetchall()
        assert russia[0] == 605
        assert russia[3] == 605 - russia[1]
        net = con.execute(
            "select register_value::integer from indicators.quarterly_border_crossings_compared"
            " where quarter = '2023Q3' and direction = 'net' and geography_code = 'TOTAL'"
        ).fetchall()
        assert net == [(612 - 90,)]


def test_a_figure_leads_back_to_file_and_month(with_register: Path) -> None:
    with release(with_register) as con:
        files = con.execute(
            "select resource, left(file_month::text, 7), left(month::text, 7), crossings, rejects_of_file"
            " from audit.crossing_register_file order by all"
        ).fetchall()
        assert files == [
            ("crossings_2023-07.csv", "2023-07", "2023-07", 120, 0),
            ("crossings_2023-08.csv", "2023-08", "2023-08", 230, 0),
            ("crossings_2023-09.csv", "2023-09", "2023-08", 5, 0),
            ("crossings_2023-09.csv", "2023-09", "2023-09", 347, 0),
        ]
        traced = con.execute(
            "select distinct source_cell from audit.lineage where dataset = ? and quarter = '2023Q3'"
            " and indicator = 'border_crossings' order by all", [NAME]
        ).fetchall()  # fmt: skip
        assert ("month 2023-08, arrival, RU",) in traced
        assert ("month 2023-07, departure, all",) in traced
    shown = run_mtm(with_register, "trace", "2023Q3", "border_crossings", "--format", "csv").stdout
    assert "205 rows, 5 of them in files of later months" in shown
    for name in MONTHS:
        assert f"crossings_{name}.csv" in shown


def test_a_corrected_month_replaces_its_month_alone_and_the_earlier_one_stays_known(
    with_register: Path, tmp_path: Path
) -> None:
    home = tmp_path / "data"
    shutil.copytree(with_register, home, symlinks=True)
    before = build(home, BY_MONTH)
    Post(home).take("corrected 2023-08.csv", month("2023-08", 220, 0, late=2))
    assert run_mtm(home, "refresh").returncode in (0, 1)
    after = build(home, BY_MONTH)
    assert [row for row in after if row[0] == "2023-09"] == [row for row in before if row[0] == "2023-09"]
    assert [row for row in after if row[0] < "2023-09"] == [
        ("2023-07", "KORDAI", "arrival", "RU", "WORK", 102, 2),
        ("2023-07", "KORDAI", "departure", "KG", "NOT_STATED", 20, 0),
        ("2023-08", "KORDAI", "arrival", "RU", "WORK", 225, 5),
    ]
    counted = build(home, "select count(*) from staging.stg_border_service__crossing_register")
    assert counted == [(10,)], "the files of before were not counted again"


@pytest.mark.proof
def test_generated_rows_and_unknown_checkpoints_are_never_released(
    with_register: Path, tmp_path: Path
) -> None:
    home = tmp_path / "data"
    shutil.copytree(with_register, home, symlinks=True)
    before = (home / "current").readlink()
    rows = rows_of("2023-10", 50, "Nowhere,arrival,RUS,work,road,31")
    Post(home).take("crossings_2023-10.csv", text(rows))
    refused = run_mtm(home, "refresh")
    assert refused.returncode == 1
    assert "checkpoint,,nowhere,<code>" in run_mtm(home, "unmatched").stdout
    assert (home / "current").readlink() == before
    gone = run_mtm(
        home, "inbox", "withdraw", "crossings_2023-10.csv", "--dataset", NAME, "--why", "a mistake"
    )
    assert gone.returncode == 0, gone.stderr
    generated = [f"{row},1" for row in rows_of("2023-10", 50, RUSSIA)]
    header = "crossed_at,checkpoint,direction,citizenship,purpose,transport,region,synthetic"
    Post(home).take("crossings_2023-10.csv", text(generated, header))
    refused = run_mtm(home, "refresh")
    assert refused.returncode == 1
    assert (
        "generated rows, such as crossings_2023-10.csv, and a release holds none"
        in refused.stdout + refused.stderr
    )
    assert (home / "current").readlink() == before
    ways = build(
        home, "select distinct obtained_via from audit.crossing_register_file where month >= '2023-10-01'"
    )
    assert ways == [("synthetic",)]
    run_mtm(home, "inbox", "withdraw", "crossings_2023-10.csv", "--dataset", NAME, "--why", "generated")
    assert run_mtm(home, "refresh").returncode == 0
