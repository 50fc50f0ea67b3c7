"""What the audit says of a report by itself: each rule on a few claims, and the report of 2023Q3."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.checks import Check
from audit.claims import COLUMNS, Report, read_claims
from audit.inside import inside_checks

ROOT = Path(__file__).parents[1]
INDICATORS = {"border_crossings": "persons", "money_transfers": "mln KZT"}
GROUPS = {"UZ": "CIS", "RU": "CIS", "KG": "CIS", "BY": "CIS", "CN": "NON_CIS", "IN": "NON_CIS"}
PLAIN = {
    "section": "2", "indicator": "border_crossings", "measure": "value", "direction": "arrival",
    "period": "2023Q3", "geography": "TOTAL", "unit": "persons", "printed_decimals": "0", "kind": "source",
}  # fmt: skip
SHARE = {"measure": "share_of_group", "unit": "percent", "kind": "derived", "printed_decimals": "1"}
TENGE = {"indicator": "money_transfers", "unit": "bn KZT", "printed_decimals": "1"}
Claims = Callable[..., list[Check]]


@pytest.fixture
def checked(tmp_path: Path) -> Claims:
    """Checks of claims given by what they differ in from a plain count; named C1, C2 and on."""

    def check(*rows: dict[str, str], rule: str = "derivation") -> list[Check]:
        path = tmp_path / "report.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows({**PLAIN, "claim_id": f"C{at}", **row} for at, row in enumerate(rows, 1))
        found = inside_checks(read_claims(path, INDICATORS), GROUPS)
        return [each for each in found if each.rule == rule]

    return check


@pytest.mark.parametrize(
    ("printed", "decimals", "verdict", "reason"),
    [
        ("55.6", "1", "match", ""),
        ("55.5", "1", "last_digit", "truncated"),
        ("56", "0", "match", ""),
        ("55.55", "2", "last_digit", "truncated"),
        ("55.7", "1", "mismatch", ""),
        ("60", "-1", "match", ""),
    ],
)
def test_a_share_is_held_to_its_last_digit(
    checked: Claims, printed: str, decimals: str, verdict: str, reason: str
) -> None:
    share = {**SHARE, "value": printed, "printed_decimals": decimals, "derivation": "C1/C2*100"}
    (found,) = checked({"value": "9352", "geography": "RU"}, {"value": "16833", "geography": "CIS"}, share)
    assert (found.verdict, found.reason) == (verdict, reason)
    assert found.recomputed is not None
    assert round(float(found.recomputed), 3) == 55.558


@pytest.mark.parametrize(
    ("stated_as", "value", "verdict"),
    [("over", "280.6", "match"), ("over", "280.5", "mismatch"), ("over", "280.9", "mismatch")],
)
def test_a_wording_leaves_the_figure_on_one_side(
    checked: Claims, stated_as: str, value: str, verdict: str
) -> None:
    months = [{**TENGE, "value": "100.00", "printed_decimals": "2"}] * 2
    rest = {**TENGE, "value": "80.65", "printed_decimals": "2"}
    whole = {**TENGE, "value": value, "stated_as": stated_as, "derivation": "C1+C2+C3", "kind": "derived"}
    (found,) = checked(*months, rest, whole)
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("printed", "cause"),
    [
        ("-484", "sign"),
        ("4840", "unit: times 10"),
        ("480", "rounded by one digit without saying so"),
        ("454", "digit slip"),
        ("844", "digits transposed"),
        ("384", "a figure of another period: C3 in the place of C2"),
        ("777", ""),
    ],
)
def test_a_cause_is_proposed_where_a_rule_gives_the_printed_figure(
    checked: Claims, printed: str, cause: str
) -> None:
    rows = [
        {"value": "2784"},
        {"value": "2300", "direction": "departure"},
        {"value": "2400", "direction": "departure", "period": "2023Q2"},
        {"value": printed, "direction": "net", "kind": "derived", "derivation": "C1-C2"},
    ]
    (found,) = checked(*rows)
    assert (found.verdict, found.proposed_cause) == ("mismatch", cause)


def test_a_denominator_that_would_fit_is_named(checked: Claims) -> None:
    share = {**SHARE, "value": "12.5", "geography": "UZ", "derivation": "C1/C2*100"}
    rows = [
        {"value": "500", "geography": "UZ"},
        {"value": "2000", "geography": "CIS"},
        {"value": "4000"},
        share,
    ]
    (found,) = checked(*rows)
    assert (found.verdict, found.proposed_cause) == (
        "mismatch",
        "wrong denominator, a figure of another place: C3 in the place of C2",
    )


def test_parts_are_at_most_their_whole(checked: Claims) -> None:
    parts = [{"value": value, "geography": place} for value, place in (("600", "UZ"), ("500", "RU"))]
    shares = [{**SHARE, "value": value, "derivation": f"{name}/C3*100", "geography": place}
              for value, name, place in (("60", "C1", "UZ"), ("50", "C2", "RU"))]  # fmt: skip
    for whole, count in (("1000", 1), ("1100", 0)):
        rows = [*parts, {"value": whole, "geography": "CIS"}, *shares]
        found = checked(*rows, rule="parts and whole")
        assert [each.claim_id for each in found] == ["C3"] * count
        assert len(checked(*rows, rule="shares of a whole")) == 1


def test_three_months_are_the_quarter(checked: Claims) -> None:
    months = [{**TENGE, "value": "10.4", "period": f"2023-0{month}"} for month in (7, 8, 9)]
    for quarter, verdict in (("31.2", "match"), ("31.3", "match"), ("31.5", "mismatch")):
        (found,) = checked(*months, {**TENGE, "value": quarter}, rule="months of the quarter")
        assert found.verdict == verdict


def test_a_figure_printed_again_is_the_same(checked: Claims) -> None:
    found = checked({"value": "7"}, {"value": "7"}, {"value": "8"}, rule="stated twice")
    assert [(each.claim_id, each.verdict) for each in found] == [("C2", "match"), ("C3", "mismatch")]


def test_two_directions_do_not_count_the_same_thousands(checked: Claims) -> None:
    rows = [{"value": "24076", "direction": way} for way in ("arrival", "departure")]
    assert [each.claim_id for each in checked(*rows, rule="same count elsewhere")] == ["C2"]
    few = [{"value": "76", "direction": way} for way in ("arrival", "departure")]
    assert checked(*few, rule="same count elsewhere") == []


def test_a_list_descends(checked: Claims) -> None:
    places = ("UZ", "RU", "KG", "CN", "IN")
    rows = [{"value": value, "geography": place}
            for value, place in zip(("50", "40", "20", "30", "10"), places, strict=True)]  # fmt: skip
    assert [each.claim_id for each in checked(*rows, rule="rank order")] == ["C4"]
    rows.insert(3, {"value": "900", "geography": "NON_CIS", "kind": "derived"})
    assert checked(*rows, rule="rank order") == []


def test_the_head_of_a_table_counts_its_rows(checked: Claims) -> None:
    head = {"measure": "row_count", "unit": "rows", "value": "2", "kind": "derived"}
    rows = [{"value": "5", "geography": place} for place in ("UZ", "RU", "KG")]
    assert [each.verdict for each in checked(head, *rows[:2], rule="rows of the table")] == ["match"]
    (found,) = checked(head, *rows, rule="rows of the table")
    assert (found.verdict, found.reason) == ("mismatch", "the table has 3 rows")


def test_a_round_share_of_the_total_was_not_counted(checked: Claims) -> None:
    total = {"value": "4482427"}
    for value, count in (("4034184", 1), ("4034185", 0)):
        found = checked(total, {"value": value, "geography": "CIS"}, rule="round share of the total")
        assert len(found) == count


def test_a_share_of_a_group_is_of_the_members_own(checked: Claims) -> None:
    whole = {"value": "448243", "geography": "NON_CIS"}
    for place, count in (("BY", 1), ("CN", 0)):
        share = {**SHARE, "value": "3.9", "derivation": "C2/C1*100", "geography": place}
        found = checked(whole, {"value": "17304", "geography": place}, share, rule="group membership")
        assert [each.claim_id for each in found] == ["C3"] * count


@pytest.mark.parametrize(
    ("word", "verdict"),
    [("majority", "mismatch"), ("positive", "match"), ("negative", "mismatch"), ("mostly", "not_checkable")],
)
def test_a_word_is_held_to_its_figure(checked: Claims, word: str, verdict: str) -> None:
    said = {
        "kind": "qualitative",
        "value": "",
        "printed_decimals": "",
        "stated_as": word,
        "derivation": "C1-C2",
    }
    (found,) = checked({"value": "42"}, {"value": "7", "direction": "departure"}, said, rule="wording")
    assert found.verdict == verdict


def test_a_word_whose_figure_is_divided_by_zero_is_not_checkable(checked: Claims) -> None:
    said = {"kind": "qualitative", "value": "", "printed_decimals": "", "stated_as": "majority"}
    (found,) = checked({"value": "0"}, {**said, "derivation": "C1/C1*100"}, rule="wording")
    assert (found.verdict, found.reason) == ("not_checkable", "the divisor is zero")


def test_over_a_sum_that_only_rounding_lifts_says_so(checked: Claims) -> None:
    parts = [{**TENGE, "value": value} for value in ("24.1", "22.1", "24.4")]
    over = {**TENGE, "value": "70.7", "stated_as": "over", "kind": "derived", "derivation": "C1+C2+C3"}
    (found,) = checked(*parts, over)
    assert (found.verdict, found.reason) == ("match", "within the rounding of its operands")


def test_a_missing_operand_is_named(checked: Claims) -> None:
    (found,) = checked({**SHARE, "value": "92.8", "geography": "RU"})
    assert (found.verdict, found.reason) == ("not_checkable", "missing operand: the count of RU in 2023Q3")


@pytest.fixture(scope="module")
def report() -> Report:
    with (ROOT / "dbt_project" / "seeds" / "indicator.csv").open(encoding="utf-8") as file:
        indicators = {row["indicator"]: row["unit"] for row in csv.DictReader(file)}
    return read_claims(ROOT / "audit" / "claims" / "report_2023q3.csv", indicators)


def test_every_derived_claim_of_the_report_is_judged_or_names_what_is_missing(report: Report) -> None:
    found: dict[str, list[Check]] = {}
    for check in inside_checks(report, GROUPS):
        found.setdefault(check.claim_id, []).append(check)
    assert len(report.claims) == 202
    for claim in report.claims.values():
        checks = found.get(claim.claim_id, [])
        if claim.derivation and claim.value is not None:
            assert any(each.recomputed is not None for each in checks), claim.claim_id
        if claim.kind != "source":
            assert checks, claim.claim_id
        for each in checks:
            is_told = claim.kind in ("context", "qualitative") or "missing operand" in each.reason
            assert each.verdict != "not_checkable" or is_told, claim.claim_id
