"""Errors that break a relation between figures and may leave every derivation right."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

from bench.claims_files import Draft, Line, half_away, text_of
from bench.generated_reports import GROUPS, TELLING, hundredths
from bench.planted_errors import Plant, Planted, bounds, contradicted, moved

# The rule of `audit.inside` that each kind is made for; all other kinds are seen in a derivation.
RULES = {
    "part above the whole": "parts and whole",
    "part above a group of no shares": "countries of the group",
    "months that do not add up": "months of the quarter",
    "stated twice with two values": "stated twice",
    "copied from a neighbour": "same count elsewhere",
    "rank order swapped": "rank order",
    "row count wrong": "rows of the table",
    "imputed from a round share": "round share of the total",
    "shares above 100": "shares of a whole",
    "country of another group": "group membership",
    "word against its figure": "wording",
}


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


def of_no_share(draft: Draft, whole: str, parts: list[Line]) -> bool:
    """Countries of a group whose shares are all of the total."""
    names = {part.claim_id for part in parts}
    shares = [line for line in draft.lines.values() if line.derived and line.unit == "percent"]
    shares = [line for line in shares if line.operands[0] in names and line.measure == "share_of_total"]
    return bool(shares) and draft.lines[whole].geography in GROUPS


def part_above(kind: str, without_shares: bool) -> Plant:
    """The first country so large that the countries add up to more than their whole; all else follows."""

    def plant(draft: Draft, rng: Random) -> Planted | None:
        found = [run for run in runs(draft) if of_no_share(draft, *run) == without_shares]
        if not found:
            return None
        whole, parts = rng.choice(found)
        excess = draft.lines[whole].exact * Fraction(rng.randint(2, 40), 100)
        value = parts[0].exact + draft.lines[whole].exact - sum(part.exact for part in parts) + excess
        value = value if parts[0].decimals else Fraction(half_away(value))
        changed = draft.reprinted({parts[0].claim_id: value})
        low = sum(bounds(changed.lines[part.claim_id])[0] for part in parts)
        decidable = low > bounds(changed.lines[whole])[1]
        related = frozenset({whole, *(part.claim_id for part in parts)})
        return Planted(changed, kind, moved_along(draft, changed), related, decidable)

    return plant


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
    fitting = [share for share in hundredths(total.exact) if needed <= share <= total.exact - others]
    if not fitting:
        return None
    changed = draft.reprinted({group.claim_id: Fraction(rng.choice(fitting))})
    related = frozenset({total.claim_id, *rest})
    return Planted(
        changed, "imputed from a round share", moved_along(draft, changed), related, total.exact >= TELLING
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
            return Planted(changed, "country of another group", names, frozenset(share.operands), True)
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


RELATIONS: dict[str, Plant] = {
    "part above the whole": part_above("part above the whole", False),
    "part above a group of no shares": part_above("part above a group of no shares", True),
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
