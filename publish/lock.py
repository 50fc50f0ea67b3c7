"""release.lock: what a release was made from, so that it can be made again and proved equal.

Lines of the attempt log and the archived files they name, the code, dbt's manifest, the packages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from publish.tables import PublishError

LOCK = "release.lock"
VERSION = 1


@dataclass(frozen=True)
class Code:
    """The code at work: its commit where git knows it, whether files differ from it, SHA-256 of the files."""

    revision: str | None
    is_modified: bool
    sha256: str


@dataclass(frozen=True)
class Lock:
    """What stands in release.lock. log_lines counts the lines of the attempt log that had been landed."""

    code: Code
    dbt_manifest_sha256: str
    packages: dict[str, str]
    log_lines: int
    log_sha256: str
    sources: list[dict[str, str]]

    def text(self) -> str:
        """The file, as it is written."""
        return json.dumps({"lock_version": VERSION, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"


def read_lock(folder: Path) -> Lock:
    """The lock of a release folder; raises PublishError when it is gone or not of this version."""
    path = folder / LOCK
    try:
        lock: dict[str, Any] = json.loads(path.read_text("utf-8"))
        version = lock.pop("lock_version")
        if version == VERSION:
            return Lock(**lock | {"code": Code(**lock["code"])})
    except FileNotFoundError:
        raise PublishError(f"{folder.name} has no {LOCK}: it cannot be made again.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PublishError(f"{path} is not a lock: {error!r}") from None
    raise PublishError(
        f"{path} is a lock of version {version}, this `mtm` reads version {VERSION}:"
        " use the `mtm` that made it."
    )


def first_lines(log: Path, count: int) -> bytes:
    """The first whole lines of a JSON-lines log."""
    with log.open("rb") as file:
        lines = [line for line, _ in zip(file, range(count), strict=False)]
    if len(lines) < count:
        raise PublishError(f"{log} has {len(lines)} lines, {count} were landed: restore it from your backup.")
    return b"".join(lines)


def sha256_of(parts: Iterable[bytes]) -> str:
    """SHA-256 over some parts, one after another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
