"""All datasets by name. Adding a dataset adds one import and one line here."""

from __future__ import annotations

from ingest.dataset import Dataset
from ingest.sources.interior_ministry import border_crossings as interior_border_crossings
from ingest.sources.national_bank import average_exchange_rates, exchange_rates, money_transfers
from ingest.sources.statistics_bureau import (
    external_migration,
    external_migration_by_country,
    migration_balance,
)

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        average_exchange_rates.DATASET,
        exchange_rates.DATASET,
        external_migration.DATASET,
        external_migration_by_country.DATASET,
        interior_border_crossings.DATASET,
        migration_balance.DATASET,
        money_transfers.DATASET,
    )
}
