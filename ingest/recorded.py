"""The transport that answers from recorded files, so that recorded and live go one way.

Each dataset's `recorded/<name>/answers.yml` names its origin and maps each URL to a file in the wire
format; an answer with a `resource` is where asking for that resource begins. A URL that nobody recorded
fails: nothing is made up.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import httpx
import yaml

from ingest.dataset import Dataset, Provenance, Request, Resource
from ingest.inbox import INDEX, inbox_resources

SOURCES = Path(__file__).parent / "sources"


def recorded_resources(dataset: Dataset) -> list[Resource]:
    """The resources that have a recorded answer; none for a dataset that is live only."""
    return [
        Resource(answer["resource"], Request(answer["url"]), date.min if answer.get("is_closed") else None)
        for answer in _answers(dataset)
        if "resource" in answer
    ]


def recorded_letters(dataset: Dataset) -> list[Resource]:
    """The recorded inbox files of a dataset that comes by letter."""
    folder = recorded_folder(dataset)
    return inbox_resources(dataset, folder) if (folder / INDEX).exists() else []


def recorded_provenance(datasets: list[Dataset]) -> dict[str, Provenance]:
    """By URL, how the figures of a recorded answer came to us, where not from the agency itself."""
    return {
        str(httpx.URL(answer["url"])): Provenance(answer["obtained_via"], publisher=answer.get("publisher"))
        for dataset in datasets
        for answer in _answers(dataset)
        if "obtained_via" in answer
    }


class RecordedTransport(httpx.BaseTransport):
    """Answers GET requests from the recorded files of the given datasets."""

    def __init__(self, datasets: list[Dataset]) -> None:
        self._answers: dict[httpx.URL, tuple[dict[str, str], Path]] = {}
        for dataset in datasets:
            for answer in _answers(dataset):
                file = recorded_folder(dataset) / answer["file"]
                self._answers[httpx.URL(answer["url"])] = (answer["headers"], file)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url not in self._answers:
            raise httpx.UnsupportedProtocol(f"no recorded answer for {request.url}")
        headers, file = self._answers[request.url]
        return httpx.Response(200, headers=headers, content=file.read_bytes(), request=request)


def _answers(dataset: Dataset) -> list[dict[str, Any]]:
    index = recorded_folder(dataset) / "answers.yml"
    if not index.exists():
        return []
    answers: list[dict[str, Any]] = yaml.load(index.read_text("utf-8"), yaml.CSafeLoader)["answers"]
    return answers


def recorded_folder(dataset: Dataset) -> Path:
    """`ingest/sources/<agency>/recorded/<dataset without its agency>`."""
    return SOURCES / dataset.agency / "recorded" / dataset.name.removeprefix(f"{dataset.agency}__")
