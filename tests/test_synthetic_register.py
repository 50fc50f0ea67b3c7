"""The synthetic register: same bytes each time, as many errors as asked, nothing that passes for real."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from bench.synthetic_register import COLUMNS, FAULTS, LINE_FAULTS, Format, MonthFile, Register, correct, write
from tests.conftest import ROOT

REGISTER = Register(20_000, date(2024, 2, 1), 2, Format.CSV_GZ, malformed=0.01, late=0.02)
TYPES = {"crossed_at": "timestamp"} | dict.fromkeys(COLUMNS[1:], "varchar")
OPTIONS = f"auto_detect = false, header = true, quote = '\"', columns = {TYPES}, store_rejects = true"
WRONG = "count(*) filter (direction = 'sideways'), count(*) filter (citizenship is null)"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[MonthFile]:
    return write(REGISTER, tmp_path_factory.mktemp("register"))


def rows(file: MonthFile) -> duckdb.DuckDBPyConnection:
    """A connection with the table `crossing` of what DuckDB reads of the file, rejects beside it."""
    con = duckdb.connect()
    table = "create table crossing as select * from "
    if file.path.suffix == ".parquet":
        con.execute(f"{table} read_parquet($file)", {"file": str(file.path)})
    else:
        con.execute(f"{table} read_csv($file, {OPTIONS})", {"file": str(file.path)})
    return con


def test_a_file_a_month_with_all_rows_together(files: list[MonthFile]) -> None:
    assert [file.path.name for file in files] == [
        "synthetic_crossings_2024-02.csv.gz",
        "synthetic_crossings_2024-03.csv.gz",
    ]
    assert sum(file.rows for file in files) == REGISTER.rows
    for file in files:
        assert len(gzip.decompress(file.path.read_bytes()).splitlines()) == file.rows + 1


def test_same_seed_same_bytes(files: list[MonthFile], tmp_path: Path) -> None:
    again = write(REGISTER, tmp_path / "again")
    other = write(replace(REGISTER, seed=2), tmp_path / "other")
    assert [file.path.read_bytes() for file in again] == [file.path.read_bytes() for file in files]
    assert all(one.path.read_bytes() != two.path.read_bytes() for one, two in zip(files, other, strict=True))


def test_errors_and_late_rows_as_asked(files: list[MonthFile]) -> None:
    for file in files:
        assert (file.malformed, file.late) == (round(0.01 * file.rows), round(0.02 * file.rows))
        with rows(file) as con:
            rejected = Counter(
                kind for (kind,) in con.execute("select error_type from reject_errors").fetchall()
            )
            months = Counter(
                moment.date().replace(day=1)
                for (moment,) in con.execute("select crossed_at from crossing").fetchall()
            )
            wrong = con.sql(f"select {WRONG} from crossing").fetchall()[0]
        assert set(rejected) == {"CAST", "MISSING COLUMNS", "TOO MANY COLUMNS", "UNQUOTED VALUE"}
        in_other_ways = (months[next_month(file.month)], *wrong)
        assert sum(rejected.values()) + sum(in_other_ways) == file.malformed
        each = file.malformed / len(FAULTS + LINE_FAULTS)
        assert all(abs(count - each) < 1 for count in (*rejected.values(), *in_other_ways))
        before = [count for month, count in months.items() if month < file.month]
        assert len(before) == 2
        assert sum(before) == file.late


@pytest.mark.parametrize("kind", list(Format))
def test_every_row_says_that_it_is_synthetic(kind: Format, tmp_path: Path) -> None:
    file = write(Register(2_000, date(2023, 1, 1), 1, kind), tmp_path)[0]
    with rows(file) as con:
        assert con.execute("select synthetic, count(*) from crossing group by all").fetchall() == [
            ("1", 2_000)
        ]


def test_moments_at_the_edges_of_a_month_occur(files: list[MonthFile]) -> None:
    with rows(files[0]) as con:
        moments = {moment for (moment,) in con.execute("select crossed_at from crossing").fetchall()}
    last = datetime(2024, 2, 29)
    late_hours = {last + timedelta(hours=23), last + timedelta(hours=23, minutes=59, seconds=59)}
    assert moments >= {datetime(2024, 2, 1), last} | late_hours


def test_citizenships_are_as_the_ministry_states_them(files: list[MonthFile]) -> None:
    with (ROOT / "tools/figures/interior_ministry__border_crossings.csv").open(encoding="utf-8") as figures:
        stated = {line["label"]: int(line["arrivals"]) for line in csv.DictReader(figures)}
    with rows(files[1]) as con:
        labels = Counter(label for (label,) in con.sql("select citizenship from crossing").fetchall())
    share = (labels["UZB"] + labels["Узбекистан"]) / labels.total()
    assert share == pytest.approx(stated["Узбекистан"] / stated["Всего"], abs=0.02)
    assert len(labels) > 100


def test_a_corrected_month_differs_in_a_few_rows(files: list[MonthFile], tmp_path: Path) -> None:
    corrected = correct(REGISTER, tmp_path, date(2024, 3, 1), changed=0.03)
    assert (corrected.path.name, corrected.rows) == (files[1].path.name, files[1].rows)
    lines = zip(
        gzip.decompress(files[1].path.read_bytes()).splitlines(),
        gzip.decompress(corrected.path.read_bytes()).splitlines(),
        strict=True,
    )
    assert sum(one != two for one, two in lines) / corrected.rows == pytest.approx(0.03, abs=0.01)


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 8 are needed"):
        write(Register(5, date(2023, 1, 1)), tmp_path)


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
