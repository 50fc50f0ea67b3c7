"""Net migration by country and year, United Nations World Population Prospects, as CSV.

`-0.0` and `1950.0` are how the file prints a number; they land as printed and are numbers in DuckDB.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ingest.dataset import Column, Dataset, Resource, SourceFile
from ingest.printed import text_frame
from ingest.printed_csv import cell, read_csv
from ingest.sheets.dataset import no_next_page

if TYPE_CHECKING:
    import pandas as pd

NAME = "un_desa__net_migration"
YEAR, COUNTRY, MIGRANTS = HEADER = ("Year", "Country ISO", "Net Number of Migrants")


def parse(_resource: Resource, files: Sequence[SourceFile]) -> pd.DataFrame:
    """One row a country and year."""
    rows = [
        {
            "year": row[YEAR],
            "year_cell": cell(number, YEAR),
            "country": row[COUNTRY],
            "country_cell": cell(number, COUNTRY),
            "net_migrants": row[MIGRANTS],
            "source_file": files[0].sha256,
            "source_cell": cell(number, MIGRANTS),
            "raw_text": row[MIGRANTS],
        }
        for number, row in read_csv(NAME, files[0], HEADER)
    ]
    return text_frame(rows)


DATASET = Dataset(
    name=NAME,
    agency="un_desa",
    title="Net migration by country and year, World Population Prospects 2024",
    source_page="https://population.un.org/wpp/",
    licence="CC BY 3.0 IGO",
    period="year",
    obtained_via="agency file",
    published_after_days=200,
    how_to_ask=(
        "Download net migration by country and year from the page of World Population Prospects and keep the"
        f" columns {', '.join(HEADER)} (ISO 3166-1 alpha-3) as CSV."
    ),
    extension="csv",
    columns=(
        Column("year", "number", required=True, pattern=r"(19|20)[0-9]{2}(\.0)?"),
        Column("country", "text", required=True, pattern="[A-Z]{3}"),
        Column("net_migrants", "number", required=True),
    ),
    key=("year", "country"),
    is_key_unique=True,
    minimum_rows=1,
    hosts=frozenset(),
    pause_seconds=0,
    resources=lambda day: [],
    next_page=no_next_page,
    parse=parse,
)
