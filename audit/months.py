"""Months and days of the facts of marts, as claims word them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import duckdb

from audit.series import Index, Row, Stated, Subject, Version, exact, half_width, rows_of

# Columns of a fact that break its values down; `total` is the whole.
BREAKDOWNS = ("breakdown_code", "transfer_system", "locality")
DAY = timedelta(days=1)
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
    for row in rows_of(
        con,
        "select fact.*, coalesce(file.publisher, '') as publisher from ("
        + " union all ".join(queries)
        + ") as fact left join marts.dim_source_file as file using (source_file, dataset)",
    ):
        for period in _periods(row, row["stated_on"]):
            yield {**row, "subject": _subject(row, period)}


def _subject(row: Row, period: str) -> Subject:
    place = (row["direction"], period, row["geography"], row["breakdown"], row["unit"])
    return Subject(row["indicator"], "value", *place)


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


def _periods(row: Row, stated_on: date | None) -> list[str]:
    """2023-09-01 for a stock, 2023-07 for a flow of that month, 2023-01..2023-09 since January, 2023."""
    if stated_on:
        return [stated_on.isoformat()]
    first, last = row["period_start"], row["period_end"]
    if row["measurement"] not in ("flow", "cumulative") or first.day > 1 or (last + DAY).day > 1:
        return []
    is_month = f"{first:%Y-%m}" == f"{last:%Y-%m}"
    since_january = [f"{first:%Y-%m}..{last:%Y-%m}"] if first.month == 1 else []
    whole_year = [f"{first:%Y}"] if first.month == 1 and last.month == 12 else []
    return [f"{first:%Y-%m}"] * (is_month and row["measurement"] == "flow") + since_january + whole_year


def add_revisions(con: duckdb.DuckDBPyConnection, index: Index) -> None:
    """First values that were stated anew, beside what is known today."""
    for row in rows_of(
        con,
        "select *, coalesce(breakdown_code, '') as breakdown, "
        "coalesce(counterpart_code, region_code, 'TOTAL') as geography from audit.revision",
    ):
        row["direction"] = row["direction"] or ""
        is_stock = row["measurement"] == "stock"
        periods = _periods(row, row["period_end"] + DAY if is_stock else None)
        first, last = row["period_start"], row["period_end"]
        quarter = f"{last:%Y}Q{(last.month + 2) // 3}"
        is_quarter = (first.year, first.month, first.day) == (last.year, last.month - 2, 1)
        if is_stock or (is_quarter and row["measurement"] == "flow"):
            periods.append(quarter)
        version = Version(exact(row["first_value"]), row["first_known_from"], row["latest_known_from"])
        for period in periods:
            index.add_version(_subject(row, period), row["dataset"], version, exact(row["latest_value"]))


def _whole(row: Row) -> tuple[Any, ...]:
    """What a share of a fact is taken of: one dataset, thing, direction and period."""
    names = ("dataset", "indicator", "direction", "unit", "measurement")
    return (row["subject"].period, *(row[name] for name in names))


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
        half=half_width(row["flag"]),
    )


def _share(row: Row, total: Row) -> Stated:
    part, whole = _of_fact(row), _of_fact(total)
    share = part.times(100 / Fraction(total["value"]))
    place = f"{part.place} of {whole.place}"
    flag = "; ".join(filter(None, (part.flag, whole.flag and f"denominator {whole.flag}")))
    now = replace(share.now, since=max(part.now.since, whole.now.since))
    return replace(share, now=now, place=place, flag=flag, ways=part.ways | whole.ways)


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
