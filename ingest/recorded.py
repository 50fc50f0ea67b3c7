"""The transport that answers from recorded files, so that recorded and live go one way.

Each dataset's `recorded/<name>/answers.yml` names its origin and maps each URL to a file in the
wire format. A URL that nobody recorded fails: nothing is made up.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import yaml

from ingest.dataset import Dataset

SOURCES = Path(__file__).parent / "sources"


class RecordedTransport(httpx.BaseTransport):
    """Answers GET requests from the recorded files of the given datasets."""

    def __init__(self, datasets: list[Dataset]) -> None:
        self._answers: dict[httpx.URL, tuple[dict[str, str], Path]] = {}
        for dataset in datasets:
            folder = recorded_folder(dataset)
            index = folder / "answers.yml"
            if index.exists():
                for answer in yaml.safe_load(index.read_text("utf-8"))["answers"]:
                    url = httpx.URL(answer["url"])
                    self._answers[url] = (answer["headers"], folder / answer["file"])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url not in self._answers:
            raise httpx.UnsupportedProtocol(f"no recorded answer for {request.url}")
        headers, file = self._answers[request.url]
        return httpx.Response(200, headers=headers, content=file.read_bytes(), request=request)


def recorded_folder(dataset: Dataset) -> Path:
    """`ingest/sources/<agency>/recorded/<dataset without its agency>`."""
    return SOURCES / dataset.agency / "recorded" / dataset.name.removeprefix(f"{dataset.agency}__")
