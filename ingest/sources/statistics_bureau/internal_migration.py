"""Internal migration by region and month, as the Bureau of National Statistics states it."""

from __future__ import annotations

from pathlib import Path

from ingest.sheets.dataset import letter_dataset

DATASET = letter_dataset(
    "statistics_bureau__internal_migration",
    title="Internal migration by region",
    layout=Path(__file__).with_name("internal_migration.layout.yml"),
    source_page="https://stat.gov.kz/ru/industries/social-statistics/demography/",
    licence="facts of official statistics; source to be named",
    period="month",
    published_after_days=90,
    how_to_ask=(
        "Write to the Bureau of National Statistics: internal migration by region and month, arrivals,"
        " departures and balance, as a table; or take it from the demography page."
    ),
    non_negative=False,
)
