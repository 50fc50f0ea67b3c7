"""The rows under a header, judged: parts, groups, totals, headings, footnotes, and where the table ends.

What belongs here: the rules that tell rows apart. What does not: the header (header.py) and the frame
(table.py). A row that fits no rule is refused with its cell: none is left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import numpy as np
import pandas as pd

from ingest.errors import SourceError
from ingest.sheets.figures import Figures, figure_text, read_figures
from ingest.sheets.header import Header
from ingest.sheets.labels import fold
from ingest.sheets.layout import Layout
from ingest.sheets.workbook import Cell

Objects = np.ndarray[Any, Any]
T = TypeVar("T")
BLANK_ROWS_LIMIT = 1
ASK = "Ask the agency, or write in the layout what it is."

# Kinds of rows: plain rows have a label and figures; words have neither figures nor a known label.
PLAIN, BLANK, UNLABELLED, HEADING, FOOTNOTE, WORDS, NUMBERING = range(7)


@dataclass
class Body:
    """The rows of a table. Row numbers are those of the sheet, from 0.

    rows: the rows with figures; roles: `total`, `group` or `part` of each; labels: their labels as
    printed, by output column; figures: their figures by column of the sheet.
    """

    rows: Objects
    roles: Objects
    labels: dict[str, Objects]
    figures: dict[int, Figures]
    headings: list[int] = field(default_factory=list)
    footnotes: list[int] = field(default_factory=list)
    numbering: list[int] = field(default_factory=list)


def read_body(dataset: str, file: str, header: Header, layout: Layout) -> Body:
    """Judge every row under the header; raises SourceError for a row that is unclear."""
    return _Reader(dataset, file, header, layout).read()


class _Reader:
    def __init__(self, dataset: str, file: str, header: Header, layout: Layout) -> None:
        self.dataset, self.file, self.header, self.layout = dataset, file, header, layout
        self.grid = header.grid
        self.first = header.bottom + 1
        self.count = len(self.grid.rows) - self.first
        self.cells = {c: self.grid.columns[c][self.first :] for c in header.columns}
        self.types = {c: set(map(type, self.cells[c])) for c in header.values}
        self.filled = {c: filled_rows(self.cells[c], self.types[c]) for c in header.values}
        self.labels = {name: self._label_texts(column) for name, column in header.labels.items()}
        self.main = self.labels[next(iter(self.labels))]
        self.folds = self.grid.folds
        self.folded = list(map(self.folds.__getitem__, self.main))
        self.trailing: list[int] = []

    def read(self) -> Body:
        kinds = self._kinds()
        end = self._find_end(kinds)
        kinds = kinds[:end]
        rows = np.flatnonzero(kinds == PLAIN)
        if not len(rows):
            self._refuse("the table has no rows", -1, self.header.label_column)
        self._refuse_headless_columns(rows)
        roles = self._roles(rows)
        figures = {c: self._figures(c, rows) for c in self.header.values}
        labels = {name: self._labels_of(texts, rows) for name, texts in self.labels.items()}

        def found(kind: int) -> list[int]:
            return [int(row) + self.first for row in np.flatnonzero(kinds == kind)]

        footnotes = [row + self.first for row in self.trailing]
        return Body(rows + self.first, roles, labels, figures, found(HEADING), footnotes, found(NUMBERING))

    def _labels_of(self, texts: list[str], rows: Objects) -> Objects:
        labels = np.empty(len(rows), dtype=object)
        labels[:] = at_rows(texts, rows)
        labels[labels == ""] = None
        return labels

    def _label_texts(self, column: int) -> list[str]:
        """The labels of a column as printed; one that is merged with cells beside or below stands for all.

        Total and group labels often begin in the column of row numbers, to the left of the labels.
        """
        texts: list[str] = list(self.cells[column])  # type: ignore[arg-type]
        if set(map(type, texts)) != {str}:
            texts = [self.grid.text(self.first + row, column) for row in range(self.count)]
        for first_row, first_column, last_row, last_column in self.grid.merged:
            if first_column <= column <= last_column:
                for row in range(max(first_row, self.first), min(last_row, self.first + self.count - 1) + 1):
                    texts[row - self.first] = self.grid.text(first_row, first_column)
        rows = self.layout.rows
        for row in np.flatnonzero(~filled_rows(texts)).tolist():
            words = [str(self.cells[c][row]) for c in self.header.ignored if c < column]
            texts[row] = next(
                (w for w in words if rows.total.match(fold(w)) or rows.group.match(fold(w))), ""
            )
        return texts

    def _kinds(self) -> Objects:
        """The kind of each row, by itself."""
        has_label = np.fromiter(map(bool, self.main), bool, self.count)
        has_figure = np.zeros(self.count, dtype=bool)
        for column in self.header.values:
            has_figure |= self.filled[column]
        kinds = np.where(
            has_figure, np.where(has_label, PLAIN, UNLABELLED), np.where(has_label, WORDS, BLANK)
        )
        for row in np.flatnonzero(kinds == BLANK).tolist():
            cells = self.grid.rows[self.first + row]
            if text := next((c for c in cells if isinstance(c, str) and c.strip()), ""):
                self.main[row], self.folds[text] = text, fold(text)
                kinds[row] = WORDS
        footnotes = self.layout.rows.footnote.among(self.folds)
        headings = self.layout.rows.heading.among(self.folds)
        if footnotes or headings:
            for row, text in enumerate(self.main):
                if text in footnotes:
                    kinds[row] = FOOTNOTE
                elif text in headings and kinds[row] == WORDS:
                    kinds[row] = HEADING
        if self.count and self._is_numbering(0):
            kinds[0] = NUMBERING
        return kinds

    def _find_end(self, kinds: Objects) -> int:
        """The row after the last one of the table. Only what breaks the run of plain rows is looked at."""
        before = np.concatenate([[PLAIN], kinds[:-1]])
        end, doubtful, blanks = -1, -1, 0
        for row in np.flatnonzero((kinds != PLAIN) | (before != PLAIN)).tolist():
            kind = kinds[row]
            has_figure = kind in (PLAIN, UNLABELLED)
            if has_figure and before[row] in (BLANK, WORDS, FOOTNOTE) and self._is_header(row):
                self._refuse_same_header(row, doubtful >= 0 or end >= 0)
                return min(each for each in (end, doubtful, row) if each >= 0)
            if has_figure:
                self._refuse_if_outside(row, end, doubtful, blanks)
            if kind == UNLABELLED:
                column = next(c for c in self.header.values if self.filled[c][row])
                self._refuse("a row of figures without a label", row, column)
            if kind in (FOOTNOTE, WORDS):
                self.trailing.append(row)
            if kind == FOOTNOTE and end < 0:
                end = row
            if kind == WORDS and doubtful < 0:
                doubtful = row
            blanks = blanks + 1 if kind == BLANK else 0
        return min((each for each in (end, doubtful) if each >= 0), default=self.count)

    def _refuse_if_outside(self, row: int, end: int, doubtful: int, blanks: int) -> None:
        column = self.header.label_column
        if doubtful >= 0:
            rule = "words alone in a row, with figures below: a heading, or the title of another table?"
            step = "Add it to rows.heading if the rows below belong to the table, to rows.footnote if not."
            self._refuse(rule, doubtful, column, step)
        if end >= 0:
            self._refuse("figures below the footnotes of the table", row, column)
        if blanks > BLANK_ROWS_LIMIT:
            self._refuse(f"figures below {blanks} blank rows: do they belong to the table?", row, column)

    def _refuse_same_header(self, row: int, has_title: bool) -> None:
        """A header that stands again without a title may be the next page of the same table."""
        wanted = next(iter(self.layout.rows.labels.values()))
        if not has_title and any(wanted.match(fold(str(cell))) for cell in self.grid.rows[self.first + row]):
            self._refuse("the header stands again: does the table go on?", row, self.header.label_column)

    def _is_numbering(self, row: int) -> bool:
        """A row of column numbers right under the header: `1 2 3 4` or `А 1 2 3`."""
        texts = [self.grid.text(row + self.first, c).strip() for c in self.header.columns]
        texts = [text for text in texts if text]
        numbers = [text for text in texts if text.isdecimal()]
        letters = [fold(text) for text in texts[: len(texts) - len(numbers)]]
        first = int(numbers[0]) if numbers and len(numbers[0]) == 1 else 0
        is_run = numbers == [str(first + n) for n in range(len(numbers))]
        is_lettered = (
            letters in ([], ["а"], ["a"], ["а", "б"], ["a", "b"]) and texts[len(letters) :] == numbers
        )
        return is_run and is_lettered and 1 <= first <= 3 and len(numbers) >= len(self.header.values)

    def _is_header(self, row: int) -> bool:
        """Words, or years, where this table has figures: the header of another table."""
        filled = [self.cells[c][row] for c in self.header.values if self.filled[c][row]]
        rules = self.layout.figure_rules("")
        texts = [cell for cell in filled if isinstance(cell, str)]
        words = [t for t in texts if re.match(r"\s*[^\W\d_]{2}", t) and not figure_text(t, rules)[1]]
        years = [c for c in filled if re.fullmatch(r"(19|20)[0-9]{2}(\.0)?", str(c).strip())]
        return len(words) == len(filled) or (len(filled) > 1 and len(years) == len(filled))

    def _refuse_headless_columns(self, rows: Objects) -> None:
        """A column without a header that has something beside the rows of the table."""
        known = {*self.header.labels.values(), *self.header.values, *self.header.ignored}
        beside = (self.header.columns.start - 1, self.header.columns.stop)
        columns = [c for c in [*self.header.columns, *beside] if c not in known and 0 <= c < self.grid.width]
        for column in columns:
            stray = rows[filled_rows(self.grid.columns[column][self.first :])[rows]]
            if len(stray):
                self._refuse("a column without a header inside or beside the table", stray[0], column)

    def _roles(self, rows: Objects) -> Objects:
        layout, column = self.layout.rows, self.header.label_column
        totals_printed, groups_printed = layout.total.among(self.folds), layout.group.among(self.folds)
        for text in totals_printed & groups_printed:
            self._refuse(f"the row label {text!r} is a total and a group at once", -1, column)
        printed = at_rows(self.main, rows)
        roles = np.full(len(rows), "part", dtype=object)
        for position, text in enumerate(printed) if totals_printed or groups_printed else ():
            if text in totals_printed or text in groups_printed:
                roles[position] = "total" if text in totals_printed else "group"
        totals = rows[roles == "total"]
        if layout.total and not len(totals):
            self._refuse(f"no total row: {layout.total}", -1, column)
        if len(totals) > 1:
            self._refuse("a second total row", totals[1], column)
        keys = [at_rows(self.folded, rows)]
        keys += [at_rows(self.labels[name], rows) for name in list(self.labels)[1:]]
        different = len(set(keys[0])) if len(keys) == 1 else len(set(zip(*keys, strict=True)))
        if different < len(rows):
            repeated = np.flatnonzero(pd.DataFrame(dict(enumerate(keys))).duplicated())
            self._refuse("a row label that stood above already", rows[repeated[0]], column)
        return roles

    def _figures(self, column: int, rows: Objects) -> Figures:
        unit = self.layout.unit or self.header.values[column]["unit"]
        for row in rows.tolist() if self.grid.marks else ():
            if rule := self.grid.marks.get((row + self.first, column)):
                self._refuse(rule, row, column)
        for first_row, first_column, _, last_column in self.grid.merged:
            is_inside = first_column <= column <= last_column and first_row - self.first in rows
            if is_inside and (self.filled[column][first_row - self.first] or first_column < column):
                self._refuse("a figure in merged cells", first_row - self.first, first_column)
        rules = self.layout.figure_rules(unit)
        figures = read_figures(at_rows(self.cells[column], rows), rules, self.types[column])
        if figures.rule:
            position = min(figures.rule)
            self._refuse(figures.rule[position], rows[position], column)
        return figures

    def _refuse(self, rule: str, row: int, column: int, step: str = ASK) -> NoReturn:
        """Raise with the cell; row counts from the first row under the header."""
        sheet_row = int(row) + self.first
        text = self.grid.text(sheet_row, column)
        raise SourceError(self.dataset, rule, self.file, self.grid.address(sheet_row, column), step, text)


def at_rows(values: Sequence[T], rows: Objects) -> Sequence[T]:
    """The values at some rows, which mostly stand in one run."""
    first, last = int(rows[0]), int(rows[-1])
    is_run = last - first + 1 == len(rows)
    return values[first : last + 1] if is_run else [values[row] for row in rows.tolist()]


def filled_rows(cells: Sequence[Cell], types: set[type] | None = None) -> Objects:
    """Which cells of a column hold more than blanks; types: those of the cells, where they are known."""
    kinds = types or set(map(type, cells))
    if str not in kinds or (kinds == {str} and all(cells) and not any(map(str.isspace, cells))):  # type: ignore[arg-type]
        return np.ones(len(cells), dtype=bool)
    texts = {cell for cell in cells if type(cell) is str}
    empty = {text for text in texts if not text or text.isspace()}
    return np.fromiter((cell not in empty for cell in cells), bool, len(cells))
