"""Where a figure that does not agree may come from, as far as values of the warehouse tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from audit.claims import Claim
from audit.printed import rounded, unit_of
from audit.series import Index, Subject

# Periods of a kind, before and after: quarters, sums since January, months or days of a stock, years.
NEAR = 8
STEPS = {"9999Q9": 3, "9999-99..9999-99": 3, "9999": 12}  # months from one to the next, else 1
# Fewer digits than this agree with another value by chance.
DIGITS = 3
SCALES = tuple(Fraction(10) ** power for power in (-6, -3, 3, 6))


def proposed_cause(claim: Claim, subject: Subject, index: Index) -> str:
    """`unit`, `rate of another period`, `stale` or `copied from a neighbour`, and which; else nothing."""
    if len(claim.text.replace(".", "").lstrip("-0")) < DIGITS:
        return ""
    rules = (_unit, _rate_of_another_period, _stale, _copied_from_a_neighbour)
    return next((cause for rule in rules for cause in rule(claim, subject, index)), "")


def _equals(claim: Claim, value: Fraction | None) -> bool:
    return value is not None and rounded(value, unit_of(claim)) == claim.value


def _has(claim: Claim, subject: Subject, index: Index) -> bool:
    return any(_equals(claim, stated.value) for stated in index.get(subject))


def _unit(claim: Claim, subject: Subject, index: Index) -> Iterator[str]:
    for stated in index.get(subject):
        for scale in SCALES:
            if stated.value is not None and _equals(claim, stated.value * scale):
                yield f"unit: the value in the warehouse times {float(scale):g}"


def _rate_of_another_period(claim: Claim, subject: Subject, index: Index) -> Iterator[str]:
    """An amount in dollars that the rate of another month or quarter gives."""
    if subject.unit != "mln USD":
        return
    amounts = [each.value for each in index.get(subject._replace(unit="mln KZT")) if each.value is not None]
    rate = Subject("exchange_rate_average", "value", "", subject.period, "TOTAL", "", "KZT per USD")
    for other in _near(rate, index, same_length=False):
        for stated in index.get(other):
            if stated.value and any(_equals(claim, amount / stated.value) for amount in amounts):
                yield f"rate of another period: {other.period}"


def _stale(claim: Claim, subject: Subject, index: Index) -> Iterator[str]:
    """The value of the same series in another period, the nearest first."""
    for other in _near(subject, index, same_length=True):
        if _has(claim, other, index):
            yield f"stale: equals the value of {other.period}"


def _copied_from_a_neighbour(claim: Claim, subject: Subject, index: Index) -> Iterator[str]:
    """The value of another direction, place or breakdown of the same table."""
    for other in index.beside(subject, "direction", "geography", "breakdown"):
        if _has(claim, other, index):
            words = " ".join(filter(None, (other.direction, other.geography, other.breakdown)))
            yield f"copied from a neighbour: {words}"


def _near(subject: Subject, index: Index, *, same_length: bool) -> list[Subject]:
    """The same series in other periods of the kind, NEAR periods away at most; the nearest first."""
    shape, end = _shape(subject.period), _last_month(subject.period)
    others = [(abs(_last_month(other.period) - end), other) for other in index.beside(subject, "period")]
    return [
        other
        for months, other in sorted(others)
        if months <= NEAR * STEPS.get(_shape(other.period), 1)
        and (not same_length or _shape(other.period) == shape)
    ]


def _shape(period: str) -> str:
    return re.sub(r"\d", "9", period)


def _last_month(period: str) -> int:
    """Months since the year nought, of the last day of a period."""
    last = period.split("..")[-1]
    month = int(last[-1]) * 3 if "Q" in last else int(last[5:7] or 12)
    return int(last[:4]) * 12 + month
