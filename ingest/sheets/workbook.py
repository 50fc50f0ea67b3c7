"""A file that people made in a spreadsheet program, read into grids of cells: xlsx, xls and csv.

What belongs here: kinds of files, what is refused before it is opened, cells as the file holds them
with their addresses. What does not: where the table is (header.py) and what it says (table.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import chain
from typing import Literal

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ingest.dataset import SourceFile
from ingest.errors import SourceError
from ingest.sheets import xls, xlsx
from ingest.sheets.figures import number_cell_text
from ingest.sheets.labels import Folds, fold_all

Cell = str | int | float | bool | date | datetime | time | timedelta
FILE_LIMIT = 100_000_000
ASK_AGAIN = "Ask the agency for the file as a plain xlsx without password, macros and errors."


@dataclass
class Grid:
    """One sheet: rows of equal width from A1 on, '' where a cell is empty.

    merged: (first row, first column, last row, last column), from 0. marks: cells whose printed value
    the file does not hold, with the reason. kind `csv` has records in place of sheet cells.
    """

    name: str
    rows: list[list[Cell]]
    merged: Sequence[tuple[int, int, int, int]] = ()
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    kind: Literal["sheet", "csv"] = "sheet"

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    def text(self, row: int, column: int) -> str:
        """A cell as text, '' outside the sheet."""
        if not (0 <= row < len(self.rows) and 0 <= column < self.width):
            return ""
        value = self.rows[row][column]
        if isinstance(value, float):
            return number_cell_text(value)
        return value if isinstance(value, str) else str(value)

    @cached_property
    def columns(self) -> list[tuple[Cell, ...]]:
        """The cells column by column."""
        return list(zip(*self.rows, strict=True))

    @cached_property
    def texts(self) -> list[dict[str, None]]:
        """The different texts of each column, from top to bottom."""
        return [{cell: None for cell in column if type(cell) is str} for column in self.columns]

    @cached_property
    def folds(self) -> Folds:
        """The folded form of every text on the sheet, made once.

        In the order of the sheet, which is that of the memory: a large sheet takes half the time so.
        """
        texts = list(dict.fromkeys(chain.from_iterable(self.texts)))
        return Folds(zip(texts, fold_all(texts), strict=True))

    def forget_cells(self) -> None:
        """Keep no more than addresses need: what is made of the cells takes their memory."""
        self.rows = []
        for name in ("columns", "texts", "folds"):
            self.__dict__.pop(name, None)

    def address(self, row: int, column: int) -> str:
        """`Sheet1!C14`, or `row 14, column 3` of a csv."""
        return f"{self.address_prefix(column)}{row + 1}{self.address_suffix(column)}"

    def address_prefix(self, column: int) -> str:
        return "row " if self.kind == "csv" else f"{self.name}!{column_letters(column)}"

    def address_suffix(self, column: int) -> str:
        return f", column {column + 1}" if self.kind == "csv" else ""


def column_letters(column: int) -> str:
    """`A` for 0, `AA` for 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_sheets(dataset: str, file: SourceFile) -> list[Grid]:
    """Every visible worksheet of a file; raises SourceError when the file cannot be taken as it is."""

    def refuse(rule: str) -> SourceError:
        return SourceError(dataset, rule, file.path, next_step=ASK_AGAIN)

    content = file.content
    if not content.strip(b"\0 \t\r\n"):
        raise refuse("the file is empty")
    if len(content) > FILE_LIMIT:
        raise refuse(f"the file has {len(content):,} bytes, more than {FILE_LIMIT:,}")
    if content.startswith(b"PK"):
        grids = _read_xlsx(content, refuse)
    elif content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        grids = _read_xls(content, refuse)
    elif content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise refuse("a page of HTML or XML under a workbook's name")
    else:
        grids = [_read_csv(content, refuse)]
    if not any(grid.rows for grid in grids):
        raise refuse("no visible sheet holds anything")
    return grids


def _read_xlsx(content: bytes, refuse: xlsx.Refuse) -> list[Grid]:
    parts = xlsx.read_parts(content, refuse)
    sheets = xlsx.sheet_parts(parts, refuse)
    for xml in sheets.values():
        xlsx.refuse_size(xml, refuse)
    # calamine lets other threads run while it reads, so looking for marks beside it costs no time.
    with ThreadPoolExecutor(1) as beside:
        marks = beside.submit(
            lambda: {name: xlsx.sheet_marks(xml, parts, refuse) for name, xml in sheets.items()}
        )
        grids = _read_workbook(content, refuse)
        return [_with_marks(grid, marks.result().get(grid.name, {})) for grid in grids]


def _read_xls(content: bytes, refuse: xlsx.Refuse) -> list[Grid]:
    marks = xls.sheet_marks(xls.workbook_stream(content, refuse), refuse)
    return [_with_marks(grid, marks.get(grid.name, {})) for grid in _read_workbook(content, refuse)]


def _read_workbook(content: bytes, refuse: xlsx.Refuse) -> list[Grid]:
    grids = []
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            for about in workbook.sheets_metadata:
                if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible:
                    sheet = workbook.get_sheet_by_name(about.name)
                    rows = sheet.to_python(skip_empty_area=False)
                    merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
                    grids.append(Grid(about.name, rows, merged))
    except CalamineError as error:
        raise refuse(f"the workbook cannot be read: {error}") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise refuse("the workbook is damaged: its reader gave up") from None
    return grids


def _with_marks(grid: Grid, marks: xlsx.Marks) -> Grid:
    """Make room for marked cells: the reader leaves an error cell empty, at the edge even out."""
    grid.marks = marks
    height = 1 + max((row for row, _ in grid.marks), default=-1)
    width = max(grid.width, 1 + max((column for _, column in grid.marks), default=-1))
    if height > len(grid.rows) or width > grid.width:
        grid.rows = [row + [""] * (width - len(row)) for row in grid.rows]
        grid.rows += [[""] * width for _ in range(height - len(grid.rows))]
    for (row, column), rule in grid.marks.items():
        if grid.rows[row][column] == "":
            grid.rows[row][column] = rule.removeprefix("an error cell, ")
    return grid


def _read_csv(content: bytes, refuse: xlsx.Refuse) -> Grid:
    text = _decode(content, refuse)
    candidates: list[tuple[int, list[list[str]]]] = []
    for delimiter in "\t;,":
        try:
            records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        candidates.append((sum(len(record) > 1 for record in records), records))
    if not candidates:
        raise refuse("the text is no csv: its quotes do not close")
    shared, records = max(candidates, key=lambda candidate: candidate[0])
    if not shared:
        raise refuse("neither a workbook nor a csv: no tab, semicolon or comma parts its lines")
    width = max(map(len, records))
    if len(records) > xlsx.ROW_LIMIT or width > xlsx.COLUMN_LIMIT:
        raise refuse(f"more than {xlsx.ROW_LIMIT:,} rows or {xlsx.COLUMN_LIMIT} columns")
    if len(records) * width > xlsx.CELL_LIMIT:
        raise refuse(f"{len(records):,} x {width} cells, more than {xlsx.CELL_LIMIT:,}")
    rows: list[list[Cell]] = [[*record, *[""] * (width - len(record))] for record in records]
    return Grid("", rows, kind="csv")


def _decode(content: bytes, refuse: xlsx.Refuse) -> str:
    """UTF-8, UTF-16 with its mark, or Windows-1251; anything else matches no label and is refused."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        if b"\0" in content or content.startswith((b"%PDF", b"{\\rtf", b"Rar!", b"7z")):
            raise refuse("neither a workbook nor a csv")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1251")
    except UnicodeDecodeError:
        raise refuse("text in an encoding that is neither UTF-8 nor Windows-1251") from None
