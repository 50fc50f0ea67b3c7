"""What may have gone wrong with a derived figure: each cause is a rule that would give what is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from audit.arithmetic import Interval, evaluate, names_in
from audit.claims import Claim, Report
from audit.printed import interval_of, rounded, unit_of
from audit.structure import denominators, figures

# What another operand that would fit differs in, by the attribute of the claim.
SWAPS = {
    "period": "a figure of another period",
    "direction": "a figure of the other direction",
    "geography": "a figure of another place",
    "breakdown": "a figure of another part",
}


def cause_of(claim: Claim, found: Interval, report: Report) -> str:
    """The first cause that gives the printed figure, or nothing."""
    causes: tuple[Callable[[], str], ...] = (
        lambda: _sign_or_unit(claim, found),
        lambda: _own_rounding(claim, found),
        lambda: _operand(claim, report),
        lambda: _neighbour(claim, report),
        lambda: _digits(claim, found),
    )
    return next((cause for cause in (each() for each in causes) if cause), "")


def _fits(claim: Claim, value: Fraction) -> bool:
    return rounded(value, unit_of(claim)) == Fraction(claim.value or 0)


def _sign_or_unit(claim: Claim, found: Interval) -> str:
    if found.point and _fits(claim, -found.point):
        return "sign"
    for power in (1, 2, 3, -1, -2, -3):
        if found.point and _fits(claim, found.point * Fraction(10) ** power):
            return f"unit: {'times' if power > 0 else 'divided by'} {10 ** abs(power):,}"
    return ""


def _own_rounding(claim: Claim, found: Interval) -> str:
    """The figure rounded further than it is printed, without a word of it."""
    for digits, name in enumerate(("one digit", "two digits", "three digits"), 1):
        if found.point and _fits(claim, rounded(found.point, unit_of(claim) * 10**digits)):
            return f"rounded by {name} without saying so"
    return ""


def _operand(claim: Claim, report: Report) -> str:
    """Another figure in the place of an operand that would fit."""
    names = names_in(claim.derivation)
    points = {name: Interval.exact(Fraction(report.claims[name].value or 0)) for name in names}
    for name, other, cause in _candidates(names, report):
        try:
            value = evaluate(claim.derivation, {**points, name: other}).point
        except ZeroDivisionError:
            continue
        if _fits(claim, value):
            is_whole = claim.measure.startswith("share") and name in denominators(claim.derivation)
            return f"wrong denominator, {cause}" if is_whole else cause
    return ""


def _candidates(names: set[str], report: Report) -> Iterator[tuple[str, Interval, str]]:
    for name in sorted(names):
        operand = report.claims[name]
        if operand.derivation:
            values = {each: interval_of(report.claims[each]) for each in names_in(operand.derivation)}
            try:
                exact = Interval.exact(evaluate(operand.derivation, values).point)
            except ZeroDivisionError:
                continue
            yield name, exact, f"{name} before its rounding, as derived"
    for name in sorted(names):
        operand = report.claims[name]
        for other in figures(report):
            kind = operand.indicator, operand.measure, operand.unit
            if other.claim_id in names or (other.indicator, other.measure, other.unit) != kind:
                continue
            differing = [
                attribute for attribute in SWAPS if getattr(other, attribute) != getattr(operand, attribute)
            ]
            if len(differing) == 1:
                point = Interval.exact(Fraction(other.value or 0))
                yield name, point, f"{SWAPS[differing[0]]}: {other.claim_id} in the place of {name}"


def _neighbour(claim: Claim, report: Report) -> str:
    """The figure of the claim printed next to it, in the same unit and to three digits."""
    order = list(figures(report))
    at = order.index(claim)
    for other in order[max(0, at - 4) : at + 5]:
        is_long = len(claim.text.strip("-0.").replace(".", "")) >= 3
        if other is not claim and is_long and (other.value, other.unit) == (claim.value, claim.unit):
            return f"copied from a neighbour: {other.claim_id}"
    return ""


def _digits(claim: Claim, found: Interval) -> str:
    """One digit that is another, or two digits in each other's place."""
    fitting = f"{float(rounded(found.point, unit_of(claim))):.{max(claim.decimals or 0, 0)}f}"
    printed = f"{claim.value:.{max(claim.decimals or 0, 0)}f}"
    if len(fitting) != len(printed):
        return ""
    places = [at for at, (one, other) in enumerate(zip(printed, fitting, strict=True)) if one != other]
    if len(places) == 1 and places[0] < len(printed) - 1:
        return "digit slip"
    swapped = len(places) == 2 and [printed[at] for at in places] == [fitting[at] for at in reversed(places)]
    return "digits transposed" if swapped else ""
