"""The folder of one release: how it is written, sealed, and found whole.

warehouse.duckdb, parquet/, release.lock, RELEASE_NOTES.md and manifest.json, which names the others with
their SHA-256. What is not here: which release is current (publish/release.py).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from publish.lock import LOCK, Lock
from publish.tables import DATABASE, PublishError, TableName, View, content_hash, smoke_query, write_tables

MANIFEST = "manifest.json"
NOTES = "RELEASE_NOTES.md"


@dataclass(frozen=True)
class FinishedBuild:
    """A build with its inputs (build_inputs), and what a release of it says of itself.

    views: the saved queries.
    grains: the columns that tell rows apart, of tables without a primary key.
    facts: entries of the manifest as they are: versions, checks, span, contract version.
    """

    database: Path
    inputs: dict[str, Any]
    tables: Sequence[TableName]
    views: Sequence[View] = ()
    grains: Mapping[TableName, Sequence[str]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    lock: Lock | None = None


def write_tables_and_lock(folder: Path, release_id: str, build: FinishedBuild) -> dict[str, Any]:
    """Write the figures of a release into a new folder; returns its manifest, which `finish` writes.

    Raises PublishError when a table cannot be read back.
    """
    (folder / "parquet").mkdir(parents=True)
    written = write_tables(build.database, folder, sorted(build.tables), build.views)
    smoke_query(folder / DATABASE, written)
    for table in written:
        if grain := build.grains.get(TableName(table["schema"], table["table"])):
            table["grain"] = list(grain)
    if build.lock:
        (folder / LOCK).write_text(build.lock.text(), "utf-8")
    return {
        "release": release_id,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs_sha256": inputs_hash(build.inputs),
        "content_sha256": content_hash(written),
        "stale": [each["dataset"] for each in build.inputs["datasets"] if each["state"] == "stale"],
        "accepted": None,
        "tables": written,
        "inputs": build.inputs,
        **build.facts,
    }


def finish(folder: Path, manifest: dict[str, Any], notes: str) -> None:
    """Write notes and manifest, make all files read-only and wait until they are on the disk."""
    for name in (NOTES, MANIFEST):  # what a kill left half written
        _beside(folder / name).unlink(missing_ok=True)
    _replace(folder / NOTES, notes)
    files = {
        str(path.relative_to(folder)): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    text = json.dumps(manifest | {"files": files}, ensure_ascii=False, indent=1, sort_keys=True)
    _replace(folder / MANIFEST, text + "\n")
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
        sync(path)
    sync(folder)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a release; raises PublishError when it cannot be read."""
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PublishError(f"{path} cannot be read ({error}): `mtm rollback` to a whole release.") from None
    return manifest


def damage(folder: Path) -> Iterator[str]:
    """What is wrong with a release's files, a line each: missing, altered, not of the release.

    Releases of older versions name no files; of them only the database can be missed.
    """
    manifest = read_manifest(folder)
    if "files" not in manifest:
        yield from () if (folder / DATABASE).is_file() else (f"{DATABASE} is missing",)
        return
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    known = manifest["files"]
    for name in sorted(known.keys() - found.keys()):
        yield f"{name} is missing"
    for name in sorted(known.keys() & found.keys()):
        if _sha256(found[name]) != known[name]["sha256"]:
            yield f"{name} was altered"
    for name in sorted(found.keys() - known.keys() - {MANIFEST}):
        yield f"{name} is not of this release"
    if manifest.get("content_sha256") != content_hash(manifest["tables"]) or (
        manifest.get("inputs_sha256") != inputs_hash(manifest["inputs"])
    ):
        yield f"{MANIFEST} was altered"


def manifest_hash(folder: Path) -> str:
    """SHA-256 of the manifest; the log of decisions keeps it from the moment of publication."""
    return _sha256(folder / MANIFEST)


def inputs_hash(inputs: dict[str, Any]) -> str:
    """SHA-256 of the inputs; its first digits end a release's id."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all, also where a sealed one stands."""
    following = _beside(path)
    following.write_text(text, "utf-8")
    following.replace(path)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
