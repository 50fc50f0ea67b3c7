"""Which code is at work: the commit, and the SHA-256 of all files that figures are made by."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from orchestration.settings import ROOT
from publish.lock import Code, sha256_of

# What figures are made by; tests and documents may change without making a release another one.
PARTS = ("audit", "ingest", "publish", "orchestration", "dbt_project", "requirements.lock")
NOT_CODE = {"target", "logs", "__pycache__"}


@cache
def code() -> Code:
    """The code of this checkout; without git there is no commit to name."""
    sha256 = sha256_of(_files())
    revision = _git("rev-parse", "HEAD")
    return Code(revision or None, bool(_git("status", "--porcelain", "--", *PARTS)), sha256)


def _files() -> Iterator[bytes]:
    known = _git("ls-files", "--cached", "--others", "--exclude-standard", "--", *PARTS).splitlines()
    for path in sorted(ROOT / name for name in known) or sorted(_below()):
        if path.is_file():
            yield f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0"


def _below() -> Iterator[Path]:
    """The same files where git is not at hand."""
    for part in PARTS:
        files = (ROOT / part).rglob("*") if (ROOT / part).is_dir() else [ROOT / part]
        yield from (path for path in files if not NOT_CODE & set(path.relative_to(ROOT).parts))


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
