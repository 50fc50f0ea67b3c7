"""Errors put into a consistent report, one kind a function, each with a record of what was changed.

An error is decidable when the printed figures contradict one another because of it. For one altered figure:
it, or a figure that states its derivation from it, lies at least one unit of its last digit beyond what the
rounding of its operands allows. For a broken relation: the printed figures break it whatever was rounded.
Both are computed here from the planted change; what `audit` finds is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise, product
from math import floor
from random import Random

from bench.claims_files import FORMULAS, Draft, Line, half_away, text_of
from bench.generated_reports import GROUPS, twentieths

# The rule of `audit.inside` that each kind waits for; all others are seen in a derivation.
NEEDS = {
    "part above the whole": "parts exceed whole",
    "months that do not add up": "months add up",
    "stated twice with two values": "stated twice",
    "copied from a neighbour": "same count elsewhere",
    "rank order swapped": "rank order",
    "row count wrong": "rows of a table",
    "imputed from a round share": "imputed",
    "shares above 100": "shares above 100",
    "country of another group": "group membership",
    "word against its figure": "words",
}


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


def runs(draft: Draft) -> list[tuple[str, list[Line]]]:
    """Countries printed below each whole, in the order of print, and the whole."""
    below: dict[str, list[Line]] = {}
    for line in map(draft.lines.__getitem__, draft.order):
        country = line.geography not in ("TOTAL", *GROUPS)
        if line.whole and country and line.measure == "value":
            below.setdefault(line.whole, []).append(line)
    return [(whole, lines) for whole, lines in below.items() if len(lines) > 1]


def moved_along(draft: Draft, changed: Draft) -> frozenset[str]:
    """Claims that another hidden value printed otherwise."""
    return frozenset(name for name, line in draft.lines.items() if line.text != changed.lines[name].text)


def part_above_whole(draft: Draft, rng: Random) -> Planted | None:
    """The first country so large that the countries add up to more than their whole; all else follows."""
    found = runs(draft)
    if not found:
        return None
    whole, parts = rng.choice(found)
    excess = draft.lines[whole].exact * Fraction(rng.randint(2, 40), 100)
    value = parts[0].exact + draft.lines[whole].exact - sum(part.exact for part in parts) + excess
    value = value if parts[0].decimals else Fraction(half_away(value))
    changed = draft.reprinted({parts[0].claim_id: value})
    above = sum(bounds(changed.lines[part.claim_id])[0] for part in parts) > bounds(changed.lines[whole])[1]
    related = frozenset({whole, *(part.claim_id for part in parts)})
    return Planted(changed, "part above the whole", moved_along(draft, changed), related, above)


def months_wrong(draft: Draft, rng: Random) -> Planted | None:
    """A quarter, stated without a derivation, above what its months add up to; all else follows."""
    quarters = [line for line in draft.lines.values() if line.formula == "sum" and not line.copy_of]
    if not quarters:
        return None
    line = rng.choice(quarters)
    changed = draft.reprinted({line.claim_id: line.exact * Fraction(rng.randint(1002, 1200), 1000)})
    decidable = contradicted(changed, replace(changed.lines[line.claim_id], with_derivation=True))
    sums = [each for each in changed.lines.values() if each.operands == line.operands]
    names = moved_along(draft, changed)
    changed = changed.with_lines(*(replace(each, with_derivation=False) for each in sums))
    return Planted(changed, "months that do not add up", names, frozenset(line.operands), decidable)


def stated_twice(draft: Draft, rng: Random) -> Planted | None:
    """A second mention of a figure, without a derivation, that differs from the first."""
    copies = [line for line in draft.lines.values() if line.copy_of]
    line = rng.choice(copies)
    text = text_of(moved(draft, line, rng), line.decimals or 0)
    other = replace(line, text=text, with_derivation=False)
    (low, high), (first_low, first_high) = bounds(other), bounds(draft.lines[line.copy_of])
    apart = high < first_low or first_high < low
    changed = draft.with_lines(other)
    names = frozenset({line.claim_id})
    return Planted(changed, "stated twice with two values", names, frozenset({line.copy_of}), apart)


def copied(draft: Draft, rng: Random) -> Planted | None:
    """A departure count equal to the arrival count of the same country; all else follows."""
    pairs = [
        (line.claim_id, other.claim_id)
        for _, parts in runs(draft)
        for line in parts
        for other in draft.lines.values()
        if line.direction == "departure" and other.direction == "arrival" and other.whole
        and other.measure == "value" and other.table[::2] == line.table[::2]
        and (other.geography, other.decimals) == (line.geography, 0)
    ]  # fmt: skip
    if not pairs:
        return None
    name, source = rng.choice(pairs)
    changed = draft.reprinted({name: draft.lines[source].exact})
    decidable = changed.lines[name].exact >= 1000
    related = frozenset({source})
    return Planted(changed, "copied from a neighbour", moved_along(draft, changed), related, decidable)


def rank_swapped(draft: Draft, rng: Random) -> Planted | None:
    """Two neighbouring countries of a run, each with all its lines, in one another's place."""
    pairs = [pair for _, parts in runs(draft) for pair in pairwise(parts)]
    if not pairs:
        return None
    first, second = rng.choice(pairs)

    def lines_of(country: Line) -> list[str]:
        return [
            name
            for name in draft.order
            if draft.lines[name].table == country.table and draft.lines[name].geography == country.geography
            and draft.lines[name].section != "conclusion" and "_on_year" not in draft.lines[name].measure
        ]  # fmt: skip

    swapped = [*lines_of(first), *lines_of(second)]
    places = sorted(map(draft.order.index, swapped))
    order = list(draft.order)
    for place, name in zip(places, [*lines_of(second), *lines_of(first)], strict=True):
        order[place] = name
    decidable = bounds(first)[0] > bounds(second)[1]
    changed = Draft(draft.lines, tuple(order))
    return Planted(changed, "rank order swapped", frozenset(swapped), frozenset({first.whole}), decidable)


def row_count(draft: Draft, rng: Random) -> Planted | None:
    counts = [line for line in draft.lines.values() if line.unit == "rows"]
    if not counts:
        return None
    line = rng.choice(counts)
    text = text_of(line.exact + rng.choice((-2, -1, 1, 2)), 0)
    changed = draft.with_lines(replace(line, text=text))
    return Planted(changed, "row count wrong", frozenset({line.claim_id}), frozenset(), True)


def imputed(draft: Draft, rng: Random) -> Planted | None:
    """The group a round share of the total, between what its countries need and what the others leave."""
    groups = [line for line in draft.lines.values() if line.geography == "CIS" and line.whole
              and line.measure == "value"]  # fmt: skip
    group = rng.choice(groups)
    needed = sum(line.exact for whole, parts in runs(draft) if whole == group.claim_id for line in parts)
    total = draft.lines[group.whole]
    rest = [line.claim_id for line in draft.lines.values() if line.whole == total.claim_id
            and line.geography == "NON_CIS"]  # fmt: skip
    others = sum(line.exact for whole, parts in runs(draft) if whole in rest for line in parts)
    fitting = [share for share in twentieths(total.exact) if needed <= share <= total.exact - others]
    if not fitting:
        return None
    changed = draft.reprinted({group.claim_id: Fraction(rng.choice(fitting))})
    related = frozenset({total.claim_id, *rest})
    return Planted(
        changed, "imputed from a round share", moved_along(draft, changed), related, total.exact >= 1000
    )


def shares_above(draft: Draft, rng: Random) -> Planted | None:
    """Shares that are printed without counts, the first so large that they pass 100."""
    shares = [line for line in draft.lines.values() if line.indicator == "temporary_residence_permits"
              and not line.copy_of]  # fmt: skip
    if not shares:
        return None
    excess = 100 - sum(line.printed for line in shares) + Fraction(rng.randint(5, 300), 10)
    line = replace(shares[0], text=text_of(shares[0].printed + excess, 1))
    changed = draft.with_lines(line)
    names = frozenset(share.claim_id for share in shares)
    above = sum(bounds(changed.lines[name])[0] for name in names) > 100
    return Planted(changed, "shares above 100", frozenset({line.claim_id}), names, above)


def other_group(draft: Draft, rng: Random) -> Planted | None:
    """A country of the CIS in the place of one outside it, with a share of the countries outside."""
    shares = [line for line in draft.lines.values() if line.measure == "share_of_group" and line.derived
              and draft.lines[line.whole or line.operands[-1]].geography == "NON_CIS"]  # fmt: skip
    for share in rng.sample(shares, len(shares)):
        lines = [line for line in draft.lines.values() if line.table == share.table
                 and line.geography == share.geography]  # fmt: skip
        used = {line.geography for line in draft.lines.values() if line.indicator == share.indicator}
        free = [place for place in GROUPS["CIS"] if place not in used]
        if free:
            place = rng.choice(free)
            changed = draft.with_lines(*(replace(line, geography=place) for line in lines))
            names = frozenset(line.claim_id for line in lines)
            return Planted(changed, "country of another group", names, frozenset({share.whole}), True)
    return None


def wrong_word(draft: Draft, rng: Random) -> Planted | None:
    """`positive` of a balance that is not, `majority` of a minority."""
    words = [line for line in draft.lines.values() if line.direction == "net" and line.exact < 0
             and line.derived and not line.copy_of]  # fmt: skip
    words += [line for line in draft.lines.values() if line.measure == "share_of_total" and line.derived
              and line.exact < 45 and not line.copy_of]  # fmt: skip
    if not words:
        return None
    line = rng.choice(words)
    name = f"C{len(draft.lines) + 1:03}"
    word = replace(
        line, claim_id=name, section="conclusion", unit="", decimals=None, kind="qualitative", whole="",
        stated_as="positive" if line.direction == "net" else "majority",
    )  # fmt: skip
    changed = Draft(draft.lines | {name: word}, (*draft.order, name))
    return Planted(changed, "word against its figure", frozenset({name}), frozenset(), True)


KINDS: dict[str, Plant] = {
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
} | {
    "truncated, not rounded": truncated,
    "part above the whole": part_above_whole,
    "months that do not add up": months_wrong,
    "stated twice with two values": stated_twice,
    "copied from a neighbour": copied,
    "rank order swapped": rank_swapped,
    "row count wrong": row_count,
    "imputed from a round share": imputed,
    "shares above 100": shares_above,
    "country of another group": other_group,
    "word against its figure": wrong_word,
}


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
    for name in tuple(names):
        names |= {*lines[name].operands, lines[name].copy_of}
    tables = {lines[name].table for name in planted.changed | planted.related}
    return names | {line.claim_id for line in lines.values() if line.table in tables}
