"""Transfers through money transfer systems by month, National Bank open data form 408.

`report_date` is the first day of the month it speaks of, without a shift. 'Total' is the bank's own
sum over systems and is never added to them. Amounts are in million tenge.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from ingest import nbk_api
from ingest.dataset import Column, Dataset, Request, Resource, SourceFile
from ingest.errors import SourceError
from ingest.printed import label_text, number_text, text_frame

if TYPE_CHECKING:
    import pandas as pd

NAME = "national_bank__money_transfers"
FORM_ID = 408
KEYS = frozenset({"report_date", "amount", "imts", "money_transfer_sign", "row_id"})


def resources(_today: date) -> list[Resource]:
    return [nbk_api.form_resource(FORM_ID)]


def next_page(_resource: Resource, pages: Sequence[SourceFile]) -> Request | None:
    return nbk_api.next_form_page(NAME, FORM_ID, pages)


def parse(_resource: Resource, pages: Sequence[SourceFile]) -> pd.DataFrame:
    """One row a printed row: report_date, imts, money_transfer_sign, amount, source_*, raw_text."""
    cells = []
    for page in pages:
        for number, row in enumerate(nbk_api.form_rows(NAME, page)):
            _refuse_unknown_keys(page, number, row)
            amount = number_text(row.get("amount"))
            cells.append(
                {
                    "report_date": label_text(row.get("report_date")),
                    "imts": label_text(row.get("imts")),
                    "money_transfer_sign": label_text(row.get("money_transfer_sign")),
                    "amount": amount,
                    "source_file": page.sha256,
                    "source_cell": f"$.rows[{number}].amount",
                    "raw_text": label_text(row.get("amount")),
                }
            )
    return text_frame(cells)


def _refuse_unknown_keys(page: SourceFile, number: int, row: dict[str, object]) -> None:
    if unknown := sorted(row.keys() - KEYS):
        raise SourceError(
            NAME,
            f"unknown column {unknown[0]!r}",
            page.path,
            f"$.rows[{number}].{unknown[0]}",
            f"Find out what it means, then add it to the columns of {NAME}.",
        )


DATASET = Dataset(
    name=NAME,
    agency="national_bank",
    title="Money transfers through international money transfer systems, by month and system",
    source_page="https://data.nationalbank.kz/api-docs",
    licence="National Bank of Kazakhstan, open data; no licence text is stated",
    period="month",
    obtained_via="agency page",
    published_after_days=45,
    extension="json",
    columns=(
        Column("report_date", "date", required=True, first_of_month=True, not_after_fetch=True),
        Column("imts", "text"),
        Column("money_transfer_sign", "text", required=True),
        Column("amount", "number", non_negative=True),
    ),
    key=("report_date", "imts", "money_transfer_sign"),
    minimum_rows=100,
    hosts=frozenset({nbk_api.HOST}),
    pause_seconds=1.0,
    resources=resources,
    next_page=next_page,
    parse=parse,
)
