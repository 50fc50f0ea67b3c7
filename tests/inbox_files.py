"""A file of an inbox as a test puts it there, and what became of it when it was fetched and landed."""

from __future__ import annotations

from pathlib import Path

from ingest.dataset import Dataset
from ingest.inbox import inbox_resources
from ingest.land import Landing
from tests.house import House


def put(house: House, dataset: Dataset, content: bytes | str, name: str) -> Landing:
    """Put one file into an inbox folder, fetch and land it."""
    folder = Path(house.root) / "inbox" / dataset.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    resource = next(each for each in inbox_resources(dataset, folder) if each.name == name)
    landing = house.refresh(dataset, resource)
    assert isinstance(landing, Landing)
    return landing


def refused(house: House, dataset: Dataset, content: bytes | str, name: str) -> str:
    """The error of a file that must be refused; nothing of it may have landed."""
    landing = put(house, dataset, content, name)
    assert landing.outcome == "refused"
    assert landing.error
    assert house.query(f"select count(*) from raw.{dataset.name}") == [(0,)]
    return landing.error
