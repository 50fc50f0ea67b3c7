"""A dataset whose files are human-shaped sheets that an agency sends on request.

What belongs here: how a layout and a few facts make a `Dataset`, so that the module of such a dataset
is its facts alone. What does not: reading (table.py), where the files lie (ingest/inbox.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.dataset import Column, Dataset, ObtainedVia, Period, Request, Resource, SourceFile
from ingest.sheets.layout import Layout, load_layout

if TYPE_CHECKING:
    import pandas as pd


def letter_dataset(
    name: str,
    *,
    title: str,
    layout: Path,
    source_page: str,
    licence: str,
    period: Period,
    published_after_days: int,
    how_to_ask: str,
    obtained_via: ObtainedVia = "agency file",
    non_negative: bool = True,
) -> Dataset:
    """A dataset that comes as sheets of one layout into the inbox; how_to_ask: of whom and for what."""
    known = load_layout(layout)

    def parse(resource: Resource, files: Sequence[SourceFile]) -> pd.DataFrame:
        from ingest.sheets.table import read_table

        return read_table(name, files[0], known)

    return Dataset(
        name=name,
        agency=name.partition("__")[0],
        title=title,
        source_page=source_page,
        licence=licence,
        period=period,
        obtained_via=obtained_via,
        published_after_days=published_after_days,
        how_to_ask=how_to_ask,
        layout=layout,
        extension="csv",
        columns=sheet_columns(known, non_negative),
        key=sheet_key(known),
        minimum_rows=1,
        hosts=frozenset(),
        pause_seconds=0,
        resources=lambda day: [],
        next_page=no_next_page,
        parse=parse,
    )


def no_next_page(resource: Resource, files: Sequence[SourceFile]) -> Request | None:
    """An inbox file is a whole answer."""
    return None


def sheet_columns(layout: Layout, non_negative: bool) -> tuple[Column, ...]:
    """The columns in which the figures of a layout land."""
    labels = tuple(Column(name, "text", required=True) for name in layout.rows.labels)
    dimensions = tuple(Column(name, "text", required=True) for name in layout.columns)
    unit = () if "unit" in layout.columns else (Column("unit", "text", required=True),)
    return (
        *labels,
        *dimensions,
        *unit,
        Column("role", "text", required=True),
        Column("amount", "number", non_negative=non_negative),
        Column("flag", "text"),
        Column("period_start", "date", required=True),
        Column("period_end", "date", required=True, not_after_fetch=True),
        Column("measurement", "text", required=True),
        Column("period_text", "text", required=True),
    )


def sheet_key(layout: Layout) -> tuple[str, ...]:
    """What identifies a figure of a layout."""
    unit = () if "unit" in layout.columns else ("unit",)
    return (*layout.rows.labels, *layout.columns, *unit, "period_start", "period_end", "measurement")
