"""How a claim finds its figure in a small warehouse: measures, periods, units, proposed causes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from audit.warehouse import warehouse_checks
from tests.small_warehouse import OWN, PRESS, SmallWarehouse


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallWarehouse]:
    warehouse = SmallWarehouse(tmp_path / "claims.csv")
    yield warehouse
    warehouse.con.close()


def test_a_month_in_dollars_is_converted_with_the_rate_of_that_month(small: SmallWarehouse) -> None:
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


def test_since_january_asks_only_for_the_figures_stated_since_january(small: SmallWarehouse) -> None:
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
def test_measures_of_a_quarter(small: SmallWarehouse, measure: str, value: str, unit: str) -> None:
    small.quarter(
        "2023Q3", "281077", PRESS, year_before_value="283965", percent_change_on_year="-1.017026747"
    )
    assert small.judge(value=value, measure=measure, unit=unit).verdict == "match"
    assert small.judge(value="12.3", measure=measure, unit=unit).verdict == "mismatch"


def test_a_change_without_the_year_before_says_why(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "281077", PRESS, year_before_reason="quarter of the year before not known")
    check = small.judge(value="24.6", measure="change_on_year", unit="percent")
    assert (check.verdict, check.reason) == ("not_checkable", "quarter of the year before not known")


def test_a_share_of_another_group_than_the_country_is_of_is_told(small: SmallWarehouse) -> None:
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


def test_a_measure_that_the_warehouse_lacks_goes_by_its_derivation(small: SmallWarehouse) -> None:
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


def stocks(small: SmallWarehouse, flag: str | None = None) -> None:
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


def test_stocks_of_a_day_and_their_shares(small: SmallWarehouse) -> None:
    stocks(small)
    day = {"indicator": "permits", "direction": "", "period": "2023-09-01"}
    assert small.judge(value="14571", unit="persons", **day).verdict == "match"
    assert small.judge(value="4986", unit="persons", breakdown="F", **day).verdict == "match"
    share = {"measure": "share_of_total", "unit": "percent"} | day
    assert small.judge(value="34", breakdown="F", **share).verdict == "match"
    assert small.judge(value="26.2", geography="CN", **share).verdict == "mismatch"
    other_day = small.judge(value="14571", unit="persons", **(day | {"period": "2023-10-01"}))
    assert other_day.verdict == "not_checkable"


def test_a_rounded_fact_is_as_wide_as_its_flag_says(small: SmallWarehouse) -> None:
    stocks(small, "rounded to hundreds")
    day = {"indicator": "permits", "direction": "", "period": "2023-09-01", "unit": "persons"}
    assert small.judge(value="14550", **day).verdict == "match"
    assert small.judge(value="14600", **day).verdict == "match"
    assert small.judge(value="14700", **day).verdict == "mismatch"


def test_a_printed_share_is_an_indicator_of_its_own(small: SmallWarehouse) -> None:
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


def test_proposed_causes(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "281077", PRESS)
    small.quarter("2022Q3", "218452", PRESS)
    small.quarter("2019Q3", "333333", PRESS)
    small.quarter("2023Q3", "70993", PRESS, direction="received")
    assert small.judge(value="218.5").proposed_cause == "stale: equals the value of 2022Q3"
    assert small.judge(value="333.3").proposed_cause == ""
    assert small.judge(value="71.0").proposed_cause == "copied from a neighbour: received TOTAL"
    assert small.judge(value="281077").proposed_cause == "unit: the value in the warehouse times 1000"
    assert small.judge(value="281.1").proposed_cause == ""


def test_a_rate_of_another_period_is_proposed(small: SmallWarehouse) -> None:
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


def test_a_change_on_year_that_was_right_before_the_year_before_was_revised(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "110", PRESS, year_before_value="100", percent_change_on_year="10")
    series = {"indicator": "transfers", "measure": "value", "direction": "sent", "quarter": "2022Q3"}
    series |= {"unit": "mln KZT", "figure_unit": "mln KZT", "dataset": "bank", "value": "88"}
    small.add("indicators.indicator_history", **series, known_from="2022-11-01", known_to="2024-02-01")
    words = {"measure": "change_on_year", "unit": "percent"}
    assert small.judge(value="25.0", **words).verdict == "revised_since"
    assert small.judge(value="10.0", **words).verdict == "match"


def test_a_change_on_year_needs_both_quarters_from_elsewhere(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "110", PRESS, year_before_value="100", percent_change_on_year="10")
    small.quarter("2022Q3", "100", OWN)
    check = small.judge(value="10.0", measure="change_on_year", unit="percent")
    assert check.verdict == "unsupported"


def test_a_balance_has_no_change_in_per_cent(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "-110", PRESS, year_before_value="100")
    for measure, unit in (("change_on_year", "percent"), ("multiple_on_year", "times")):
        check = small.judge(value="-1.1", measure=measure, unit=unit)
        told = (check.verdict, check.reason)
        assert told == ("not_checkable", "no change in per cent of a balance or percentage")


def test_since_january_and_the_year_are_known_when_their_own_figures_are(small: SmallWarehouse) -> None:
    small.quarter("2023Q4", "5", PRESS, year_to_date="700000")
    small.con.execute("update audit.lineage set period_start = '2023-01-01', period_end = '2023-12-31'")
    small.con.execute("update indicators.quarterly_indicator set known_from = '2026-11-23'")
    for period in ("2023-01..2023-12", "2023"):
        check = small.judge(value="700.0", period=period)
        assert (check.verdict, check.reason) == ("match", "")


def test_a_figure_since_january_or_of_a_year_may_be_a_fact_alone(small: SmallWarehouse) -> None:
    of = {"indicator": "transfers", "direction": "sent", "locality": "total"}
    small.fact("fct_flows", "5000", "2023-01-01", "2023-05-31", PRESS, **of, measurement="cumulative")
    small.fact("fct_flows", "9000", "2023-01-01", "2023-12-31", PRESS, **of)
    assert small.judge(value="5.0", period="2023-01..2023-05").verdict == "match"
    assert small.judge(value="9.0", period="2023").verdict == "match"
    assert small.judge(value="5.0", period="2023-05").verdict == "not_checkable"


def test_a_share_of_facts_needs_its_whole_from_elsewhere_and_in_time(small: SmallWarehouse) -> None:
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


def test_only_the_dataset_that_was_revised_has_an_earlier_value(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "281100", PRESS)
    revised = {"indicator": "transfers", "direction": "sent", "measurement": "flow", "unit": "mln KZT"}
    revised |= {"period_start": "2023-07-01", "period_end": "2023-09-30", "latest_value": "281100"}
    revised |= {"first_value": "280600", "first_known_from": "2023-11-01", "latest_known_from": "2024-02-01"}
    small.add("audit.revision", dataset="another", **revised)
    assert small.judge(value="280.6").verdict == "mismatch"
    small.con.execute("update audit.revision set dataset = 'bank'")
    assert small.judge(value="280.6").verdict == "revised_since"


def test_the_width_of_a_rounded_value_is_converted_with_it(small: SmallWarehouse) -> None:
    of = {"indicator": "transfers", "direction": "sent", "locality": "total", "flag": "rounded to thousands"}
    small.fact("fct_flows", "88000", "2023-07-01", "2023-07-31", PRESS, **of)
    assert small.judge(value="88.4", period="2023-07").verdict == "match"
    assert small.judge(value="88.6", period="2023-07").verdict == "mismatch"


def test_causes_that_chance_would_give_are_not_proposed(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "281077", PRESS)
    small.quarter("2022Q3", "22000", PRESS)
    small.quarter("2023Q3", "333000", PRESS, direction="received", geography_code="UZ")
    of = {"indicator": "transfers", "direction": "sent", "locality": "total"}
    small.fact("fct_flows", "94600", "2023-07-01", "2023-07-31", PRESS, **of)
    for value in ("22", "333.0", "94.6"):
        check = small.judge(value=value)
        assert (check.verdict, check.proposed_cause) == ("mismatch", "")
    assert small.judge(value="22.0").proposed_cause == "stale: equals the value of 2022Q3"
