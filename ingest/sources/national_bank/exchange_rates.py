"""Official exchange rates by day, National Bank: tenge for `quant` units of a currency, as printed.

History comes from the range report, one currency and month a request; the days of the running month from
get_rates.cfm, all currencies. Saturday to Monday repeat the rate set on Friday: landed as printed. A day for
which the bank has no information lands nothing and is asked for again while its month runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ingest import nbk_rates
from ingest.dataset import Column, Dataset, Request, Resource, SourceFile
from ingest.errors import NothingPublishedError, SourceError
from ingest.printed import text_frame

if TYPE_CHECKING:
    import pandas as pd

NAME = "national_bank__exchange_rates"
HISTORY_START = date(2021, 9, 1)
REVISED_FOR = timedelta(days=90)
RANGE_CURRENCY = "USD"
ITEM_TAGS = frozenset({"fullname", "title", "description", "quant", "index", "change"})


def resources(today: date) -> list[Resource]:
    """Each day of the running month up to today, then a range report for each past month.

    A month is asked for until REVISED_FOR days after its end: the bank may fill in what it left out.
    """
    plan = []
    for number in range(1, today.day + 1):
        day = today.replace(day=number)
        plan.append(Resource(day.isoformat(), nbk_rates.day_request(day), closed_on=day))
    first = HISTORY_START
    while first < today.replace(day=1):
        plan.append(resource_of_month(first))
        first = _following(first)
    return plan


def resource_of_month(first: date) -> Resource:
    """The range report of a month, by its first day."""
    following = _following(first)
    request = nbk_rates.range_request(RANGE_CURRENCY, first, following - timedelta(days=1))
    return Resource(f"{RANGE_CURRENCY} {first:%Y-%m}", request, closed_on=following + REVISED_FOR)


def months_of(resource: Resource) -> list[date]:
    """The months of which a range report has days; none for a day of get_rates.cfm."""
    question = nbk_rates.asked(NAME, resource)
    months = []
    month = question.first.replace(day=1)
    while question.currency and month <= question.last:
        months.append(month)
        month = _following(month)
    return months


def _following(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def next_page(resource: Resource, pages: Sequence[SourceFile]) -> Request | None:
    """Never: an answer is one page. Raises SourceError when it is not what was asked for."""
    if nbk_rates.asked(NAME, resource).currency:
        nbk_rates.read_range(NAME, resource, pages[-1])
    else:
        nbk_rates.read_day(NAME, resource, pages[-1])
    return None


def parse(resource: Resource, pages: Sequence[SourceFile]) -> pd.DataFrame:
    """One row a day and currency; raises NothingPublishedError when the bank has none for that day."""
    question = nbk_rates.asked(NAME, resource)
    rows = []
    for page in pages:
        if question.currency:
            rows += _range_rows(resource, page, question.currency)
        else:
            rows += _day_rows(resource, page, question.first)
    columns = [column.name for column in DATASET.columns]
    addresses = ["source_file", "source_cell", "currency_cell", "quant_cell", "change_cell", "raw_text"]
    return text_frame(rows, [*columns, *addresses])


def _range_rows(resource: Resource, page: SourceFile, currency: str) -> list[dict[str, str | None]]:
    return [
        {
            "rate_date": day,
            "currency": currency,
            "quant": quant.text or None,
            "rate": rate.text or None,
            "source_file": page.sha256,
            "source_cell": rate.address,
            "currency_cell": printed_day.address,
            "quant_cell": quant.address,
            "raw_text": rate.text,
        }
        for day, printed_day, quant, rate in nbk_rates.read_range(NAME, resource, page)
    ]


def _day_rows(resource: Resource, page: SourceFile, day: date) -> list[dict[str, str | None]]:
    root = nbk_rates.read_day(NAME, resource, page)
    items, info = root.findall("item"), root.findtext("info")
    if info is not None and not items:
        raise NothingPublishedError(info.strip())
    if info is not None or not items:
        rule = "the answer has rates and `<info>`, or neither of them"
        raise SourceError(NAME, rule, page.path, "/rates", nbk_rates.AGAIN)
    rows = []
    for number, item in enumerate(items, 1):
        cell = f"/rates/item[{number}]"
        printed = _item(page, cell, item)
        rows.append(
            {
                "rate_date": day.isoformat(),
                "currency": printed.get("title"),
                "currency_name": printed.get("fullname"),
                "quant": printed.get("quant"),
                "rate": printed.get("description"),
                "change": (printed.get("change") or "").removeprefix("+") or None,
                "source_file": page.sha256,
                "source_cell": f"{cell}/description",
                "currency_cell": f"{cell}/title",
                "quant_cell": f"{cell}/quant",
                "change_cell": f"{cell}/change",
                "raw_text": printed.get("description"),
            }
        )
    return rows


def _item(page: SourceFile, cell: str, item: Element) -> dict[str, str | None]:
    printed: dict[str, str | None] = {}
    for element in item:
        if element.tag not in ITEM_TAGS or element.tag in printed:
            rule = "a part of the item stands there twice" if element.tag in printed else "an unknown column"
            step = f"Find out what it means, then add it to the columns of {NAME}."
            raise SourceError(NAME, rule, page.path, f"{cell}/{element.tag}", step, element.text or "")
        printed[element.tag] = (element.text or "").strip() or None
    return printed


DATASET = Dataset(
    name=NAME,
    agency="national_bank",
    title="Official exchange rates of the tenge, by day and currency",
    source_page="https://nationalbank.kz/en/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut",
    licence="National Bank of Kazakhstan, public page; no licence text is stated",
    period="day",
    obtained_via="agency page",
    published_after_days=0,
    resource_of_month=resource_of_month,
    first_month=HISTORY_START,
    months_of=months_of,
    extension="xml",
    columns=(
        Column("rate_date", "date", required=True, not_after_fetch=True),
        Column("currency", "text", required=True, pattern="[A-Z]{3}"),
        Column("currency_name", "text"),
        Column("quant", "number", required=True, positive=True, pattern="0|10*"),
        Column("rate", "number", required=True, positive=True),
        Column("change", "number"),
    ),
    key=("rate_date", "currency"),
    is_key_unique=True,
    minimum_rows=1,
    hosts=frozenset({nbk_rates.HOST}),
    pause_seconds=0.2,
    resources=resources,
    next_page=next_page,
    parse=parse,
)
