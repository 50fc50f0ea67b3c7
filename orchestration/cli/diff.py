"""`mtm diff`: what differs between two releases, row by row, and the source file behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.query import known_format, print_rows
from orchestration.cli.tables import console, errors, print_table
from orchestration.settings import Settings
from publish.cause import Side
from publish.diff import Change, TableDiff, differences, side_of, tables_of
from publish.folder import MANIFEST
from publish.release import Releases
from publish.release_notes import described
from publish.tables import TableName

SUMMARY = ("table", "added", "removed", "changed", "note")
ROW = ("change", "row", "column", "old value", "new value", "source file")
CSV = ("table", "change", "row", "column", "old_value", "new_value", "source_files", "source_cell", "cause")
FILES_SHOWN = 3
SHA256 = re.compile("[0-9a-f]{64}")


def add_to(app: typer.Typer) -> None:
    app.command()(diff)


def diff(
    before: Annotated[
        str,
        typer.Argument(metavar="A", help="Release: id, previous, current, held, or its folder"),
    ] = "previous",
    after: Annotated[str, typer.Argument(metavar="B", help="Release that A is compared with")] = "current",
    table: Annotated[str | None, typer.Option(help="One table, such as marts.fct_border_crossings")] = None,
    output: Annotated[str, typer.Option("--format", help="table, md or csv")] = "table",
    limit: Annotated[int, typer.Option(min=0, help="Rows shown of each table")] = 20,
) -> None:
    """Compare two releases: rows added, removed and changed of each table, and the source file behind each.

    Example: `mtm diff`, or `mtm diff previous current --table indicators.quarterly_indicator`
    """
    known_format(output, ("table", "md", "csv"))
    releases = Settings().releases
    sides = [side_of(_folder(releases, name)) for name in (before, after)]
    found = differences(sides[0], sides[1], _table(sides, table), limit)
    if output == "csv":
        lines = [line for each in found for change in each.changes for line in _csv_lines(each, change)]
        print_rows("", list(CSV), lines, "csv")
    else:
        ids = [str(side.manifest["release"]) for side in sides]
        _say(output, f"# {ids[0]} and {ids[1]}" if output == "md" else f"{ids[0]} and {ids[1]}")
        if not found:
            _say(output, f"equal: {table or 'all tables'}")
        summary = [
            (str(each.table), each.added, each.removed, each.changed, "; ".join(each.said)) for each in found
        ]
        _print(output, "", SUMMARY, summary)
        for each in found:
            _print(output, str(each.table), ROW, [line for change in each.changes for line in _lines(change)])
    for each in found:
        if each.not_shown:
            command = f"mtm diff {before} {after} --table {each.table} --limit {limit + each.not_shown}"
            errors.print(f"{each.table}, {each.not_shown} more: `{command}`", markup=False, highlight=False)


def _folder(releases: Releases, name: str) -> Path:
    """The folder of a release, by its name or by its path."""
    path = Path(name)
    return path if len(path.parts) > 1 and (path / MANIFEST).is_file() else releases.place(name)


def _table(sides: list[Side], named: str | None) -> TableName | None:
    if named is None:
        return None
    known = sorted({name for side in sides for name in tables_of(side)})
    for name in known:
        if str(name) == named:
            return name
    errors.print(
        f"mtm: {named} is no table of these releases; tables: {', '.join(map(str, known))}", highlight=False
    )
    raise typer.Exit(2)


def _lines(change: Change) -> Iterator[tuple[object, ...]]:
    """A line for each changed value; the row by its key and the file stand in the first alone."""
    row = (change.kind, ", ".join(str(_short(value)) for value in change.key.values() if value is not None))
    file = described(change.cause, FILES_SHOWN) + (f", {change.source_cell}" if change.source_cell else "")
    if not change.values:
        yield (*row, None, None, None, file)
    for index, value in enumerate(change.values):
        first = index == 0
        old_and_new = (_short(value.old), _short(value.new))
        yield (*(row if first else ("", "")), value.column, *old_and_new, file if first else "")


def _csv_lines(of: TableDiff, change: Change) -> Iterator[tuple[object, ...]]:
    files = " ".join(file.sha256 for file in change.cause.files)
    key = "; ".join(f"{name}={value}" for name, value in change.key.items() if value is not None)
    row, why = (str(of.table), change.kind, key), (files, change.source_cell, change.cause.reason)
    if not change.values:
        yield (*row, None, None, None, *why)
    for value in change.values:
        yield (*row, value.column, value.old, value.new, *why)


def _short(value: str | None) -> str | None:
    """A SHA-256 by its start, anything else as it is."""
    return value[:12] if value and SHA256.fullmatch(value) else value


def _say(output: str, line: str) -> None:
    if output == "md":
        typer.echo(f"{line}\n")
    else:
        console.print(line, markup=False, highlight=False)


def _print(output: str, title: str, columns: tuple[str, ...], rows: Sequence[Sequence[object]]) -> None:
    if not rows:
        return
    if output == "md":
        from tabulate import tabulate

        heading = f"## {title}\n\n" if title else ""
        typer.echo(f"{heading}{tabulate(rows, columns, tablefmt='github', disable_numparse=True)}\n")
    else:
        print_table(title, columns, rows)
