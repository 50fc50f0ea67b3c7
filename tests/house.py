"""One small warehouse in a folder: fetch and land as the pipeline does, then look at what is there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from ingest.archive import Archive, Attempt, AttemptLog
from ingest.catalogue import DATASETS
from ingest.client import Client
from ingest.dataset import Dataset, Resource
from ingest.fetch import Fetched, Fetcher
from ingest.land import Landing, land
from ingest.sources.national_bank import average_exchange_rates, exchange_rates, money_transfers
from ingest.sources.statistics_bureau import (
    external_migration,
    external_migration_by_country,
    migration_balance,
)

RATES = exchange_rates.DATASET
AVERAGES = average_exchange_rates.DATASET
TRANSFERS = money_transfers.DATASET
MIGRATION = external_migration.DATASET
BALANCE = migration_balance.DATASET
BY_COUNTRY = external_migration_by_country.DATASET


@dataclass
class House:
    """Archive, log and raw tables under `root`; live, with the CA bundle of the environment."""

    root: Path
    deadline: float = 30.0
    said: list[str] = field(default_factory=list)

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.root / "build.duckdb"))

    @property
    def log(self) -> list[Attempt]:
        return list(AttemptLog(self.root / "attempts.jsonl"))

    def fetch(self, dataset: Dataset, resources: Sequence[Resource]) -> list[Fetched]:
        client = Client("live", ca_bundle=os.environ.get("MTM_CA_BUNDLE"), deadline=self.deadline)
        log = AttemptLog(self.root / "attempts.jsonl")
        return Fetcher(client, Archive(self.root / "archive"), log, self.said.append).fetch(
            dataset, resources
        )

    def land(self) -> list[Landing]:
        archive, log = Archive(self.root / "archive"), AttemptLog(self.root / "attempts.jsonl")
        return land(self.con, list(DATASETS.values()), archive, log, self.said.append)

    def refresh(self, dataset: Dataset, resource: Resource) -> Fetched | Landing:
        """Ask for one resource and land it: the fetch that failed, else the landing."""
        (fetched,) = self.fetch(dataset, [resource])
        landings = self.land()
        return fetched if fetched.error else landings[-1]

    def query(self, sql: str) -> list[Any]:
        return self.con.execute(sql).fetchall()

    def state(self, dataset: Dataset) -> tuple[str, str | None]:
        (row,) = self.query(f"select state, reason from raw.dataset where dataset = '{dataset.name}'")
        return row


def month(number: int, year: int = 2022) -> Resource:
    """The range report of USD for a month, as the plan of live mode has it."""
    plan = {resource.name: resource for resource in RATES.resources(date(2026, 11, 3))}
    return plan[f"USD {year}-{number:02d}"]


def day(text: str) -> Resource:
    """One day of get_rates.cfm, as the plan of that day has it."""
    plan = {resource.name: resource for resource in RATES.resources(date.fromisoformat(text))}
    return plan[text]


def transfers() -> Resource:
    """Form 408, as the plan of any day has it."""
    return TRANSFERS.resources(date(2026, 11, 3))[0]


def bureau(dataset: Dataset, name: str) -> Resource:
    """A resource of the Bureau of National Statistics by the beginning of its name."""
    return next(each for each in dataset.resources(date(2026, 11, 3)) if each.name.startswith(name))
