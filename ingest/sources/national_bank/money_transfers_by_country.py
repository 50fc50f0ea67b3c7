"""Money transfers through transfer systems by country, as the National Bank's press tables state them."""

from __future__ import annotations

from pathlib import Path

from ingest.sheets.dataset import letter_dataset

DATASET = letter_dataset(
    "national_bank__money_transfers_by_country",
    title="Money transfers through transfer systems by country",
    layout=Path(__file__).with_name("money_transfers_by_country.layout.yml"),
    source_page="https://nationalbank.kz/ru/news/informacionnye-soobshcheniya",
    licence="facts of press releases; source to be named",
    period="month",
    published_after_days=45,
    how_to_ask=(
        "Write to the National Bank of Kazakhstan: money sent and received through transfer systems by"
        " country and month, in tenge, all countries, as a table. Its open data has no such form."
    ),
)
