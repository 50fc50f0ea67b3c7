"""All datasets by name: every module under `ingest/sources/<agency>/` that declares a `DATASET`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from ingest.dataset import Dataset

SOURCES = Path(__file__).parent / "sources"


def _datasets() -> dict[str, Dataset]:
    modules = sorted(SOURCES.glob("*/*.py"))
    found = [
        getattr(import_module(f"ingest.sources.{path.parent.name}.{path.stem}"), "DATASET", None)
        for path in modules
        if path.stem != "__init__"
    ]
    return {dataset.name: dataset for dataset in sorted(filter(None, found), key=lambda each: each.name)}


DATASETS = _datasets()
