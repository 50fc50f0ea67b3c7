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


def code(*paths: str) -> dict[str, Any]:
    """Links to files of this checkout, given by their path in it."""
    with catch_warnings():
        simplefilter("ignore", BetaWarning)
        files = [LocalFileCodeReference(file_path=str(ROOT / path), label=path) for path in paths]
        return {"dagster/code_references": CodeReferencesMetadataValue(code_references=list(files))}


def column(name: str, kind: str, description: str, may_be_empty: bool = True) -> dg.TableColumn:
    constraints = dg.TableColumnConstraints(nullable=may_be_empty)
    return dg.TableColumn(name, kind, description, constraints)


def table(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> dg.MetadataValue:
    """Rows as a Markdown table; long texts are cut, so that a row stays a row."""
    shown = [[_cell(value) for value in row] for row in rows]
    return dg.MetadataValue.md(tabulate(shown, columns, tablefmt="github", disable_numparse=True))


def answer(con: duckdb.DuckDBPyConnection, query: str) -> dg.MetadataValue:
    """The answer of a query as a Markdown table."""
    found = con.execute(query)
    columns = [each[0] for each in found.description or []]
    return table(found.fetchall(), columns)


def offending(rows: Sequence[Sequence[object]], columns: Sequence[str]) -> dict[str, Any]:
    """How many rows a check found, and the first of them as a table."""
    shown = {"offending_rows": table(rows[:OFFENDING_ROWS], columns)} if rows else {}
    return {"failing_rows": len(rows), **shown}


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split()).replace("|", "\\|")
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
