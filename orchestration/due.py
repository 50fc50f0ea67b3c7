"""What a refresh asks for: addresses whose period is open, inbox files that have not landed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from ingest.archive import Attempt
from ingest.arrivals import REJECTED
from ingest.catalogue import DATASETS
from ingest.clock import now_text, today
from ingest.dataset import Dataset, Resource
from ingest.errors import SourceError
from ingest.fetch import Fetched
from ingest.inbox import (
    inbox_resources,
    is_landed,
    landed_letters,
    printable,
    remove_letter,
    unread_entries,
    withdrawn_letters,
)
from ingest.land import landed_resources
from ingest.recorded import recorded_letters, recorded_resources
from orchestration.settings import LOGGER, Settings


def due_resources(settings: Settings, con: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[Resource]:
    """The resources of a dataset to ask for now; notes inbox files that were refused and taken away."""
    letters = inbox_resources(dataset, settings.inbox / dataset.name)
    for path, reason in unread_entries(settings.inbox / dataset.name).items():
        LOGGER.warning("%s is not read: %s", printable(path), reason)
    is_recorded = settings.sources == "recorded"
    if is_recorded or dataset.is_kept_here:
        letters = recorded_letters(dataset) + letters
    resources = recorded_resources(dataset) if is_recorded else list(dataset.resources(today()))
    landed, known = landed_resources(con, dataset), landed_letters(con, dataset)
    for name in withdrawn_letters(con, dataset, {letter.name for letter in letters}):
        settings.log.append(_attempt(settings, dataset, name))
    due = [each for each in resources if each.is_due(landed.get(each.name))]
    # Hashed side by side: years of a register are gigabytes.
    with ThreadPoolExecutor() as threads:
        landed_before = threads.map(partial(is_landed, landed=known), letters)
        return due + [letter for letter, was in zip(letters, landed_before, strict=True) if not was]


def resources_of_months(settings: Settings, dataset: Dataset, months: Sequence[date]) -> list[Resource]:
    """The resources of past months, by their first days; raises SourceError where one has none."""
    if dataset.resource_of_month is None:
        raise SourceError(dataset.name, "its history is not asked for by month")
    if settings.sources == "live":
        return [dataset.resource_of_month(month) for month in months]
    recorded = {resource: dataset.months_of(resource) for resource in recorded_resources(dataset)}
    known = {month for of_resource in recorded.values() for month in of_resource}
    if missing := [f"{month:%Y-%m}" for month in months if month not in known]:
        rule = f"no recorded answer for {', '.join(missing)}; nothing was asked for"
        step = f"Recorded are {min(known):%Y-%m} to {max(known):%Y-%m}; a home with MTM_SOURCES=live has all."
        raise SourceError(dataset.name, rule, "answers.yml", next_step=step)
    return [resource for resource, of_resource in recorded.items() if {*months} & {*of_resource}]


def withdraw(settings: Settings, dataset: Dataset, name: str, why: str) -> None:
    """Log that a person takes a letter back, then take it out of the inbox folder; landing does the rest."""
    settings.releases.note_withdrawal(dataset.name, name, why)
    settings.log.append(replace(_attempt(settings, dataset, name), is_last=True))
    remove_letter(dataset, settings.inbox / dataset.name, name)


def failed_inbox(settings: Settings, dataset: Dataset, error: SourceError) -> Fetched:
    """An inbox that cannot be listed is a failed attempt of its dataset; the others go on."""
    settings.log.append(replace(_attempt(settings, dataset, "inbox"), status="failed", error=str(error)))
    return Fetched("inbox", f"inbox:{dataset.name}", [], None, error)


def stray_entries(settings: Settings) -> list[str]:
    """What lies directly under the inbox and is no folder of a dataset that takes letters."""
    if not settings.inbox.is_dir():
        return []
    folders = {REJECTED, *(dataset.name for dataset in DATASETS.values() if dataset.takes_letters)}
    entries = [path for path in settings.inbox.iterdir() if not path.name.startswith(".")]
    strays = [path for path in entries if path.name not in folders or path.is_symlink() or not path.is_dir()]
    return sorted(printable(Path(path.name)) for path in strays)


def _attempt(settings: Settings, dataset: Dataset, name: str) -> Attempt:
    return Attempt(
        fetch_id=uuid.uuid4().hex,
        fetched_at=now_text(),
        dataset=dataset.name,
        resource=name,
        page=0,
        is_last=False,
        url=f"inbox:{dataset.name}/{name}",
        mode=settings.sources,
        status="withdrawn",
    )
