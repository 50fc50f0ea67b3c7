"""A claims file: what a report prints, one figure a row.

Columns and words are described in docs/claims.md. Everything that is wrong with a file is told at once, each
error with row and column, and nothing is judged before the file is right.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

from audit.arithmetic import cycle_among, mixed_units, names_in

COLUMNS = (
    "claim_id", "section", "indicator", "measure", "direction", "period", "geography", "breakdown", "value",
    "unit", "printed_decimals", "stated_as", "derivation", "agency", "kind",
)  # fmt: skip
KINDS = ("source", "derived", "context", "qualitative")
# Units in which a measure may be stated; a measure that is not here has no rule.
UNITS = {
    "share_of_total": ("percent",),
    "share_of_group": ("percent",),
    "change_on_year": ("percent",),
    "monthly_average_change_on_year": ("percent",),
    "multiple": ("times",),
    "multiple_on_year": ("times",),
    "row_count": ("rows",),
}
# Units in which a report may print what the warehouse holds in a unit.
FITTING = {"mln KZT": ("KZT", "mln KZT", "bn KZT", "mln USD", "bn USD")}
COUNTED = ("persons", "employers")
# What decimal(24,9) holds.
FIGURE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
YEAR = "[12][0-9]{3}"
MONTH = f"{YEAR}-(0[1-9]|1[0-2])"
PERIOD = re.compile(rf"{YEAR}|{YEAR}Q[1-4]|{MONTH}|{MONTH}-[0-3][0-9]|{MONTH}\.\.{MONTH}")


class ClaimsError(ValueError):
    """A claims file that cannot be judged; `problems` holds a line an error, with row and column."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.path = path
        self.problems = problems
        super().__init__(f"{path}: {len(problems)} error(s)\n" + "\n".join(problems))


@dataclass(frozen=True)
class Claim:
    """One printed figure. `value` is empty where a word is printed in its place."""

    row: int
    claim_id: str
    section: str
    indicator: str
    measure: str
    direction: str
    period: str
    geography: str
    breakdown: str
    value: Decimal | None
    text: str
    unit: str
    decimals: int | None
    stated_as: str
    derivation: str
    agency: str
    kind: str

    @property
    def subject(self) -> tuple[str, ...]:
        """What the figure is of; two claims of one subject in one unit must agree."""
        return self.indicator, self.measure, self.direction, self.period, self.geography, self.breakdown


@dataclass(frozen=True)
class Report:
    """The claims of one report, by their id and in the order of print, with the day it was published."""

    name: str
    claims: dict[str, Claim]
    published_on: date | None


def read_claims(path: Path, indicators: Mapping[str, str]) -> Report:
    """Read a claims file whole, or raise ClaimsError with everything that is wrong with it.

    indicators: the unit of each indicator in the warehouse. A row is named by its (last) line in the file.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ClaimsError(path, [f"the file cannot be read as UTF-8: {error}"]) from None
    reader = csv.DictReader(StringIO(text, newline=""))
    try:
        header = tuple(reader.fieldnames or ())
        rows = [(reader.line_num, row) for row in reader if any(row.values())]
    except csv.Error as error:
        raise ClaimsError(path, [f"row {reader.line_num + 1}: {error}"]) from None
    if not header:
        raise ClaimsError(path, ["row 1: the file is empty; the first row names the columns"])
    wrong = [f"row 1: {name}: a column is missing" for name in COLUMNS if name not in header]
    wrong += [f"row 1: {name}: an unknown column" for name in header if name not in COLUMNS]
    wrong += [f"row 1: {name}: the column is there twice" for name in COLUMNS if header.count(name) > 1]
    if wrong:
        raise ClaimsError(path, wrong)
    if not rows:
        raise ClaimsError(path, ["row 2: no claim below the header"])
    problems: list[str] = []
    claims: dict[str, Claim] = {}
    for number, row in rows:
        claim = _claim(number, row, indicators, problems)
        if claim.claim_id in claims:
            first = claims[claim.claim_id].row
            problems.append(f"row {number}, claim_id: {claim.claim_id} is already the claim of row {first}")
        claims.setdefault(claim.claim_id, claim)
    _check_derivations(claims, problems)
    if problems:
        raise ClaimsError(path, problems)
    return Report(path.stem, claims, _published_on(claims))


def _claim(number: int, row: dict[str, str], indicators: Mapping[str, str], problems: list[str]) -> Claim:
    def wrong(column: str, what: str) -> None:
        problems.append(f"row {number}, {column}: {what}")

    text = {column: (row.get(column) or "") for column in COLUMNS}
    if None in row or None in row.values():
        wrong("claim_id", "the row has more or fewer fields than the header")
    _check_words(text, indicators, wrong)
    value, decimals = _figure(text, indicators.get(text["indicator"], ""), wrong)
    return Claim(
        row=number,
        value=value,
        text=text["value"],
        decimals=decimals,
        stated_as=text["stated_as"] or "exact",
        **{name: text[name] for name in COLUMNS if name not in ("value", "printed_decimals", "stated_as")},
    )


def _check_words(
    text: dict[str, str], indicators: Mapping[str, str], wrong: Callable[[str, str], None]
) -> None:
    """Blanks, empty columns, and words that no rule knows."""
    for column, content in text.items():
        if content != content.strip():
            wrong(column, f"blanks around {content.strip()!r}")
        if not content and column in ("claim_id", "indicator", "measure", "period", "kind"):
            wrong(column, "is empty")
    if text["kind"] and text["kind"] not in KINDS:
        wrong("kind", f"{text['kind']!r} is none of {', '.join(KINDS)}")
    if text["claim_id"] and not re.fullmatch(r"[A-Za-z]\w*", text["claim_id"], re.ASCII):
        wrong("claim_id", f"{text['claim_id']!r} is not a letter followed by letters, digits or _")
    if text["kind"] == "context":
        return
    if text["indicator"] and text["indicator"] not in indicators:
        wrong("indicator", f"{text['indicator']!r} is unknown; known: {', '.join(sorted(indicators))}")
    if text["period"] and not _is_period(text["period"]):
        wrong("period", f"{text['period']!r} is not 2023, 2023Q3, 2023-07, 2023-09-01 or 2023-01..2023-09")


def _is_period(text: str) -> bool:
    if not PERIOD.fullmatch(text):
        return False
    first, _, last = text.partition("..")
    if last:
        return first <= last
    try:
        return len(text) < len("2023-09-01") or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _figure(
    text: dict[str, str], stated_in: str, wrong: Callable[[str, str], None]
) -> tuple[Decimal | None, int | None]:
    """The printed figure and its decimals; neither where a word or a date stands in its place."""
    decimals = int(text["printed_decimals"]) if re.fullmatch("-?[0-9]", text["printed_decimals"]) else None
    if text["printed_decimals"] and decimals is None:
        wrong("printed_decimals", f"{text['printed_decimals']!r} is not a whole number of one digit")
    if text["kind"] not in ("source", "derived"):
        return None, decimals
    if not FIGURE.fullmatch(text["value"]):
        wrong("value", f"{text['value']!r} is not a number with a point and no blanks or commas")
        return None, decimals
    value = Decimal(text["value"])
    fitting = UNITS.get(text["measure"], FITTING.get(stated_in, (stated_in,)))
    if stated_in and text["unit"] not in fitting:
        wrong(
            "unit",
            f"{text['unit']!r} does not fit {text['measure']} of {text['indicator']}: {', '.join(fitting)}",
        )
    elif text["unit"] in COUNTED and value != value.to_integral_value():
        wrong("unit", f"{text['unit']} are counted, and {value} is no whole number")
    if not text["printed_decimals"]:
        wrong("printed_decimals", "is empty beside a figure")
    elif decimals is not None and value != round(value, decimals):
        wrong("printed_decimals", f"{value} has more than {decimals} decimals")
    return value, decimals


def _check_derivations(claims: dict[str, Claim], problems: list[str]) -> None:
    """Operands exist, have a figure, and no claim is derived from itself."""
    operands: dict[str, set[str]] = {}
    for claim in claims.values():
        try:
            names = names_in(claim.derivation) if claim.derivation else set()
        except ValueError as error:
            problems.append(f"row {claim.row}, derivation: {error}")
            continue
        for name in sorted(names):
            if name not in claims:
                problems.append(f"row {claim.row}, derivation: {name} is no claim of this file")
            elif claims[name].value is None:
                problems.append(f"row {claim.row}, derivation: {name} (row {claims[name].row}) has no figure")
        operands[claim.claim_id] = names & claims.keys()
        units = {name: claims[name].unit for name in operands[claim.claim_id]}
        mixed = mixed_units(claim.derivation, units) if claim.derivation else ()
        if mixed:
            problems.append(f"row {claim.row}, derivation: adds {mixed[0]} and {mixed[1]}")
    cycle = cycle_among(operands)
    if cycle:
        row = claims[cycle[0]].row
        problems.append(f"row {row}, derivation: a circle: {' from '.join([*cycle, cycle[0]])}")


def _published_on(claims: dict[str, Claim]) -> date | None:
    """The last day of the month that the claim `report_publication_month` names."""
    for claim in claims.values():
        if claim.indicator == "report_publication_month" and re.fullmatch(MONTH, claim.text):
            first = date.fromisoformat(claim.text + "-01")
            return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return None
