"""Policy events: a reviewed register, kept by hand beside this module in recorded/events/events.csv.

A row is one event, or one figure of an event. `date_precision` says how much of `event_date` is known:
the day, its month, its year, or only that the report on that quarter tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ingest.dataset import Column, Dataset, Resource, SourceFile
from ingest.errors import SourceError
from ingest.printed import text_frame
from ingest.printed_csv import Row, cell, read_csv
from ingest.sheets.dataset import no_next_page

if TYPE_CHECKING:
    import pandas as pd

NAME = "policy_register__events"
# How an ISO date ends that stands for a whole month, quarter or year: with its first day.
FIRST_DAYS = {
    "day": ("",),
    "month": ("-01",),
    "quarter": ("-01-01", "-04-01", "-07-01", "-10-01"),
    "year": ("-01-01",),
}
COLUMNS = (
    Column("event_date", "date", required=True, not_after_fetch=True),
    Column("date_precision", "text", required=True, pattern="|".join(FIRST_DAYS)),
    Column("agency", "text", required=True),
    Column("kind", "text", required=True, pattern="policy|agreement|aviation|outlook"),
    Column("title_en", "text", required=True),
    Column("title_ru", "text", required=True),
    Column("figure", "number"),
    Column("unit", "text"),
    Column("reference", "text", required=True),
)
HEADER = tuple(column.name for column in COLUMNS)


def parse(_resource: Resource, files: Sequence[SourceFile]) -> pd.DataFrame:
    """One row an event or a figure of it; raises SourceError when figure and unit do not go together."""
    rows = []
    for number, row in read_csv(NAME, files[0], HEADER):
        _check(files[0], number, row)
        place = "figure" if row["figure"] else "title_en"
        rows.append(
            {name: text or None for name, text in row.items()}
            | {f"{name}_cell": cell(number, name) for name in HEADER}
            | {
                "source_file": files[0].sha256,
                "source_cell": cell(number, place),
                "raw_text": row[place],
            }
        )
    return text_frame(rows)


def _check(file: SourceFile, number: int, row: Row) -> None:
    if row["figure"] and not row["unit"]:
        place, rule, step = "unit", "a figure without a unit", "Write the unit of the figure."
    elif row["unit"] and not row["figure"]:
        place, rule, step = "figure", "a unit without a figure", "Write the figure or take the unit out."
    elif not row["event_date"].endswith(FIRST_DAYS.get(row["date_precision"], ("",))):
        place, rule = "event_date", f"not the first day of a {row['date_precision']}"
        step = "Write the first day of the period, or another date_precision."
    else:
        return
    raise SourceError(NAME, rule, file.path, cell(number, place), step, row[place])


DATASET = Dataset(
    name=NAME,
    agency="policy_register",
    title="Events of migration policy, agreements, aviation and outlook",
    source_page="https://kazakhstan.iom.int",
    licence="facts, in our own words; the reference of each event is to be named",
    period="quarter",
    obtained_via="IOM report",
    published_after_days=30,
    how_to_ask="Add the events of the quarter to events.csv, each with its reference; have them reviewed.",
    extension="csv",
    columns=COLUMNS,
    key=("event_date", "agency", "title_en"),
    is_key_unique=True,
    minimum_rows=1,
    hosts=frozenset(),
    pause_seconds=0,
    resources=lambda day: [],
    next_page=no_next_page,
    parse=parse,
)
