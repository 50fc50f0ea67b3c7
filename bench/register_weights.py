"""What the rows of a synthetic register are drawn from: tables of SLOTS numbered slots.

A table holds each value as often as its weight asks, so that a hash of SLOTS values, joined to it, draws by
weight. Citizenships, directions, seasons and the share of work are those of the recorded letters; names are
those of the seeds. Where no agency states shares (purposes, checkpoints, hours), weights are a shape
without a source: they fall from line to line of the seed, are higher at one's own border, lower at night
and at weekends.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from ingest.catalogue import DATASETS
from ingest.dataset import SourceFile
from ingest.recorded import recorded_letters
from ingest.sheets.labels import fold_all
from orchestration.dbt import PROJECT

SLOTS = 65_536
SEEDS = PROJECT / "seeds"
LETTERS = {"ministry": "interior_ministry__border_crossings", "service": "border_service__border_crossings"}

SEED = """
create table seed.{name} as
select row_number() over () as line, * from read_csv('{path}', all_varchar = true)
"""

FIGURES = """
create table figure as
select letter.*, country.iso3
from letter
left join seed.alias
    on alias.dictionary = 'country' and alias.dataset is null and alias.label = letter.folded
left join seed.country on alias.code = country.country_code
"""

# Countries as the ministry states them; further ones of the service's letters, brought to the same scale by
# the countries that both state; what is left of the ministry's total is spread over all others.
TRAVELLERS = """
create table traveller_weight as
with stated as (
    select iso3, direction, amount as weight
    from figure
    where agency = 'ministry' and role = 'part'
), total as (
    select direction, amount, amount / max(amount) filter (direction = 'arrival') over () as of_arrivals
    from figure
    where agency = 'ministry' and role = 'total'
), service as (
    select iso3, amount
    from figure
    where agency = 'service' and role = 'part' and direction = 'arrival' and amount is not null
), scale as (
    select sum(stated.weight) / sum(service.amount) as factor
    from stated
    inner join service on stated.iso3 = service.iso3 and stated.direction = 'arrival'
), named as (
    from stated
    union all
    select service.iso3, total.direction, service.amount * scale.factor * total.of_arrivals
    from service
    cross join scale
    cross join total
    where service.iso3 not in (select iso3 from stated)
), other as (
    select iso3
    from seed.country
    where iso3 != 'KAZ' and iso3 not in (select iso3 from named)
), rest as (
    select
        direction,
        (amount - (select sum(weight) from named where named.direction = total.direction))
        / (select count(*) from other) as weight
    from total
), weighted as (
    from named
    union all
    select other.iso3, rest.direction, rest.weight
    from other
    cross join rest
)
select
    weighted.iso3, country.name_ru, weighted.direction, weighted.weight,
    coalesce(neighbour.country_code, '') as home
from weighted
inner join seed.country on weighted.iso3 = country.iso3
left join (select distinct neighbour as country_code from seed.checkpoint) as neighbour
    on country.country_code = neighbour.country_code
"""

CHECKPOINTS = """
create table checkpoint_weight as
with home as (
    select distinct home from traveller_weight
), ranked as (
    select *, row_number() over (partition by kind, neighbour order by line) as place from seed.checkpoint
)
select
    home.home, ranked.name_en, ranked.name_ru, ranked.kind, ranked.region_code, region.name_ru as region_name,
    case when ranked.neighbour = home.home then 8 when ranked.kind = 'air' then 3 else 1 end
    / ranked.place as weight
from ranked
cross join home
inner join seed.region on ranked.region_code = region.region_code
"""

PURPOSES = """
create table purpose_weight as
with purpose as (
    select
        lower(name_en) as purpose, purpose_code = 'WORK' as is_work,
        1 / row_number() over (partition by purpose_code = 'WORK' order by line) ^ 2 as weight
    from seed.crossing_purpose
), work as (
    select sum(amount) filter (purpose = 'work') / sum(amount) filter (purpose = 'total') as share
    from figure
    where role = 'total' and direction = 'arrival'
        and period_start in (select period_start from figure where purpose = 'work')
)
select
    purpose,
    weight / sum(weight) over (partition by is_work)
    * case when is_work then work.share else 1 - work.share end as weight
from purpose
cross join work
"""

# Every sixteenth traveller's country and every eighth checkpoint stand by their Russian names, each third
# region by its name; of those who cross by road every twentieth goes on foot.
TRAVELLER = "case when slot % 16 = 0 then name_ru else iso3 end as citizenship, direction, home"
CHECKPOINT = """
home, case when slot % 8 = 0 then name_ru else name_en end as checkpoint,
case when slot % 3 = 0 then region_name else region_code end as region,
case when kind = 'road' and slot % 20 = 0 then 'foot' else kind end as transport
"""

HOURS = """
select 60 * 60 * hour as second, 1.2 - cos(2 * pi() * (hour - 3) / 24) as weight
from range(24) as hours (hour)
"""

# The month of a file, the two before it that late rows are of, and the next, which has not come yet.
DAYS = """
with month as (
    select month_offset, date '{month}' + to_months(month_offset) as first_day
    from (select unnest([-2, -1, 0, 1]) as month_offset)
), day as (
    select month_offset, unnest(range(first_day, first_day + interval 1 month, interval 1 day)) as midnight
    from month
)
select month_offset, midnight, case when dayofweek(midnight) in (0, 6) then 3 else 5 end as weight from day
"""

SLOT_TABLE = """
create {table} as
with summed as (
    select
        *, sum(weight) over (partition by {key} order by {order} rows unbounded preceding) as upper,
        sum(weight) over (partition by {key}) as whole
    from ({weighted})
), bounds as (
    select
        *, cast(round({slots} * (upper - weight) / whole) as bigint) as first_slot,
        cast(round({slots} * upper / whole) as bigint) as next_slot
    from summed
), slot as (
    select *, unnest(range(first_slot, next_slot)) as slot from bounds
)
select slot, {values} from slot
"""

MONTHS = """
with latest as (
    select quarter(period_start) as quarter, max_by(amount, period_start) as amount
    from figure
    where role = 'total' and purpose = 'total' and direction = 'arrival' and measurement = 'flow'
    group by all
), weighted as (
    select asked.month, latest.amount * day(last_day(asked.month)) as weight
    from (select unnest($months) as month) as asked
    inner join latest on quarter(asked.month) = latest.quarter
), summed as (
    select
        *, sum(weight) over (order by month rows unbounded preceding) as upper,
        sum(weight) over () as whole
    from weighted
)
select cast(floor($rows * upper / whole) - floor($rows * (upper - weight) / whole) as bigint)
from summed
order by month
"""


def load_weights(con: duckdb.DuckDBPyConnection, checkpoints: Path = SEEDS / "checkpoint.csv") -> None:
    """Make `traveller_slot`, `checkpoint_slot`, `purpose_slot`, `hour_slot`, and what they rest on.

    checkpoints: a csv of the seed's shape. Raises ValueError when a country of a letter is unknown.
    """
    con.execute("create schema seed")
    for name in ("alias", "country", "region", "crossing_purpose"):
        con.execute(SEED.format(name=name, path=SEEDS / f"{name}.csv"))
    con.execute(SEED.format(name="checkpoint", path=checkpoints))
    con.register("letter", _letters())
    for statement in (FIGURES, TRAVELLERS, CHECKPOINTS, PURPOSES):
        con.execute(statement)
    unknown = con.execute("select citizenship from figure where role = 'part' and iso3 is null").fetchall()
    if unknown:
        raise ValueError(f"the seeds know no country of these names: {unknown}")
    _slots(con, "table traveller_slot", "from traveller_weight", TRAVELLER, "iso3, direction")
    _slots(con, "table checkpoint_slot", "from checkpoint_weight", CHECKPOINT, "name_en", "home")
    _slots(con, "table purpose_slot", "from purpose_weight", "purpose", "purpose")
    _slots(con, "table hour_slot", HOURS, "second", "second")


def load_days(con: duckdb.DuckDBPyConnection, month: date) -> None:
    """Make the temp table `day_slot`: midnights of a file's month and of those around it."""
    days = DAYS.format(month=month)
    _slots(con, "temp table day_slot", days, "month_offset, midnight", "midnight", "month_offset")


def rows_of_months(con: duckdb.DuckDBPyConnection, months: list[date], rows: int) -> list[int]:
    """Share the rows out over the months, as the arrivals of their quarters in the latest letters."""
    return [count for (count,) in con.execute(MONTHS, {"months": months, "rows": rows}).fetchall()]


def _slots(
    con: duckdb.DuckDBPyConnection, table: str, weighted: str, values: str, order: str, key: str = "true"
) -> None:
    con.execute(
        SLOT_TABLE.format(table=table, weighted=weighted, values=values, order=order, key=key, slots=SLOTS)
    )


def _letters() -> pd.DataFrame:
    """The figures of the two agencies' recorded letters on crossings, labels folded as the aliases are."""
    frames = []
    for agency, name in LETTERS.items():
        dataset = DATASETS[name]
        for resource in recorded_letters(dataset):
            assert resource.letter is not None
            file = SourceFile("", resource.letter.name, resource.letter.read_bytes())
            frames.append(dataset.parse(resource, [file]).assign(agency=agency))
    letters = pd.concat(frames, ignore_index=True)
    letters["folded"] = fold_all(list(letters["citizenship"]))
    letters["amount"] = pd.to_numeric(letters["amount"])
    letters["period_start"] = pd.to_datetime(letters["period_start"])
    return letters
