"""Printed figures to plain decimal text, a column at a time.

What belongs here: blank thousands, decimal commas, nil marks, footnote marks on numbers, cells that
hold a double. What does not: which cells are figures (table.py) and what a figure may be (checks.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from ingest.sheets.labels import LOOK_ALIKES

THOUSANDS = " \u00a0\u202f\u2009"
# A double keeps every digit of an integer below this; above it the file itself has lost some.
EXACT_LIMIT = 10**15
SHORT_DECIMALS = 3
# The flag of a mark that stands for nought, as a dash does in official statistics.
NIL = "nil"

_FOOTNOTE_MARK = re.compile(
    rf"(?:[{THOUSANDS}]*(?:\*+|[\u00b9\u00b2\u00b3\u2070-\u2079]+\)?)|[{THOUSANDS}]+\(?[0-9]\))$"
)
_GROUPED = re.compile(rf"[0-9]{{1,3}}(?:[{THOUSANDS}][0-9]{{3}})+(?:\.[0-9]+)?")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_ERROR = re.compile(r"#(?:REF!|DIV/0!|N/A|VALUE!|NAME\?|NUM!|NULL!|GETTING_DATA|SPILL!|CALC!)")


@dataclass(frozen=True)
class FigureRules:
    """How figures are printed in one layout.

    decimal: the decimal marks that may stand in text; blank_thousands: whether `1 234` is a number;
    whole: whether a figure must be whole (persons); percent_sign: whether `12,5%` is a number;
    nil: flag by folded mark, such as `{'-': 'nil', 'x': 'suppressed'}`.
    """

    decimal: str = ","
    blank_thousands: bool = True
    whole: bool = False
    percent_sign: bool = False
    nil: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """One column, as object arrays: plain decimal or None, flag or None, text of the cell.

    rule: by position, why a cell is no figure; its amount is None and means nothing.
    """

    amount: np.ndarray[Any, Any]
    flag: np.ndarray[Any, Any]
    raw: np.ndarray[Any, Any]
    rule: dict[int, str]


def fold_mark(text: str) -> str:
    """A nil mark made comparable: blanks off, dashes one, Latin x and Cyrillic х one."""
    mark = re.sub("[\u2010-\u2015\u2212]", "-", text.strip()).replace("...", "…")
    return mark.translate(LOOK_ALIKES).casefold()


def figure_text(text: str, rules: FigureRules) -> tuple[str | None, str | None, str | None]:
    """One printed text as (plain decimal, flag, broken rule). Nil is nought; other flags have none."""
    number = _FOOTNOTE_MARK.sub("", text.strip())
    if (
        flag := "blank"
        if not text.strip()
        else rules.nil.get(fold_mark(text)) or rules.nil.get(fold_mark(number))
    ):
        return "0" if flag == NIL else None, flag, None
    if _ERROR.fullmatch(number):
        return None, None, f"an error cell, {number}"
    if rules.percent_sign:
        number = number.removesuffix("%").rstrip()
    sign = "-" if number[:1] in ("-", "\u2212", "\u2013") else ""
    digits = number[1:] if sign or number[:1] == "+" else number
    for mark in ",.":
        if mark in digits and mark not in rules.decimal:
            return None, None, f"a number with {mark!r}, which the layout does not allow"
    digits = digits.replace(",", ".")
    if _GROUPED.fullmatch(digits) and rules.blank_thousands:
        digits = re.sub(f"[{THOUSANDS}]", "", digits)
    if not _PLAIN.fullmatch(digits) or not digits.isascii():
        return None, None, "not a number and not a nil mark of the layout"
    if rules.whole and "." in digits:
        return None, None, "a number with decimals where whole figures are expected"
    return sign + digits, None, None


def number_cell_text(value: float) -> str:
    """A numeric cell as the shortest decimal that is the same double: 12.300000000000001 is `12.3`."""
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


_TEXT, _NUMBER, _OTHER = 0, 1, 2
_KINDS = {str: _TEXT, int: _NUMBER, float: _NUMBER}


def read_figures(cells: Sequence[object], rules: FigureRules, types: set[type] | None = None) -> Figures:
    """Read one column of cells, of no other than these types. Texts are parsed once each, numbers in bulk."""
    amount, flag, raw = (np.full(len(cells), None, dtype=object) for _ in range(3))
    rule: dict[int, str] = {}
    if (types or set(map(type, cells))) <= {int, float}:
        amount = raw = _read_numbers(np.array(cells, dtype=np.float64), np.arange(len(cells)), rules, rule)
        return Figures(amount, flag, raw, rule)

    values = np.empty(len(cells), dtype=object)
    values[:] = cells
    kinds = np.array([_KINDS.get(kind, _OTHER) for kind in map(type, cells)], dtype=np.int8)
    numbers = np.flatnonzero(kinds == _NUMBER)
    if len(numbers):
        doubles = values[numbers].astype(np.float64)
        amount[numbers] = raw[numbers] = _read_numbers(doubles, numbers, rules, rule)

    texts_at = np.flatnonzero(kinds == _TEXT)
    if len(texts_at):
        codes, uniques = pd.factorize(values[texts_at])
        parsed = np.empty((len(uniques), 3), dtype=object)
        for number, text in enumerate(uniques):
            parsed[number] = figure_text(text, rules)
        raw[texts_at] = values[texts_at]
        amount[texts_at], flag[texts_at] = parsed[codes, 0], parsed[codes, 1]
        broken = parsed[:, 2][codes]
        for position in np.flatnonzero(broken != None):  # noqa: E711 - element by element
            rule[int(texts_at[position])] = broken[position]

    for position in np.flatnonzero(kinds == _OTHER):
        raw[position] = str(values[position])
        rule[int(position)] = f"a {type(values[position]).__name__} where a number is expected"
    return Figures(amount, flag, raw, rule)


def _read_numbers(
    doubles: np.ndarray[Any, Any], positions: np.ndarray[Any, Any], rules: FigureRules, rule: dict[int, str]
) -> np.ndarray[Any, Any]:
    """Texts of numeric cells; adds to `rule` those that are no figure."""
    for position in positions[~(np.abs(doubles) < EXACT_LIMIT)]:
        rule[int(position)] = "a number of more digits than a numeric cell holds exactly"
    if rules.whole:
        for position in positions[doubles != np.trunc(doubles)]:
            rule[int(position)] = "a number with decimals where whole figures are expected"
    return _double_texts(doubles)


def _double_texts(doubles: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    texts = np.empty(len(doubles), dtype=object)
    is_left = np.ones(len(doubles), dtype=bool)
    for decimals in range(SHORT_DECIMALS + 1):
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = np.rint(doubles * 10**decimals)
        is_exact = is_left & (scaled / 10**decimals == doubles) & (np.abs(scaled) < EXACT_LIMIT)
        if is_exact.all():
            texts[:] = _fixed_texts(doubles, decimals)
            return texts
        if is_exact.any():
            texts[is_exact] = _fixed_texts(doubles[is_exact], decimals)
            is_left &= ~is_exact
        if not is_left.any():
            return texts
    texts[is_left] = list(map(number_cell_text, doubles[is_left].tolist()))
    return texts


def _fixed_texts(doubles: np.ndarray[Any, Any], decimals: int) -> list[str]:
    """All with so many decimals. At most 15 digits that give the same double are its shortest text."""
    if not decimals:
        return list(map(str, doubles.astype(np.int64).tolist()))
    lines = f"%.{decimals}f\n" * len(doubles) % tuple(doubles.tolist())
    return lines.splitlines()
