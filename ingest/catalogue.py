"""All datasets by name. Adding a dataset adds one import and one line here."""

from __future__ import annotations

from ingest.dataset import Dataset
from ingest.sources.interior_ministry import border_crossings as interior_border_crossings
from ingest.sources.labour_ministry import foreign_labour
from ingest.sources.national_bank import average_exchange_rates, exchange_rates, money_transfers

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        average_exchange_rates.DATASET,
        exchange_rates.DATASET,
        foreign_labour.DATASET,
        interior_border_crossings.DATASET,
        money_transfers.DATASET,
    )
}
