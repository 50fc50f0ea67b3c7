"""What the figures of one table must be to one another: shares within 100, parts within their total.

What belongs here: rules over the rows of one column. What does not: what a single cell may hold
(figures.py) and rules between files (dbt). Rounding is taken from the printed figure, never guessed wider.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from typing import Any

import numpy as np

from ingest.errors import SourceError
from ingest.sheets.figures import NIL, Figures
from ingest.sheets.header import Header
from ingest.sheets.layout import Layout
from ingest.sheets.rows import Body

ROUNDED = "rounded"
# A plain decimal and its flag.
Printed = tuple[str, str | None]
WIDE = Context(prec=60)
ASK_SHARE = "Ask the agency; if it is no share of a whole, give it another unit in the layout."
ASK_SOME = "Ask the agency which of them is wrong; a row that sums others belongs under rows.group."
ASK_ALL = (
    "Ask the agency which of them is wrong; `parts: some` in the layout if rows are left out on purpose."
)


def refuse_wrong_sums(dataset: str, file: str, header: Header, body: Body, layout: Layout) -> None:
    """Raise SourceError for the first share above 100, shares that add up to more, or wrong total.

    `parts: all`: a total is the sum of its parts; not judged where a part has no figure. `parts: some`:
    the parts are no more than the total; not judged where figures are negative. Groups are no parts.
    """
    for column, figures in body.figures.items():
        unit = layout.unit or header.values[column]["unit"]
        if unit == "percent":
            for row, amount in zip(body.rows.tolist(), figures.amount, strict=True):
                if amount is not None and Decimal(amount) > 100:
                    cell = header.grid.address(row, column)
                    raise SourceError(dataset, "a share above 100", file, cell, ASK_SHARE, str(amount))
            _refuse_shares(dataset, file, header, body, column)
        for position in np.flatnonzero(body.roles == "total").tolist():
            total = figures.amount[position]
            with localcontext(WIDE):
                is_all, is_whole = layout.rows.parts == "all", layout.figure_rules(unit).whole
                printed = (total, figures.flag[position])
                found = _breach(printed, figures, body.roles == "part", is_all, is_whole) if total else None
            if found:
                cell = header.grid.address(int(body.rows[position]), column)
                raise SourceError(dataset, found[0], file, cell, found[1], str(figures.raw[position]))


def _refuse_shares(dataset: str, file: str, header: Header, body: Body, column: int) -> None:
    """Shares of one column are parts of one whole."""
    figures = body.figures[column]
    at = [n for n in np.flatnonzero(body.roles == "part").tolist() if figures.amount[n] is not None]
    with localcontext(WIDE):
        found = _sum((figures.amount[n] for n in at), is_whole=False)
        is_wrong = found - 100 > _rounding([(figures.amount[n], figures.flag[n]) for n in at], is_whole=False)
    if is_wrong:
        cell = header.grid.address(int(body.rows[at[-1]]), column)
        rule = f"the shares of the column add up to {found:f}, more than 100"
        raise SourceError(dataset, rule, file, cell, ASK_SHARE, str(figures.raw[at[-1]]))


def rounding(printed: str, whole: bool, flag: str | None = None) -> Decimal:
    """How far the true figure may lie from the printed one.

    Half a unit of its last digit: `12,5` is 0.05. A count of persons (whole) is exact, and so is nil. Where
    the file itself flags a figure `rounded`, the noughts at its end are rounding: `453000` is 500.
    """
    if flag == NIL:
        return Decimal(0)
    digits = printed.lstrip("-")
    if "." in digits:
        return Decimal(5).scaleb(-len(digits.partition(".")[2]) - 1)
    is_rounded = flag == ROUNDED and digits.strip("0")
    noughts = len(digits) - len(digits.rstrip("0")) if is_rounded else 0
    if not noughts and whole:
        return Decimal(0)
    return Decimal(5).scaleb(noughts - 1)


def _breach(
    printed: Printed, figures: Figures, is_part: np.ndarray[Any, Any], is_all: bool, is_whole: bool
) -> tuple[str, str] | None:
    """The rule that a total and its parts break, and the next step."""
    amounts, flags = figures.amount[is_part], figures.flag[is_part]
    known = [(amount, flag) for amount, flag in zip(amounts, flags, strict=True) if amount is not None]
    total, found = Decimal(printed[0]), _sum((amount for amount, _ in known), is_whole)
    if not known or found == total:
        return None
    if is_all:
        is_known = len(known) == len(amounts)
        if is_known and abs(found - total) > _rounding([printed, *known], is_whole):
            return f"the rows add up to {found:f}, the total row says {total:f}", ASK_ALL
        if is_known:
            return None
    is_signed = any(amount.startswith("-") for amount, _ in [printed, *known])
    if found > total and not is_signed and found - total > _rounding([printed, *known], is_whole):
        return f"the rows add up to {found:f}, more than the total row, {total:f}", ASK_SOME
    return None


def _sum(amounts: Iterable[str], is_whole: bool) -> Decimal:
    """Exact; whole figures in plain integers, which takes a third of the time."""
    return Decimal(sum(map(int, amounts))) if is_whole else sum(map(Decimal, amounts), Decimal(0))


def _rounding(figures: Iterable[Printed], is_whole: bool) -> Decimal:
    return sum((rounding(amount, is_whole, flag) for amount, flag in figures), Decimal(0))
