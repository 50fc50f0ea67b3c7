"""The workbook of an export: typed cells of every table of every topic, and sheets that say what they are."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from publish.export.described import ExportError, described_tables
from publish.export.topics import NOT_IN_THE_WORKBOOK, TOPICS
from publish.export.workbook import write_workbook
from publish.release import Releases
from tests.conftest import release, run_mtm

SHEETS = {sheet: table for named in TOPICS.values() for sheet, table in named.items()}


@pytest.fixture(scope="module")
def workbook(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    folder = tmp_path_factory.mktemp("workbook")
    done = run_mtm(refreshed, "export", "--to", str(folder), "--format", "xlsx")
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*/*")
    assert path.name == f"mtm-{path.parent.name}.xlsx"
    return openpyxl.load_workbook(path)


def test_every_table_is_in_a_topic_or_left_out_on_purpose(refreshed: Path) -> None:
    with release(refreshed) as con:
        tables = described_tables(con).keys()
    assert sorted([*SHEETS.values(), *NOT_IN_THE_WORKBOOK]) == sorted(tables)


def test_sheets_hold_typed_cells_of_their_tables(refreshed: Path, workbook: openpyxl.Workbook) -> None:
    assert workbook.sheetnames == ["about", "notes", *SHEETS]
    with release(refreshed) as con:
        tables = described_tables(con)
        for sheet, name in SHEETS.items():
            written = workbook[sheet]
            table, rows = tables[name], con.execute(f"from {name}").fetchall()
            header, *cells = written.iter_rows()
            assert [cell.value for cell in header] == [column.name for column in table.columns]
            assert written.freeze_panes == "B2"
            assert written.auto_filter.ref == written.dimensions
            assert all(9 <= each.width <= 52 for each in written.column_dimensions.values())
            assert len(cells) == len(rows) == table.rows
            for line, row in zip(cells, rows, strict=True):
                for cell, value in zip(line, row, strict=True):
                    assert isinstance(cell, Cell)
                    assert_typed(cell, value)


def assert_typed(cell: Cell, value: object) -> None:
    if value is None:
        assert cell.value is None
    elif isinstance(value, bool):
        assert (cell.data_type, cell.value) == ("b", value)
    elif isinstance(value, Decimal):
        assert cell.data_type == "n"
        assert Decimal(str(cell.value)) == value, "fifteen digits are enough for all recorded figures"
        decimals = len(str(value).rstrip("0").partition(".")[2])
        assert cell.number_format == "#,##0" + ("." + "0" * decimals if decimals else "")
    elif isinstance(value, int):
        assert (cell.data_type, cell.value, cell.number_format) == ("n", value, "0")
    elif isinstance(value, date) and value.year < 1900:
        assert (cell.data_type, cell.value) == ("s", value.isoformat())
    elif isinstance(value, date):
        assert (cell.data_type, cell.number_format) == ("d", "yyyy-mm-dd")
        assert cell.value == datetime(value.year, value.month, value.day)
    else:
        assert (cell.data_type, cell.value) == ("s", value)


def test_the_first_sheets_say_what_it_is(refreshed: Path, workbook: openpyxl.Workbook) -> None:
    current = Releases(refreshed).current()
    assert current is not None
    manifest = Releases(refreshed).manifest(current)
    about = {row[0]: row[1:] for row in rows_of(workbook["about"])}
    assert about["release"][0] == current
    assert about["made at (UTC)"][0] == manifest["created_at"]
    assert about["stale datasets"][0] == "none"
    assert workbook.properties.created == datetime.fromisoformat(manifest["created_at"]).replace(tzinfo=None)
    notes = {row[1:3]: row for row in rows_of(workbook["notes"])}
    with release(refreshed) as con:
        for dataset, title, licence in con.execute(
            "select dataset, title, licence from marts.dim_dataset"
        ).fetchall():
            assert about[dataset][0] == title
            assert about[dataset][2] == licence
        tables = described_tables(con)
    for sheet, name in SHEETS.items():
        assert about[sheet][1:3] == (name, tables[name].rows)
        assert notes[name, None][4] == tables[name].comment
        for column in tables[name].columns:
            assert notes[name, column.name] == (sheet, name, column.name, column.type.lower(), column.comment)
    links = [cell.hyperlink.location for cell in workbook["about"]["A"] if cell.hyperlink]
    assert links == [f"'{sheet}'!A1" for sheet in SHEETS]


def rows_of(sheet: Worksheet) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


@pytest.fixture
def small(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(str(tmp_path / "small.duckdb"))
    con.execute("create schema marts")
    con.execute("create table marts.dim_agency (agency varchar, name_en varchar)")
    con.execute("create table marts.dim_source_file (mode varchar)")
    con.execute(
        "create table marts.dim_dataset (dataset varchar, agency varchar, title varchar, licence varchar,"
        " obtained_via varchar, state varchar, last_period_end date, source_page varchar, reason varchar)"
    )
    return con


MANIFEST = {
    "release": "20260101T000000Z-000000000000",
    "created_at": "2026-01-01T00:00:00+00:00",
    "content_sha256": "0",
    "stale": ["bank__rates"],
}  # fmt: skip


def test_a_text_is_never_a_formula_nor_an_old_day_a_number(
    small: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    small.execute("insert into marts.dim_dataset (dataset, state, reason) values ('=1+1', 'stale', '@gone')")
    small.execute(
        "create table marts.fct_policy_events as select '=cmd()' as title, date '1899-12-31' as day,"
        " '{=1}' as second, -0.5::decimal(24, 9) as value"
    )
    path = tmp_path / "book.xlsx"
    with small:
        write_workbook(small, described_tables(small), MANIFEST, path)
    book = openpyxl.load_workbook(path)
    shown = [(cell.data_type, cell.value, cell.number_format) for cell in book["policy events"][2]]
    texts = [("s", text, "General") for text in ("=cmd()", "1899-12-31", "{=1}")]
    assert shown == [*texts, ("n", -0.5, "#,##0.0")]
    about = {cell.value: cell for cell in book["about"]["A"]}
    assert about["=1+1"].data_type == "s"
    assert book["about"].cell(about["stale datasets"].row, 2).value == "bank__rates"


def test_what_no_sheet_holds_is_refused_with_the_way_out(
    small: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    small.execute(
        "create table marts.fct_policy_events as select 'a' as title, repeat('x', 32768) as raw_text"
    )
    with small, pytest.raises(ExportError, match=r"policy events, row 2, column 2 .* --format csv"):
        write_workbook(small, described_tables(small), MANIFEST, tmp_path / "book.xlsx")
