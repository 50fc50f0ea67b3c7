"""Border crossings of foreigners by citizenship, as the Migration Service Committee states them."""

from __future__ import annotations

from pathlib import Path

from ingest.sheets.dataset import letter_dataset

DATASET = letter_dataset(
    "interior_ministry__border_crossings",
    title="Border crossings of foreigners by citizenship",
    layout=Path(__file__).with_name("border_crossings.layout.yml"),
    source_page="https://www.gov.kz/memleket/entities/qriim",
    licence="facts of an official letter; source to be named",
    period="quarter",
    published_after_days=45,
    how_to_ask=(
        "Write to the Migration Service Committee of the Ministry of Internal Affairs: entries and exits"
        " of foreigners by citizenship in the quarter, all countries, as a table."
    ),
)
