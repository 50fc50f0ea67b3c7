"""The state of each dataset, from the log and the landings: current, stale or absent, and why."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from ingest.dataset import Dataset

DATASET_TABLE = """
create or replace table raw.dataset (
    dataset varchar, agency varchar, title varchar, source_page varchar, licence varchar,
    period varchar, period_shift_months integer, obtained_via varchar,
    published_after_days integer, how_to_ask varchar, state varchar, reason varchar
)
"""

# A dataset is stale when the last attempt at any of its resources failed or was refused. An address that
# was left out when the dataset was asked on a later day belongs to its plan no more (a day of a month that
# is over): its failure counts no longer. Absent: never asked, or never anything but empty answers.
STATES = """
with last_attempt as (
    select
        fetch_log.dataset, fetch_log.url, left(fetch_log.fetched_at, 10) as asked_on,
        max(asked_on) over (partition by fetch_log.dataset) as last_asked_on,
        asked_on = last_asked_on or fetch_log.url not like 'https://%' as counts,
        fetch_log.log_line, landing.outcome,
        fetch_log.resource,
        case
            when fetch_log.url = 'inbox:' || fetch_log.dataset || '/inbox' then 'the inbox: '
            when fetch_log.url like 'inbox:%' then fetch_log.resource || ' of the inbox: '
            else ''
        end || coalesce(fetch_log.error, landing.error) as error
    from raw.fetch_log
    left join raw.landing using (fetch_id)
    qualify row_number() over (
        partition by fetch_log.dataset, fetch_log.resource order by fetch_log.log_line desc
    ) = 1
)
select
    dataset,
    arg_max(error, log_line) filter (counts) as newest,
    count(error) filter (counts) as errors,
    list(resource order by log_line desc) filter (counts and error is not null) as failed,
    newest || case
        when errors > 1 then
            ' And ' || (errors - 1) || ' more: ' || array_to_string(failed[2:4], ', ')
            || case when errors > 4 then ' and others.' else '.' end
        else ''
    end as reason
from last_attempt
group by dataset
having reason is not null or bool_or(coalesce(outcome, '') not in ('empty', 'withdrawn'))
"""


def describe_datasets(con: duckdb.DuckDBPyConnection, datasets: Iterable[Dataset]) -> None:
    """Replace raw.dataset: the catalogue with what is known of each dataset's state."""
    reasons = {name: reason for name, *_, reason in con.execute(STATES).fetchall()}
    con.execute("begin")
    con.execute(DATASET_TABLE)
    for dataset in datasets:
        reason = reasons.get(dataset.name)
        state = "absent" if dataset.name not in reasons else "stale" if reason else "current"
        con.execute(
            "insert into raw.dataset values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                dataset.name,
                dataset.agency,
                dataset.title,
                dataset.source_page,
                dataset.licence,
                dataset.period,
                dataset.period_shift_months,
                dataset.obtained_via,
                dataset.published_after_days,
                dataset.how_to_ask,
                state,
                reason,
            ],
        )
    con.execute("commit")
