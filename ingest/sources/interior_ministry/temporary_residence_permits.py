"""Temporary residence permits by region or citizenship, as the Migration Service Committee states them."""

from __future__ import annotations

from pathlib import Path

from ingest.sheets.dataset import letter_dataset

DATASET = letter_dataset(
    "interior_ministry__temporary_residence_permits",
    title="Temporary residence permits of foreigners by region or citizenship",
    layout=Path(__file__).with_name("temporary_residence_permits.layout.yml"),
    source_page="https://www.gov.kz/memleket/entities/qriim",
    licence="facts of an official letter; source to be named",
    period="quarter",
    published_after_days=45,
    how_to_ask=(
        "Write to the Migration Service Committee of the Ministry of Internal Affairs: temporary residence"
        " permits issued to foreigners in the quarter, counts by region and by citizenship, as a table."
    ),
)
