"""All datasets by name. Adding a dataset adds one import and one line here."""

from __future__ import annotations

from ingest.dataset import Dataset
from ingest.sources.national_bank import money_transfers

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in (money_transfers.DATASET,)}
