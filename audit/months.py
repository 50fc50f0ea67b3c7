"""Months and days of the facts of marts, as claims word them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import duckdb

from audit.series import Index, Row, Stated, Subject, Version, exact, rows_of

# Columns of a fact that break its values down; `total` is the whole.
BREAKDOWNS = ("breakdown_code", "transfer_system", "locality")
OBSERVED = (
    "dataset", "indicator", "direction", "geography", "breakdown", "period_start", "period_end", "unit",
    "measurement",
)  # fmt: skip
FACT_COLUMNS = ("geography_code", "measurement", "period_start", "source_file")


def add_facts(con: duckdb.DuckDBPyConnection, index: Index) -> None:
    """Values of months and days, shares of them, and months in dollars."""
    facts = list(_facts(con))
    rates = _rates(con, index)
    totals = {_whole(row): row for row in facts if row["geography"] == "TOTAL" and not row["breakdown"]}
    for row in facts:
        _add_fact(row, index, rates)
        total = totals.get(_whole(row))
        if total is not None and total is not row and total["value"]:
            index.add(row["subject"]._replace(measure="share_of_total", unit="percent"), _share(row, total))


def _facts(con: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    """Values of every fact for a month or a day, with the ways by which they came and earlier values."""
    columns: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(
        con, "select table_name, column_name from information_schema.columns where table_schema = 'marts'"
    ):
        columns[row["table_name"]].add(row["column_name"])
    queries = [
        _fact_query(name, columns[name]) for name in sorted(columns) if {*FACT_COLUMNS} <= columns[name]
    ]
    if not queries:
        return
    revised = _revised(con)
    for row in rows_of(
        con,
        "select fact.*, coalesce(file.publisher, '') as publisher from ("
        + " union all ".join(queries)
        + ") as fact left join marts.dim_source_file as file using (source_file, dataset)",
    ):
        period = _period(row)
        if period:
            row["subject"] = Subject(
                row["indicator"],
                "value",
                row["direction"],
                period,
                row["geography"],
                row["breakdown"],
                row["unit"],
            )
            row["versions"] = tuple(revised.get(_observed(row), ()))
            yield row


def _fact_query(table: str, columns: set[str]) -> str:
    breakdown = next((f"nullif({name}, 'total')" for name in BREAKDOWNS if name in columns), "null")
    direction = "direction" if "direction" in columns else "null"
    stated_on = "stated_on" if "stated_on" in columns else "cast(null as date)"
    return (
        f"select dataset, indicator, coalesce({direction}, '') as direction, geography_code as geography, "
        f"coalesce({breakdown}, '') as breakdown, period_start, period_end, {stated_on} as stated_on, value, "
        f"unit, coalesce(flag, '') as flag, obtained_via, known_from, known_basis, "
        f"source_file, '{table}' as fact, measurement from marts.{table}"
    )


def _period(row: Row) -> str:
    """2023-07 for a flow of that month, 2023-09-01 for a stock of that day, else nothing."""
    if row["stated_on"]:
        return str(row["stated_on"].isoformat())
    first, last = row["period_start"], row["period_end"]
    month = f"{first:%Y-%m}"
    is_month = first.day == 1 and f"{last:%Y-%m}" == month and (last + timedelta(days=1)).day == 1
    return month if is_month and row["measurement"] == "flow" else ""


def _observed(row: Row) -> tuple[Any, ...]:
    names = (
        "dataset",
        "indicator",
        "direction",
        "geography",
        "breakdown",
        "period_start",
        "period_end",
        "unit",
    )
    return (*(row[name] for name in names), row["measurement"])


def _revised(con: duckdb.DuckDBPyConnection) -> dict[tuple[Any, ...], list[Version]]:
    versions: dict[tuple[Any, ...], list[Version]] = defaultdict(list)
    for row in rows_of(
        con,
        "select dataset, indicator, coalesce(direction, '') as direction, "
        "coalesce(breakdown_code, '') as breakdown, "
        "coalesce(counterpart_code, region_code, 'TOTAL') as geography, period_start, period_end, unit, "
        "measurement, first_value, first_known_from, latest_known_from from audit.revision",
    ):
        first = Version(exact(row["first_value"]), row["first_known_from"], row["latest_known_from"])
        versions[_observed(row)].append(first)
    return versions


def _whole(row: Row) -> tuple[Any, ...]:
    """What a share of a fact is taken of: one dataset, thing, direction and period."""
    return (
        row["dataset"],
        row["subject"].period,
        row["indicator"],
        row["direction"],
        row["unit"],
        row["measurement"],
    )


def _of_fact(row: Row) -> Stated:
    subject = row["subject"]
    words = (f"marts.{row['fact']}", *subject[:1], subject.direction, subject.period, subject.geography)
    return Stated(
        Version(exact(row["value"]), row["known_from"]),
        row["dataset"],
        " ".join(filter(None, (*words, subject.breakdown))),
        row["flag"],
        row["known_basis"],
        ways=frozenset({(row["obtained_via"], row["publisher"])}),
        versions=row["versions"],
    )


def _share(row: Row, total: Row) -> Stated:
    part, whole = _of_fact(row), _of_fact(total)
    share = part.times(100 / Fraction(total["value"]))
    place = f"{part.place} of {whole.place}"
    return replace(share, place=place, flag="", ways=part.ways | whole.ways)


def _add_fact(row: Row, index: Index, rates: dict[str, Row]) -> None:
    stated, subject = _of_fact(row), row["subject"]
    index.add(subject, stated)
    if subject.unit != "mln KZT":
        return
    rate = rates.get(subject.period)
    place = f"{stated.place} at marts.fct_monthly_exchange_rates {subject.period}"
    if rate is None or rate["conversion_rate"] is None:
        reason = f"no rate for {subject.period}: "
        told = rate["reason"] if rate else reason + "month not known"
        stated = replace(stated, now=replace(stated.now, value=None), versions=(), flag=told, place=place)
    else:
        stated = replace(stated.times(1 / Fraction(rate["conversion_rate"])), place=place)
    index.add(subject._replace(unit="mln USD"), stated)


def _rates(con: duckdb.DuckDBPyConnection, index: Index) -> dict[str, Row]:
    """Conversion rates of months, which are also averages that a claim may print."""
    rates: dict[str, Row] = {}
    for row in rows_of(con, "select * from marts.fct_monthly_exchange_rates where currency = 'USD'"):
        period = f"{row['month_start']:%Y-%m}"
        rates[period] = row
        index.add(
            Subject("exchange_rate_average", "value", "", period, "TOTAL", "", "KZT per USD"),
            Stated(
                Version(exact(row["conversion_rate"]), row["known_from"]),
                "",
                f"marts.fct_monthly_exchange_rates {period}",
                row["reason"] or "",
                row["conversion_basis"] or "",
            ),
        )
    return rates
