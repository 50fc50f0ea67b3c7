"""Figures of indicators that changed after they were published, and those that changed too much.

How much is too much stands in the seed publication_threshold, in a release as marts.dim_indicator.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from publish.cause import SIDES, Cause, Comparison, Side, compared
from publish.diff import tables_of
from publish.tables import TableName

FIGURES = TableName("indicators", "quarterly_indicator")
INDICATORS = TableName("marts", "dim_indicator")
# With the measure `value` these identify a row of FIGURES; a denominator is of shares.
KEY = (
    "quarter", "indicator", "direction", "geography_kind", "geography_code", "breakdown", "breakdown_code",
    "unit", "figure_unit", "dataset",
)  # fmt: skip
# A change of zero is above any per cent of it; so is a value that is not known any more. A balance that
# changed just as its flows did is small against them, and they have thresholds of their own.
CHANGED = """
create or replace temp table change as
with earlier_value as (
    select * from earlier.indicators.quarterly_indicator where measure = 'value' and value is not null
),

later_value as (
    select * from later.indicators.quarterly_indicator where measure = 'value' and value is not null
),

flow_change as (
    select
        {of_the_same},
        sum(
            if(earlier_value.direction = 'arrival', later_value.value, -later_value.value)
            - if(earlier_value.direction = 'arrival', earlier_value.value, -earlier_value.value)
        ) as of_the_balance
    from earlier_value
    inner join later_value on {is_same}
    where earlier_value.direction in ('arrival', 'departure')
    group by all
    having count(*) = 2
),

known as (
    select indicator, name_en as indicator_name, {threshold} as hold_above_percent
    from later.marts.dim_indicator
),

changed as (
    select
        {columns},
        'value' as measure,
        null::varchar as denominator,
        earlier_value.value as old_value,
        later_value.value as new_value,
        abs(new_value - old_value) as difference,
        null::varchar as file_before,
        null::varchar as file_after
    from earlier_value
    left join later_value on {is_same}
    where later_value.value is distinct from earlier_value.value
),

judged as (
    select
        changed.*,
        coalesce(indicator_name, changed.indicator) as indicator_name,
        hold_above_percent,
        {has_thresholds}
        and not coalesce(changed.direction = 'net' and new_value - old_value = of_the_balance, false)
        and coalesce(
            new_value is null or 100 * difference > hold_above_percent * abs(old_value), false
        ) as is_above
    from changed
    left join known on changed.indicator = known.indicator
    left join flow_change on {is_of_the_same}
)

select
    *,
    row_number() over (
        order by is_above desc, difference::double / nullif(abs(old_value), 0) desc nulls first, {key}
    )::integer as number
from judged
"""
ROWS = """
select
    number, is_above, quarter, indicator, indicator_name,
    concat_ws(
        ', ', direction, concat_ws(' ', geography_kind, geography_code),
        if(breakdown is null, null, concat_ws(' ', breakdown, breakdown_code))
    ) as "of",
    unit, dataset, old_value, new_value, hold_above_percent
from change
order by number
"""


@dataclass(frozen=True)
class ChangedFigure:
    """A quarterly value that was published and is another now, or is not known any more (`new` is None)."""

    quarter: str
    indicator: str
    indicator_name: str
    of: str
    unit: str
    dataset: str
    old: Decimal
    new: Decimal | None
    hold_above_percent: Decimal | None
    cause: Cause

    @property
    def percent(self) -> Decimal | None:
        """The change in per cent of the old value; None where that is zero or there is no new one."""
        return None if self.new is None or not self.old else 100 * (self.new - self.old) / abs(self.old)


@dataclass(frozen=True)
class Breach(ChangedFigure):
    """A changed figure that is above its indicator's threshold: it holds publication."""


def changed_figures(before: Side, after: Side) -> list[ChangedFigure]:
    """Values of quarters that were published before and changed; above their threshold first, as Breach.

    The thresholds are those of the later side. What was not known before is no change. A table with the same
    SHA-256 in both manifests is not looked at.
    """
    if tables_of(before).get(FIGURES) == tables_of(after).get(FIGURES):
        return []
    with compared(before, after) as comparison:
        return _changed_figures(comparison)


def threshold_breaches(before: Side, after: Side) -> list[Breach]:
    """The changed figures that hold publication, those that are gone first, then the greatest change."""
    return [each for each in changed_figures(before, after) if isinstance(each, Breach)]


def _changed_figures(comparison: Comparison) -> list[ChangedFigure]:
    if not all({*KEY, "measure", "value"} <= set(comparison.columns(side, FIGURES)) for side in SIDES):
        return []
    con = comparison.con
    has_thresholds = "hold_above_percent" in comparison.columns("later", INDICATORS)
    of_a_balance = [name for name in KEY if name != "direction"]
    query = CHANGED.format(
        key=", ".join(KEY),
        columns=", ".join(f"earlier_value.{name}" for name in KEY),
        is_same=" and ".join(f"earlier_value.{name} is not distinct from later_value.{name}" for name in KEY),
        of_the_same=", ".join(f"earlier_value.{name}" for name in of_a_balance),
        is_of_the_same=" and ".join(
            f"flow_change.{name} is not distinct from changed.{name}" for name in of_a_balance
        ),
        threshold="hold_above_percent" if has_thresholds else "null::decimal(24, 9)",
        has_thresholds=str(has_thresholds).lower(),
    )
    con.execute(query)
    causes = comparison.causes(None, (*KEY, "measure", "denominator"))
    found: list[ChangedFigure] = []
    for number, is_above, *figure in con.execute(ROWS).fetchall():
        kind = Breach if is_above else ChangedFigure
        found.append(kind(*(*figure, causes[number])))
    return found
