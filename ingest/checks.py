"""What a printed row must be before it lands, as SQL over a whole answer at once.

Each rule finds the rows that break it: source_file, source_cell, rule, raw_text. Labels are not
judged here: unknown ones land and are reported by `audit.unmatched_label`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from ingest.dataset import Column, Dataset
from ingest.errors import SourceError

if TYPE_CHECKING:
    import pandas as pd

EARLIEST = "1990-01-01"
NUMBER = r"-?[0-9]{1,15}(\.[0-9]{1,9})?"


def broken_cells(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, frame: str, fetched_on: date
) -> pd.DataFrame:
    """Cells of the view `frame` that break a rule of the dataset, in the order of the file."""
    cells = {row[0] for row in con.execute(f"describe {frame}").fetchall() if row[0].endswith("_cell")}
    rules = list(_rules(dataset, frame, cells, fetched_on))
    return con.execute(
        "select * from (" + " union all ".join(rules) + ") order by source_file, source_cell, rule"
    ).df()


def refuse_short(dataset: Dataset, frame: pd.DataFrame, file: str) -> None:
    """Raise SourceError when an answer has fewer rows than its dataset must have."""
    if len(frame) < dataset.minimum_rows:
        rule = f"{len(frame)} rows, at least {dataset.minimum_rows} are expected"
        step = f"If the agency shortened the table, lower minimum_rows of {dataset.name}."
        raise SourceError(dataset.name, rule, file, next_step=step)


def _rules(dataset: Dataset, frame: str, cells: set[str], fetched_on: date) -> Iterator[str]:
    for column in dataset.columns:
        cell = f"{column.name}_cell" if f"{column.name}_cell" in cells else "source_cell"
        for condition, rule in _conditions(column, fetched_on, dataset.period_shift_months):
            yield (
                f"select source_file, {cell} as source_cell, '{column.name}: {rule}' as rule,"
                f" {column.name} as raw_text from {frame} where {condition}"
            )
    key = ", ".join(dataset.key)
    folded_key = ", ".join(folded(c) for c in dataset.columns if c.name in dataset.key)
    values = ", ".join(f"coalesce({c.name}, '')" for c in dataset.columns if c.name not in dataset.key)
    yield (
        f"select source_file, source_cell, 'two different values for one {key}' as rule, raw_text"
        f" from {frame} qualify count(distinct concat_ws(chr(31), {values}))"
        f" over (partition by {folded_key}) > 1"
    )
    if dataset.is_key_unique:
        yield (
            f"select source_file, source_cell, 'the same {key} twice' as rule, raw_text"
            f" from {frame} qualify count(*) over (partition by {folded_key}) > 1"
        )


def _conditions(column: Column, fetched_on: date, shift_months: int) -> Iterator[tuple[str, str]]:
    name = column.name
    if column.required:
        yield f"{name} is null or trim({name}) = ''", "a value is required"
    if column.kind == "number":
        yield (
            f"not regexp_full_match({name}, '{NUMBER}')",
            "not a number of at most 15 digits and 9 decimals",
        )
        if column.non_negative:
            yield f"try_cast({name} as decimal(24, 9)) < 0", "a negative number"
        if column.positive:
            yield f"try_cast({name} as decimal(24, 9)) <= 0", "not a positive number"
    if column.pattern:
        yield f"not regexp_full_match({name}, '{column.pattern}')", f"does not match {column.pattern}"
    if column.kind == "date":
        day = f"try_cast({name} as date)"
        is_date = rf"regexp_full_match({name}, '\d{{4}}-\d{{2}}-\d{{2}}')"
        yield f"{name} is not null and (not ({is_date}) or {day} is null)", "not a date YYYY-MM-DD"
        yield f"{day} < date '{EARLIEST}'", f"a date before {EARLIEST}"
        if column.first_of_month:
            yield f"extract(day from {day}) > 1", "not the first day of a month"
        if column.not_after_fetch:
            yield f"{day} - interval {shift_months} month > date '{fetched_on}'", "a period in the future"


def folded(column: Column) -> str:
    """A column as it is compared: text without regard to case and blanks, an absent value as empty."""
    if column.kind != "text":
        return f"coalesce({column.name}, '')"
    return rf"coalesce(lower(trim(regexp_replace({column.name}, '\s+', ' ', 'g'))), '')"
