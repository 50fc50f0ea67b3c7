"""External migration by country of previous or next residence: workbooks, cumulative since January.

A year's list is page 0 of an answer; each file on it whose title says migration by countries is a further
page. Two files may state different values for one period and country, a first release and a later one: both
land, told apart by `element`; from when each was known is said by the day that the list prints.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ingest import bns_api
from ingest.bns_listing import Listed, listed_files, listing_request
from ingest.dataset import Column, Dataset, Provenance, Request, Resource, SourceFile
from ingest.errors import NothingPublishedError, SourceError
from ingest.sheets.dataset import sheet_columns, sheet_key
from ingest.sheets.layout import load_layout

if TYPE_CHECKING:
    import pandas as pd

NAME = "statistics_bureau__external_migration_by_country"
FIRST_YEAR = 2022
TITLE = re.compile(r"(?=.*внешн)(?=.*миграц).*стран", re.IGNORECASE)
SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
LAYOUT_FILE = Path(__file__).with_name("external_migration_by_country.layout.yml")
LAYOUT = load_layout(LAYOUT_FILE)
LETTER = "inbox:"


def resources(today: date) -> list[Resource]:
    """A list for each year; asked for until the end of the following year, as figures are revised."""
    return [
        Resource(f"list {year}", listing_request("demography", year), closed_on=date(year + 2, 1, 1))
        for year in range(FIRST_YEAR, today.year + 1)
    ]


def next_page(resource: Resource, pages: Sequence[SourceFile]) -> Request | None:
    """The next file of the list; raises SourceError when a page is no list or no workbook."""
    if resource.first.url.startswith(LETTER):
        return None
    last = pages[-1]
    if len(pages) > 1 and not last.content.startswith(SIGNATURES):
        step = "Open the link of the list in a browser: the bureau may have put another file there."
        raise SourceError(NAME, "neither xlsx nor xls by its first bytes", last.path, "byte 0", step)
    if any(page.sha256 == last.sha256 for page in pages[:-1]):
        step = "Open the list in a browser: if two of its links give one file, ask the bureau which is meant."
        raise SourceError(NAME, "the list gives the same file twice", last.path, "byte 0", step)
    files = listed_files(NAME, pages[0], TITLE)
    if len(pages) > len(files):
        return None
    listed = files[len(pages) - 1]
    stated = Provenance(published_on=listed.published_on, published_basis="stated")
    return Request(
        bns_api.element_request(listed.element).url,
        provenance=stated if listed.published_on else Provenance(),
    )


def parse(resource: Resource, pages: Sequence[SourceFile]) -> pd.DataFrame:
    """One row a printed figure of every workbook; raises NothingPublishedError when none is listed."""
    import pandas as pd

    if resource.first.url.startswith(LETTER):
        return _figures(pages[0], Listed(0, resource.name, None))
    files = listed_files(NAME, pages[0], TITLE)
    if not files:
        raise NothingPublishedError("no file of the list speaks of migration by country")
    frames = [_figures(page, listed) for page, listed in zip(pages[1:], files, strict=True)]
    return pd.concat(frames, ignore_index=True)


def _figures(file: SourceFile, listed: Listed) -> pd.DataFrame:
    """The figures of one workbook; only a balance may be below nought."""
    from ingest.sheets.table import read_table

    frame = read_table(NAME, file, LAYOUT).astype("string")
    is_negative = frame["amount"].str.startswith("-").fillna(False) & (frame["direction"] != "net")
    if is_negative.any():
        first = frame[is_negative].iloc[0]
        rule = f"a negative number of {first['direction']}s"
        step = "Ask the bureau; only a balance may be below nought."
        raise SourceError(NAME, rule, file.path, first["source_cell"], step, first["raw_text"])
    frame["publication"] = listed.title
    frame["element"] = str(listed.element) if listed.element else listed.title
    frame["listed_on"] = listed.published_on.isoformat() if listed.published_on else None
    return frame.astype("string")


DATASET = Dataset(
    name=NAME,
    agency="statistics_bureau",
    title="External migration by country of previous or next residence, cumulative since January",
    source_page=f"https://{bns_api.HOST}/ru/industries/social-statistics/demography/spreadsheets/",
    licence=bns_api.LICENCE,
    period="quarter",
    obtained_via="agency file",
    # January to September 2023 came out on 9 November 2023, 40 days after its end.
    published_after_days=45,
    extension="html",
    layout=LAYOUT_FILE,
    columns=(
        *sheet_columns(LAYOUT, non_negative=False),
        Column("publication", "text", required=True),
        Column("element", "text", required=True),
        Column("listed_on", "date", not_after_fetch=True),
    ),
    key=(*sheet_key(LAYOUT), "element"),
    minimum_rows=2,
    hosts=frozenset({bns_api.HOST}),
    pause_seconds=bns_api.PAUSE_SECONDS,
    resources=resources,
    next_page=next_page,
    parse=parse,
)
