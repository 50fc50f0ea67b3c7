"""All datasets by name. Adding a dataset adds one import and one line here."""

from __future__ import annotations

from ingest.dataset import Dataset
from ingest.sources.border_service import border_crossings as service_border_crossings
from ingest.sources.interior_ministry import border_crossings as interior_border_crossings
from ingest.sources.interior_ministry import temporary_residence_permits
from ingest.sources.national_bank import (
    average_exchange_rates,
    exchange_rates,
    money_transfers,
    money_transfers_by_country,
)
from ingest.sources.statistics_bureau import internal_migration

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        average_exchange_rates.DATASET,
        exchange_rates.DATASET,
        interior_border_crossings.DATASET,
        internal_migration.DATASET,
        money_transfers.DATASET,
        money_transfers_by_country.DATASET,
        service_border_crossings.DATASET,
        temporary_residence_permits.DATASET,
    )
}
