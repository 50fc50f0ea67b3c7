"""External migration by year, Taldau indices 2929752 (arrivals) and 2929753 (departures).

A value is the number of persons in the year. Each is for four terms: region, locality, one of dictionary 76
(its name is not documented), sex; the totals are the terms 741880, 741917, 39360, 741935. `x` is suppressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from ingest import bns_api
from ingest.dataset import Column, Dataset, Request, Resource, SourceFile
from ingest.errors import NothingPublishedError
from ingest.printed import text_frame

if TYPE_CHECKING:
    import pandas as pd

NAME = "statistics_bureau__external_migration"
INDICES = {2929752: "arrivals", 2929753: "departures"}
DICTIONARIES = (67, 749, 76, 576)
TERM_COLUMNS = ("region", "locality", "term_of_76", "sex")


def resources(_today: date) -> list[Resource]:
    """One request an index: it answers with all years."""
    return [
        Resource(f"{subject} {index_id}", bns_api.index_request(index_id, DICTIONARIES))
        for index_id, subject in INDICES.items()
    ]


def next_page(_resource: Resource, pages: Sequence[SourceFile]) -> Request | None:
    """Never: an answer is one page. Raises SourceError when it is not an index's answer."""
    for _ in bns_api.index_values(NAME, pages[-1], len(DICTIONARIES)):
        pass
    return None


def parse(resource: Resource, pages: Sequence[SourceFile]) -> pd.DataFrame:
    """One row a printed value; raises NothingPublishedError when the list is empty."""
    index_id = resource.first.url.partition("?")[0].rpartition("/")[2]
    rows = []
    for page in pages:
        for value in bns_api.index_values(NAME, page, len(DICTIONARIES)):
            amount, flag = bns_api.printed_figure(value.text, decimal=".")
            rows.append(
                {
                    "index_id": index_id,
                    "terms": ",".join(value.terms),
                    **dict(zip(TERM_COLUMNS, value.names, strict=True)),
                    "period_name": value.period_name,
                    "period_end": value.period_end,
                    "amount": None if flag else amount,
                    "flag": flag,
                    "source_file": page.sha256,
                    "source_cell": value.cell,
                    "raw_text": value.text,
                }
            )
    if not rows:
        raise NothingPublishedError("no values")
    return text_frame(rows)


DATASET = Dataset(
    name=NAME,
    agency="statistics_bureau",
    title="External migration of Kazakhstan by year: arrivals and departures",
    source_page=f"https://{bns_api.TALDAU_HOST}/ru/NewIndex/GetIndex/2929752",
    licence=bns_api.LICENCE,
    period="year",
    obtained_via="agency page",
    # Not stated by the bureau. The press had the totals of 2022 in February 2023 and of 2024 early in 2025.
    published_after_days=90,
    extension="json",
    columns=(
        Column("index_id", "text", required=True, pattern="|".join(map(str, INDICES))),
        Column("terms", "text", required=True),
        *(Column(name, "text", required=True) for name in TERM_COLUMNS),
        Column("period_name", "text", required=True),
        Column("period_end", "date", required=True, not_after_fetch=True),
        Column("amount", "number", non_negative=True, pattern=r"[0-9]+(\.0+)?"),
        Column("flag", "text"),
    ),
    key=("index_id", "terms", "period_end"),
    is_key_unique=True,
    minimum_rows=30,
    hosts=frozenset({bns_api.TALDAU_HOST}),
    pause_seconds=bns_api.PAUSE_SECONDS,
    resources=resources,
    next_page=next_page,
    parse=parse,
    final_errors=(bns_api.OUT_OF_RANGE,),
)
