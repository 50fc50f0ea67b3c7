"""A dataset that is a register: how its facts make a `Dataset`, so that its module is those facts alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ingest.dataset import Column, Dataset, Resource, SourceFile
from ingest.register.declaration import Register
from ingest.sheets.dataset import no_next_page

if TYPE_CHECKING:
    import pandas as pd


def register_dataset(
    name: str,
    *,
    title: str,
    source_page: str,
    licence: str,
    published_after_days: int,
    how_to_ask: str,
    columns: tuple[Column, ...],
    register: Register,
) -> Dataset:
    """A dataset whose monthly files come into the inbox; how_to_ask: of whom and for what."""
    return Dataset(
        name=name,
        agency=name.partition("__")[0],
        title=title,
        source_page=source_page,
        licence=licence,
        period="month",
        obtained_via="agency file",
        published_after_days=published_after_days,
        how_to_ask=how_to_ask,
        extension="csv",
        columns=columns,
        key=(),
        minimum_rows=1,
        hosts=frozenset(),
        pause_seconds=0,
        resources=lambda day: [],
        next_page=no_next_page,
        parse=_read_by_duckdb,
        register=register,
    )


def _read_by_duckdb(resource: Resource, files: Sequence[SourceFile]) -> pd.DataFrame:
    raise AssertionError(f"{resource.name}: reading.py reads the files of a register")
