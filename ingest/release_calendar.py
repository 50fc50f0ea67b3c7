"""The release calendar: when the figures of a period are expected, by what a dataset declares of itself.

marts.dim_dataset computes the same day in SQL from the last known period; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ingest.dataset import Dataset, Period

FRIDAY = 5


def expected_days(dataset: Dataset, first: date, last: date) -> list[date]:
    """The days from first to last on which figures of some period are expected; none without a calendar."""
    if dataset.published_after_days is None:
        return []
    delay = timedelta(days=dataset.published_after_days)
    return [end + delay for end in period_ends(dataset.period, first - delay, last - delay)]


def period_ends(period: Period, first: date, last: date) -> Iterator[date]:
    """The last days of the periods that end from first to last; of days those Monday to Friday."""
    day = first
    while day <= last:
        if _is_end(period, day):
            yield day
        day += timedelta(days=1)


def _is_end(period: Period, day: date) -> bool:
    following = day + timedelta(days=1)
    match period:
        case "day":
            return day.isoweekday() <= FRIDAY
        case "month":
            return following.day == 1
        case "quarter":
            return following.day == 1 and following.month in (1, 4, 7, 10)
        case "year":
            return following.day == 1 and following.month == 1
