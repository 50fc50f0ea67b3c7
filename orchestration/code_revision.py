"""Which code is at work: the commit, and the SHA-256 of all files that figures are made by."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache

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
    for part in PARTS:
        below = sorted((ROOT / part).rglob("*")) if (ROOT / part).is_dir() else [ROOT / part]
        for path in below:
            inside = path.relative_to(ROOT)
            if path.is_file() and not NOT_CODE & set(inside.parts):
                yield f"{inside}\0".encode() + path.read_bytes() + b"\0"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
