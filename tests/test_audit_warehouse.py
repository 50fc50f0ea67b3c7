"""Printed figures against a small warehouse, for each verdict, and some of 2023Q3 against the real one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit.checks import Check
from audit.claims import COLUMNS, Report, read_claims
from audit.warehouse import warehouse_checks
from tests.conftest import release

CLAIMS = Path(__file__).parents[1] / "audit" / "claims" / "report_2023q3.csv"
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


class Warehouse:
    """A small warehouse; rows name only what they differ in."""

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
        return read_claims(self.path, ["transfers", "permits", "migration", "rate"])

    def judge(self, **claim: str) -> Check:
        (check,) = warehouse_checks(self.report(claim), self.con)
        return check


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Warehouse]:
    warehouse = Warehouse(tmp_path / "claims.csv")
    yield warehouse
    warehouse.con.close()


def test_a_figure_that_the_warehouse_has_matches_with_its_place_and_difference(small: Warehouse) -> None:
    small.quarter("2023Q3", "280612.4", PRESS)
    check = small.judge(value="280.6")
    assert (check.check, check.rule, check.verdict, check.reason) == ("warehouse", "indicator", "match", "")
    assert check.recomputed == Fraction("280.6124")
    assert check.difference == Fraction("-0.0124")
    assert check.inputs == ("indicators.quarterly_indicator transfers 2023Q3 sent TOTAL value (bank)",)


def test_last_digit_and_mismatch(small: Warehouse) -> None:
    small.quarter("2023Q3", "280660", PRESS)
    assert small.judge(value="280.6").verdict == "last_digit"
    assert small.judge(value="280.5").verdict == "mismatch"


def test_only_figures_are_judged(small: Warehouse) -> None:
    report = small.report({"value": "1.5"}, {"value": "", "kind": "qualitative", "stated_as": "more"})
    assert [check.claim_id for check in warehouse_checks(report, small.con)] == ["C2"]


def test_a_value_that_came_through_the_report_itself_is_unsupported(small: Warehouse) -> None:
    small.quarter("2023Q3", "280600", OWN)
    check = small.judge(value="280.6")
    assert check.verdict == "unsupported"
    assert OWN[1] in check.reason
    assert "differs" not in check.reason
    assert "differs" in small.judge(value="280.7").reason


def test_one_input_by_way_of_the_report_itself_is_enough(small: Warehouse) -> None:
    small.quarter(
        "2023Q3",
        "33.8",
        PRESS,
        OWN,
        measure="share_of_stated",
        denominator="TOTAL",
        unit="percent",
        geography_code="UZ",
    )
    check = small.judge(value="33.8", measure="share_of_total", geography="UZ", unit="percent")
    assert check.verdict == "unsupported"
    assert check.reason.startswith("an input is in the warehouse only")


def test_another_report_of_the_same_house_may_speak_for_it(small: Warehouse) -> None:
    small.quarter("2023Q3", "280600", OTHER)
    assert small.judge(value="280.6").verdict == "match"


def test_a_dataset_that_is_not_the_report_goes_before_the_headline(small: Warehouse) -> None:
    small.quarter("2023Q3", "280600", OWN)
    small.quarter("2023Q3", "281100", PRESS, dataset="press", is_headline=False)
    check = small.judge(value="280.6")
    assert (check.verdict, check.recomputed) == ("mismatch", Fraction("281.1"))


def test_the_headline_goes_before_other_datasets_but_not_when_it_is_empty(small: Warehouse) -> None:
    small.quarter("2023Q3", "100000", PRESS, dataset="a", is_headline=False)
    small.quarter("2023Q3", "200000", PRESS, dataset="b")
    small.quarter("2023Q2", "100000", PRESS, dataset="a", is_headline=False)
    small.quarter("2023Q2", None, PRESS, dataset="b", flag="month missing")
    assert small.judge(value="200.0").verdict == "match"
    assert small.judge(value="100.0", period="2023Q2").verdict == "match"


def test_an_empty_value_is_not_checkable_for_the_reason_of_its_flag(small: Warehouse) -> None:
    small.quarter(
        "2023Q3",
        None,
        PRESS,
        measure="converted",
        unit="mln USD",
        flag="no rate for 2023-08: 4 of 23 weekdays known",
    )
    check = small.judge(value="594.0", unit="mln USD")
    assert (check.verdict, check.reason) == ("not_checkable", "no rate for 2023-08: 4 of 23 weekdays known")
    assert check.recomputed is None


def test_what_is_not_there_is_named(small: Warehouse) -> None:
    check = small.judge(value="3.3", period="2022Q4", geography="IN")
    assert check.verdict == "not_checkable"
    assert check.reason == "the warehouse has no transfers value 2022Q4 sent IN in bn KZT"


def test_revised_since_the_day_of_publication(small: Warehouse) -> None:
    small.quarter("2023Q3", "281100", PRESS, since="2024-02-01")
    series = {"indicator": "transfers", "measure": "value", "direction": "sent", "quarter": "2023Q3"}
    series |= {"unit": "mln KZT", "figure_unit": "mln KZT", "dataset": "bank"}
    for value, known_from, known_to in (
        ("279000", "2023-10-15", "2023-11-01"),
        ("280600", "2023-11-01", "2024-02-01"),
    ):
        small.add(
            "indicators.indicator_history", **series, value=value, known_from=known_from, known_to=known_to
        )
    on_the_day, before = small.judge(value="280.6"), small.judge(value="279.0")
    assert (on_the_day.verdict, before.verdict) == ("revised_since", "revised_since")
    assert on_the_day.reason.startswith(
        "equals the value known from 2023-11-01 to 2024-02-01, the day of publication 2023-12-31 among them"
    )
    assert before.reason.startswith("equals the value known from 2023-10-15 to 2023-11-01;")
    today = small.judge(value="281.1")
    assert (today.verdict, today.reason) == ("match", "known on 2023-12-31 was 280.6: mismatch")
    assert small.judge(value="280.0").verdict == "mismatch"


def test_a_fact_that_was_stated_anew_is_revised_since(small: Warehouse) -> None:
    small.fact(
        "fct_flows",
        "88804.5",
        "2023-07-01",
        "2023-07-31",
        PRESS,
        indicator="transfers",
        direction="sent",
        locality="total",
    )
    small.add(
        "audit.revision",
        dataset="bank",
        indicator="transfers",
        direction="sent",
        measurement="flow",
        unit="mln KZT",
        period_start=date(2023, 7, 1),
        period_end=date(2023, 7, 31),
        first_value="88600",
        first_known_from=date(2023, 9, 1),
        latest_value="88804.5",
        latest_known_from=date(2026, 11, 23),
    )
    assert small.judge(value="88.6", period="2023-07").verdict == "revised_since"
    assert small.judge(value="88.8", period="2023-07").verdict == "match"
    assert small.judge(value="88.7", period="2023-07").verdict == "mismatch"


def test_a_value_first_known_after_the_report_leaves_a_revision_open(small: Warehouse) -> None:
    small.fact(
        "fct_flows",
        "88804.5",
        "2023-07-01",
        "2023-07-31",
        PRESS,
        indicator="transfers",
        direction="sent",
        locality="total",
    )
    check = small.judge(value="88.6", period="2023-07")
    assert check.verdict == "mismatch"
    assert check.reason == (
        f"first known here on 2026-11-23 ({READ}), after the report of 2023-12-31: "
        "a revision between cannot be excluded"
    )


def test_a_month_in_dollars_is_converted_with_the_rate_of_that_month(small: Warehouse) -> None:
    for month, day in (("07", "31"), ("08", "31")):
        small.fact(
            "fct_flows",
            "90000",
            f"2023-{month}-01",
            f"2023-{month}-{day}",
            PRESS,
            indicator="transfers",
            direction="sent",
            locality="total",
        )
    rates = {"currency": "USD", "known_from": "2023-11-01"}
    small.add("marts.fct_monthly_exchange_rates", month_start="2023-07-01", conversion_rate="450", **rates)
    small.add(
        "marts.fct_monthly_exchange_rates", month_start="2023-08-01", reason="no rate for 2023-08", **rates
    )
    assert small.judge(value="200.0", period="2023-07", unit="mln USD").verdict == "match"
    check = small.judge(value="200.0", period="2023-08", unit="mln USD")
    assert (check.verdict, check.reason) == ("not_checkable", "no rate for 2023-08")


def test_since_january_asks_only_for_the_figures_stated_since_january(small: Warehouse) -> None:
    cumulative = {
        "indicator": "migration",
        "direction": "arrival",
        "unit": "persons",
        "figure_unit": "persons",
    }
    small.quarter(
        "2023Q3",
        None,
        OWN,
        **cumulative,
        year_to_date="19136",
        flag="not published for the quarter: only since January",
    )
    small.con.execute("update audit.lineage set period_end = '2023-06-30'")
    small.con.execute(
        "insert into audit.lineage select * replace (? as obtained_via, ? as publisher,"
        " date '2023-01-01' as period_start, date '2023-09-30' as period_end) from audit.lineage",
        list(PRESS),
    )
    words = {"indicator": "migration", "direction": "arrival", "unit": "persons"}
    check = small.judge(value="19136", period="2023-01..2023-09", **words)
    assert (check.verdict, check.reason) == ("match", "")
    of_quarter = small.judge(value="19136", **words)
    assert (of_quarter.verdict, of_quarter.recomputed) == ("not_checkable", None)


@pytest.mark.parametrize(
    ("measure", "value", "unit"),
    [
        ("monthly_average", "93.7", "bn KZT"),
        ("change_on_year", "-1.0", "percent"),
        ("monthly_average_change_on_year", "-1.0", "percent"),
        ("multiple_on_year", "0.990", "times"),
    ],
)
def test_measures_of_a_quarter(small: Warehouse, measure: str, value: str, unit: str) -> None:
    small.quarter(
        "2023Q3", "281077", PRESS, year_before_value="283965", percent_change_on_year="-1.017026747"
    )
    assert small.judge(value=value, measure=measure, unit=unit).verdict == "match"
    assert small.judge(value="12.3", measure=measure, unit=unit).verdict == "mismatch"


def test_a_change_without_the_year_before_says_why(small: Warehouse) -> None:
    small.quarter("2023Q3", "281077", PRESS, year_before_reason="quarter of the year before not known")
    check = small.judge(value="24.6", measure="change_on_year", unit="percent")
    assert (check.verdict, check.reason) == ("not_checkable", "quarter of the year before not known")


def test_a_share_of_another_group_than_the_country_is_of_is_told(small: Warehouse) -> None:
    small.quarter("2023Q3", "0.4", PRESS, measure="share_of_stated", denominator="CIS", geography_code="BY",
                  unit="percent")  # fmt: skip
    share = {
        "value": "3.9",
        "measure": "share_of_group",
        "geography": "BY",
        "unit": "percent",
        "kind": "derived",
    }
    report = small.report(
        share | {"derivation": "C3/C4*100"},
        {"value": "17.3", "geography": "BY"},
        {"value": "448.2", "geography": "NON_CIS"},
    )
    check = warehouse_checks(report, small.con)[0]
    assert (check.verdict, check.recomputed) == ("mismatch", Fraction("0.4"))
    assert "the claim divides by NON_CIS, BY is of CIS" in check.reason


def test_a_measure_that_the_warehouse_lacks_goes_by_its_derivation(small: Warehouse) -> None:
    small.quarter("2023Q3", "33109", PRESS)
    multiple = {
        "value": "2",
        "measure": "multiple",
        "unit": "times",
        "kind": "derived",
        "derivation": "C3/C4",
    }
    operands = {"value": "33.1"}, {"value": "16.5", "period": "2023Q1"}
    check = warehouse_checks(small.report(multiple, *operands), small.con)[0]
    assert check.verdict == "not_checkable"
    assert check.reason == "C4: the warehouse has no transfers value 2023Q1 sent TOTAL in bn KZT"
    small.quarter("2023Q1", "16554.5", OWN)
    check = warehouse_checks(small.report(multiple, *operands), small.con)[0]
    assert (check.verdict, check.recomputed) == ("unsupported", 2)


def stocks(small: Warehouse, flag: str | None = None) -> None:
    of = {"indicator": "permits", "measurement": "stock", "unit": "persons", "stated_on": "2023-09-01"}
    for value, code, place in (("14571", "total", "TOTAL"), ("4986", "F", "TOTAL"), ("3771", "total", "CN")):
        small.fact(
            "fct_stocks",
            value,
            "2023-08-31",
            "2023-08-31",
            PRESS,
            breakdown_code=code,
            **(of | {"geography_code": place, "flag": flag}),
        )


def test_stocks_of_a_day_and_their_shares(small: Warehouse) -> None:
    stocks(small)
    day = {"indicator": "permits", "direction": "", "period": "2023-09-01"}
    assert small.judge(value="14571", unit="persons", **day).verdict == "match"
    assert small.judge(value="4986", unit="persons", breakdown="F", **day).verdict == "match"
    share = {"measure": "share_of_total", "unit": "percent"} | day
    assert small.judge(value="34", breakdown="F", **share).verdict == "match"
    assert small.judge(value="26.2", geography="CN", **share).verdict == "mismatch"
    other_day = small.judge(value="14571", unit="persons", **(day | {"period": "2023-10-01"}))
    assert other_day.verdict == "not_checkable"


def test_a_rounded_fact_is_as_wide_as_its_flag_says(small: Warehouse) -> None:
    stocks(small, "rounded to hundreds")
    day = {"indicator": "permits", "direction": "", "period": "2023-09-01", "unit": "persons"}
    assert small.judge(value="14550", **day).verdict == "match"
    assert small.judge(value="14600", **day).verdict == "match"
    assert small.judge(value="14700", **day).verdict == "mismatch"


def test_a_printed_share_is_an_indicator_of_its_own(small: Warehouse) -> None:
    small.quarter(
        "2023Q3",
        "17.5",
        PRESS,
        indicator="permits_share",
        geography_code="75",
        unit="percent",
        direction=None,
    )
    words = {"indicator": "permits", "direction": "", "geography": "75", "unit": "percent"}
    assert small.judge(value="17.5", measure="share_of_total", **words).verdict == "match"


def test_proposed_causes(small: Warehouse) -> None:
    small.quarter("2023Q3", "281077", PRESS)
    small.quarter("2022Q3", "218452", PRESS)
    small.quarter("2019Q3", "333333", PRESS)
    small.quarter("2023Q3", "70993", PRESS, direction="received")
    assert small.judge(value="218.5").proposed_cause == "stale: equals the value of 2022Q3"
    assert small.judge(value="333.3").proposed_cause == ""
    assert small.judge(value="71.0").proposed_cause == "copied from a neighbour: received TOTAL"
    assert small.judge(value="281077").proposed_cause == "unit: the value in the warehouse times 1000"
    assert small.judge(value="281.1").proposed_cause == ""


def test_a_rate_of_another_period_is_proposed(small: Warehouse) -> None:
    small.quarter("2023Q3", "281000", PRESS)
    small.quarter("2023Q3", "600", PRESS, measure="converted", unit="mln USD")
    small.quarter(
        "2023Q2",
        "500",
        PRESS,
        indicator="exchange_rate_average",
        direction=None,
        breakdown="currency",
        breakdown_code="USD",
        unit="KZT per USD",
        figure_unit="KZT per USD",
    )
    check = small.judge(value="562.0", unit="mln USD")
    assert (check.verdict, check.proposed_cause) == ("mismatch", "rate of another period: 2023Q2")
    month = {
        "month_start": "2023-09-01",
        "currency": "USD",
        "conversion_rate": "400",
        "known_from": "2023-11-01",
    }
    small.add("marts.fct_monthly_exchange_rates", **month)
    assert small.judge(value="702.5", unit="mln USD").proposed_cause == "rate of another period: 2023-09"


def test_a_change_on_year_that_was_right_before_the_year_before_was_revised(small: Warehouse) -> None:
    small.quarter("2023Q3", "110", PRESS, year_before_value="100", percent_change_on_year="10")
    series = {"indicator": "transfers", "measure": "value", "direction": "sent", "quarter": "2022Q3"}
    series |= {"unit": "mln KZT", "figure_unit": "mln KZT", "dataset": "bank", "value": "88"}
    small.add("indicators.indicator_history", **series, known_from="2022-11-01", known_to="2024-02-01")
    words = {"measure": "change_on_year", "unit": "percent"}
    assert small.judge(value="25.0", **words).verdict == "revised_since"
    assert small.judge(value="10.0", **words).verdict == "match"


def test_a_change_on_year_needs_both_quarters_from_elsewhere(small: Warehouse) -> None:
    small.quarter("2023Q3", "110", PRESS, year_before_value="100", percent_change_on_year="10")
    small.quarter("2022Q3", "100", OWN)
    check = small.judge(value="10.0", measure="change_on_year", unit="percent")
    assert check.verdict == "unsupported"


def test_a_balance_has_no_change_in_per_cent(small: Warehouse) -> None:
    small.quarter("2023Q3", "-110", PRESS, year_before_value="100")
    for measure, unit in (("change_on_year", "percent"), ("multiple_on_year", "times")):
        check = small.judge(value="-1.1", measure=measure, unit=unit)
        told = (check.verdict, check.reason)
        assert told == ("not_checkable", "no change in per cent of a balance or percentage")


def test_since_january_and_the_year_are_known_when_their_own_figures_are(small: Warehouse) -> None:
    small.quarter("2023Q4", "5", PRESS, year_to_date="700000")
    small.con.execute("update audit.lineage set period_start = '2023-01-01', period_end = '2023-12-31'")
    small.con.execute("update indicators.quarterly_indicator set known_from = '2026-11-23'")
    for period in ("2023-01..2023-12", "2023"):
        check = small.judge(value="700.0", period=period)
        assert (check.verdict, check.reason) == ("match", "")


def test_a_figure_since_january_or_of_a_year_may_be_a_fact_alone(small: Warehouse) -> None:
    of = {"indicator": "transfers", "direction": "sent", "locality": "total"}
    small.fact("fct_flows", "5000", "2023-01-01", "2023-05-31", PRESS, **of, measurement="cumulative")
    small.fact("fct_flows", "9000", "2023-01-01", "2023-12-31", PRESS, **of)
    assert small.judge(value="5.0", period="2023-01..2023-05").verdict == "match"
    assert small.judge(value="9.0", period="2023").verdict == "match"
    assert small.judge(value="5.0", period="2023-05").verdict == "not_checkable"


def test_a_share_of_facts_needs_its_whole_from_elsewhere_and_in_time(small: Warehouse) -> None:
    of = {"indicator": "transfers", "direction": "sent", "locality": "total"}
    month = ("2023-07-01", "2023-07-31")
    early = {"known_from": "2023-09-01", "geography_code": "UZ"}
    small.fact("fct_flows", "300", *month, PRESS, **of, **early)
    small.fact("fct_flows", "1000", *month, ("press reprint", "another"), **of)
    words = {"measure": "share_of_total", "unit": "percent", "period": "2023-07", "geography": "UZ"}
    late = small.judge(value="30.0", **words)
    assert late.verdict == "match"
    assert "first known here on 2026-11-23" in late.reason
    small.con.execute("update marts.fct_flows set obtained_via = 'IOM report' where geography_code = 'TOTAL'")
    assert small.judge(value="30.0", **words).verdict == "unsupported"


def test_only_the_dataset_that_was_revised_has_an_earlier_value(small: Warehouse) -> None:
    small.quarter("2023Q3", "281100", PRESS)
    revised = {"indicator": "transfers", "direction": "sent", "measurement": "flow", "unit": "mln KZT"}
    revised |= {"period_start": "2023-07-01", "period_end": "2023-09-30", "latest_value": "281100"}
    revised |= {"first_value": "280600", "first_known_from": "2023-11-01", "latest_known_from": "2024-02-01"}
    small.add("audit.revision", dataset="another", **revised)
    assert small.judge(value="280.6").verdict == "mismatch"
    small.con.execute("update audit.revision set dataset = 'bank'")
    assert small.judge(value="280.6").verdict == "revised_since"


def test_the_width_of_a_rounded_value_is_converted_with_it(small: Warehouse) -> None:
    of = {"indicator": "transfers", "direction": "sent", "locality": "total", "flag": "rounded to thousands"}
    small.fact("fct_flows", "88000", "2023-07-01", "2023-07-31", PRESS, **of)
    assert small.judge(value="88.4", period="2023-07").verdict == "match"
    assert small.judge(value="88.6", period="2023-07").verdict == "mismatch"


def test_causes_that_chance_would_give_are_not_proposed(small: Warehouse) -> None:
    small.quarter("2023Q3", "281077", PRESS)
    small.quarter("2022Q3", "22000", PRESS)
    small.quarter("2023Q3", "333000", PRESS, direction="received", geography_code="UZ")
    of = {"indicator": "transfers", "direction": "sent", "locality": "total"}
    small.fact("fct_flows", "94600", "2023-07-01", "2023-07-31", PRESS, **of)
    for value in ("22", "333.0", "94.6"):
        check = small.judge(value=value)
        assert (check.verdict, check.proposed_cause) == ("mismatch", "")
    assert small.judge(value="22.0").proposed_cause == "stale: equals the value of 2022Q3"


PLACES_OF_THE_REPORT = """
select distinct concat_ws(
    ' ', 'indicators.quarterly_indicator', indicator, quarter, direction, coalesce(geography_code, 'TOTAL'),
    breakdown_code, measure, denominator, '(' || dataset || ')')
from audit.lineage
where obtained_via = 'IOM report' and publisher like '%September 2023%'
"""


@pytest.fixture(scope="module")
def judged(refreshed: Path) -> dict[str, Check]:
    with CLAIMS.open() as file:
        indicators = {row["indicator"] for row in csv.DictReader(file)}
    report = read_claims(CLAIMS, indicators)
    with release(refreshed) as con:
        return {check.claim_id: check for check in warehouse_checks(report, con)}


def test_figures_of_the_report_against_the_real_warehouse(judged: dict[str, Check]) -> None:
    arrivals, migration, sent = judged["C014"], judged["C073"], judged["C127"]
    assert arrivals.verdict == "unsupported"
    assert "July - September 2023" in arrivals.reason
    assert (migration.verdict, migration.recomputed, migration.reason) == ("match", 19136, "")
    assert sent.verdict == "mismatch"
    assert round(float(sent.recomputed or 0), 1) == 88.8
    assert "after the report of 2023-12-31: a revision between cannot be excluded" in sent.reason
    assert judged["C126"].verdict == "not_checkable"
    assert judged["C126"].reason.startswith("no rate for 2023-08: 4 of 23 weekdays known")
    assert judged["C113"].verdict == "match"


def test_no_figure_from_the_report_itself_matches(judged: dict[str, Check], refreshed: Path) -> None:
    assert len(judged) == 173
    with release(refreshed) as con:
        places = {place for (place,) in con.execute(PLACES_OF_THE_REPORT).fetchall()}
    of_report = [check for check in judged.values() if check.inputs and check.inputs[0] in places]
    assert {check.verdict for check in of_report} <= {"unsupported", "not_checkable"}
    assert len(of_report) > 50
