"""Tables in the terminal, and the connection to the current release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import duckdb
from rich.console import Console
from rich.table import Table

from orchestration.settings import Settings
from publish.tables import DATABASE, PublishError

console = Console()
errors = Console(stderr=True)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table with numbers to the right; when the output is no terminal nothing is cut to its width."""
    rows = [list(row) for row in rows]
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for index, column in enumerate(columns):
        is_number = any(isinstance(row[index], int | float | Decimal) for row in rows)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_text(value) for value in row))
    console.print(table)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        whole = format(value, ",f")
        return whole.rstrip("0").rstrip(".") if "." in whole else whole
    return str(value)


def open_release(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The current release, read only; raises PublishError when there is none."""
    database = settings.home / "current" / DATABASE
    if not database.exists():
        raise PublishError(f"{settings.home} has no release yet: run `mtm refresh`")
    return duckdb.connect(str(database), read_only=True)
