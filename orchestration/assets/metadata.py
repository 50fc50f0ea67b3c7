"""What the UI shows beside an asset: owners, tags, links to the code, tables and small charts as Markdown.

What belongs here: the form in which things are shown. Which table is shown with what: summaries.py.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from warnings import catch_warnings, simplefilter

import dagster as dg
import duckdb
from dagster import BetaWarning, CodeReferencesMetadataValue, LocalFileCodeReference
from tabulate import tabulate

from orchestration.settings import ROOT

# Who answers questions: for how data comes and is built, and for what a figure means.
ENGINEERING = ["team:data-engineering"]
ANALYSIS = ["team:analysis"]
SHOWN_CHARACTERS = 60
OFFENDING_ROWS = 10
PREVIEW_ROWS = 6
# A table with more columns than this is shown turned, with so many of its rows.
WIDEST = 8
PREVIEW_COLUMNS = 4


def code(*paths: str) -> dict[str, Any]:
    """Links to files of this checkout, given by their path in it."""
    with catch_warnings():
        simplefilter("ignore", BetaWarning)
        files = [LocalFileCodeReference(file_path=str(ROOT / path), label=path) for path in paths]
        return {"dagster/code_references": CodeReferencesMetadataValue(code_references=list(files))}


def column(name: str, kind: str, description: str, may_be_empty: bool = True) -> dg.TableColumn:
    constraints = dg.TableColumnConstraints(nullable=may_be_empty)
    return dg.TableColumn(name, kind, description, constraints)


def table(
    rows: Iterable[Sequence[object]], columns: Sequence[str], cut: int | None = SHOWN_CHARACTERS
) -> dg.MetadataValue:
    """Rows as a Markdown table; texts longer than `cut` are cut, so that a row stays a row."""
    shown = [[_cell(value, cut) for value in row] for row in rows]
    return dg.MetadataValue.md(tabulate(shown, columns, tablefmt="github", disable_numparse=True))


def answer(con: duckdb.DuckDBPyConnection, query: str) -> dg.MetadataValue:
    """The answer of a query as a Markdown table."""
    found = con.execute(query)
    columns = [each[0] for each in found.description or []]
    return table(found.fetchall(), columns)


def preview(con: duckdb.DuckDBPyConnection, query: str) -> dg.MetadataValue:
    """A few rows of a table; where it has many columns each of them is a line, and each row a column."""
    found = con.execute(f"from ({query}) limit {PREVIEW_ROWS}")
    columns = [each[0] for each in found.description or []]
    rows = found.fetchall()
    if len(columns) <= WIDEST:
        return table(rows, columns)
    rows = rows[:PREVIEW_COLUMNS]
    numbers = [f"row {number}" for number, _ in enumerate(rows, 1)]
    return table(zip(columns, *rows, strict=True), ("column", *numbers))


def offending(rows: Sequence[Sequence[object]], columns: Sequence[str]) -> dict[str, Any]:
    """How many rows a check found, and the first of them as a table."""
    shown = {"offending_rows": table(rows[:OFFENDING_ROWS], columns)} if rows else {}
    return {"failing_rows": len(rows), **shown}


def _cell(value: object, cut: int | None) -> str:
    text = "" if value is None else " ".join(str(value).split())
    shown = text if cut is None or len(text) <= cut else text[: cut - 1] + "…"
    return shown.replace("|", "\\|")
