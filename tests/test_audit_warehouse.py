"""Printed figures against a small warehouse, for each verdict, and some of 2023Q3 against the real one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from audit.checks import Check
from audit.claims import read_claims
from audit.reports import indicators
from audit.warehouse import warehouse_checks
from tests.conftest import release
from tests.small_warehouse import OTHER, OWN, PRESS, READ, SmallWarehouse

CLAIMS = Path(__file__).parents[1] / "audit" / "claims" / "report_2023q3.csv"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallWarehouse]:
    warehouse = SmallWarehouse(tmp_path / "claims.csv")
    yield warehouse
    warehouse.con.close()


def test_a_figure_that_the_warehouse_has_matches_with_its_place_and_difference(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "280612.4", PRESS)
    check = small.judge(value="280.6")
    assert (check.check, check.rule, check.verdict, check.reason) == ("warehouse", "indicator", "match", "")
    assert check.recomputed == Fraction("280.6124")
    assert check.difference == Fraction("-0.0124")
    assert check.inputs == ("indicators.quarterly_indicator transfers 2023Q3 sent TOTAL value (bank)",)


def test_last_digit_and_mismatch(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "280660", PRESS)
    assert small.judge(value="280.6").verdict == "last_digit"
    assert small.judge(value="280.5").verdict == "mismatch"


def test_only_figures_are_judged(small: SmallWarehouse) -> None:
    report = small.report({"value": "1.5"}, {"value": "", "kind": "qualitative", "stated_as": "more"})
    assert [check.claim_id for check in warehouse_checks(report, small.con)] == ["C2"]


def test_a_value_that_came_through_the_report_itself_is_unsupported(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "280600", OWN)
    check = small.judge(value="280.6")
    assert check.verdict == "unsupported"
    assert OWN[1] in check.reason
    assert "differs" not in check.reason
    assert "differs" in small.judge(value="280.7").reason


def test_one_input_by_way_of_the_report_itself_is_enough(small: SmallWarehouse) -> None:
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


def test_another_report_of_the_same_house_may_speak_for_it(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "280600", OTHER)
    assert small.judge(value="280.6").verdict == "match"


def test_a_dataset_that_is_not_the_report_goes_before_the_headline(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "280600", OWN)
    small.quarter("2023Q3", "281100", PRESS, dataset="press", is_headline=False)
    check = small.judge(value="280.6")
    assert (check.verdict, check.recomputed) == ("mismatch", Fraction("281.1"))


def test_the_headline_goes_before_other_datasets_but_not_when_it_is_empty(small: SmallWarehouse) -> None:
    small.quarter("2023Q3", "100000", PRESS, dataset="a", is_headline=False)
    small.quarter("2023Q3", "200000", PRESS, dataset="b")
    small.quarter("2023Q2", "100000", PRESS, dataset="a", is_headline=False)
    small.quarter("2023Q2", None, PRESS, dataset="b", flag="month missing")
    assert small.judge(value="200.0").verdict == "match"
    assert small.judge(value="100.0", period="2023Q2").verdict == "match"


def test_an_empty_value_is_not_checkable_for_the_reason_of_its_flag(small: SmallWarehouse) -> None:
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


def test_what_is_not_there_is_named(small: SmallWarehouse) -> None:
    check = small.judge(value="3.3", period="2022Q4", geography="IN")
    assert check.verdict == "not_checkable"
    assert check.reason == "the warehouse has no transfers value 2022Q4 sent IN in bn KZT"


def test_revised_since_the_day_of_publication(small: SmallWarehouse) -> None:
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


def test_a_fact_that_was_stated_anew_is_revised_since(small: SmallWarehouse) -> None:
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


def test_a_value_first_known_after_the_report_leaves_a_revision_open(small: SmallWarehouse) -> None:
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


PLACES_OF_THE_REPORT = """
select distinct concat_ws(
    ' ', 'indicators.quarterly_indicator', indicator, quarter, direction, coalesce(geography_code, 'TOTAL'),
    breakdown_code, measure, denominator, '(' || dataset || ')')
from audit.lineage
where obtained_via = 'IOM report' and publisher like '%September 2023%'
"""


@pytest.fixture(scope="module")
def judged(refreshed: Path) -> dict[str, Check]:
    with release(refreshed) as con:
        report = read_claims(CLAIMS, indicators(con))
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
