"""Releases: immutable folders that analysts read, and the link `current` that points to one.

A release is written beside the others, queried, synced and renamed (publish/folder.py); only then does
`current` flip, in one step. Readers never meet a lock or a half-built table: whoever has the old file open
keeps it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import duckdb

from ingest.archive import append_line, read_lines
from publish.cause import Side
from publish.diff import side_of
from publish.folder import (
    MANIFEST,
    FinishedBuild,
    damage,
    finish,
    inputs_hash,
    manifest_hash,
    read_manifest,
    sync,
    write_tables_and_lock,
)
from publish.release_notes import figure_line, release_notes
from publish.tables import DATABASE, PublishError
from publish.thresholds import Breach, threshold_breaches

KEPT_DAYS = 90
RELEASE_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}")
PARTIAL = ".partial-"
HELD = ".held-"
BREACHES_TOLD = 3

Outcome = Literal["published", "unchanged", "pinned", "flipped", "held"]


@dataclass(frozen=True)
class Published:
    """What a publication came to: the release that is current now and why; the folder that is held."""

    outcome: Outcome
    release_id: str
    reason: str = ""
    held: Path | None = None
    breaches: Sequence[Breach] = ()


@dataclass(frozen=True)
class Acceptance:
    """A person's word that figures above their thresholds are right."""

    by: str
    reason: str
    at: str


class Releases:
    """The releases of one MTM_HOME. `decisions` is the log of what was decided, by a person or the inbox."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "releases"
        self.link = home / "current"
        self.decisions = home / "log" / "decisions.jsonl"

    def ids(self) -> list[str]:
        """Whole releases, oldest first."""
        return sorted(path.parent.name for path in self.folder.glob(f"[0-9]*/{MANIFEST}"))

    def current(self) -> str | None:
        """The release that `current` points to, None before the first publication."""
        if not self.link.is_symlink():
            if self.link.exists():
                raise PublishError(
                    f"{self.link} is not a link: something replaced it. Move it away, then `mtm refresh`."
                )
            return None
        name = self.link.readlink().name
        return name if (self.folder / name / "manifest.json").exists() else None

    def named(self, name: str = "current") -> str:
        """The id that a person means: `current`, `previous` (before it), an id or the start of one."""
        ids = sorted(path.name for path in self.folder.glob("[0-9]*"))
        current = self.current()
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

    def path(self, release_id: str) -> Path:
        """The folder of a release."""
        return self.folder / release_id

    def place(self, name: str) -> Path:
        """The folder that a person means: of `held`, or of a release that is `named`."""
        if name != "held":
            return self.path(self.named(name))
        if held := self.held():
            return held
        raise PublishError("Nothing is held: see `mtm releases`.")

    def manifest(self, release_id: str) -> dict[str, Any]:
        """The manifest of a release: tables, rows, hashes, inputs, versions."""
        return read_manifest(self.path(release_id))

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
        release_id = self.named(release_id)
        self.refuse_damage(release_id)
        self._decide("rollback", release=release_id)
        self._flip(release_id)
        return release_id

    def publish(
        self, build: FinishedBuild, unpin: bool = False, acceptance: Acceptance | None = None
    ) -> Published:
        """Publish the finished build, unless its inputs are published already or something holds it.

        A pin of a rollback holds it, unless `unpin`; a figure that changed by more than its indicator's
        threshold holds it, until a person accepts that. What is held stays in a folder of its own, and that
        folder is what is published then.
        """
        digest = inputs_hash(build.inputs)
        self._forget_held_but(digest)
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
            if not list(self.damage(existing)) and self.manifest(existing)["inputs_sha256"] == digest:
                self._flip(existing)
                return Published("flipped", existing, "a release of these inputs exists already")
        # Where `current` was lost, the newest release is what readers had.
        before = current or next(iter(reversed(self.ids())), None)
        if before:
            self._refuse_lost_datasets(before, build.inputs)
        held = self.held() or self._write(f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{digest[:12]}", build, before)
        release_id = held.name.removeprefix(HELD)
        breaches = threshold_breaches(side_of(self.path(before)), side_of(held)) if before else []
        if before and breaches and acceptance is None:
            return Published("held", before, _why_held(breaches), held, breaches)
        if breaches and acceptance:
            figures = [figure_line(each) for each in breaches]
            self._decide("accept", release=release_id, **asdict(acceptance), figures=figures)
            self._finish(held, read_manifest(held) | {"accepted": asdict(acceptance)}, before)
        self._decide("release", release=release_id, manifest_sha256=manifest_hash(held))
        held.rename(self.path(release_id))
        sync(self.folder)
        self._flip(release_id)
        return Published("published", release_id, breaches=breaches)

    def held(self) -> Path | None:
        """The folder of the release that waits for a person's acceptance, None when there is none."""
        return next((path.parent for path in sorted(self.folder.glob(f"{HELD}*/{MANIFEST}"))), None)

    def damage(self, release_id: str) -> list[str]:
        """What is wrong with the files of a release, a line each; its manifest is held against the log."""
        folder = self.path(release_id)
        if not (folder / MANIFEST).is_file():
            return [f"{MANIFEST} is missing"]
        noted = [
            each["manifest_sha256"]
            for each in read_lines(self.decisions)
            if each.get("decision") == "release" and each.get("release") == release_id
        ]
        if noted and noted[-1] != manifest_hash(folder):
            return [f"{MANIFEST} was altered"]
        return list(damage(folder))

    def refuse_damage(self, release_id: str) -> None:
        """Raise PublishError that names every file of a release which is missing, altered or foreign."""
        if lines := self.damage(release_id):
            step = "Restore the folder from your backup, or `mtm rollback` to a whole release."
            raise PublishError(f"{release_id} is not whole: {'; '.join(lines)}. {step}")

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

    def _forget_held_but(self, digest: str) -> None:
        """What was held of other inputs, or is not whole, is out of date."""
        for held in self.folder.glob(f"{HELD}*"):
            if not (held / MANIFEST).is_file() or read_manifest(held)["inputs_sha256"] != digest:
                self._remove(held)

    def _write(self, release_id: str, build: FinishedBuild, current: str | None) -> Path:
        """Write a release beside the others, whole, under a name that is no release yet."""
        for left_over in self.folder.glob(f"{PARTIAL}*"):
            shutil.rmtree(left_over)
        partial = self.folder / f"{PARTIAL}{release_id}"
        try:
            self._finish(partial, write_tables_and_lock(partial, release_id, build), current)
            return partial.rename(self.folder / f"{HELD}{release_id}")
        except (OSError, duckdb.Error) as error:
            shutil.rmtree(partial, ignore_errors=True)
            stays = f"{current} stays current" if current else "there is no release yet"
            step = "Make room or mend the disk, then `mtm publish`."
            raise PublishError(f"The release could not be written, {stays}. {step}\n{error}") from error

    def _finish(self, folder: Path, manifest: dict[str, Any], current: str | None) -> None:
        before = side_of(self.path(current)) if current else None
        notes = release_notes(Side(folder / DATABASE, manifest), before, manifest["accepted"])
        finish(folder, manifest, notes)

    def _flip(self, release_id: str) -> None:
        following = self.link.with_name(".current-next")
        following.unlink(missing_ok=True)
        following.symlink_to(Path(self.folder.name) / release_id)
        following.replace(self.link)
        sync(self.link.parent)

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
            self._remove(self.path(release_id))
        return removed

    def _remove(self, folder: Path) -> None:
        """Remove a folder under a name that is no release; after a kill the next publication goes on."""
        shutil.rmtree(folder.rename(self.folder / f"{PARTIAL}{folder.name}"))

    def note_withdrawal(self, dataset: str, file: str, why: str) -> None:
        """Keep why a person took a letter back."""
        self._decide("withdraw", dataset=dataset, file=file, why=why)

    def note_rejection(self, dataset: str, file: str, why: str) -> None:
        """Keep why a file of the inbox was put aside."""
        self._decide("reject", dataset=dataset, file=file, why=why)

    def _decide(self, decision: str, **what: object) -> None:
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


def _why_held(breaches: Sequence[Breach]) -> str:
    more = f"; and {len(breaches) - BREACHES_TOLD} more" if len(breaches) > BREACHES_TOLD else ""
    return (
        f"{len(breaches)} published figure(s) changed above their threshold:"
        f" {'; '.join(figure_line(each) for each in breaches[:BREACHES_TOLD])}{more}."
        ' See `mtm diff current held`, then `mtm publish --accept "why this is right"`'
    )
