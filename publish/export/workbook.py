"""The workbook: an xlsx with a sheet for each table of each topic; its first sheets say what it is.

Cells are typed, and a text stays a text, whatever it begins with. The same release gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from publish.export.about import NOTE_COLUMNS, Sheet, about, notes
from publish.export.described import ExportError, Table
from publish.export.topics import TOPICS

# Colours of the tabs, a topic each and then from the first again.
COLOURS = ("#1F4E79", "#BF8F00", "#548235", "#C55A11", "#7030A0", "#7F7F7F")
NARROWEST, WIDEST, WIDEST_NOTE = 9, 48, 110
FIRST_YEAR_OF_A_SHEET = 1900
ROWS_AT_ONCE = 10_000


def write_workbook(
    con: duckdb.DuckDBPyConnection, tables: dict[str, Table], manifest: dict[str, Any], path: Path
) -> int:
    """Write the topics of a release to `path`; returns the rows of all tables in it."""
    sheets = [
        Sheet(topic, name, tables[table])
        for topic, named in TOPICS.items()
        for name, table in named.items()
        if table in tables
    ]
    colours = {topic: COLOURS[number % len(COLOURS)] for number, topic in enumerate(TOPICS)}
    with path.open("wb") as file:
        book = _Book(file, f"Release {manifest['release']}", datetime.fromisoformat(manifest["created_at"]))
        book.add_about(about(con, manifest, sheets), {sheet.name for sheet in sheets})
        book.add_table("notes", NOTE_COLUMNS, notes(sheets), "", WIDEST_NOTE)
        for topic, name, table in sheets:
            book.add_table(name, [column.name for column in table.columns], _rows(con, table), colours[topic])
        book.close()
    return sum(sheet.table.rows for sheet in sheets)


def _rows(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[tuple[object, ...]]:
    answer = con.execute(f"from {table.name}")
    while rows := answer.fetchmany(ROWS_AT_ONCE):
        yield from rows


class _Book:
    """A workbook that is written row after row, so that a long table never stands in memory."""

    def __init__(self, file: Any, title: str, created: datetime) -> None:
        self.book = xlsxwriter.Workbook(file, {"constant_memory": True})
        self.book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.header = self.book.add_format(
            {"bold": True, "bg_color": "#DDEBF7", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.link = self.book.get_default_url_format()
        self.date = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.whole = self.book.add_format({"num_format": "0"})
        self.decimals: dict[int, Format] = {}

    def close(self) -> None:
        self.book.close()

    def add_about(self, lines: Iterable[tuple[str, tuple[object, ...]]], sheets: set[str]) -> None:
        """The first sheet; the name of a sheet in the first column leads there."""
        sheet = self.book.add_worksheet("about")
        styles = {"title": self.title, "heading": self.header, "plain": None}
        for row, (style, cells) in enumerate(lines):
            for column, value in enumerate(cells):
                if style == "plain" and column == 0 and value in sheets:
                    sheet.write_url(row, column, f"internal:'{value}'!A1", self.link, str(value))
                else:
                    self._write(sheet, row, column, value, styles[style])
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 8, 30)

    def add_table(
        self,
        name: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        colour: str,
        widest: int = WIDEST,
    ) -> None:
        """A sheet with one table: header and first column frozen, a filter, columns as wide as needed."""
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        if colour:
            sheet.set_tab_color(colour)
        for column, text in enumerate(columns):
            sheet.write_string(0, column, text, self.header)
        widths = [max(NARROWEST, min(len(column), WIDEST // 2)) for column in columns]
        row = 0
        for row, values in enumerate(rows, start=1):
            for column, value in enumerate(values):
                width = self._write(sheet, row, column, value)
                if width > widths[column]:
                    widths[column] = width
        sheet.autofilter(0, 0, row, len(columns) - 1)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width, widest) + 2)

    def _write(
        self, sheet: Worksheet, row: int, column: int, value: object, style: Format | None = None
    ) -> int:
        """Write one cell by its type; returns how many characters it shows."""
        if value is None:
            return 0
        if isinstance(value, bool):
            shown, outcome = str(value), sheet.write_boolean(row, column, value, style)
        elif isinstance(value, int):
            shown, outcome = str(value), sheet.write_number(row, column, value, style or self.whole)
        elif isinstance(value, Decimal):
            places = _decimals(value)
            shown = f"{value:,.{places}f}"
            outcome = sheet.write_number(row, column, float(value), style or self._of_decimals(places))
        elif isinstance(value, date) and value.year >= FIRST_YEAR_OF_A_SHEET:
            shown, outcome = "yyyy-mm-dd", sheet.write_datetime(row, column, value, style or self.date)
        else:
            shown = str(value)
            outcome = sheet.write_string(row, column, shown, style)
        if outcome != 0:
            raise ExportError(
                f"Sheet {sheet.get_name()}, row {row + 1}, column {column + 1} is beyond what a sheet holds"
                " (1,048,576 rows, 32,767 characters a cell): take it as CSV, `mtm export --format csv`."
            )
        return len(shown)

    def _of_decimals(self, places: int) -> Format:
        if places not in self.decimals:
            picture = "#,##0." + "0" * places if places else "#,##0"
            self.decimals[places] = self.book.add_format({"num_format": picture})
        return self.decimals[places]


def _decimals(value: Decimal) -> int:
    """Decimals of a number without the noughts at its end."""
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)
