"""What a printed row must be before it lands, as SQL over a whole answer at once.

Each rule finds the rows that break it: source_file, source_cell, rule, raw_text. Labels are not
judged here: unknown ones land and are reported by `audit.unmatched_label`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pandas as pd

from ingest.dataset import Column, Dataset

NUMBER = r"-?[0-9]{1,15}(\.[0-9]{1,9})?"


def broken_cells(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, frame: str, fetched_on: date
) -> pd.DataFrame:
    """Cells of the view `frame` that break a rule of the dataset, in the order of the file."""
    rules = list(_rules(dataset, frame, fetched_on))
    return con.execute(
        "select * from (" + " union all ".join(rules) + ") order by source_file, source_cell, rule"
    ).df()


def _rules(dataset: Dataset, frame: str, fetched_on: date) -> Iterator[str]:
    for column in dataset.columns:
        for condition, rule in _conditions(column, fetched_on):
            yield (
                f"select source_file, source_cell, '{column.name}: {rule}' as rule,"
                f" {column.name} as raw_text from {frame} where {condition}"
            )
    key = ", ".join(dataset.key)
    values = ", ".join(c.name for c in dataset.columns if c.name not in dataset.key)
    yield (
        f"select source_file, source_cell, 'two different values for one {key}' as rule, raw_text"
        f" from {frame} qualify count(distinct ({values})) over (partition by {key}) > 1"
    )


def _conditions(column: Column, fetched_on: date) -> Iterator[tuple[str, str]]:
    name = column.name
    if column.required:
        yield f"{name} is null or trim({name}) = ''", "a value is required"
    if column.kind == "number":
        yield (
            f"not regexp_full_match({name}, '{NUMBER}')",
            "not a number of at most 15 digits and 9 decimals",
        )
        if column.non_negative:
            yield f"{name} like '-%' and {name} not in ('-0', '-0.0')", "a negative number"
    if column.kind == "date":
        is_date = rf"regexp_full_match({name}, '\d{{4}}-\d{{2}}-\d{{2}}')"
        yield f"not ({is_date}) or try_cast({name} as date) is null", "not a date YYYY-MM-DD"
        if column.not_after_fetch:
            yield f"try_cast({name} as date) > date '{fetched_on}'", "a period in the future"
