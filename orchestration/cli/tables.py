"""Tables in the terminal, and the connection to the current release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

import duckdb
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from orchestration.settings import Settings
from publish.tables import DATABASE, PublishError

SHORT_TEXT = 34
WIDTH_OF_FILES = 240

console = Console()
if not console.is_terminal:
    console = Console(width=WIDTH_OF_FILES)
errors = Console(stderr=True, soft_wrap=True)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table with numbers to the right, or record below record where the table would not fit."""
    rows = [list(row) for row in rows]
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        values = [row[index] for row in rows]
        is_number = any(isinstance(value, int | float | Decimal) for value in values)
        is_short = is_number or all(len(str(value)) <= SHORT_TEXT for value in values)
        justify: Literal["left", "right"] = "right" if is_number else "left"
        table.add_column(column, justify=justify, no_wrap=is_short, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_text(value)) for value in row))
    needed = Measurement.get(console, console.options.update(max_width=10_000), table).minimum
    console.print(table if needed <= console.width else _records(columns, rows))


def _records(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """Each row as lines of column and value, with an empty line between rows."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            table.add_row(Text(column), Text(_text(value)))
        table.add_row()
    return table


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        whole = format(value, ",f")
        return whole.rstrip("0").rstrip(".") if "." in whole else whole
    return str(value)


def open_release(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The current release, read only; raises PublishError when there is none."""
    if not settings.releases.current() and settings.releases.ids():
        raise PublishError(f"{settings.home / 'current'} points nowhere: `mtm publish` sets it again")
    if not settings.releases.current():
        raise PublishError(f"{settings.home} has no release yet: run `mtm refresh`")
    database = settings.home / "current" / DATABASE
    return duckdb.connect(str(database), read_only=True, config={"enable_external_access": "false"})
