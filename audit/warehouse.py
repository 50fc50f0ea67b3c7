"""Checks of a report against the warehouse: what it says today, what it said when the report was published.

A value that came to the warehouse only through the report itself cannot speak for it: `unsupported`.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import duckdb

from audit.arithmetic import Interval, evaluate, names_in
from audit.checks import Check
from audit.claims import Claim, Report
from audit.months import add_facts, add_revisions
from audit.printed import verdict_of
from audit.quarters import add_quarters
from audit.series import Index, Stated, Subject, Version, Way
from audit.warehouse_causes import proposed_cause

REPORT = "IOM report"
MONTHS = "|".join(month_name[1:])
# Two months and a year, as a publication names the months that it covers.
COVERED = re.compile(rf"({MONTHS})\W+({MONTHS})\W+(\d{{4}})", re.IGNORECASE)


def warehouse_checks(report: Report, con: duckdb.DuckDBPyConnection) -> list[Check]:
    """One check for every figure; words and context are not of the warehouse."""
    index = load(con)
    return [
        _check(claim, report, index)
        for claim in report.claims.values()
        if claim.kind in ("source", "derived")
    ]


def load(con: duckdb.DuckDBPyConnection) -> Index:
    """All that claims may be compared with."""
    index = Index()
    add_quarters(con, index)
    add_facts(con, index)
    add_revisions(con, index)
    return index


def subject_of(claim: Claim) -> Subject:
    return Subject(
        claim.indicator,
        claim.measure,
        claim.direction,
        claim.period,
        claim.geography,
        claim.breakdown,
        claim.unit,
    )


def _check(claim: Claim, report: Report, index: Index) -> Check:
    is_own = _own(report)
    candidates = index.get(subject_of(claim))
    found = _best(candidates, is_own)
    if found is None and claim.measure not in index.measures:
        found = _by_operands(claim, report, index)
    if found is None:
        reason = f"the warehouse has no {_words(claim)}"
        return Check(claim.claim_id, "warehouse", "indicator", "not_checkable", reason=reason)
    if found.value is None:
        flags = [one.flag for one in (found, *candidates) if one.flag]
        reason = "; ".join(dict.fromkeys(flags)) or f"empty in the warehouse: {found.place}"
        return Check(
            claim.claim_id, "warehouse", "indicator", "not_checkable", inputs=_inputs(found), reason=reason
        )
    return _judged(claim, report, found, found.value, index)


def _judged(claim: Claim, report: Report, found: Stated, value: Fraction, index: Index) -> Check:
    published, half = report.published_on, found.half
    verdict, reason = verdict_of(claim, Interval(value, value - half, value + half))
    own = sorted({way for way in found.ways if _own(report)(way)})
    reasons, cause = [reason], ""
    if own:
        subject = "an input is" if len(own) < len(found.ways) else "is"
        differs = "" if verdict == "match" else ", and differs from it"
        told = (
            f"{subject} in the warehouse only by way of the report itself: {own[0][1] or own[0][0]}{differs}"
        )
        verdict, reasons = "unsupported", [told]
    elif verdict != "match":
        earlier = _earlier_match(claim, found, published)
        if earlier:
            verdict, reasons = "revised_since", [earlier]
        elif verdict == "mismatch":
            cause = proposed_cause(claim, subject_of(claim), index)
    if not own:
        reasons.append(_known_when(claim, found, published))
    reasons += [_other_group(claim, report, found), found.flag]
    return Check(
        claim.claim_id,
        "warehouse",
        "indicator",
        verdict,
        value,
        Fraction(claim.value or 0) - value,
        _inputs(found),
        cause,
        "; ".join(filter(None, reasons)),
    )


def _own(report: Report) -> Callable[[Way], bool]:
    """Whether an input came through the report that is judged: its publisher names no other months."""
    period = next((claim for claim in report.claims.values() if claim.indicator == "report_period"), None)
    ends = re.fullmatch(r"(\d{4})-(\d\d)\.\.(\d{4})-(\d\d)", period.text if period else "")

    def is_own(way: Way) -> bool:
        obtained_via, publisher = way
        if obtained_via != REPORT:
            return False
        covered = COVERED.search(publisher)
        if not covered or not ends:
            return True
        months = [covered[1].capitalize(), covered[2].capitalize(), covered[3]]
        return months == [month_name[int(ends[2])], month_name[int(ends[4])], ends[3]]

    return is_own


def _best(stated: list[Stated], is_own: Callable[[Way], bool]) -> Stated | None:
    """One that has a value, not from the report itself, the headline before others."""

    def order(one: Stated) -> tuple[bool, bool, bool, str]:
        return one.value is None, any(map(is_own, one.ways)), not one.is_headline, one.dataset

    return min(stated, key=order, default=None)


def _by_operands(claim: Claim, report: Report, index: Index) -> Stated | None:
    """A measure that the warehouse does not have, by the derivation of the claim over what it says."""
    if not claim.derivation:
        return None
    operands: dict[str, Stated] = {}
    for name in sorted(names_in(claim.derivation)):
        operand = report.claims[name]
        found = _best(index.get(subject_of(operand)), _own(report))
        if found is None or found.value is None:
            flag = found.flag if found else f"the warehouse has no {_words(operand)}"
            return Stated(Version(None, date.min), "", f"{name}: {_words(operand)}", f"{name}: {flag}")
        operands[name] = found
    known = list(operands.values())
    figures = {name: Interval.exact(found.value or 0) for name, found in operands.items()}
    try:
        value = evaluate(claim.derivation, figures).point
    except ZeroDivisionError as error:
        return replace(known[0], now=Version(None, date.min), flag=str(error))
    latest = max(known, key=lambda found: found.now.since)
    return replace(
        latest,
        now=Version(value, latest.now.since),
        place=" and ".join(found.place for found in known),
        flag="; ".join(sorted({found.flag for found in known if found.flag})),
        ways=frozenset[Way]().union(*(found.ways for found in known)),
        versions=(),
        half=Fraction(0),
    )


def _earlier_match(claim: Claim, found: Stated, published: date | None) -> str:
    """Where the figure is what was known before; the one known on the day of publication first."""

    def later(version: Version) -> bool:
        return published is None or not _stood(version, published)

    for version in sorted(found.versions, key=later):
        if version.value is not None and verdict_of(claim, Interval.exact(version.value))[0] == "match":
            since = "" if version.since == date.min else f" from {version.since}"
            day = "" if later(version) else f", the day of publication {published} among them"
            return f"equals the value known{since} to {version.to or 'today'}{day}"
    return ""


def _stood(version: Version, day: date) -> bool:
    return version.since <= day and (version.to is None or day < version.to)


def _known_when(claim: Claim, found: Stated, published: date | None) -> str:
    """What is known of the day of publication: nothing, the value of today, or another one."""
    if published is None:
        return "the day of publication is not known"
    then = next((one for one in (found.now, *found.versions) if _stood(one, published)), None)
    if then is None:
        first = min((found.now, *found.versions), key=lambda version: version.since)
        return (
            f"first known here on {first.since} ({found.basis}), after the report of {published}: "
            "a revision between cannot be excluded"
        )
    if then is not found.now and then.value is not None:
        verdict = verdict_of(claim, Interval.exact(then.value))[0]
        return f"known on {published} was {float(then.value):.10g}: {verdict}"
    return ""


def _other_group(claim: Claim, report: Report, found: Stated) -> str:
    """Where the claim divides by another group than the country's own."""
    if claim.measure != "share_of_group" or not claim.derivation:
        return ""
    operands = [report.claims[name] for name in names_in(claim.derivation)]
    places = {operand.geography for operand in operands} - {claim.geography}
    if places == {found.group}:
        return ""
    if len(places) == 1 or ("TOTAL" in places and found.group in places):
        divisor = " less ".join(sorted(places, key=lambda place: place != "TOTAL"))
        return f"the claim divides by {divisor}, {claim.geography} is of {found.group}"
    return ""


def _words(claim: Claim) -> str:
    told = (claim.indicator, claim.measure, claim.period, claim.direction, claim.geography, claim.breakdown)
    return " ".join(filter(None, (*told, f"in {claim.unit}")))


def _inputs(found: Stated) -> tuple[str, ...]:
    return (f"{found.place} ({found.dataset})" if found.dataset else found.place,)
