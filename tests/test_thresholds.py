"""Figures that changed after they were published, thresholds, and the notes of a release."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from publish.release_notes import release_notes
from publish.thresholds import Breach, changed_figures, threshold_breaches
from tests.conftest import release
from tests.two_releases import ARRIVALS, altered, publish


@pytest.mark.parametrize(
    ("new_value", "is_breach"),
    [
        ("value * 1.05", False),
        ("value * 1.05 + 0.000000001", True),
        ("value * 0.95", False),
        ("value * 0.95 - 0.000000001", True),
        ("null", True),
    ],
)
def test_a_change_above_the_threshold_is_a_breach(home: Path, new_value: str, is_breach: bool) -> None:
    update = f"update indicators.quarterly_indicator set value = {new_value} where {ARRIVALS}"
    before, after = altered(home, update)
    (figure,) = changed_figures(before, after)
    assert isinstance(figure, Breach) == is_breach
    assert threshold_breaches(before, after) == ([figure] if is_breach else [])
    assert (figure.quarter, figure.indicator, figure.of) == ("2023Q3", "border_crossings", "arrival, total")
    assert figure.old == Decimal(4482427)
    assert figure.hold_above_percent == 5


def test_thresholds_are_for_values_that_were_known(home: Path) -> None:
    departures = ARRIVALS.replace("'arrival'", "'departure'")
    countries = ARRIVALS.replace("'total'", "'country'")
    before, after = altered(
        home,
        f"update indicators.quarterly_indicator set value = 0 where {departures}",
        f"update indicators.quarterly_indicator set value = null where {countries}",
    )
    gone = [each for each in threshold_breaches(before, after) if each.new is None]
    assert {each.of for each in gone} == {f"arrival, country {code}" for code in codes(home, countries)}
    (breach,) = threshold_breaches(after, before)
    assert (breach.of, breach.old, breach.new, breach.percent) == ("departure, total", 0, 4533933, None)


@pytest.mark.parametrize(("arrivals", "net", "held"), [(100000, 100000, []), (0, 100000, ["net, total"])])
def test_a_balance_is_held_where_its_flows_do_not_make_its_change(
    home: Path, arrivals: int, net: int, held: list[str]
) -> None:
    change = "update indicators.quarterly_indicator set value = value + {} where {}"
    balance = ARRIVALS.replace("'arrival'", "'net'")
    before, after = altered(home, change.format(arrivals, ARRIVALS), change.format(net, balance))
    assert "net, total" in [each.of for each in changed_figures(before, after)]
    assert [each.of for each in threshold_breaches(before, after)] == held


def codes(home: Path, condition: str) -> set[str]:
    with release(home) as con:
        found = con.execute(f"select geography_code from indicators.quarterly_indicator where {condition}")
        return {code for (code,) in found.fetchall()}


def test_shares_have_no_threshold(home: Path) -> None:
    share = "update indicators.quarterly_indicator set value = 99 where measure <> 'value'"
    assert changed_figures(*altered(home, share)) == []


def test_the_thresholds_are_those_of_the_new_build(home: Path) -> None:
    update = f"update indicators.quarterly_indicator set value = value * 1.1 where {ARRIVALS}"
    higher = "update marts.dim_indicator set hold_above_percent = 10 where indicator = 'border_crossings'"
    before, after = altered(home, update, higher)
    assert threshold_breaches(before, after) == []
    assert len(threshold_breaches(after, before)) == 1, "back it is the lower one"


def test_the_notes_say_what_changed_in_words(home: Path) -> None:
    before, after = publish(
        home, f"update indicators.quarterly_indicator set value = value * 1.1 where {ARRIVALS}"
    )
    accepted = {"by": "A. Analyst", "at": "2024-01-02T03:04:05+00:00", "reason": "a corrected\nletter"}
    notes = release_notes(after, before, accepted)
    assert notes == release_notes(after, before, accepted)
    assert notes.splitlines()[0] == f"# Release {after.manifest['release']}"
    assert f"Compared with release {before.manifest['release']}." in notes
    assert "No new source file." in notes
    assert (
        "- 2023Q3, Border crossings of foreigners (arrival, total): 4,482,427 persons before,"
        " 4,930,669.7 now, +10.0 per cent, above the threshold of 5 per cent; no source file changed"
    ) in notes
    assert "Accepted by A. Analyst at 2024-01-02T03:04:05+00:00: a corrected letter" in notes
    assert "| indicators.quarterly_indicator | 0 | 0 | 1 |  |" in notes
    assert "Accepted" not in release_notes(after, before)
    first = release_notes(before, None)
    assert "The first release" in first
    assert "| marts.dim_country |" in first


def test_the_notes_stay_short(home: Path) -> None:
    before, after = publish(home, "update indicators.quarterly_indicator set value = value * 2")
    notes = release_notes(after, before)
    assert len(notes.splitlines()) < 200
    total, above = len(changed_figures(before, after)), len(threshold_breaches(before, after))
    assert 50 < above < total
    assert f"{total} published figures are others now, {above} of them above their threshold." in notes
    assert f"- and {total - 50} smaller changes" in notes
