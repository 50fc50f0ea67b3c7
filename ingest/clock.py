"""The clock of the warehouse: days and times of Almaty, where the agencies are."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

ALMATY = ZoneInfo("Asia/Almaty")


def today() -> date:
    return datetime.now(ALMATY).date()


def now_text() -> str:
    """This second, as the logs write it: ISO 8601 with the offset of the day."""
    return datetime.now(ALMATY).isoformat(timespec="seconds")
