"""Border crossings one by one, as the Border Service registers them: no personal data, a file a month."""

from __future__ import annotations

from fractions import Fraction

from ingest.dataset import Column
from ingest.register.dataset import register_dataset
from ingest.register.declaration import Register

DATASET = register_dataset(
    "border_service__crossing_register",
    title="Border crossings one by one, without personal data",
    source_page="https://www.gov.kz/memleket/entities/knb",
    licence="register data sent on request; use as agreed with the Border Service",
    published_after_days=30,
    how_to_ask=(
        "Write to the Border Service of the National Security Committee: a file a month, a row a"
        " crossing of a foreigner (local time, checkpoint, direction, citizenship, purpose, transport, region"
        " of destination), as CSV or Parquet, without names, documents, birth dates or personal numbers."
    ),
    columns=(
        Column("crossed_at", "time", required=True),
        Column("checkpoint", "text", required=True),
        Column(
            "direction",
            "text",
            required=True,
            values=(
                "arrival",
                "departure",
                "въезд",
                "Въезд",
                "выезд",
                "Выезд",
                "келу",
                "Келу",
                "кету",
                "Кету",
            ),
        ),
        Column("citizenship", "text", required=True),
        Column("purpose", "text"),
        Column("transport", "text"),
        Column("region", "text"),
    ),
    register=Register(
        headers={
            "crossed_at": ("дата и время", "дата и время пересечения", "күні мен уақыты"),
            "checkpoint": ("пункт пропуска", "өткізу пункті"),
            "direction": ("направление", "бағыты"),
            "citizenship": ("гражданство", "азаматтығы"),
            "purpose": ("цель", "цель поездки", "мақсаты"),
            "transport": ("вид транспорта", "транспорт", "көлік түрі"),
            "region": ("регион", "область", "өңір"),
        },
        moment="crossed_at",
        late_months=12,
        rejects_at_most=Fraction(5, 100),
        late_at_most=Fraction(20, 100),
    ),
)
