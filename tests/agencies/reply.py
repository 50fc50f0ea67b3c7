"""What an imitated agency answers, before any fault strikes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reply:
    """Status, headers and body of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes
