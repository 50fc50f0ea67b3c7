"""A small warehouse to judge claims against; rows name only what they differ in."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb

from audit.checks import Check
from audit.claims import COLUMNS, Report, read_claims
from audit.warehouse import warehouse_checks

READ = "day of reading the recorded answer"
OWN = ("IOM report", "IOM, Compilation (July - September 2023), December 2023")
OTHER = ("IOM report", "https://example.org/situation-report-april-june-2024")
PRESS = ("press reprint", "https://example.org/news")

TABLES = """
create schema marts; create schema indicators; create schema audit;
create table indicators.quarterly_indicator (
    quarter varchar, indicator varchar, measure varchar, direction varchar, geography_code varchar,
    breakdown varchar, breakdown_code varchar, denominator varchar, unit varchar, figure_unit varchar,
    dataset varchar, value decimal(24, 9), flag varchar, year_before_value decimal(24, 9),
    percent_change_on_year decimal(24, 9), year_before_reason varchar, year_to_date decimal(24, 9),
    year_to_date_reason varchar, is_headline boolean, obtained_via varchar, known_from date,
    known_basis varchar);
create table indicators.indicator_history (
    quarter varchar, indicator varchar, measure varchar, direction varchar, geography_code varchar,
    breakdown_code varchar, denominator varchar, unit varchar, figure_unit varchar, dataset varchar,
    value decimal(24, 9), year_to_date decimal(24, 9), known_from date, known_to date);
create table audit.lineage (
    quarter varchar, indicator varchar, measure varchar, direction varchar, geography_code varchar,
    breakdown_code varchar, denominator varchar, unit varchar, figure_unit varchar, dataset varchar,
    obtained_via varchar, publisher varchar, period_start date, period_end date, known_from date,
    known_basis varchar);
create table audit.revision (
    dataset varchar, indicator varchar, direction varchar, counterpart_code varchar, region_code varchar,
    breakdown_code varchar, period_start date, period_end date, measurement varchar, unit varchar,
    first_value decimal(24, 9), first_known_from date, latest_value decimal(24, 9), latest_known_from date);
create table marts.fct_flows (
    dataset varchar, indicator varchar, period_start date, period_end date, direction varchar,
    locality varchar, geography_code varchar, measurement varchar, value decimal(24, 9), unit varchar,
    flag varchar, obtained_via varchar, known_from date, known_basis varchar, source_file varchar);
create table marts.fct_stocks (
    dataset varchar, indicator varchar, period_start date, period_end date, stated_on date,
    breakdown_code varchar, geography_code varchar, measurement varchar, value decimal(24, 9), unit varchar,
    flag varchar, obtained_via varchar, known_from date, known_basis varchar, source_file varchar);
create table marts.dim_source_file (source_file varchar, dataset varchar, publisher varchar);
create table marts.fct_monthly_exchange_rates (
    month_start date, currency varchar, conversion_rate decimal(24, 9), conversion_basis varchar,
    reason varchar, known_from date);
"""


UNITS = {"transfers": "mln KZT", "permits": "persons", "migration": "persons", "rate": "KZT per USD"}


class SmallWarehouse:
    """The tables that the audit reads, empty at first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.con = duckdb.connect()
        self.con.execute(TABLES)

    def add(self, table: str, **row: Any) -> None:
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        self.con.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))

    def quarter(
        self, quarter: str, value: object, *ways: tuple[str, str], since: str = "2023-11-09", **row: Any
    ) -> None:
        """A row of the long table, with its lineage when there are ways."""
        key = {
            "quarter": quarter, "indicator": "transfers", "measure": "value", "direction": "sent",
            "geography_code": None, "breakdown_code": None, "denominator": None, "unit": "mln KZT",
            "figure_unit": "mln KZT", "dataset": "bank",
        }  # fmt: skip
        key |= {name: row.pop(name) for name in key.keys() & row.keys()}
        told: dict[str, Any] = {"known_basis": "publication day", "obtained_via": "agency file"}
        told |= {"known_from": since, "is_headline": True, "value": value}
        self.add("indicators.quarterly_indicator", **key, **(told | row))
        for obtained_via, publisher in ways:
            self.add(
                "audit.lineage",
                **key,
                obtained_via=obtained_via,
                publisher=publisher,
                period_start="2023-07-01",
                period_end="2023-09-30",
                known_from=since,
                known_basis="publication day",
            )

    def fact(self, table: str, value: object, start: str, end: str, way: tuple[str, str], **row: Any) -> None:
        told: dict[str, Any] = {"dataset": "bank", "geography_code": "TOTAL", "measurement": "flow"}
        told |= {"unit": "mln KZT", "known_from": "2026-11-23", "known_basis": READ, "obtained_via": way[0]}
        told |= {"source_file": way[1]}
        self.con.execute("delete from marts.dim_source_file where source_file = ?", [way[1]])
        self.add("marts.dim_source_file", source_file=way[1], dataset="bank", publisher=way[1])
        self.add(f"marts.{table}", value=value, period_start=start, period_end=end, **(told | row))

    def report(self, *claims: dict[str, str], **of_first: str) -> Report:
        """Claims that name only what they differ in, behind the two that date the report."""
        defaults = dict.fromkeys(COLUMNS, "") | {
            "indicator": "transfers",
            "measure": "value",
            "kind": "source",
        }
        defaults |= {"direction": "sent", "period": "2023Q3", "geography": "TOTAL", "unit": "bn KZT"}
        context = {"kind": "context", "unit": "date"}
        rows = [
            context | {"indicator": "report_period", "value": "2023-07..2023-09"},
            context | {"indicator": "report_publication_month", "value": "2023-12"},
            *(claims or [of_first]),
        ]
        with self.path.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            for number, row in enumerate(rows):
                figure = row.get("value", "")
                decimals = str(len(figure.partition(".")[2])) if row.get("kind") != "context" else ""
                told = {"claim_id": f"C{number}", "printed_decimals": decimals}
                writer.writerow(defaults | told | row)
        return read_claims(
            self.path,
            {"transfers": "mln KZT", "permits": "persons", "migration": "persons", "rate": "KZT per USD"},
        )

    def judge(self, **claim: str) -> Check:
        (check,) = warehouse_checks(self.report(claim), self.con)
        return check
