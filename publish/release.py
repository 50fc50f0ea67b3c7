"""Releases: immutable folders that analysts read, and the link `current` that points to one.

`releases/<id>/` holds warehouse.duckdb, parquet/ and manifest.json. It is written beside the others,
queried, synced and renamed; only then does `current` flip, in one step. Readers never meet a lock or
a half-built table: whoever has the old file open keeps it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import duckdb

from ingest.archive import append_line, read_lines
from publish.tables import DATABASE, PublishError, TableName, content_hash, smoke_query, write_tables

KEPT_DAYS = 90
RELEASE_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}")

Outcome = Literal["published", "unchanged", "pinned", "flipped"]


@dataclass(frozen=True)
class Published:
    """What a publication came to: the release that is current now and why."""

    outcome: Outcome
    release_id: str
    reason: str = ""


class Releases:
    """The releases of one MTM_HOME. `decisions` is the log of what was decided, by a person or the inbox."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "releases"
        self.link = home / "current"
        self.decisions = home / "log" / "decisions.jsonl"

    def ids(self) -> list[str]:
        """Whole releases, oldest first."""
        return sorted(path.parent.name for path in self.folder.glob("[0-9]*/manifest.json"))

    def current(self) -> str | None:
        """The release that `current` points to, None before the first publication."""
        if not self.link.is_symlink():
            if self.link.exists():
                raise PublishError(
                    f"{self.link} is not a link: something replaced it. Move it away, then `mtm publish`."
                )
            return None
        name = self.link.readlink().name
        return name if (self.folder / name / "manifest.json").exists() else None

    def named(self, name: str = "current") -> str:
        """The id that a person means: `current`, `previous` (the one before it), an id or the start of one."""
        ids, current = self.ids(), self.current()
        if name == "current" and current:
            found = [current]
        elif name == "previous" and current:
            found = [each for each in ids if each < current][-1:]
        else:
            found = [each for each in ids if each.startswith(name)]
        if len(found) != 1:
            problem = "more than one release" if found else "no release"
            raise PublishError(f"There is {problem} {name}: see `mtm releases`.")
        return found[0]

    def manifest(self, release_id: str) -> dict[str, Any]:
        """The manifest of a release: tables, rows, hashes, inputs, versions."""
        path = self.folder / release_id / "manifest.json"
        manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return manifest

    def pinned(self) -> str | None:
        """The release that a rollback pinned, None when publication is free."""
        pin = None
        for decision in read_lines(self.decisions):
            if decision.get("decision") in ("rollback", "publish"):
                pin = decision.get("release") if decision.get("decision") == "rollback" else None
        return pin

    def holds(self, inputs_sha256: str) -> bool:
        """Whether nothing is left to publish for these inputs: they are current, or a pin is set."""
        current = self.current()
        published = current and self.manifest(current)["inputs_sha256"] == inputs_sha256
        return bool(published or self.pinned())

    def rollback(self, release_id: str | None) -> str:
        """Point `current` to an older release and pin it until `mtm publish`; returns its id."""
        ids, current = self.ids(), self.current()
        if release_id is None:
            older = [each for each in ids if current and each < current]
            if not older:
                raise PublishError("There is no release before the current one: see `mtm releases`.")
            release_id = older[-1]
        if release_id not in ids:
            raise PublishError(f"There is no release {release_id}: see `mtm releases`.")
        self._decide("rollback", release=release_id)
        self._flip(release_id)
        return release_id

    def publish(
        self,
        build: Path,
        inputs: dict[str, Any],
        tables: Sequence[TableName],
        versions: dict[str, str],
        unpin: bool = False,
    ) -> Published:
        """Publish the finished build, unless these inputs are published already or a pin holds it.

        inputs: what the figures rest on (build_inputs); their hash ends the release's id.
        unpin: a person asked for it, so a rollback holds no longer.
        """
        digest = inputs_hash(inputs)
        current, pin = self.current(), self.pinned()
        if pin and not unpin:
            if current != pin:
                self._flip(pin)
            return Published("pinned", pin, "a rollback holds it until `mtm publish`")
        if pin:
            self._decide("publish", release=pin)
        if current and self.manifest(current)["inputs_sha256"] == digest:
            return Published("unchanged", current, "these inputs are published already")
        for existing in reversed(self.ids()):
            if self.manifest(existing)["inputs_sha256"] == digest:
                self._flip(existing)
                return Published("flipped", existing, "a release of these inputs exists already")
        if current:
            self._refuse_lost_datasets(current, inputs)
        release_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{digest[:12]}"
        self._write(release_id, build, inputs, tables, versions)
        self._flip(release_id)
        return Published("published", release_id)

    def _refuse_lost_datasets(self, current: str, inputs: dict[str, Any]) -> None:
        """A dataset with figures in the current release may not come out empty in the next.

        Unless a person took files of it back.
        """
        decisions = read_lines(self.decisions)
        withdrawn = {each["dataset"] for each in decisions if each.get("decision") == "withdraw"}
        kept = {each["dataset"] for each in inputs["datasets"] if each["files"]}
        before = {each["dataset"] for each in self.manifest(current)["inputs"]["datasets"] if each["files"]}
        if lost := sorted(before - kept - withdrawn):
            raise PublishError(f"{', '.join(lost)}: all figures are lost, not published. See `mtm status`.")

    def _write(
        self,
        release_id: str,
        build: Path,
        inputs: dict[str, Any],
        tables: Sequence[TableName],
        versions: dict[str, str],
    ) -> None:
        for left_over in self.folder.glob(".partial-*"):
            shutil.rmtree(left_over)
        partial = self.folder / f".partial-{release_id}"
        (partial / "parquet").mkdir(parents=True)
        written = write_tables(build, partial, sorted(tables))
        smoke_query(partial / DATABASE, written)
        manifest = {
            "release": release_id,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "inputs_sha256": inputs_hash(inputs),
            "content_sha256": content_hash(written),
            "stale": [each["dataset"] for each in inputs["datasets"] if each["state"] == "stale"],
            "tables": written,
            "inputs": inputs,
            "versions": versions,
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        (partial / "manifest.json").write_text(text + "\n", "utf-8")
        for path in partial.rglob("*"):
            if path.is_file():
                path.chmod(0o444)
            _sync(path)
        partial.rename(self.folder / release_id)
        _sync(self.folder)

    def _flip(self, release_id: str) -> None:
        following = self.link.with_name(".current-next")
        following.unlink(missing_ok=True)
        following.symlink_to(Path(self.folder.name) / release_id)
        following.replace(self.link)
        _sync(self.link.parent)

    def prune(self, now: datetime) -> list[str]:
        """Remove releases older than KEPT_DAYS and return their ids, oldest first.

        The current one, a pinned one and the last of each calendar month (UTC, as in the ids) stay for good.
        """
        ids = [each for each in self.ids() if RELEASE_ID.fullmatch(each)]
        last_of_month = {each[: len("YYYYMM")]: each for each in ids}
        kept = {self.current(), self.pinned(), *last_of_month.values()}
        limit = f"{now - timedelta(days=KEPT_DAYS):%Y%m%dT%H%M%SZ}"
        removed = [each for each in ids if each < limit and each not in kept]
        for release_id in removed:
            # Under this name it is no release any more, and the next publication removes it after a kill.
            gone = (self.folder / release_id).rename(self.folder / f".partial-{release_id}")
            shutil.rmtree(gone)
        return removed

    def note_withdrawal(self, dataset: str, file: str, why: str) -> None:
        """Keep why a person took a letter back."""
        self._decide("withdraw", dataset=dataset, file=file, why=why)

    def note_rejection(self, dataset: str, file: str, why: str) -> None:
        """Keep why a file of the inbox was put aside."""
        self._decide("reject", dataset=dataset, file=file, why=why)

    def _decide(self, decision: str, **what: str) -> None:
        decided_at = datetime.now(UTC).isoformat(timespec="seconds")
        append_line(self.decisions, {"decided_at": decided_at, "decision": decision, **what})


def build_inputs(con: duckdb.DuckDBPyConnection, project_sha256: str, audit_sha256: str) -> dict[str, Any]:
    """What a build rests on: the landed files of each dataset in order, its state, the models, the audit.

    Nothing here depends on the clock of the build, so that the same inputs give the same release.
    """
    files: dict[str, list[dict[str, str | None]]] = {}
    for dataset, *file in con.execute(
        "select landing.dataset, landing.resource, parser_sha256, sha256, cast(published_on as varchar),"
        " left(fetched_at, 10) from raw.landing join raw.fetch_log using (fetch_id)"
        " where outcome = 'landed' order by landing_number, page"
    ).fetchall():
        names = ("resource", "parser_sha256", "sha256", "published_on", "fetched_on")
        files.setdefault(dataset, []).append(dict(zip(names, file, strict=True)))
    states = con.execute("select dataset, state from raw.dataset order by dataset").fetchall()
    return {
        "datasets": [
            {"dataset": name, "state": state, "files": files.get(name, [])} for name, state in states
        ],
        "project_sha256": project_sha256,
        "audit_sha256": audit_sha256,
    }


def inputs_hash(inputs: dict[str, Any]) -> str:
    """SHA-256 of the inputs; its first digits end a release's id."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
