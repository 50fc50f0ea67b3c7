"""What is expected of each dataset and since when it is late: the release calendar as the last build has it.

Nothing of Dagster here: `mtm status` asks, as the checks of lateness and the schedules do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.settings import Settings
from publish.tables import DATABASE

# A dataset is waited for on its day and so many days after; then the others are built without it.
WAITED_FOR_DAYS = 3
CALENDAR = """
with last_build as (
    select coalesce(max(started_at), timestamp '1970-01-01') as started_at
    from ops.run_ledger
    where step = 'build' and state = 'done'
),

landed_since as (
    select distinct landing.dataset
    from raw.landing
    inner join raw.fetch_log on landing.fetch_id = fetch_log.fetch_id
    cross join last_build
    where
        landing.outcome = 'landed'
        and cast(fetch_log.fetched_at as timestamptz) at time zone 'UTC' > last_build.started_at
)

select
    dim_dataset.dataset, dim_dataset.last_period_end, dim_dataset.expected_on, dim_dataset.how_to_ask,
    landed_since.dataset is not null as has_landed_since
from marts.dim_dataset
left join landed_since on dim_dataset.dataset = landed_since.dataset
order by dim_dataset.dataset
"""


@dataclass(frozen=True)
class Expected:
    """What is expected of a dataset; has_landed_since: something new landed after the last build."""

    dataset: str
    last_period_end: date | None
    expected_on: date | None
    how_to_ask: str
    has_landed_since: bool

    def days_late(self, today: date) -> int:
        if self.expected_on is None or self.has_landed_since:
            return 0
        return max((today - self.expected_on).days, 0)

    def is_waited_for(self, today: date) -> bool:
        if self.expected_on is None or self.has_landed_since:
            return False
        return 0 <= (today - self.expected_on).days <= WAITED_FOR_DAYS


def expected(con: duckdb.DuckDBPyConnection) -> list[Expected]:
    """The calendar as the last build has it; empty before the first one."""
    try:
        return [Expected(*row) for row in con.execute(CALENDAR).fetchall()]
    except duckdb.CatalogException:
        return []


def late_in_release(settings: Settings, today: date) -> list[str]:
    """The datasets that the current release calls stale or that are late today; none without a release.

    The release is never locked, so that a schedule need not wait for a run.
    """
    database = settings.home / "current" / DATABASE
    if not database.exists():
        return []
    with duckdb.connect(str(database), read_only=True) as con:
        rows = con.execute(
            "select dataset from marts.dim_dataset where state = 'stale' or expected_on < ? order by dataset",
            [today],
        ).fetchall()
    return [row[0] for row in rows]
