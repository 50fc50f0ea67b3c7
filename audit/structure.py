"""What claims are of one another: parts of wholes, lists in order of print, months of a quarter."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from audit.arithmetic import parsed
from audit.claims import Claim, Report


@dataclass(frozen=True)
class Part:
    """A claim that a printed share puts in relation to a whole."""

    part: Claim
    whole: Claim
    share: Claim


def figures(report: Report) -> Iterator[Claim]:
    """Claims with a figure about an indicator, in the order of print."""
    return (claim for claim in report.claims.values() if claim.value is not None)


def dimension(claim: Claim) -> str:
    """What a part is a part by: its breakdown, a country, a group or a region."""
    if claim.breakdown:
        return "breakdown"
    if claim.geography == "TOTAL":
        return "total"
    if claim.geography.isdigit():
        return "region"
    return "country" if len(claim.geography) == 2 else "group"


def parts_of_wholes(report: Report) -> list[Part]:
    """From derivations `part / whole * 100` of shares; a whole may be named, or derived alike elsewhere."""
    derived: dict[str, Claim] = {}
    for claim in figures(report):
        if claim.derivation:
            derived.setdefault(ast.dump(parsed(claim.derivation)), claim)
    found = []
    for share in figures(report):
        quotient = share.unit == "percent" and share.measure.startswith("share") and share.derivation
        ends = _ends_of_share(share.derivation) if quotient else None
        if ends is None:
            continue
        part, whole = (
            report.claims[end.id] if isinstance(end, ast.Name) else derived.get(ast.dump(end)) for end in ends
        )
        if part and whole:
            found.append(Part(part, whole, share))
    return found


def parts_by_share(report: Report) -> list[tuple[Claim, list[Claim]]]:
    """The parts of each whole that printed shares put below it, each place once and each dimension apart."""
    found: dict[tuple[str, str], dict[str, Claim]] = defaultdict(dict)
    for each in parts_of_wholes(report):
        if each.part.unit == each.whole.unit:
            place = each.part.geography + each.part.breakdown
            found[each.whole.claim_id, dimension(each.part)].setdefault(place, each.part)
    return [(report.claims[whole], list(parts.values())) for (whole, _), parts in found.items()]


def countries_by_group(report: Report, groups: Mapping[str, str]) -> list[tuple[Claim, list[Claim]]]:
    """The printed countries of each printed group by membership; a balance has no parts that it exceeds."""
    wholes: dict[tuple[str, ...], Claim] = {}
    found: dict[str, dict[str, Claim]] = defaultdict(dict)
    values = [claim for claim in figures(report) if claim.measure == "value" and claim.direction != "net"]
    for claim in values:
        if dimension(claim) == "group":
            wholes.setdefault((*_table(claim), claim.geography), claim)
    for claim in values:
        whole = wholes.get((*_table(claim), groups.get(claim.geography, "")))
        if whole and dimension(claim) == "country":
            found[whole.claim_id].setdefault(claim.geography, claim)
    return [(report.claims[whole], list(parts.values())) for whole, parts in found.items()]


def shares_by_whole(report: Report, groups: Mapping[str, str]) -> list[tuple[Claim | None, list[Claim]]]:
    """Printed shares of one whole, each place once, and the whole where it is printed."""
    wholes = {each.share.claim_id: each.whole for each in parts_of_wholes(report)}
    found: dict[tuple[str, ...], dict[str, Claim]] = defaultdict(dict)
    for claim in figures(report):
        if claim.measure not in ("share_of_total", "share_of_group"):
            continue
        whole = wholes.get(claim.claim_id)
        of = whole.geography if whole else groups.get(claim.geography, "")
        of = "TOTAL" if claim.measure == "share_of_total" else of
        if of:
            key = (claim.indicator, claim.measure, claim.direction, claim.period, dimension(claim), of)
            found[key].setdefault(claim.geography + claim.breakdown, claim)
    return [
        (next((wholes[name] for name in (each.claim_id for each in shares.values()) if name in wholes), None),
         list(shares.values()))
        for shares in found.values()
    ]  # fmt: skip


def lists(report: Report) -> list[list[Claim]]:
    """Runs of countries or parts of one series, as printed one below another; a whole of it ends a run."""
    open_runs: dict[tuple[str, ...], list[Claim]] = {}
    runs = []
    printed: set[tuple[str, ...]] = set()
    for claim in figures(report):
        if claim.measure != "value" or (*claim.subject, claim.unit) in printed:
            continue
        printed.add((*claim.subject, claim.unit))
        series = (claim.section, claim.indicator, claim.direction, claim.period, claim.unit)
        kind = dimension(claim)
        if kind in ("total", "group"):
            for key in [key for key in open_runs if key[:5] == series]:
                del open_runs[key]
        elif claim.kind == "source":
            key = (*series, kind)
            if key not in open_runs:
                open_runs[key] = []
                runs.append(open_runs[key])
            open_runs[key].append(claim)
    return runs


def months_of_quarters(report: Report) -> list[tuple[Claim, list[Claim]]]:
    """Quarters of which all three months are printed in the same unit."""
    months: Mapping[tuple[str, ...], dict[str, Claim]] = defaultdict(dict)
    for claim in figures(report):
        if len(claim.period) == 7 and claim.measure == "value":
            months[_series(claim)].setdefault(claim.period, claim)
    found = []
    for claim in figures(report):
        if claim.measure == "value" and claim.period[4:5] == "Q":
            first = 3 * int(claim.period[5]) - 2
            names = [f"{claim.period[:4]}-{month:02}" for month in range(first, first + 3)]
            known = months.get(_series(claim), {})
            if all(name in known for name in names):
                found.append((claim, [known[name] for name in names]))
    return found


def denominators(derivation: str) -> set[str]:
    """Claims that a derivation divides by."""
    divisors = [
        node.right
        for node in ast.walk(parsed(derivation))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
    ]
    return {name.id for divisor in divisors for name in ast.walk(divisor) if isinstance(name, ast.Name)}


def _table(claim: Claim) -> tuple[str, ...]:
    return claim.indicator, claim.direction, claim.period, claim.unit, claim.breakdown


def _series(claim: Claim) -> tuple[str, ...]:
    return claim.indicator, claim.direction, claim.geography, claim.breakdown, claim.unit


def _ends_of_share(derivation: str) -> tuple[ast.expr, ast.expr] | None:
    """Part and whole of `part / whole * 100`."""
    tree = parsed(derivation)
    match tree:
        case ast.BinOp(ast.BinOp(part, ast.Div(), whole), ast.Mult(), ast.Constant(100)):
            return part, whole
    return None
