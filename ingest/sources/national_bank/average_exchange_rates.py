"""Average official exchange rates by month, quarter and year, National Bank open data form 33.

`reportDate` is the end of the period plus one month: 2025-11-01 speaks of October 2025. It lands as
printed; `period_shift_months` says so to staging. Live only: no answer of this form was ever recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import httpx

from ingest.dataset import Column, Dataset, Request, Resource, SourceFile
from ingest.errors import NothingPublishedError, SourceError
from ingest.printed import label_text, number_text, read_json, text_frame

if TYPE_CHECKING:
    import pandas as pd

NAME = "national_bank__average_exchange_rates"
HOST = "data.nationalbank.kz"
HISTORY_START = 2021
ATTRIBUTES = frozenset({"currency", "periodicity"})


def resources(today: date) -> list[Resource]:
    """One request a year of periods; a year is closed when its December has been out for a month."""
    return [
        Resource(f"form 33 {year}", _request(year), closed_on=date(year + 1, 3, 1))
        for year in range(HISTORY_START, today.year + 1)
        if today >= date(year, 2, 1)
    ]


def next_page(_resource: Resource, pages: Sequence[SourceFile]) -> Request | None:
    """Never: an answer is one page. Raises SourceError when it is not a list of records."""
    _records(pages[-1])
    return None


def parse(resource: Resource, pages: Sequence[SourceFile]) -> pd.DataFrame:
    """One row a printed record; raises NothingPublishedError when the list is empty."""
    rows = []
    asked = httpx.URL(resource.first.url).params
    for page in pages:
        place, records = _records(page)
        for number, record in enumerate(records):
            cell = f"{place}[{number}]"
            if not isinstance(record, dict):
                raise SourceError(NAME, "a record is not an object", page.path, cell)
            attributes = _attributes(page, cell, record.get("attributes"))
            report_date = label_text(record.get("reportDate"))
            is_year_first = report_date is not None and report_date[:4].isdecimal()
            if is_year_first and not asked["date_from"] <= str(report_date) <= asked["date_to"]:
                rule = f"a date outside {asked['date_from']} to {asked['date_to']}, which was asked for"
                raise SourceError(NAME, rule, page.path, f"{cell}.reportDate", raw_text=str(report_date))
            rows.append(
                {
                    "report_date": report_date,
                    "currency": attributes.get("currency"),
                    "periodicity": attributes.get("periodicity"),
                    "amount": number_text(record.get("amount")),
                    "source_file": page.sha256,
                    "source_cell": f"{cell}.amount",
                    "report_date_cell": f"{cell}.reportDate",
                    "currency_cell": f"{cell}.attributes",
                    "periodicity_cell": f"{cell}.attributes",
                    "raw_text": label_text(record.get("amount")),
                }
            )
    if not rows:
        raise NothingPublishedError("an empty list")
    return text_frame(rows)


def _request(year: int) -> Request:
    return Request(
        f"https://{HOST}/api/report/stat-data-locale",
        (
            ("form_id", "33"),
            ("date_from", f"{year}-02-01"),
            ("date_to", f"{year + 1}-01-01"),
            ("lang", "ru"),
        ),
    )


def _records(page: SourceFile) -> tuple[str, list[object]]:
    """The list of records and its place: the answer itself, or its `data` or `records`."""
    answer = read_json(NAME, page)
    if isinstance(answer, list):
        return "$", answer
    for key in ("data", "records"):
        records = answer.get(key) if isinstance(answer, dict) else None
        if isinstance(records, list):
            return f"$.{key}", records
    raise SourceError(NAME, "the answer is not a list of records", page.path, "$")


def _attributes(page: SourceFile, cell: str, printed: object) -> dict[str, str | None]:
    """Codes by attribute; an attribute that nobody knows might break the figure down further."""
    found: dict[str, str | None] = {}
    for number, attribute in enumerate(printed if isinstance(printed, list) else []):
        code = attribute.get("attrCode") if isinstance(attribute, dict) else None
        if code not in ATTRIBUTES or code in found:
            rule = "an unknown attribute, or one that stands there twice"
            step = f"Find out what it means, then add it to the attributes of {NAME}."
            place = f"{cell}.attributes[{number}]"
            raise SourceError(NAME, rule, page.path, place, step, str(code))
        found[code] = label_text(attribute.get("valueCode"))
    return found


DATASET = Dataset(
    name=NAME,
    agency="national_bank",
    title="Average official exchange rates of the tenge, by month, quarter and year",
    source_page="https://data.nationalbank.kz/api-docs",
    licence="National Bank of Kazakhstan, open data; no licence text is stated",
    period="month",
    obtained_via="agency page",
    published_after_days=15,
    extension="json",
    columns=(
        Column("report_date", "date", required=True, first_of_month=True, not_after_fetch=True),
        Column("currency", "text", required=True, pattern="[A-Z]{3}"),
        Column("periodicity", "text", required=True),
        Column("amount", "number", required=True, positive=True),
    ),
    key=("report_date", "currency", "periodicity"),
    is_key_unique=True,
    minimum_rows=1,
    hosts=frozenset({HOST}),
    pause_seconds=1.0,
    resources=resources,
    next_page=next_page,
    parse=parse,
    period_shift_months=1,
)
