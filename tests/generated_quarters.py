"""Generated observations, the project's SQL run over them, and the same figures counted by hand.

dbt compiled the models when it built the refreshed home. Each example runs those between `observation` and
`quarterly_indicator`, in the order that the manifest gives, in a database in memory; no list of them here.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from graphlib import TopologicalSorter
from itertools import product
from math import floor
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from hypothesis import strategies as st

from orchestration import dbt

Row = dict[str, Any]
Period = tuple[str, date, date]

DATASETS = ("border_service__border_crossings", "interior_ministry__border_crossings")
DIRECTIONS = ("arrival", "departure", "net")
WHOLES = (None, "CIS", "NON_CIS")
PARTS = (("RU", "KG", "UA", "CN"), ("RU", "KG", "UA", "CN"), ("75", "71", "10"))
DAYS = tuple(date(2019, 1, 1) + timedelta(days=number) for number in range(4))
# None: left out again. A share of 4096 ends with a five in the tenth place.
VALUES = (None, 0, 1, 2, 3, 5, 7, 4096)
# What was stated first came by a reprint, so that an agency's file may state the same figure again.
WAYS = ("press reprint", "agency file")
NINTH_PLACE = Decimal("1e-9")


def days_of(first_month: int, last_month: int) -> tuple[date, date]:
    """First and last day of these months of 2018, the year in which Ukraine left the CIS (on 19 May)."""
    return date(2018, first_month, 1), date(2018, last_month, monthrange(2018, last_month)[1])


MONTHS: list[Period] = [("flow", *days_of(month, month)) for month in range(1, 7)]
STATED: list[Period] = [("flow", *days_of(month - 2, month)) for month in (3, 6, 9)]
# The whole year comes as a flow, as the Bureau of National Statistics states it.
CUMULATIVE: list[Period] = [("cumulative", *days_of(1, month)) for month in (3, 6, 9)]
CUMULATIVE += [("flow", *days_of(1, 12))]
STOCK: list[Period] = [("stock", end, end) for _, end in (days_of(3, 3), days_of(6, 6))]
SHAPES = (MONTHS, STATED, CUMULATIVE, STOCK, MONTHS + STATED, MONTHS + CUMULATIVE)


class Version(NamedTuple):
    """One value of one thing with the days between which it was known."""

    dataset: str
    direction: str
    place: str | None
    period: Period
    value: int
    known_from: date
    known_to: date | None
    obtained_via: str = "agency file"

    def literal(self) -> str:
        """The row of `observation`, its columns in their order."""
        region = self.place if self.place and self.place.isdigit() else None
        measurement, start, end = self.period
        given = (
            *(self.dataset, self.obtained_via, "border_crossings", self.direction, "citizenship"),
            *(None if region else self.place, region, None, None, start, end, measurement),
            *(
                self.value,
                self.value,
                "persons",
                None,
                self.known_from,
                self.known_to,
                "publication day",
                None,
                "unknown",
            ),
            *("file", "cell", str(self.value)),
        )
        return "(" + ", ".join("null" if each is None else f"'{each}'" for each in given) + ")"


@dataclass(frozen=True)
class Warehouse:
    """A database in memory and the models that are run in it."""

    con: duckdb.DuckDBPyConnection
    models: list[str] = field(repr=False)

    def build(self, versions: Sequence[Version]) -> Warehouse:
        self.con.execute("delete from build.intermediate.observation")
        if versions:
            rows = ", ".join(version.literal() for version in versions)
            self.con.execute(f"insert into build.intermediate.observation values {rows}")
        for model in self.models:
            self.con.execute(model)
        return self

    def rows(self, table: str) -> list[Row]:
        found = self.con.execute(f"from build.indicators.{table} where indicator = 'border_crossings'")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def compiled_warehouse(home: Path) -> Warehouse:
    """The models between the two, as the home was built, and the tables that these ask for."""
    manifest = dbt.manifest()
    nodes = manifest["nodes"] | manifest["sources"]
    first, last = (
        f"model.mobility_tracking_matrix.{name}" for name in ("observation", "quarterly_indicator")
    )
    between = (_reached(manifest["child_map"], first) & _reached(manifest["parent_map"], last)) - {first}
    parents = {each: manifest["parent_map"][each] for each in between}
    results = json.loads((home / "dbt" / "run_results.json").read_text("utf-8"))["results"]
    compiled = {result["unique_id"]: result["compiled_code"] for result in results}
    con = duckdb.connect()
    con.execute(f"attach '{home / 'build.duckdb'}' as built (read_only)")
    con.execute("attach ':memory:' as build")
    con.execute("set threads = 1")
    for each in between.union(*parents.values()):
        con.execute(f"create schema if not exists build.{nodes[each]['schema']}")
        if each not in between:
            table = nodes[each]["relation_name"]
            con.execute(f"create table {table} as from {table.replace('build', 'built', 1)}")
    con.execute("detach built")
    order = [each for each in TopologicalSorter(parents).static_order() if each in between]
    tables = ((nodes[each]["relation_name"], compiled[each]) for each in order)
    return Warehouse(con, [f"create or replace table {table} as {query}" for table, query in tables])


def _reached(graph: dict[str, list[str]], start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        new = {each for each in graph[ahead.pop()] if each.startswith("model.")} - found
        ahead += new
        found |= new
    return found


def chained(
    dataset: str, direction: str, place: str | None, period: Period, said: Iterable[Any]
) -> list[Version]:
    """Versions as `observation` chains them: each is known until the next, on the very day if need be."""
    in_order = sorted(said, key=itemgetter(0))
    ends = [day for day, _ in in_order[1:]] + [None]
    return [
        Version(dataset, direction, place, period, value, day, end, WAYS[number > 0])
        for number, ((day, value), end) in enumerate(zip(in_order, ends, strict=True))
        if value is not None
    ]


@st.composite
def worlds(draw: st.DrawFn, shapes: Sequence[list[Period]] = SHAPES) -> list[Version]:
    """What one or two publishers state of some places in one shape, or in two that overlap."""
    said = st.lists(st.tuples(st.sampled_from(DAYS), st.sampled_from(VALUES)), min_size=1, max_size=3)
    versions = []
    for dataset in draw(st.lists(st.sampled_from(DATASETS), min_size=1, unique=True)):
        directions = draw(st.lists(st.sampled_from(DIRECTIONS), min_size=1, unique=True))
        wholes = draw(st.lists(st.sampled_from(WHOLES), max_size=2, unique=True))
        parts = st.lists(st.sampled_from(draw(st.sampled_from(PARTS))), max_size=4, unique=True)
        places = [*wholes, *draw(parts)]
        for thing in product(directions, places, draw(st.sampled_from(shapes))):
            versions += chained(dataset, *thing, draw(said))
    return versions


def rare_changes() -> list[Version]:
    """Changes that were missed once or are seldom generated, a value a day.

    A flag that changes alone; a year's figure that comes before those since January; a balance stated first
    and then computed, to the same value; a quarter of which everything is left out again; a tie of countries.
    """
    one, other = DATASETS
    stated: tuple[tuple[str, str, str | None, Period, tuple[int | None, ...]], ...] = (
        (one, "arrival", None, CUMULATIVE[0], (1, 2, 2)),
        (one, "arrival", None, CUMULATIVE[1], (3, 4)),
        (one, "departure", None, CUMULATIVE[3], (9,)),
        (one, "departure", None, CUMULATIVE[2], (None, 4)),
        (other, "arrival", None, CUMULATIVE[0], (1,)),
        (other, "arrival", None, CUMULATIVE[1], (3,)),
        (other, "departure", None, CUMULATIVE[0], (1,)),
        (other, "departure", None, CUMULATIVE[1], (1,)),
        (other, "net", None, CUMULATIVE[0], (0, None)),
        (other, "net", None, CUMULATIVE[1], (2, None)),
        (other, "arrival", "CN", STATED[2], (5, None)),
        *((other, "arrival", country, STATED[0], (n,)) for country, n in (("RU", 5), ("KG", 5), ("UA", 3))),
    )
    return [
        each
        for dataset, direction, place, period, told in stated
        for each in chained(dataset, direction, place, period, zip(DAYS, told, strict=False))
    ]


def figures(versions: list[Version], day: date) -> dict[tuple[Any, ...], tuple[Any, Any]]:
    """Value and figure since January of each quarter, counted here from what was known on the day."""
    series: dict[tuple[Any, ...], dict[Period, int]] = defaultdict(dict)
    cumulative = set()
    for each in versions:
        if each.period[0] == "cumulative" and each.known_from <= day and each.known_from != each.known_to:
            cumulative.add(each[:3])
        if each.known_from <= day and (each.known_to is None or day < each.known_to):
            series[each[:3]][each.period] = each.value
    found: dict[tuple[Any, ...], tuple[Any, Any]] = {}
    for (key, known), quarter in product(series.items(), (1, 2, 3, 4)):
        last = 3 * quarter
        since = {month: known.get(("cumulative", *days_of(1, month))) for month in (3, 6, 9)}
        since[12] = known.get(("flow", *days_of(1, 12))) if key in cumulative else None
        months = [known.get(("flow", *days_of(month, month))) for month in range(last - 2, last + 1)]
        stated = known.get(("flow", *days_of(last - 2, last)), since[3] if quarter == 1 else None)
        to_date, before = (stated, None) if quarter == 1 else (since[last], since[last - 3])
        stock = known.get(("stock", days_of(last, last)[1], days_of(last, last)[1]))
        whole = None if None in months else sum(month or 0 for month in months)
        flow = None if to_date is None or before is None else to_date - before
        if any(each is not None for each in (stated, stock, to_date, *months)):
            value = next((each for each in (stated, whole, stock, flow) if each is not None), None)
            found[(*key, f"2018Q{quarter}")] = value, to_date
    for (dataset, direction, place, quarter_name), arrivals in list(found.items()):
        departures = found.get((dataset, "departure", place, quarter_name), (None, None))
        net = dataset, "net", place, quarter_name
        if (
            direction == "arrival"
            and None not in (arrivals[0], departures[0])
            and found.get(net, (None,))[0] is None
        ):
            to_dates = arrivals[1], departures[1]
            found[net] = arrivals[0] - departures[0], None if None in to_dates else to_dates[0] - to_dates[1]
    return {key: each for key, each in found.items() if key[1] != "net" or each[0] is not None}


def share(part: Decimal, whole: Decimal | int) -> Decimal | None:
    """Per cent, rounded half up (away from nought) at nine digits; none of nought."""
    if not whole:
        return None
    exact = Fraction(part) / Fraction(whole) * 10**11
    return Decimal(floor(abs(exact) + Fraction(1, 2)) * (1 if exact > 0 else -1)) * NINTH_PLACE


def group_of(country: str | None, quarter: str) -> str:
    return "CIS" if country in ("RU", "KG") or (country == "UA" and quarter == "2018Q1") else "NON_CIS"
