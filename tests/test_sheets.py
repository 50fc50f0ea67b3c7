"""Human-shaped sheets: read right, or refused with what is missing; never read wrong."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from ingest.dataset import SourceFile
from ingest.errors import SourceError
from ingest.sheets.figures import FigureRules, figure_text, number_cell_text, read_figures
from ingest.sheets.labels import fold
from ingest.sheets.layout import Layout, load_layout
from ingest.sheets.preview import preview, roles
from ingest.sheets.table import read_table
from ingest.sheets.workbook import read_sheets
from tests.border_workbook import (
    INSERTED,
    KAZAKH,
    ROWS,
    SECOND_TABLE,
    SPLIT_HEADER,
    TITLE,
    TOTALS_LAST,
    Shape,
    saved,
)

LAYOUT_FILE = Path(__file__).parent.parent / "ingest/sources/interior_ministry/border_crossings.layout.yml"
LAYOUT = load_layout(LAYOUT_FILE)
COMMA = FigureRules(nil={"-": "nil", "…": "not_available", "х": "suppressed"})
EXPECTED = {
    "arrival total": ["4482427", "4034184", "1753689", "1154493", "131203"],
    "departure total": ["4533933", "4080540", "1774200", "1209912", "126524"],
    "arrival tourism": ["12", "not_available", "12", "suppressed", "0"],
}


def read(content: bytes, layout: Layout = LAYOUT) -> pd.DataFrame:
    return read_table("border", SourceFile("sha", "file", content), layout)


def refusal(content: bytes, layout: Layout = LAYOUT) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(content, layout)
    assert caught.value.file
    assert caught.value.next_step
    return caught.value


def figures(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Amounts or flags by direction and purpose, in the order of ROWS."""
    frame = frame.astype(object)
    frame["shown"] = frame["amount"].where(frame["amount"].notna(), frame["flag"])
    order = {name: n for n, row in enumerate(ROWS) for name in (row[1],)} | {"Барлығы": 0, "ТМД елдері": 1}
    frame = frame.assign(n=frame["citizenship"].map(order)).sort_values("n")
    keys = frame["direction"] + " " + frame["purpose"]
    return {key: part["shown"].tolist() for key, part in frame.groupby(keys)}


def edited(content: bytes, changes: dict[str, Any]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for address, value in changes.items():
        book.active[address] = value
    return saved(book)


@pytest.mark.parametrize(
    "content",
    [
        Shape().xlsx(), INSERTED.xlsx(), KAZAKH.xlsx(), SECOND_TABLE.xlsx(), SPLIT_HEADER.xlsx(),
        TOTALS_LAST.xlsx(),         Shape().xls(), KAZAKH.xls(), SPLIT_HEADER.xls(),
        Shape(merged=False).csv(), Shape(merged=False).csv("\t", "utf-16"),
        Shape(merged=False).csv(";", "cp1251"), SPLIT_HEADER.csv(","),
    ],
    ids=["plain", "inserted", "kazakh", "second table", "split header", "totals last", "xls", "kazakh xls",
         "split xls", "csv", "tab utf-16", "cp1251", "comma"],
)  # fmt: skip
def test_seven_shapes_and_three_kinds_give_the_same_figures(content: bytes) -> None:
    frame = read(content)
    expected = EXPECTED
    if not content.startswith((b"PK", b"\xd0\xcf")):
        expected = {key: list(values) for key, values in EXPECTED.items()}
        frame["citizenship"] = frame["citizenship"].str.replace("Китай *", "Китай ¹")
    assert figures(frame) == expected
    assert set(frame["period_start"]) == {"2023-07-01"}
    assert set(frame["measurement"]) == {"flow"}
    assert frame["role"].value_counts().to_dict() == {"part": 9, "total": 3, "group": 3}


def test_every_figure_stands_at_its_cell() -> None:
    for shape in (Shape(), INSERTED, KAZAKH, SECOND_TABLE, SPLIT_HEADER, TOTALS_LAST):
        content = shape.xlsx()
        book = openpyxl.load_workbook(io.BytesIO(content))
        frame = read(content)
        assert len(frame) == 15
        for row in frame.itertuples():
            sheet, address = str(row.source_cell).rsplit("!", 1)
            value = book[sheet][address].value
            assert (value if isinstance(value, str) else str(value)) == row.raw_text


@pytest.mark.parametrize(
    ("changes", "rule", "cell"),
    [
        ({"B5": "Национальность"}, "no header label Страна гражданства", ""),
        ({"E5": "Снаружи"}, "no column for direction departure: Выехало", "B5"),
        ({"D6": "пилигримы"}, "a column 'въехало пилигримы' that the layout does not know", "D6"),
        ({"F5": "Транзит", "F6": "всего"}, "that the layout does not know", "F6"),
        ({"F8": 5}, "a column without a header", "F8"),
        ({"D6": "всего"}, "two columns state arrival total", ""),
        ({"B9": None}, "a row of figures without a label", "C9"),
        ({"B10": "Узбекистан"}, "a row label that stood above already", "B10"),
        ({"B7": "Сумма"}, "no total row: Всего", "B6"),
        ({"B10": "Итого"}, "a second total row", "B10"),
        ({"C9": "н/п"}, "not a number and not a nil mark", "C9"),
        ({"C9": "12 34"}, "not a number", "C9"),
        ({"C9": "1.753.689"}, "a number with '.'", "C9"),
        ({"C9": 12.5}, "a number with decimals", "C9"),
        ({"C9": True}, "a bool where a number is expected", "C9"),
        ({"C9": "=1+1"}, "a formula without its value", "C9"),
        ({"A3": "за квартал"}, "the title states no period", "A1"),
        ({"A3": "за январь-сентябрь 2023 года"}, "states a cumulative period, flow is expected", "A1"),
        ({"A3": "за III квартал 2023 года (III квартал 2022 года)"}, "several periods", "A1"),
        ({"A3": "за III квартал 2023 года, тыс. человек"}, "'тыс' speaks of another unit", "A3"),
        ({"A2": "Сведения о чем-то другом"}, "no line above the table matches the title", "B5"),
        ({"C9": None, "D9": None, "E9": None}, "words alone in a row", "B9"),
        ({"B16": "Ещё одна страна", "C16": 5}, "figures below the footnotes", "B16"),
    ],
)  # fmt: skip
def test_what_is_unclear_is_refused_with_its_cell(changes: dict[str, Any], rule: str, cell: str) -> None:
    error = refusal(edited(Shape().xlsx(), changes))
    assert rule in error.rule
    assert error.cell.removeprefix("Лист1!") == cell


def test_two_tables_that_fit_equally_are_refused() -> None:
    again = (
        *((text,) for text in TITLE),
        ("", "Страна", "Въехало", "", "Выехало"),
        ("", "Итого", 1, "", 2),
        ("", "Китай", 1, "", 2),
    )
    assert "two tables fit the layout equally" in refusal(Shape(second_table=((), *again)).xlsx()).rule
    book = openpyxl.load_workbook(io.BytesIO(Shape().xlsx()))
    book.copy_worksheet(book.active)
    assert "two tables fit the layout equally" in refusal(saved(book)).rule


def test_a_header_that_stands_again_is_refused() -> None:
    page = ((), ("", "Страна", "Въехало", "", "Выехало"), ("", "Индия", 1, "", 2))
    assert "the header stands again" in refusal(Shape(notes=(), second_table=page).xlsx()).rule


def test_hidden_sheets_are_not_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(Shape().xlsx()))
    book.copy_worksheet(book.active).sheet_state = "hidden"
    assert figures(read(saved(book))) == EXPECTED


@pytest.mark.parametrize(
    ("code", "rule"), [("0.0%", "a percent format"), ("#,##0,", "a scaled number format")]
)
def test_a_cell_that_prints_another_figure_than_it_holds_is_refused(code: str, rule: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(Shape().xlsx()))
    book.active["C9"].number_format = code
    assert rule in refusal(saved(book)).rule


@pytest.mark.parametrize("text", ["#REF!", "#DIV/0!", "#N/A"])
def test_error_cells_are_refused(text: str) -> None:
    error = refusal(edited(Shape().xlsx(), {"C9": text}))
    assert (error.rule, error.cell) == (f"an error cell, {text}", "Лист1!C9")


def test_error_cells_of_xls_are_refused() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Лист1")
    for row, line in enumerate(Shape(merged=False).lines()):
        for column, value in enumerate(line):
            if (row, column) == (8, 2):
                sheet.row(row).set_cell_error(column, "#REF!")
            elif value != "":
                sheet.write(row, column, value)
    error = refusal(saved(book))
    assert (error.rule, error.cell) == ("an error cell, #REF!", "Лист1!C9")


def zipped(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(Shape().xlsx())) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    return zipped(parts | {name: content})


def with_far_cell(address: str) -> bytes:
    row = address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    xml = f'<worksheet><sheetData><row r="{row}"><c r="{address}"><v>1</v></c></row></sheetData></worksheet>'
    return with_part("xl/worksheets/sheet1.xml", xml.encode())


def with_far_cell_in_a_near_row(address: str) -> bytes:
    xml = f'<worksheet><sheetData><row r="1"><c r="{address}"><v>1</v></c></row></sheetData></worksheet>'
    return with_part("xl/worksheets/sheet1.xml", xml.encode())


def encrypted() -> bytes:
    """An OLE container as Excel writes it for a password: its stream is called EncryptedPackage."""
    content = Shape().xls()
    name = "Workbook".encode("utf-16-le")
    at = content.index(name.ljust(64, b"\0"))
    new = "EncryptedPackage".encode("utf-16-le")
    return content[:at] + new.ljust(64, b"\0") + struct.pack("<H", len(new) + 2) + content[at + 66 :]


def lying_zip() -> bytes:
    """A zip whose directory claims ten bytes for a part of ten million."""
    content = with_part("xl/sharedStrings.xml", b" " * 10_000_000)
    size = struct.pack("<I", 10_000_000)
    return content.replace(size, struct.pack("<I", 10))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "the file is empty"),
        (b"\0" * 50, "the file is empty"),
        (saved(openpyxl.Workbook()), "no visible sheet holds anything"),
        (Shape().xlsx()[:3000], "the file is cut or damaged"),
        (Shape().xls()[:3000], "the file is cut"),
        (Shape().xls()[:-2048], "the file is cut"),
        (encrypted(), "password-protected"),
        (with_part("xl/vbaProject.bin", b"x"), "the workbook has macros"),
        (with_part("xl/worksheets/big.xml", b"\0" * 301_000_000), "the file unpacks to"),
        (lying_zip(), "the file is cut or damaged"),
        (with_far_cell("A1048576"), "a sheet has 1,048,576 rows, more than 400,000"),
        (with_far_cell("XFD1"), "a sheet has 16,384 columns"),
        (with_far_cell("AZ399999"), "a sheet of 399,999 x 52 cells"),
        (with_far_cell_in_a_near_row("A1048576"), "a sheet has 1,048,576 rows, more than 400,000"),
        (with_far_cell_in_a_near_row("xfd1"), "a sheet has 16,384 columns"),
        (b"\n" * 1 + b"a;1\n" * 400_001, "more than 400,000 rows"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a page of HTML or XML"),
        (zipped({"word/document.xml": b"<w/>"}), "a zip file, but no xlsx workbook"),
        (b"%PDF-1.7 \0", "neither a workbook nor a csv"),
        (b"plain words", "neither a workbook nor a csv"),
        (b'"a;b\n1;2', "its quotes do not close"),
        (with_part("xl/workbook.xml", b"<!DOCTYPE a><a/>"), "declares entities"),
        (with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c><v>1"), "without an address"),
        (Shape(merged=False).csv().decode("utf-8-sig").encode("koi8-r", "replace"), "no header label"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_with_a_reason(content: bytes, rule: str) -> None:
    assert rule in refusal(content).rule


@settings(max_examples=25, deadline=None)
@given(
    above=st.integers(0, 12),
    left=st.integers(0, 4),
    blank=st.sampled_from(" \u00a0\u202f\u2009"),
    merged=st.booleans(),
)
def test_inserted_rows_columns_and_blank_styles_change_nothing(
    above: int, left: int, blank: str, merged: bool
) -> None:
    rows = tuple(
        tuple(
            v.replace(" ", blank).replace("\u00a0", blank) if isinstance(v, str) and v[:1].isdigit() else v
            for v in row
        )
        for row in ROWS
    )
    frame = read(replace(Shape(), above=above, left=left, merged=merged, rows=rows).xlsx())
    assert figures(frame) == EXPECTED


@given(st.decimals(-(10**14), 10**14, places=3), st.sampled_from(" \u00a0\u202f\u2009"), st.booleans())
def test_printed_numbers_come_back(number: Decimal, blank: str, is_marked: bool) -> None:
    printed = f"{number:,.3f}".replace(",", blank).replace(".", ",")
    text, flag, rule = figure_text(printed + (" 1)" if is_marked else ""), COMMA)
    assert (flag, rule) == (None, None)
    assert text is not None
    assert Decimal(text) == number


@given(st.floats(-(10.0**14), 10.0**14))
def test_a_numeric_cell_comes_back_as_the_same_double(number: float) -> None:
    assert float(number_cell_text(number)) == number
    assert read_figures([number], COMMA).amount[0] == read_figures([number, ""], COMMA).amount[0]
    assert "e" not in str(read_figures([number], COMMA).amount[0])


@given(st.text(max_size=12))
def test_text_is_a_number_a_mark_or_refused(text: str) -> None:
    number, flag, rule = figure_text(text, COMMA)
    assert sum(each is not None for each in (number if flag != "nil" else None, flag, rule)) == 1


@pytest.mark.parametrize(
    ("printed", "read"),
    [("-", ("0", "nil", None)), ("– 1)", ("0", "nil", None)), ("х", (None, "suppressed", None)),
     ("...", (None, "not_available", None)), ("", (None, "blank", None)), ("0", ("0", None, None))],
)  # fmt: skip
def test_a_dash_is_nought_and_other_marks_are_no_figure(
    printed: str, read: tuple[str | None, str | None, None]
) -> None:
    assert figure_text(printed, COMMA) == read


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.1 + 0.2, "0.30000000000000004"), (12.5, "12.5"), (-0.125, "-0.125"), (1e-7, "0.0000001"), (-0.0, "0"),
     (89206.10000000001, "89206.1"), (1234567.8901, "1234567.8901"), (99999999999999.9, "99999999999999.9")],
)  # fmt: skip
def test_a_column_of_numbers_gets_their_shortest_texts(number: float, text: str) -> None:
    assert read_figures([number, 7.25, 3.0], COMMA).amount.tolist() == [text, "7.25", "3"]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_finite_number_is_refused(number: float) -> None:
    assert read_figures([1.0, number], COMMA).rule.keys() == {1}


def test_a_number_too_large_for_its_cell_is_refused() -> None:
    assert "more digits" in read_figures([1e15], COMMA).rule[0]


@pytest.mark.parametrize(
    "printed", ["Выехало", "ВЫЕХАЛО 1)", "  Bыехало*", "Выехало¹", "Выехало :", "Выеxaло **", "Вые\u00adхало"]
)
def test_labels_are_compared_folded(printed: str) -> None:
    assert fold(printed) == "выехало"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("nonsense: 1\n", "Extra inputs"),
        ("unit: mln KZT\n", "'unit' twice"),
        ("refused_words2: [a]\n", "Extra inputs"),
        ("\tx: 1\n", "not readable as YAML"),
    ],
)
def test_a_wrong_layout_names_its_key(tmp_path: Path, change: str, rule: str) -> None:
    path = tmp_path / "wrong.layout.yml"
    path.write_text(LAYOUT_FILE.read_text(encoding="utf-8") + change, encoding="utf-8")
    with pytest.raises(SourceError, match=rule):
        load_layout(path)


def test_roles_and_preview() -> None:
    grid = read_sheets("border", SourceFile("sha", "file", Shape().xlsx()))[0]
    found = roles(grid, LAYOUT)
    assert not found.missing
    assert [found.cells[row][1] for row in (0, 4, 6, 8)] == ["title", "header", "total", "label"]
    assert found.cells[8][2:5] == ["value"] * 3
    assert found.cells[12][1] == "footnote"
    broken = SourceFile("sha", "file", edited(Shape().xlsx(), {"E5": "Снаружи"}))
    console = Console(record=True, width=160, file=io.StringIO())
    console.print(preview("border", broken, LAYOUT))
    shown = console.export_text()
    assert "no column for direction departure: Выехало" in shown
    assert "Legend" in shown
    assert "Узбекистан" in shown
