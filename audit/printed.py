"""A printed figure against a recomputed one: what its last digit and its wording allow.

Rounding is half away from zero at the printed precision; `printed_decimals` of -3 is a figure in thousands.
A tolerance follows from precision and wording alone, never from a percentage.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from audit.arithmetic import Interval
from audit.claims import COUNTED, Claim

# Wordings that leave the exact figure on one side of the printed one, by less than a unit of its last digit.
ABOVE = ("over", "more than", "hardly exceeded")


def unit_of(claim: Claim) -> Fraction:
    """One unit of the last printed digit."""
    return Fraction(10) ** -(claim.decimals or 0)


def interval_of(claim: Claim) -> Interval:
    """The bounds of the exact figure behind a printed one; a count printed to the unit is exact."""
    point, unit = Fraction(claim.value or 0), unit_of(claim)
    if claim.stated_as in ABOVE:
        return Interval(point, point, point + unit)
    if claim.unit in (*COUNTED, "rows") and unit == 1:
        return Interval.exact(point)
    return Interval(point, point - unit / 2, point + unit / 2)


def rounded(value: Fraction, unit: Fraction) -> Fraction:
    """Half away from zero."""
    sign = -1 if value < 0 else 1
    return sign * floor(abs(value) / unit + Fraction(1, 2)) * unit


def verdict_of(claim: Claim, found: Interval) -> tuple[str, str]:
    """match, last_digit or mismatch, and the reason where it is not a plain match."""
    printed, unit = Fraction(claim.value or 0), unit_of(claim)
    if claim.stated_as in ABOVE:
        if found.high < printed:
            return "mismatch", f"not {claim.stated_as} {claim.text}"
        if found.low >= printed + unit:
            return "mismatch", f"{claim.stated_as} {claim.text} by more than its last digit"
        return "match", "" if found.point >= printed else "within the rounding of its operands"
    if rounded(found.point, unit) == printed:
        return "match", ""
    if found.low != found.high and rounded(found.low, unit) <= printed <= rounded(found.high, unit):
        return "match", "within the rounding of its operands"
    toward, away = (floor, ceil) if found.point >= 0 else (ceil, floor)
    if toward(found.point / unit) * unit == printed:
        return "last_digit", "truncated"
    if away(found.point / unit) * unit == printed:
        return "last_digit", "rounded up"
    return "mismatch", ""
