"""Rules over the figures of a report that no derivation names: contradictions, and counts not counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from audit.arithmetic import Interval
from audit.checks import Check, inside
from audit.claims import COUNTED, Claim, Report
from audit.printed import interval_of, rounded, unit_of, verdict_of
from audit.structure import (
    countries_by_group,
    dimension,
    figures,
    lists,
    months_of_quarters,
    parts_by_share,
    parts_of_wholes,
    shares_by_whole,
)

# A count of so many has the same last digit as another one by design, not by chance.
LARGE = 1000
IMPUTED = "imputed from a round share"
MISSTATED = "part or whole misstated"


def relations(report: Report, groups: Mapping[str, str]) -> list[Check]:
    """All rules; `groups` gives the group of each country in the report's period, where it is known."""
    found = [check for rule in RULES for check in rule(report)]
    return found + [check for rule in RULES_OF_GROUPS for check in rule(report, groups)]


def parts_and_wholes(report: Report) -> Iterator[Check]:
    """The parts that shares put below a whole are at most the whole."""
    for whole, parts in parts_by_share(report):
        yield from _at_most(whole, parts, "parts and whole", "its stated parts add up to more than it")


def countries_of_groups(report: Report, groups: Mapping[str, str]) -> Iterator[Check]:
    """The printed countries of a group are at most the group, wherever they are printed."""
    for whole, parts in countries_by_group(report, groups):
        names = " ".join(part.geography for part in parts)
        reason = f"its members {names} add up to more than it"
        yield from _at_most(whole, parts, "countries of the group", reason)


def _at_most(whole: Claim, parts: list[Claim], rule: str, reason: str) -> Iterator[Check]:
    low = sum((interval_of(part).low for part in parts), Fraction(0))
    if len(parts) > 1 and low > interval_of(whole).high:
        total = sum((Fraction(part.value or 0) for part in parts), Fraction(0))
        yield inside(whole, rule, "mismatch", total, parts, MISSTATED, reason)


def shares_of_wholes(report: Report, groups: Mapping[str, str]) -> Iterator[Check]:
    """Shares of one whole are at most 100; told of the whole, or of each share where it is not printed."""
    for whole, shares in shares_by_whole(report, groups):
        if sum((interval_of(share).low for share in shares), Fraction(0)) > 100:
            reason = "the printed shares of it add up to more than 100"
            for claim in [whole] if whole else shares:
                yield inside(claim, "shares of a whole", "mismatch", None, shares, MISSTATED, reason)


def months_add_up(report: Report) -> Iterator[Check]:
    """Three printed months are the printed quarter."""
    for quarter, months in months_of_quarters(report):
        found = Interval.exact(0)
        for month in months:
            found = found + interval_of(month)
        verdict, reason = verdict_of(quarter, found)
        yield inside(quarter, "months of the quarter", verdict, found.point, months, reason=reason)


def stated_twice(report: Report) -> Iterator[Check]:
    """A figure that is printed again is the same figure."""
    first: dict[tuple[str, ...], Claim] = {}
    for claim in figures(report):
        before = first.setdefault((*claim.subject, claim.unit), claim)
        if before is claim:
            continue
        one, other = interval_of(before), interval_of(claim)
        agree = one.low <= other.high and other.low <= one.high
        verdict, reason = ("match", "") if agree else ("mismatch", "printed before with another value")
        yield inside(claim, "stated twice", verdict, Fraction(before.value or 0), [before], reason=reason)


def same_count_elsewhere(report: Report) -> Iterator[Check]:
    """Two directions of one place do not count the same thousands to the unit."""
    first: dict[tuple[object, ...], Claim] = {}
    for claim in figures(report):
        value = claim.value or 0
        if claim.measure != "value" or claim.unit not in COUNTED or value < LARGE or value % 100 == 0:
            continue
        key = (claim.indicator, claim.period, claim.geography, claim.breakdown, claim.value)
        before = first.setdefault(key, claim)
        if before.direction != claim.direction:
            reason = f"the same count to the unit as of {before.direction}"
            yield inside(
                claim, "same count elsewhere", "mismatch", None, [before], "copied from a neighbour", reason
            )


def rank_order(report: Report) -> Iterator[Check]:
    """A list that descends but for one or two of its members is meant to descend."""
    for run in lists(report):
        rises = [(one, other) for one, other in pairwise(run) if (other.value or 0) > (one.value or 0)]
        if len(run) > 2 and rises and 3 * len(rises) <= len(run):
            for before, claim in rises:
                reason = (
                    f"greater than {before.geography or before.breakdown} above it in a list that descends"
                )
                yield inside(claim, "rank order", "mismatch", None, [before], "rank", reason)


def rows_of_tables(report: Report) -> Iterator[Check]:
    """The head of a table counts its rows."""
    for claim in figures(report):
        if claim.measure != "row_count":
            continue
        table = claim.section, claim.indicator, claim.direction, claim.period
        rows = {
            each.geography: each
            for each in figures(report)
            if each.measure == "value" and each.kind == "source" and dimension(each) == "country"
            if (each.section, each.indicator, each.direction, each.period) == table
        }
        verdict, _ = verdict_of(claim, Interval.exact(len(rows)))
        cause, reason = ("", "") if verdict == "match" else ("table head", f"the table has {len(rows)} rows")
        yield inside(claim, "rows of the table", verdict, Fraction(len(rows)), rows.values(), cause, reason)


def imputed(report: Report) -> Iterator[Check]:
    """A group's count that is a whole per cent of the total, to the unit, was not counted."""
    counts = [claim for claim in figures(report) if claim.measure == "value" and claim.unit in COUNTED]
    totals: dict[tuple[str, ...], Claim] = {}
    for claim in counts:
        if dimension(claim) == "total" and unit_of(claim) == 1 and (claim.value or 0) >= 100 * LARGE:
            totals.setdefault((claim.indicator, claim.direction, claim.period), claim)
    for claim in counts:
        total = totals.get((claim.indicator, claim.direction, claim.period))
        if total is None or dimension(claim) != "group" or unit_of(claim) != 1:
            continue
        value, whole = Fraction(claim.value or 0), Fraction(total.value or 0)
        percent = rounded(100 * value / whole, Fraction(1))
        if 0 < percent < 100 and rounded(whole * percent / 100, Fraction(1)) == value:
            reason = f"{percent} per cent of {total.text} to the unit"
            yield inside(
                claim,
                "round share of the total",
                "mismatch",
                None,
                [total],
                IMPUTED,
                reason,
            )


def group_membership(report: Report, groups: Mapping[str, str]) -> Iterator[Check]:
    """A country's share of a group is of the group that it is a member of."""
    for each in parts_of_wholes(report):
        own = groups.get(each.part.geography)
        if dimension(each.whole) == "group" and own and own != each.whole.geography:
            reason = f"{each.part.geography} is of {own}, and the share is of {each.whole.geography}"
            yield inside(
                each.share,
                "group membership",
                "mismatch",
                None,
                [each.part, each.whole],
                "group membership",
                reason,
            )


RULES: tuple[Callable[[Report], Iterator[Check]], ...] = (
    parts_and_wholes, months_add_up, stated_twice, same_count_elsewhere, rank_order, rows_of_tables, imputed,
)  # fmt: skip
RULES_OF_GROUPS: tuple[Callable[[Report, Mapping[str, str]], Iterator[Check]], ...] = (
    countries_of_groups, shares_of_wholes, group_membership,
)  # fmt: skip
