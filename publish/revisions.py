"""What a release states anew that an earlier one did not: `audit.revision` of the two, side by side."""

from __future__ import annotations

from typing import Any

import duckdb

from publish.release import Releases
from publish.tables import DATABASE

# Codes that say what a value is of, with null equal to null.
THING = (
    "dataset, indicator, direction, counterpart_kind, counterpart_code, region_code, breakdown,"
    " breakdown_code, period_start, period_end, measurement, unit"
)
NEW_REVISIONS = f"""
with changed as (
    select {THING}, revisions, first_value, latest_value, latest_known_from from later.audit.revision
    except select {THING}, revisions, first_value, latest_value, latest_known_from from earlier.audit.revision
),

found as (
    select
        changed.*,
        case
            when before.dataset is not null and before.latest_value is distinct from changed.latest_value
                then before.latest_value
            else changed.first_value
        end as old_value
    from changed
    left join earlier.audit.revision as before
        on {" and ".join(f"changed.{name} is not distinct from before.{name}" for name in THING.split(", "))}
)

select
    found.dataset, found.indicator, found.direction,
    concat_ws(' ', found.counterpart_code, found.region_code, found.breakdown_code) as "of",
    case
        when found.period_start = found.period_end then found.period_end::varchar
        else concat(found.period_start, ' to ', found.period_end)
    end as period,
    found.unit,
    found.old_value::varchar as old_value,
    found.latest_value::varchar as new_value,
    found.latest_known_from::varchar as known_from,
    now.source_file, now.source_cell
from found
inner join later.audit.revision as now
    on {" and ".join(f"found.{name} is not distinct from now.{name}" for name in THING.split(", "))}
where found.old_value is distinct from found.latest_value
order by all
"""


def new_revisions(releases: Releases, earlier: str, later: str) -> list[dict[str, Any]]:
    """A record for each value that `later` holds as revised and `earlier` did not, or not to this value."""
    with duckdb.connect() as con:
        for name, release_id in (("earlier", earlier), ("later", later)):
            path = str(releases.folder / release_id / DATABASE).replace("'", "''")
            con.execute(f"attach '{path}' as {name} (read_only)")
        answer = con.execute(NEW_REVISIONS)
        columns = [column[0] for column in answer.description or []]
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
