"""What was fetched, kept for good: bytes by SHA-256 and an append-only log of every attempt.

Everything else in the warehouse can be rebuilt from these two.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import get_ident
from typing import IO, Any, Literal

from ingest.dataset import SourceFile
from ingest.errors import SourceError

COPIED_AT_ONCE = 1 << 20

AttemptStatus = Literal["ok", "failed", "refused", "withdrawn"]


@dataclass(frozen=True)
class Attempt:
    """One line of the log: one page asked for, whatever came of it.

    fetch_id groups the pages of one answer; is_last marks the page that made it whole.
    status: ok = whole page kept; refused = kept, but it breaks the wire format; failed = no bytes;
        withdrawn = an inbox file was taken back (is_last: what landed of it counts no longer), or it never
        landed and lies there no more.
    fetched_at: ISO 8601 in Almaty time, so that its first ten characters are the day of the fetch.
    mode: recorded or live. retried: why each try but the last failed.
    obtained_via, published_on, published_basis, publisher: as in dataset.Provenance.
    """

    fetch_id: str
    fetched_at: str
    dataset: str
    resource: str
    page: int
    is_last: bool
    url: str
    mode: str
    status: AttemptStatus
    http_status: int | None = None
    tries: int = 0
    retried: list[str] = field(default_factory=list)
    bytes: int | None = None
    sha256: str | None = None
    path: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    obtained_via: str | None = None
    published_on: str | None = None
    published_basis: str = "unknown"
    publisher: str | None = None
    error: str | None = None


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, however large."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: IO[bytes], copy: IO[bytes]) -> str:
    """Copy one open file into another; returns the SHA-256 of the bytes."""
    digest = hashlib.sha256()
    while chunk := source.read(COPIED_AT_ONCE):
        digest.update(chunk)
        copy.write(chunk)
    return digest.hexdigest()


class Archive:
    """Bytes under `<root>/<first two of sha256>/<sha256>.<extension>`, written once, never altered."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, content: bytes, extension: str) -> SourceFile:
        """Keep the bytes and say where; the same bytes twice are kept once."""
        sha256 = hashlib.sha256(content).hexdigest()
        relative = f"{sha256[:2]}/{sha256}.{extension}"
        target = self.root / relative
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_suffix(f".{os.getpid()}.partial")
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.chmod(0o444)
            partial.replace(target)
        return SourceFile(sha256, relative, content)

    def put_file(self, path: Path, extension: str) -> SourceFile:
        """Keep a file that is too large for memory, read once; raises OSError when the disk is full."""
        self.root.mkdir(parents=True, exist_ok=True)
        partial = self.root / f"incoming.{os.getpid()}.{get_ident()}.partial"
        try:
            with path.open("rb") as source, partial.open("wb") as copy:
                sha256 = _copy(source, copy)
            relative = f"{sha256[:2]}/{sha256}.{extension}"
            target = self.root / relative
            if not target.exists():
                with partial.open("rb") as copied:
                    os.fsync(copied.fileno())
                partial.chmod(0o444)
                target.parent.mkdir(exist_ok=True)
                partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return SourceFile(sha256, relative, b"", target.stat().st_size)

    def get(self, dataset: str, sha256: str, relative: str) -> SourceFile:
        """Read bytes back; raises SourceError when they are gone or no longer hash to their name."""
        content = self._whole(dataset, sha256, relative).read_bytes()
        return SourceFile(sha256, relative, content)

    def get_file(self, dataset: str, sha256: str, relative: str) -> SourceFile:
        """As `get`, of a file that is too large for memory: its content stays on the disk."""
        return SourceFile(sha256, relative, b"", self._whole(dataset, sha256, relative).stat().st_size)

    def _whole(self, dataset: str, sha256: str, relative: str) -> Path:
        path = self.root / relative
        restore = f"Restore {relative} of the archive from your backup, then `mtm rebuild`."
        if not path.exists():
            raise SourceError(dataset, "the archived file is missing", relative, next_step=restore)
        if sha256_of(path) != sha256:
            raise SourceError(dataset, "the archived file was altered", relative, next_step=restore)
        return path

    def remove_partials(self, now: datetime) -> list[str]:
        """Remove what writers that were killed more than a day ago left half written; return the paths."""
        limit = (now - timedelta(days=1)).timestamp()
        partials = sorted(self.root.rglob("*.[0-9]*.partial"))
        removed = [path for path in partials if path.stat().st_mtime < limit]
        for path in removed:
            path.unlink()
        return [str(path.relative_to(self.root)) for path in removed]


def file_extension(content: bytes) -> str | None:
    """What the first bytes say that the file is, so that a person can open it; None when they do not."""
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    signatures = {b"pk\x03\x04": "xlsx", b"\xd0\xcf\x11\xe0": "xls", b"<?xml": "xml", b"<": "html"}
    return next((kind for sign, kind in signatures.items() if start.startswith(sign)), None)


class AttemptLog:
    """`log/attempts.jsonl`: one JSON object a line, appended and synced, never rewritten."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, attempt: Attempt) -> None:
        append_line(self.path, asdict(attempt))

    def __iter__(self) -> Iterator[Attempt]:
        for number, record in enumerate(read_lines(self.path), 1):
            try:
                yield Attempt(**record)
            except TypeError:
                raise SourceError(
                    "log",
                    "not an attempt",
                    str(self.path),
                    f"line {number}",
                    "Restore the log from your backup.",
                ) from None


def append_line(path: Path, record: dict[str, Any]) -> None:
    """Append one JSON line; a torn line left by a killed writer is cut off first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(record, ensure_ascii=False) + "\n"
    with path.open("a+b") as file:
        _cut_torn_line(file)
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _cut_torn_line(file: IO[bytes]) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 1, 0))
    if file.read() not in (b"", b"\n"):
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a JSON-lines log; an unfinished last line is not one of them."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                yield json.loads(line)
            except ValueError as error:
                raise SourceError(
                    "log",
                    f"not a JSON line: {error}",
                    str(path),
                    f"line {number}",
                    "Restore the log from your backup.",
                ) from None
