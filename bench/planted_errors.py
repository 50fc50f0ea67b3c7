"""Errors of single figures put into a consistent report, each with a record of what was changed.

An error is decidable when the printed figures contradict one another because of it. For one altered figure:
it, or a figure that states its derivation from it, lies at least one unit of its last digit beyond what the
rounding of its operands allows. For a broken relation (bench/broken_relations.py):
the printed figures break it whatever was rounded. Both are computed from the planted change; what `audit`
finds is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise, product
from math import floor
from random import Random

from bench.claims_files import FORMULAS, Draft, Line, half_away, text_of


@dataclass(frozen=True)
class Planted:
    """A report with an error: the claims that were changed, and the others of the relation that it breaks."""

    draft: Draft
    kind: str
    changed: frozenset[str]
    related: frozenset[str]
    decidable: bool
    verdicts: tuple[str, ...] = ("mismatch",)


Plant = Callable[[Draft, Random], Planted | None]
Alter = Callable[[Draft, Line, Random], Fraction | None]


def dependants(draft: Draft, changed: Iterable[str]) -> set[str]:
    """Claims that state their derivation from these."""
    names = set(changed)
    return {name for name, line in draft.lines.items() if line.derived and names & set(line.operands)}


def bounds(line: Line) -> tuple[Fraction, Fraction]:
    """Where the exact figure behind a printed one lies: a count to the unit is exact, `over` is cut off."""
    if line.stated_as == "over":
        return line.printed, line.printed + line.step
    if line.unit in ("persons", "employers", "rows") and line.step == 1:
        return line.printed, line.printed
    return line.printed - line.step / 2, line.printed + line.step / 2


def recomputed(draft: Draft, line: Line) -> list[Fraction]:
    """The formula at every corner of what its printed operands allow; none where it divides by nought."""
    try:
        corners = product(*(bounds(draft.lines[name]) for name in line.operands))
        return sorted(FORMULAS[line.formula][1](*corner) for corner in corners)
    except ZeroDivisionError:
        return []


def point_of(draft: Draft, line: Line) -> Fraction:
    return FORMULAS[line.formula][1](*(draft.lines[name].printed for name in line.operands))


def contradicted(draft: Draft, line: Line) -> bool:
    """Does the figure lie beyond what its printed operands allow?"""
    found = recomputed(draft, line) if line.derived and line.kind != "qualitative" else []
    if not found:
        return False
    if line.stated_as == "over":
        return found[-1] < line.printed or found[0] >= line.printed + line.step
    low, high = (half_away(found[end] / line.step) * line.step for end in (0, -1))
    return not low <= line.printed <= high


def altered(draft: Draft, kind: str, line: Line, value: Fraction) -> Planted | None:
    """One printed figure replaced. Where it now looks cut or rounded up, that is what it has become."""
    text = text_of(value, line.decimals or 0)
    if text == line.text or Fraction(text) == line.printed:
        return None
    changed = draft.with_lines(replace(line, text=text))
    names = {line.claim_id, *dependants(draft, [line.claim_id])}
    wrong = [each for each in map(changed.lines.__getitem__, names) if contradicted(changed, each)]
    near = all(abs(point_of(changed, each) - each.printed) < each.step for each in wrong)
    verdicts = ("mismatch", "last_digit") if wrong and near else ("mismatch",)
    return Planted(changed, kind, frozenset({line.claim_id}), frozenset(), bool(wrong), verdicts)


def figure_error(kind: str, fits: Callable[[Draft, Line], bool], alter: Alter) -> Plant:
    """An error of one figure, in a random one of those it fits."""

    def plant(draft: Draft, rng: Random) -> Planted | None:
        lines = [line for line in draft.lines.values() if line.kind in ("source", "derived")]
        for line in rng.sample(lines, len(lines)):
            value = alter(draft, line, rng) if fits(draft, line) else None
            planted = None if value is None else altered(draft, kind, line, value)
            if planted:
                return planted
        return None

    return plant


def derived_by(*formulas: str) -> Callable[[Draft, Line], bool]:
    return lambda draft, line: line.derived and line.formula in formulas


def anywhere(draft: Draft, line: Line) -> bool:
    return line.unit != "rows"


def slip(draft: Draft, line: Line, rng: Random) -> Fraction:
    place = rng.choice([number for number, sign in enumerate(line.text) if sign.isdigit()])
    digit = rng.choice([digit for digit in "123456789" if digit != line.text[place]])
    return Fraction(line.text[:place] + digit + line.text[place + 1 :])


def transposed(draft: Draft, line: Line, rng: Random) -> Fraction | None:
    text = line.text
    pairs = [n for n, (a, b) in enumerate(pairwise(text)) if (a + b).isdigit() and a != b and b != "0"]
    if not pairs or (line.decimals or 0) < 0:
        return None
    place = rng.choice(pairs)
    return Fraction(text[:place] + text[place + 1] + text[place] + text[place + 2 :])


def of_the_total(draft: Draft, line: Line, rng: Random) -> Fraction | None:
    group = draft.lines.get(line.whole)
    if line.measure != "share_of_group" or group is None or not group.whole:
        return None
    return draft.lines[line.operands[0]].printed / draft.lines[group.whole].printed * 100


def stale(draft: Draft, line: Line, rng: Random) -> Fraction | None:
    """The value of the same series in the period before or after."""
    others = [
        other.printed
        for other in draft.lines.values()
        if other.period != line.period
        and (other.indicator, other.measure, other.direction, other.geography, other.breakdown, other.unit)
        == (line.indicator, line.measure, line.direction, line.geography, line.breakdown, line.unit)
    ]
    return rng.choice(others) if others else None


def moved(draft: Draft, line: Line, rng: Random) -> Fraction:
    share = Fraction(rng.randint(5, 200), 1000)
    units = max(1, half_away(abs(line.printed) * share / line.step))
    return line.printed + rng.choice((-1, 1)) * units * line.step


def at_another_rate(draft: Draft, line: Line, rng: Random) -> Fraction:
    tenge, rate = (draft.lines[name] for name in line.operands)
    other = next(
        each for each in draft.lines.values()
        if each.indicator == rate.indicator and each.period != rate.period
    )  # fmt: skip
    return tenge.printed / other.printed * 1000


def divided(draft: Draft, line: Line, rng: Random) -> Fraction:
    return draft.lines[line.operands[0]].printed / rng.choice((2, 4, 12))


def other_unit(draft: Draft, line: Line, rng: Random) -> Fraction | None:
    factor = Fraction(rng.choice((10, 1000)))
    if line.unit in ("persons", "employers") or rng.random() < 0.5:
        return line.printed * factor
    return line.printed / factor


def is_balance(draft: Draft, line: Line) -> bool:
    return line.derived and line.direction == "net"


def no_share(draft: Draft, line: Line) -> bool:
    return line.unit not in ("percent", "rows")


def truncated(draft: Draft, rng: Random) -> Planted | None:
    """What follows from the printed operands, cut off in place of rounded."""

    def cut(draft: Draft, line: Line, rng: Random) -> Fraction:
        point = point_of(draft, line)
        size = floor(abs(point) / line.step) * line.step
        return -size if point < 0 else size

    def fits(draft: Draft, line: Line) -> bool:
        return line.derived and line.stated_as == "exact"

    planted = figure_error("truncated, not rounded", fits, cut)(draft, rng)
    if planted is None:
        return None
    (name,) = planted.changed
    decidable = contradicted(planted.draft, planted.draft.lines[name])
    return replace(planted, decidable=decidable, verdicts=("last_digit",))


FIGURES: dict[str, Plant] = {
    kind: figure_error(kind, fits, alter)
    for kind, fits, alter in (
        ("digit slip in a derived share", derived_by("share", "share of the rest"), slip),
        ("transposed digits", anywhere, transposed),
        ("wrong denominator", derived_by("share", "share of the rest"), of_the_total),
        ("stale figure", anywhere, stale),
        ("sum that does not add up", derived_by("sum", "difference"), moved),
        ("rate of another period", derived_by("dollars"), at_another_rate),
        ("monthly average divided wrongly", derived_by("average"), divided),
        ("sign of a balance", is_balance, lambda draft, line, rng: -line.printed),
        ("unit error", no_share, other_unit),
    )
} | {"truncated, not rounded": truncated}


def reach(planted: Planted) -> set[str]:
    """The claims whose derivation an error enters, and their other operands."""
    names = set(planted.changed) | dependants(planted.draft, planted.changed)
    return names.union(*(planted.draft.lines[name].operands for name in names))


def nearby(planted: Planted) -> set[str]:
    """Claims whose check may tell of the error: it, its relation, all derived from or of it, their tables."""
    lines = planted.draft.lines
    names = set(planted.changed | planted.related)
    for _ in range(3):
        names |= dependants(planted.draft, names)
        names |= {line.claim_id for line in lines.values() if line.copy_of in names}
    names |= {lines[name].copy_of for name in names if lines[name].copy_of}
    names = names.union(*(lines[name].operands for name in names))
    tables = {of_a_year(lines[name]) for name in planted.changed | planted.related}
    return names | {line.claim_id for line in lines.values() if of_a_year(line) in tables}


def of_a_year(line: Line) -> tuple[str, str, str]:
    """The table of a figure, months and quarters together."""
    return line.indicator, line.direction, line.period[:4]
