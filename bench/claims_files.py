"""The lines of a made report, what is derived of what, and the way into a claims file and back.

Nothing here is taken from the arithmetic of `audit`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor
from pathlib import Path

from audit.claims import COLUMNS, Report, read_claims

SEEDS = Path(__file__).parents[1] / "dbt_project" / "seeds"
FORMULAS: dict[str, tuple[str, Callable[..., Fraction]]] = {
    "share": ("{}/{}*100", lambda part, whole: part / whole * 100),
    "share of the rest": ("{}/({}-{})*100", lambda part, total, other: part / (total - other) * 100),
    "difference": ("{}-{}", lambda a, b: a - b),
    "sum": ("{}+{}+{}", lambda a, b, c: a + b + c),
    "dollars": ("{}/{}*1000", lambda tenge, rate: tenge / rate * 1000),
    "average": ("{}/3", lambda quarter: quarter / 3),
    "change": ("({}/{}-1)*100", lambda now, before: (now / before - 1) * 100),
    "multiple": ("{}/{}", lambda now, before: now / before),
}


@dataclass(frozen=True)
class Line:
    """A claim with what the report does not print: its exact value, the whole that it is a part of."""

    claim_id: str
    section: str
    indicator: str
    measure: str
    direction: str
    period: str
    geography: str
    unit: str
    decimals: int | None
    kind: str
    breakdown: str = ""
    stated_as: str = "exact"
    exact: Fraction = Fraction(0)
    text: str = ""
    formula: str = ""
    operands: tuple[str, ...] = ()
    with_derivation: bool = True
    whole: str = ""
    copy_of: str = ""

    @property
    def step(self) -> Fraction:
        """One unit of the last printed digit."""
        return Fraction(10) ** -(self.decimals or 0)

    @property
    def printed(self) -> Fraction:
        return Fraction(self.text)

    @property
    def table(self) -> tuple[str, str, str]:
        return self.indicator, self.direction, self.period

    @property
    def derivation(self) -> str:
        return FORMULAS[self.formula][0].format(*self.operands) if self.derived else ""

    @property
    def derived(self) -> bool:
        return bool(self.formula) and self.with_derivation

    def print_out(self, exact: Fraction) -> Line:
        """The line with this hidden value, printed as the line is printed."""
        scaled = exact / self.step
        cut = floor(scaled) if self.stated_as == "over" else half_away(scaled)
        return replace(self, exact=exact, text=text_of(cut * self.step, self.decimals or 0))


@dataclass(frozen=True)
class Draft:
    """The lines of a report, operands before what is derived of them, and the order of print."""

    lines: dict[str, Line] = field(default_factory=dict)
    order: tuple[str, ...] = ()

    def with_lines(self, *changed: Line) -> Draft:
        return Draft(self.lines | {line.claim_id: line for line in changed}, self.order)

    def reprinted(self, exact: Mapping[str, Fraction]) -> Draft:
        """The report had these hidden values been others, with all that follows from them."""
        lines: dict[str, Line] = {}
        for name, line in self.lines.items():
            value = line.exact
            if name in exact:
                value = exact[name]
            elif line.copy_of:
                value = lines[line.copy_of].exact
            elif line.formula:
                value = FORMULAS[line.formula][1](*(lines[operand].exact for operand in line.operands))
            lines[name] = line if value == line.exact else line.print_out(value)
        return Draft(lines, self.order)


def half_away(value: Fraction) -> int:
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -size if value < 0 else size


def text_of(value: Fraction, decimals: int) -> str:
    """Rounded and printed, as 12.30 with 2 decimals and as 4567000 with -3."""
    units = half_away(abs(value) * Fraction(10) ** decimals)
    text = str(units).zfill(decimals + 1) if decimals > 0 else str(units * 10**-decimals)
    text = f"{text[:-decimals]}.{text[-decimals:]}" if decimals > 0 else text
    return f"-{text}" if value < 0 and units else text


def indicators() -> dict[str, str]:
    with (SEEDS / "indicator.csv").open(encoding="utf-8", newline="") as file:
        return {row["indicator"]: row["unit"] for row in csv.DictReader(file)}


def read_back(draft: Draft, path: Path, known: dict[str, str]) -> Report:
    """The report through a claims file, as anyone's report comes in."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for line in (draft.lines[name] for name in draft.order):
            decimals = "" if line.decimals is None or line.kind == "qualitative" else line.decimals
            value = "" if line.kind == "qualitative" else line.text
            writer.writerow(
                (line.claim_id, line.section, line.indicator, line.measure, line.direction, line.period,
                 line.geography, line.breakdown, value, line.unit, decimals, line.stated_as, line.derivation,
                 "An agency", line.kind)
            )  # fmt: skip
    return read_claims(path, known)
