"""What a refresh asks for: addresses whose period is open, inbox files that have not landed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.archive import Attempt
from ingest.arrivals import REJECTED
from ingest.catalogue import DATASETS
from ingest.dataset import Dataset, Resource
from ingest.errors import SourceError
from ingest.fetch import ALMATY, Fetched
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
    today = datetime.now(ALMATY).date()
    resources = recorded_resources(dataset) if is_recorded else list(dataset.resources(today))
    landed, known = landed_resources(con, dataset), landed_letters(con, dataset)
    for name in withdrawn_letters(con, dataset, {letter.name for letter in letters}):
        settings.log.append(_attempt(settings, dataset, name))
    due = [each for each in resources if each.is_due(landed.get(each.name))]
    return due + [letter for letter in letters if not is_landed(letter, known)]


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
        fetched_at=datetime.now(ALMATY).isoformat(timespec="seconds"),
        dataset=dataset.name,
        resource=name,
        page=0,
        is_last=False,
        url=f"inbox:{dataset.name}/{name}",
        mode=settings.sources,
        status="withdrawn",
    )
