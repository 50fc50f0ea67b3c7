"""CSV: a file a table, written by DuckDB in one statement each.

A text that a spreadsheet would run as a formula gets an apostrophe in front. One that begins with apostrophes
and such a sign gets one more, so that taking one off gives every text back (`UNDO`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from publish.export.described import Column, Table, quoted

# The texts that are marked, with or without apostrophes of their own. Of DuckDB and of Python's `re` alike.
MARKED = r"^'*[-=+@\t\r]"
# What takes the mark off in DuckDB: regexp_replace(text, *UNDO). Numbers are never marked.
UNDO = (r"^'('*[-=+@\t\r])", r"\1")
BOM = "\ufeff"


def write_csv(con: duckdb.DuckDBPyConnection, table: Table, path: Path, bom: bool) -> None:
    """Write a table: UTF-8, a header, quotes where RFC 4180 asks for them, lines that end with LF.

    bom: begin the file with a byte order mark; it goes in front of the first name of the header.
    """
    columns = [_selected(column) for column in table.columns]
    if bom:
        first = table.columns[0]
        columns[0] = f'{_neutral(first)} as "{BOM}{first.name}"'
    con.execute(
        f"copy (select {', '.join(columns)} from {table.name}) to '{quoted(path)}'"
        " (format csv, header, delimiter ',', quote '\"', escape '\"', dateformat '%Y-%m-%d')"
    )


def _selected(column: Column) -> str:
    return f'{_neutral(column)} as "{column.name}"'


def _neutral(column: Column) -> str:
    if column.type != "VARCHAR":
        return f'"{column.name}"'
    return f"regexp_replace(\"{column.name}\", '{quoted(MARKED)}', '''\\0')"
