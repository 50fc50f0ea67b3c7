"""What footnotes say of figures: a mark that is explained as rounding flags the figures that carry it.

What belongs here: footnotes that change how a figure is read. What does not: where footnotes stand
(rows.py), how a mark is taken off a figure (figures.py).
"""

from __future__ import annotations

import re

from ingest.sheets.header import Header
from ingest.sheets.labels import fold
from ingest.sheets.rows import Body

MARK = r"(\*+|[¹²³⁴-⁹]+\)?|\(?[0-9]\))"
NOTE = re.compile(rf"\s*{MARK}\s*(.*)", re.DOTALL)
MARKED = re.compile(rf"{MARK}\s*$")
ROUNDED = re.compile(r"округл|дөңгелек|round")


def flag_rounded(header: Header, body: Body) -> None:
    """Set the flag `rounded` at figures whose mark a footnote explains as rounding."""
    grid = header.grid
    notes = [" ".join(grid.text(row, column) for column in range(grid.width)) for row in body.footnotes]
    found = [note for note in map(NOTE.match, notes) if note]
    marks = {note[1] for note in found if ROUNDED.search(fold(note[2]))}
    for figures in body.figures.values() if marks else ():
        for position, text in enumerate(figures.raw):
            mark = MARKED.search(text) if isinstance(text, str) else None
            if mark and mark[1] in marks and figures.amount[position] is not None:
                figures.flag[position] = figures.flag[position] or "rounded"
