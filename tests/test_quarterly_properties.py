"""What must hold of the quarterly tables whatever is stated, and whenever: sums, shares, ranks, history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests import generated_quarters as generated
from tests.generated_quarters import CUMULATIVE, DAYS, MONTHS, STATED, Row, Version, Warehouse, worlds

SERIES = ("quarter", "measure", "direction", "geography_kind", "geography_code", "denominator", "unit")
KEY = (*SERIES, "dataset")
RESTATED = "a restated figure less one of an earlier release"
SAME = ("geography_group", "method", "value", "rank", "coverage", "flag", "obtained_via")
PLACE: Callable[[Row], Any] = itemgetter("geography_kind", "geography_code")


def examples(number: int) -> Callable[[Any], Any]:
    """The same examples in every run, so that a failure is never a matter of luck."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    phases = (Phase.explicit, Phase.generate)
    return settings(
        max_examples=number, deadline=None, derandomize=True, suppress_health_check=checks, phases=phases
    )


@pytest.fixture(scope="module")
def warehouse(refreshed: Path) -> Warehouse:
    return generated.compiled_warehouse(refreshed)


def as_of(rows: Iterable[Row], day: date) -> list[Row]:
    return [
        row for row in rows if row["known_from"] <= day and (row["known_to"] is None or day < row["known_to"])
    ]


def columns(rows: Iterable[Row], *names: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row[name] for name in (*KEY, *names)) for row in rows), key=str)


@examples(20)
@given(versions=worlds())
def test_spells_follow_and_the_last_are_current(warehouse: Warehouse, versions: list[Version]) -> None:
    warehouse.build(versions)
    history, current = warehouse.rows("indicator_history"), warehouse.rows("quarterly_indicator")
    spells = defaultdict(list)
    for row in history:
        spells[itemgetter(*KEY)(row)].append((row["known_from"], row["known_to"] or date.max))
    for series in spells.values():
        assert all(start < end for start, end in series)
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(series)))
    now = columns(current, *SAME, "known_from")
    assert columns((row for row in history if row["known_to"] is None), *SAME, "known_from") == now
    assert columns(as_of(history, DAYS[-1]), *SAME, "known_from") == now
    headlines = Counter(itemgetter(*SERIES)(row) for row in current if row["is_headline"])
    assert headlines == dict.fromkeys(map(itemgetter(*SERIES), current), 1)


def cut(versions: list[Version], day: date) -> list[Version]:
    """What was stated up to the day, none of it ended later."""
    known = (each for each in versions if each.known_from <= day)
    return [each._replace(known_to=None) if (each.known_to or date.max) > day else each for each in known]


def at_once(versions: list[Version], day: date) -> list[Version]:
    """The same, what stands stated on the day itself, and what had stood ended long before."""
    old = {"known_from": day - timedelta(days=9), "known_to": day - timedelta(days=5)}
    new = {"known_from": day, "known_to": None}
    seen = (each for each in cut(versions, day) if each.known_from != each.known_to)
    return [each._replace(**(old if each.known_to else new)) for each in seen]


def without_order(row: Row) -> Row:
    """The row without what only a reader of older days can know: which of two figures was revised later."""
    flags = set((row["flag"] or "").split("; ")) - {"", "quarter before revised later", RESTATED}
    return row | {"flag": None if row["measure"] in ("sum_of_countries", "residual") else sorted(flags)}


@examples(6)
@given(versions=worlds())
@example(versions=generated.rare_changes())
def test_history_as_of_a_day_is_what_was_known_on_it(warehouse: Warehouse, versions: list[Version]) -> None:
    """A reader of that day computes the same, and so does one in whom nothing old can stay."""
    history = warehouse.build(versions).rows("indicator_history")
    seen = (*SAME, "year_to_date")
    for day in DAYS:
        then = as_of(history, day)
        now = as_of(warehouse.build(cut(versions, day)).rows("indicator_history"), DAYS[-1])
        assert columns(then, *seen) == columns(now, *seen)
        new = as_of(warehouse.build(at_once(versions, day)).rows("indicator_history"), DAYS[-1])
        assert columns(map(without_order, then), *seen) == columns(map(without_order, new), *seen)


@examples(20)
@given(versions=worlds())
@example(versions=generated.rare_changes())
def test_values_are_those_counted_by_hand(warehouse: Warehouse, versions: list[Version]) -> None:
    """Three months are a quarter, so is a difference since January; net is arrivals less departures."""
    history = warehouse.build(versions).rows("indicator_history")
    for day in DAYS:
        assert generated.figures(versions, day) == {
            itemgetter("dataset", "direction", "geography_code", "quarter")(row): (
                row["value"],
                row["year_to_date"],
            )
            for row in as_of(history, day)
            if row["measure"] == "value" and (row["direction"] != "net" or row["value"] is not None)
        }


@examples(20)
@given(versions=worlds())
@example(versions=generated.rare_changes())
def test_parts_and_wholes_agree(warehouse: Warehouse, versions: list[Version]) -> None:
    history = warehouse.build(versions).rows("indicator_history")
    for day in DAYS:
        tables = defaultdict(list)
        for row in as_of(history, day):
            tables[row["quarter"], row["dataset"], row["direction"]].append(row)
        for (quarter, _, direction), rows in tables.items():
            for column in ("value", "year_to_date"):
                check_sums(quarter, direction == "net", rows, column)
                check_shares(quarter, direction == "net", rows, column)
            check_ranks(rows)


def values(rows: list[Row], *kinds: str, column: str = "value") -> dict[tuple[str, str | None], Decimal]:
    known = {PLACE(row): row[column] for row in rows if row["measure"] == "value" and row[column] is not None}
    return {place: value for place, value in known.items() if not kinds or place[0] in kinds}


def check_sums(quarter: str, is_net: bool, rows: list[Row], column: str) -> None:
    """Countries add up to the sum of their group, and with the residual to the stated group."""
    countries, stated = values(rows, "country", column=column), values(rows, "group", column=column)
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for (_, country), value in countries.items():
        sums["group", generated.group_of(country, quarter)] += value
    found = [row for row in rows if row[column] is not None]
    assert sums == {PLACE(row): row[column] for row in found if row["measure"] == "sum_of_countries"}
    assert sum(sums.values()) == sum(countries.values())
    residuals = {PLACE(row): row[column] for row in found if row["measure"] == "residual"}
    assert residuals.keys() == (set() if is_net else sums.keys() & stated.keys())
    assert all(sums[group] + left == stated[group] for group, left in residuals.items())


def check_shares(quarter: str, is_net: bool, rows: list[Row], column: str) -> None:
    """Each share is that of its part in its denominator, and those in the sum of the parts add up to 100."""
    expected: dict[Any, Decimal | None] = {}
    wholes = values(rows, "total", "group", column=column)
    total = wholes.get(("total", None))
    of_parts = values(rows, "country", "group", "region", column=column)
    for (kind, code), value in {} if is_net else of_parts.items():
        if total is not None:
            expected[kind, code, "TOTAL"] = generated.share(value, total)
        if total is not None and kind != "group":
            expected[kind, code, "SUM"] = generated.share(
                value, sum(values(rows, kind, column=column).values())
            )
        group = generated.group_of(code, quarter)
        if kind == "country" and ("group", group) in wholes:
            expected[kind, code, group] = generated.share(value, wholes["group", group])
    found = {(*PLACE(row), row["denominator"]): row for row in rows if row["measure"].startswith("share_of_")}
    is_zero = {place for place, share in expected.items() if share is None}
    shares = {
        place: row[column] for place, row in found.items() if row[column] is not None or place in is_zero
    }
    assert shares == expected
    if column == "value":
        assert all(
            (place in is_zero) == (row["flag"] == "denominator is zero") for place, row in found.items()
        )
    for kind in ("country", "region"):
        parts = [share for place, share in shares.items() if place[0] == kind and place[2] == "SUM"]
        assert None in parts or not parts or abs(sum(parts) - 100) <= len(parts) * generated.NINTH_PLACE / 2


def check_ranks(rows: list[Row]) -> None:
    """A rank is one more than the number of greater values; equal values share it."""
    for row in rows:
        peers = values(rows, row["geography_kind"]) if row["geography_kind"] in ("country", "region") else {}
        is_ranked = row["measure"] == "value" and PLACE(row) in peers
        assert row["rank"] == (1 + sum(peer > row["value"] for peer in peers.values()) if is_ranked else None)


@pytest.mark.parametrize("shape", [MONTHS, STATED, CUMULATIVE], ids=["months", "stated", "cumulative"])
@examples(6)
@given(data=st.data())
def test_quarters_add_up_to_the_year_to_date(
    warehouse: Warehouse, shape: list[generated.Period], data: st.DataObject
) -> None:
    current = warehouse.build(data.draw(worlds((shape,)))).rows("quarterly_indicator")
    so_far: dict[Any, list[Any]] = defaultdict(list)
    for row in sorted(current, key=itemgetter("quarter")):
        if row["measure"] == "value" and row["direction"] != "net":
            quarters = so_far[itemgetter("dataset", "direction", "geography_code")(row)]
            quarters.append(row["value"])
            if None not in quarters and len(quarters) == int(row["quarter"][-1]):
                assert row["year_to_date"] == sum(quarters)


def said(
    period: generated.Period, value: int, place: str | None = None, dataset: str = generated.DATASETS[0]
) -> Version:
    return Version(dataset, "arrival", place, period, value, DAYS[0], None)


def table(warehouse: Warehouse, *versions: Version) -> list[Row]:
    return sorted(warehouse.build(versions).rows("quarterly_indicator"), key=itemgetter("dataset", "quarter"))


@examples(3)
@given(missing=st.integers(0, 2))
def test_a_missing_month_leaves_the_quarter_empty(warehouse: Warehouse, missing: int) -> None:
    (row,) = table(warehouse, *(said(month, 5) for month in MONTHS[:3] if month != MONTHS[missing]))
    assert (row["value"], row["coverage"], row["flag"]) == (None, "2 of 3", "month missing")


@examples(3)
@given(first=st.integers(1, 9), fall=st.integers(1, 9))
def test_a_fall_since_january_is_a_negative_flow(warehouse: Warehouse, first: int, fall: int) -> None:
    _, row = table(warehouse, said(CUMULATIVE[0], first), said(CUMULATIVE[1], first - fall))[:2]
    assert (row["value"], row["flag"]) == (-fall, "negative flow")


@examples(3)
@given(part=st.integers(0, 9))
def test_a_share_of_nought_is_empty_and_says_so(warehouse: Warehouse, part: int) -> None:
    rows = table(warehouse, said(STATED[0], 0), said(STATED[0], part, "CN"))
    (row,) = (row for row in rows if row["measure"] == "share_of_stated")
    assert (row["value"], row["flag"]) == (None, "denominator is zero")


@examples(3)
@given(stated=st.lists(st.integers(0, 9), min_size=2, max_size=2))
def test_two_publishers_stay_apart(warehouse: Warehouse, stated: list[int]) -> None:
    rows = table(
        warehouse, *(said(STATED[0], stated[n], None, name) for n, name in enumerate(generated.DATASETS))
    )
    assert [(row["value"], row["is_headline"]) for row in rows] == [(stated[0], False), (stated[1], True)]


def test_a_flag_that_changes_alone_begins_a_spell(warehouse: Warehouse) -> None:
    history = warehouse.build(generated.rare_changes()).rows("indicator_history")
    flags = [
        (row["flag"], row["known_from"]) for row in history if row["quarter"] == "2018Q2" and row["flag"]
    ]
    assert flags == [("quarter before revised later", DAYS[2])]
