"""Border crossings of foreigners by citizenship, as the Border Service states them."""

from __future__ import annotations

from pathlib import Path

from ingest.sheets.dataset import letter_dataset

DATASET = letter_dataset(
    "border_service__border_crossings",
    title="Border crossings of foreigners, as the Border Service states them",
    layout=Path(__file__).with_name("border_crossings.layout.yml"),
    source_page="https://www.gov.kz/memleket/entities/knb",
    licence="facts of an official letter; source to be named",
    period="quarter",
    published_after_days=45,
    how_to_ask=(
        "Write to the Border Service of the National Security Committee: entries and exits of foreigners"
        " in the quarter by citizenship and purpose of entry, all countries, as a table."
    ),
)
