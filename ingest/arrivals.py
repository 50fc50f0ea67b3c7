"""Files that were dropped into the inbox: which may be asked for, which are refused, which wait or stay.

What belongs here: judging files before they are asked for, and putting a refused one aside with a report.
What does not: what one folder of the inbox holds (inbox.py), asking and landing (fetch.py, land.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path

import yaml

from ingest.archive import AttemptLog, sha256_of
from ingest.dataset import Dataset, Provenance, Resource
from ingest.errors import SourceError
from ingest.inbox import (
    check_letter,
    inbox_resources,
    printable,
    read_letters,
    remove_letter,
    unread_entries,
)

REJECTED = "rejected"
REPORT_SUFFIX = ".report.txt"
NAME_LIMIT = 255  # bytes of a file's name
JUDGED_AT_ONCE = 20
COPY_IT = "Copy the file itself."

# By `<dataset>/<file>`: size, times and provenance when it was last looked at, and whether it is settled.
Seen = dict[str, tuple[str, str]]
TAKEN = "taken"


@dataclass(frozen=True)
class Refusal:
    """A file that would not land and why; a link, which is never followed, has no hash."""

    dataset: Dataset
    path: Path
    error: SourceError
    sha256: str | None = None


@dataclass
class Arrivals:
    """What a look at the inbox found.

    good: by dataset, the files to ask for, as `<file> <sha256> <mark>`.
    waiting: files that are new or changed since the last look, or one too many for this one.
    left: what stays where it lies, with the reason. faults: files on which a reader broke, a defect of ours.
    """

    good: dict[str, list[str]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    faults: list[tuple[str, Exception]] = field(default_factory=list)
    seen: Seen = field(default_factory=dict)


def look(inbox: Path, datasets: Iterable[Dataset], log: AttemptLog, seen: Seen, today: date) -> Arrivals:
    """Look at every inbox folder; a file is judged once its size and times rest since the look before."""
    found = Arrivals()
    resting: list[tuple[Dataset, Resource, str]] = []
    for dataset in datasets:
        if not dataset.takes_letters:
            continue
        try:
            resources = inbox_resources(dataset, inbox / dataset.name)
        except SourceError as error:
            found.left.append(str(error))
            continue
        for path, reason in unread_entries(inbox / dataset.name).items():
            if path.is_symlink():
                refusal = SourceError(dataset.name, reason, printable(path), next_step=COPY_IT)
                found.refused.append(Refusal(dataset, path, refusal))
            else:
                found.left.append(f"{printable(path)} is not read: {reason}")
        for resource in resources:
            key = f"{dataset.name}/{resource.name}"
            mark = _mark(resource)
            before, state = seen.get(key, ("", ""))
            # A letter that was asked for and is not in the log the day after is asked for again.
            is_settled = before == mark and state in (TAKEN, today.isoformat())
            found.seen[key] = (mark, state if is_settled else "")
            if before == mark and not is_settled and len(resting) < JUDGED_AT_ONCE:
                resting.append((dataset, resource, mark))
            elif not is_settled:
                found.waiting.append(key)
    taken = _taken(log) if resting else set()
    for dataset, resource, mark in resting:
        _judge(found, taken, dataset, resource, mark, today)
    return found


def _mark(resource: Resource) -> str:
    """What changes when a file or what is known of it changes; empty for one that is gone meanwhile."""
    assert resource.letter
    try:
        stat = resource.letter.stat()
    except OSError:
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {_origin(resource.first.provenance)}"


def _origin(known: Provenance) -> str:
    return "|".join(
        map(str, (known.obtained_via, known.published_on, known.published_basis, known.publisher))
    )


def _taken(log: AttemptLog) -> set[tuple[str, str, str | None, str]]:
    """Dataset, name, SHA-256 and origin of the inbox files that were asked for and not taken back since."""
    last: dict[tuple[str, str], tuple[str | None, str]] = {}
    for attempt in log:
        if attempt.url.startswith("inbox:"):
            known = (attempt.obtained_via, attempt.published_on, attempt.published_basis, attempt.publisher)
            taken = (attempt.sha256, "|".join(map(str, known)))
            last[attempt.dataset, attempt.resource] = taken if attempt.status == "ok" else (None, "")
    return {(*letter, *taken) for letter, taken in last.items()}


def _judge(
    found: Arrivals,
    taken: set[tuple[str, str, str | None, str]],
    dataset: Dataset,
    resource: Resource,
    mark: str,
    today: date,
) -> None:
    """Sort one file at rest: taken before, good, refused, or left with the reason."""
    path = resource.letter
    assert path
    key = f"{dataset.name}/{resource.name}"
    try:
        sha256 = sha256_of(path)
    except OSError as fault:
        found.left.append(f"{path} cannot be read: {fault.strerror}. Check its rights.")
        return
    if (dataset.name, resource.name, sha256, _origin(resource.first.provenance)) in taken:
        found.seen[key] = (mark, TAKEN)
        return
    try:
        check_letter(dataset, path, today)
    except SourceError as error:
        found.refused.append(Refusal(dataset, path, error, sha256))
    except Exception as fault:
        found.left.append(f"{path}: the reader of {dataset.name} broke on it; see the log, report it")
        found.faults.append((str(path), fault))
    else:
        found.good.setdefault(dataset.name, []).append(f"{path.name} {sha256} {mark}")
        found.seen[key] = (mark, today.isoformat())


def reject(inbox: Path, refusal: Refusal, rejected_at: str) -> Path:
    """Move a refused file to inbox/rejected/<dataset>/ with a report beside it; returns its new path.

    Its line of letters.yml goes into the report. No earlier file is overwritten. Raises OSError when the
    folders do not allow it; nothing is moved then.
    """
    folder = inbox / REJECTED / refusal.dataset.name
    folder.mkdir(parents=True, exist_ok=True)
    target = _free_path(folder, refusal.path.name)
    report = target.with_name(target.name + REPORT_SUFFIX)
    report.write_text(_report(refusal, rejected_at), "utf-8")
    try:
        shutil.move(refusal.path, target)
    except OSError:
        report.unlink()
        raise
    remove_letter(refusal.dataset, refusal.path.parent, refusal.path.name)
    return target


def _free_path(folder: Path, name: str) -> Path:
    """A path in the folder under which neither a file nor a report lies; a long name is cut."""
    suffix = Path(name).suffix[:20]
    stem = name.removesuffix(suffix).encode("utf-8", "backslashreplace")
    for number in count(1):
        end = (f" ({number})" if number > 1 else "") + suffix
        room = NAME_LIMIT - len((end + REPORT_SUFFIX).encode("utf-8", "backslashreplace"))
        path = folder / (stem[:room].decode("utf-8", "ignore") + end)
        if not (os.path.lexists(path) or os.path.lexists(f"{path}{REPORT_SUFFIX}")):
            return path
    raise AssertionError("count() has no end")


def _report(refusal: Refusal, rejected_at: str) -> str:
    dataset, path, error = refusal.dataset, refusal.path, refusal.error
    letters = read_letters(dataset, path.parent).letters
    lines = [each.model_dump(mode="json", exclude_none=True) for each in letters if each.file == path.name]
    known = {
        "file": printable(Path(path.name)),
        "dataset": dataset.name,
        "rejected at": rejected_at,
        "rule": error.rule,
        "cell": error.cell or "the file as a whole",
        "as printed": error.raw_text,
        "next step": error.next_step,
        "then": f"put the mended file into inbox/{dataset.name}/, or `mtm inbox add FILE --dataset"
        f" {dataset.name}`; `mtm inbox preview FILE --dataset {dataset.name}` shows what is missing",
        "sha256": refusal.sha256 or "none: a link is not followed",
        "line of letters.yml": lines[0] if lines else "none",
    }
    return yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=100)
