"""Checks of a report against itself: derivations, words, and what its figures say of one another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from audit.arithmetic import Interval, evaluate, names_in
from audit.checks import Check, inside
from audit.claims import Claim, Report
from audit.inside_causes import cause_of
from audit.printed import interval_of, verdict_of
from audit.relations import relations
from audit.structure import figures

WORDINGS = Path(__file__).parent / "wordings.yml"
INFINITE = 10**30
BEYOND = 10**15


def inside_checks(report: Report, groups: Mapping[str, str] | None = None) -> list[Check]:
    """Every check that the report alone allows; `groups` gives the group of each country, where known."""
    found = relations(report, groups or {})
    for claim in report.claims.values():
        if claim.kind == "context":
            reason = "context: no indicator of the warehouse, and no figure of the report gives it"
            found.append(not_checkable(claim, "derivation", reason))
        elif claim.kind == "qualitative":
            found.append(worded(claim, report))
        elif claim.derivation:
            found.append(derived(claim, report))
        elif claim.kind == "derived" and claim.measure != "row_count":
            found.append(not_checkable(claim, "derivation", missing_operand(claim, report)))
    return found


def not_checkable(claim: Claim, rule: str, reason: str) -> Check:
    return inside(claim, rule, "not_checkable", reason=reason)


def derived(claim: Claim, report: Report) -> Check:
    """The claim against its derivation from other claims."""
    operands = [report.claims[name] for name in sorted(names_in(claim.derivation))]
    try:
        found = evaluate(claim.derivation, {each.claim_id: interval_of(each) for each in operands})
    except ZeroDivisionError as error:
        return not_checkable(claim, "derivation", str(error))
    if abs(found.point) >= BEYOND:
        return not_checkable(claim, "derivation", "the derived figure has more than fifteen digits")
    verdict, reason = verdict_of(claim, found)
    cause = cause_of(claim, found, report) if verdict == "mismatch" else ""
    return inside(claim, "derivation", verdict, found.point, operands, cause, reason)


def missing_operand(claim: Claim, report: Report) -> str:
    """Which figure the report would have to print for the claim to be derived."""
    place = claim.breakdown or claim.geography
    if claim.measure.endswith("on_year"):
        year = f"{int(claim.period[:4]) - 1}{claim.period[4:]}"
        return f"missing operand: {claim.indicator} {claim.direction} of {place} in {year}".replace("  ", " ")
    series = claim.indicator, claim.direction, claim.period
    counts = {
        each.geography
        for each in figures(report)
        if each.measure == "value" and (each.indicator, each.direction, each.period) == series
    }
    missing = [name for name in (place, "the whole that the share is of") if name not in counts]
    return f"missing operand: the count of {missing[0]} in {claim.period}"


def worded(claim: Claim, report: Report) -> Check:
    """A word that stands for a figure, against the figure."""
    if claim.measure == "leading":
        return leading(claim, report)
    bounds = wordings().get(claim.stated_as)
    if bounds is None:
        return not_checkable(claim, "wording", f"no rule says what {claim.stated_as!r} means of a figure")
    try:
        found, inputs = _figures_behind(claim, report)
    except ZeroDivisionError as error:
        return not_checkable(claim, "wording", str(error))
    if not found:
        return not_checkable(claim, "wording", f"missing operand: no printed figure of {claim.geography}")
    holds = all(bounds.get("above", -INFINITE) < each.point < bounds.get("below", INFINITE) for each in found)
    verdict, cause = ("match", "") if holds else ("mismatch", "wording")
    reason = "" if holds else f"{claim.stated_as}, but the figure is {float(found[0].point):,.1f}"
    return inside(claim, "wording", verdict, found[0].point, inputs, cause, reason)


def _figures_behind(claim: Claim, report: Report) -> tuple[list[Interval], list[Claim]]:
    """The derived figure, or the printed figures of the places that the word is of."""
    if claim.derivation:
        operands = [report.claims[name] for name in sorted(names_in(claim.derivation))]
        figure = evaluate(claim.derivation, {each.claim_id: interval_of(each) for each in operands})
        return [figure], operands
    printed = [
        each
        for place in claim.geography.split()
        for each in figures(report)
        if (each.indicator, each.measure, each.direction, each.period, each.geography)
        == (claim.indicator, claim.measure, claim.direction, claim.period, place)
    ]
    return [interval_of(each) for each in printed], printed


def leading(claim: Claim, report: Report) -> Check:
    """The countries that are said to lead are those with the greatest printed figures."""
    counts = {
        each.geography: each
        for each in figures(report)
        if len(each.geography) == 2 and each.measure == "value"
        and (each.indicator, each.direction, each.period) == (claim.indicator, claim.direction, claim.period)
    }  # fmt: skip
    named = claim.geography.split()
    first = sorted(counts, key=lambda place: counts[place].value or 0, reverse=True)[: len(named)]
    if not counts:
        return not_checkable(claim, "wording", "missing operand: no country's figure is printed")
    holds = set(first) == set(named)
    reason = "" if holds else f"the greatest printed figures are those of {' '.join(first)}"
    inputs = [counts[place] for place in first]
    return inside(claim, "wording", "match" if holds else "mismatch", inputs=inputs, reason=reason)


@cache
def wordings() -> dict[str, dict[str, float]]:
    read: dict[str, dict[str, float]] = yaml.safe_load(WORDINGS.read_text("utf-8"))
    return read
