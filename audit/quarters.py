"""Quarters, sums since January, shares and comparisons of quarters, as claims word them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb

from audit.series import Index, Row, Stated, Subject, Version, Way, exact, rows_of

SERIES = (
    "indicator", "measure", "direction", "geography_code", "breakdown_code", "denominator", "unit",
    "figure_unit", "dataset",
)  # fmt: skip


def add_quarters(con: duckdb.DuckDBPyConnection, index: Index) -> None:
    inputs: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows_of(
        con,
        f"select distinct quarter, {', '.join(SERIES)}, obtained_via, coalesce(publisher, '') as publisher, "
        "period_start, period_end, known_from, known_basis from audit.lineage",
    ):
        inputs[_series(row, row["quarter"])].append(row)
    history: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows_of(con, "select * from indicators.indicator_history where known_to is not null"):
        history[_series(row, row["quarter"])].append(row)
    for row in rows_of(con, "select * from indicators.quarterly_indicator"):
        if row["measure"] in ("value", "converted") or row["denominator"] not in (None, "SUM"):
            _add_quarter(row, index, inputs, history)


def _add_quarter(
    row: Row,
    index: Index,
    inputs: dict[tuple[Any, ...], list[Row]],
    history: dict[tuple[Any, ...], list[Row]],
) -> None:
    subject, quarter, flag = _subject_of_quarter(row), row["quarter"], row["flag"] or ""
    year, number = int(quarter[:4]), int(quarter[5])
    here, before = _series(row, quarter), _series(row, f"{year - 1}Q{number}")
    stated = Stated(
        Version(exact(row["value"]), row["known_from"]),
        row["dataset"],
        " ".join(filter(None, ("indicators.quarterly_indicator", *subject[:1], quarter, *subject[2:3],
                               subject.geography, subject.breakdown, row["measure"], row["denominator"]))),
        flag,
        row["known_basis"],
        bool(row["is_headline"]),
        _ways(inputs[here], row["obtained_via"]),
        row["denominator"] or "",
        _versions(history[here], "value"),
    )  # fmt: skip
    index.add(subject, stated)
    inputs_so_far = _inputs_since_january(row, inputs)
    latest = max(inputs_so_far, key=lambda each: each["known_from"], default=row)
    since_january = replace(
        stated,
        now=Version(exact(row["year_to_date"]), latest["known_from"]),
        place=f"{stated.place} since January",
        flag=_flag_since_january(row),
        basis=latest["known_basis"],
        ways=_ways(inputs_so_far, row["obtained_via"]),
        versions=_versions(history[here], "year_to_date"),
    )
    index.add(subject._replace(period=f"{year}-01..{year}-{number * 3:02}"), since_january)
    if number == 4:
        index.add(subject._replace(period=str(year)), since_january)
    if subject.measure != "value":
        return
    index.add(subject._replace(measure="monthly_average"), stated.times(Fraction(1, 3)))
    if row["measure"] == "value":
        ways = stated.ways | _ways(inputs[before], "")
        since = max((each["known_from"] for each in inputs[before]), default=row["known_from"])
        then = Version(exact(row["year_before_value"]), since)
        _add_comparisons(row, index, replace(stated, ways=ways), (then, *_versions(history[before], "value")))


def _subject_of_quarter(row: Row) -> Subject:
    """A share that is printed in place of counts is an indicator of its own; a rate's unit names currency."""
    indicator, measure = row["indicator"], row["measure"]
    if measure.startswith("share"):
        measure = "share_of_total" if row["denominator"] == "TOTAL" else "share_of_group"
    elif indicator.endswith("_share"):
        indicator, measure = indicator.removesuffix("_share"), "share_of_total"
    else:
        measure = "value"
    breakdown = "" if row["breakdown"] == "currency" else row["breakdown_code"] or ""
    place = row["geography_code"] or "TOTAL"
    return Subject(indicator, measure, row["direction"] or "", row["quarter"], place, breakdown, row["unit"])


def _add_comparisons(row: Row, index: Index, stated: Stated, before: tuple[Version, ...]) -> None:
    """Change and multiple of a year before; `before` are the versions of that quarter, today's first."""
    subject, percent = _subject_of_quarter(row), exact(row["percent_change_on_year"])
    ratios = [
        Version(now.value / then.value, max(now.since, then.since), now.to or then.to)
        for now in (stated.now, *stated.versions)
        for then in before
        if percent is not None and now.value is not None and then.value
    ]
    changes = [replace(ratio, value=(ratio.value - 1) * 100) for ratio in ratios if ratio.value is not None]
    empty = "no change in per cent of a balance or percentage" if percent is None else ""
    nothing = replace(stated.now, value=None)
    for measure, unit, versions in (
        ("change_on_year", "percent", changes),
        ("monthly_average_change_on_year", "percent", changes),
        ("multiple_on_year", "times", ratios),
    ):
        today, *earlier = versions or [nothing]
        compared = replace(
            stated,
            now=today,
            place=f"{stated.place} {measure.removeprefix('monthly_average_')}",
            flag=row["year_before_reason"] or stated.flag or empty,
            versions=tuple(earlier),
        )
        index.add(subject._replace(measure=measure, unit=unit), compared)


def _versions(rows: list[Row], column: str) -> tuple[Version, ...]:
    return tuple(
        Version(Fraction(row[column]), row["known_from"], row["known_to"])
        for row in sorted(rows, key=lambda row: row["known_from"])
        if row[column] is not None
    )


def _ways(rows: list[Row], told: str) -> frozenset[Way]:
    """The ways of inputs; without lineage those that the value itself tells."""
    found = {(row["obtained_via"], row["publisher"]) for row in rows}
    return frozenset(found or {(way, "") for way in told.split(" and ") if way})


def _inputs_since_january(row: Row, inputs: dict[tuple[Any, ...], list[Row]]) -> list[Row]:
    """The figures stated since January where there are such, else those of the quarters of the year."""
    quarter = row["quarter"]
    january = date(int(quarter[:4]), 1, 1)
    here = inputs[_series(row, quarter)]
    last = max((each["period_end"] for each in here), default=january)
    whole = [each for each in here if (each["period_start"], each["period_end"]) == (january, last)]
    quarters = [f"{quarter[:5]}{number}" for number in range(1, int(quarter[5]) + 1)]
    return whole or [each for one in quarters for each in inputs[_series(row, one)]]


def _flag_since_january(row: Row) -> str:
    """Why there is no sum since January, or what the flag of the quarter says of that sum as well."""
    flag = row["flag"] or ""
    if row["year_to_date"] is None:
        return row["year_to_date_reason"] or flag
    return "; ".join(part for part in flag.split("; ") if "not published for the quarter" not in part)


def _series(row: Row, quarter: str) -> tuple[Any, ...]:
    return (quarter, *(row[name] for name in SERIES))
