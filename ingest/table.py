"""The rows of a table whose header was found, read into a frame: one row a printed figure.

What belongs here: which rows are parts, groups, totals, headings, footnotes; where the table ends; the
frame. A row that fits none of these is refused with its cell: no row is left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ingest.dataset import SourceFile
from ingest.errors import SourceError
from ingest.figures import Figures, read_figures
from ingest.header import Header, find_header, unique_texts
from ingest.labels import fold
from ingest.layout import Layout
from ingest.periods import Period, find_periods
from ingest.sheets import Grid, read_sheets

Objects = np.ndarray[Any, Any]
BLANK_ROWS_LIMIT = 1
ASK = "Ask the agency, or write in the layout what it is."


@dataclass
class Table:
    """A table found and checked.

    rows: the sheet's rows that hold figures, in order. roles: `total`, `group` or `part` of each.
    headings, footnotes, numbering: other rows that were understood. end: the first row after the table.
    """

    header: Header
    rows: Objects
    roles: Objects
    figures: dict[int, Figures]
    period: Period | None
    headings: list[int] = field(default_factory=list)
    footnotes: list[int] = field(default_factory=list)
    numbering: list[int] = field(default_factory=list)
    end: int = 0


def read_table(dataset: str, file: SourceFile, layout: Layout) -> pd.DataFrame:
    """The printed figures of a file's one table, as text.

    Columns: the row labels, the dimensions of the header, `role` (part, group, total), `unit`, `amount`
    (plain decimal or null), `flag` (why there is no amount), `period_start`, `period_end`,
    `measurement`, `period_text`, `source_file`, `source_cell`, `raw_text`. Raises SourceError.
    """
    grids = read_sheets(dataset, file)
    return table_frame(find_table(dataset, file.path, grids, layout), layout, file.sha256)


def find_table(dataset: str, file: str, grids: Sequence[Grid], layout: Layout) -> Table:
    """Find the table and judge each of its rows; raises SourceError for whatever is unclear."""
    header = find_header(dataset, file, grids, layout)
    return _Reader(dataset, file, header, layout).read()


def table_frame(table: Table, layout: Layout, sha256: str) -> pd.DataFrame:
    """The frame of a table, in the order of the sheet."""
    grid, period = table.header.grid, table.period
    columns = list(table.header.values)
    count, width = len(table.rows), len(columns)
    numbers = list(map(str, (table.rows + 1).tolist()))

    def each_row(values: Objects) -> Objects:
        return np.repeat(values, width)

    def each_column(values: Sequence[str | None]) -> Objects:
        return np.tile(np.array(values, dtype=object), count)

    def side_by_side(parts: list[Objects]) -> Objects:
        return np.column_stack(parts).ravel()

    def constant(value: str | None) -> Objects:
        return np.full(count * width, value, dtype=object)

    data: dict[str, Objects] = {
        name: each_row(_label_texts(grid, table.rows, column)) for name, column in table.header.labels.items()
    }
    for name in layout.columns:
        data[name] = each_column([table.header.values[column][name] for column in columns])
    if layout.unit:
        data["unit"] = constant(layout.unit)
    data["role"] = each_row(table.roles)
    data["amount"] = side_by_side([table.figures[column].amount for column in columns])
    data["flag"] = side_by_side([table.figures[column].flag for column in columns])
    data["period_start"] = constant(period.start.isoformat() if period else None)
    data["period_end"] = constant(period.end.isoformat() if period else None)
    data["measurement"] = constant(period.measurement if period else None)
    data["period_text"] = constant(period.stated if period else None)
    data["source_file"] = constant(sha256)
    data["source_cell"] = side_by_side([_addresses(grid, column, numbers) for column in columns])
    data["raw_text"] = side_by_side([table.figures[column].raw for column in columns])
    return pd.DataFrame(data, dtype="string")


def _addresses(grid: Grid, column: int, numbers: list[str]) -> Objects:
    prefix, suffix = grid.address_prefix(column), grid.address_suffix(column)
    addresses = np.empty(len(numbers), dtype=object)
    addresses[:] = [prefix + number + suffix for number in numbers]
    return addresses


def _label_texts(grid: Grid, rows: Objects, column: int) -> Objects:
    """Labels as printed; a label merged over several rows stands for each of them."""
    texts = [grid.text(row, column) for row in range(len(grid.rows))]
    for first_row, first_column, last_row, last_column in grid.merged:
        if first_column == column == last_column:
            texts[first_row : last_row + 1] = [texts[first_row]] * (last_row + 1 - first_row)
    labels = np.empty(len(rows), dtype=object)
    labels[:] = [texts[row] or None for row in rows.tolist()]
    return labels


class _Reader:
    """Judges the rows under one header."""

    def __init__(self, dataset: str, file: str, header: Header, layout: Layout) -> None:
        self.dataset, self.file, self.header, self.layout = dataset, file, header, layout
        self.grid = header.grid
        self.columns = {c: self.grid.column(c)[header.bottom + 1 :] for c in header.columns}
        self.first = header.bottom + 1
        self.count = len(self.grid.rows) - self.first
        self.headings: list[int] = []
        self.footnotes: list[int] = []
        self.numbering: list[int] = []

    def read(self) -> Table:
        layout = self.layout
        printed = _label_texts(self.grid, np.arange(self.first, len(self.grid.rows)), self.header.label_column)
        labels = [label or "" for label in printed]
        folded = unique_texts(labels)
        is_figure = self._filled(self.header.values)
        has_label = np.fromiter((bool(folded[label]) for label in labels), bool, self.count)
        self.folded = [folded[label] for label in labels]
        is_special = {
            name for name, text in folded.items() if layout.rows.footnote.match(text) or layout.rows.heading.match(text)
        }
        special = np.fromiter((label in is_special for label in labels), bool, self.count)
        end = self._find_end(is_figure, has_label, special)
        body = is_figure & has_label & ~special
        body[end:] = False
        body[[row for row in self.numbering if row < self.count]] = False
        if not body.any():
            self._refuse("the table has no rows", -1, self.header.label_column)
        rows = np.flatnonzero(body)
        self._refuse_unknown_columns(rows)
        roles = self._roles(rows)
        figures = {c: self._figures(c, rows) for c in self.header.values}
        return Table(
            self.header, rows + self.first, roles, figures, self._period(),
            [row + self.first for row in self.headings],
            [row + self.first for row in self.footnotes],
            [row + self.first for row in self.numbering],
            end + self.first,
        )  # fmt: skip

    def _filled(self, columns: Sequence[int] | dict[int, Any]) -> Objects:
        """Rows that hold anything in these columns."""
        filled = np.zeros(self.count, dtype=bool)
        for column in columns:
            cells = self.columns[column]
            filled |= np.fromiter((cell != "" and (type(cell) is not str or not cell.isspace()) for cell in cells), bool, self.count)
        return filled

    def _find_end(self, is_figure: Objects, has_label: Objects, special: Objects) -> int:
        """The row after the last one of the table; looks only at rows that are no plain row."""
        plain = is_figure & has_label & ~special
        start = 0
        if self.count and self._is_numbering(0):
            self.numbering.append(0)
            plain[0] = False
            start = 1
        blanks, doubtful, end = 0, -1, -1
        gap_end = start - 1
        events = np.flatnonzero(~plain)
        follows_blank = np.zeros(self.count, dtype=bool)
        for row in events.tolist():
            if row < start:
                continue
            if not is_figure[row] and not has_label[row]:
                follows_blank[row + 1 : row + 2] = True
        candidates = np.union1d(events, np.flatnonzero(plain & follows_blank)).tolist()
        for row in (r for r in candidates if r >= start):
            if plain[row]:
                blanks = blanks if gap_end == row - 1 else 0
                if self._is_other_header(row):
                    end = row if end < 0 else end
                    break
                if blanks > BLANK_ROWS_LIMIT and end < 0:
                    end = gap_end
                self._refuse_after_end(row, end, doubtful)
                continue
            if not is_figure[row] and not has_label[row]:
                blanks = blanks + 1 if gap_end == row - 1 else 1
                gap_end = row
            elif is_figure[row] and not has_label[row]:
                if follows_blank[row] and self._is_other_header(row):
                    end = row if end < 0 else end
                    break
                if end < 0:
                    column = next(c for c in self.header.values if str(self.columns[c][row]).strip())
                    self._refuse("a row of figures without a label", row, column)
            elif self.layout.rows.heading.match(self.folded[row]) and not is_figure[row]:
                self.headings.append(row)
            else:
                self.footnotes.append(row)
                if self.layout.rows.footnote.match(self.folded[row]):
                    end = row if end < 0 else end
                else:
                    doubtful = row if doubtful < 0 else doubtful
            self._refuse_plain_after(plain, row, end, doubtful, follows_blank)
        return end if end >= 0 else self.count

    def _refuse_plain_after(self, plain: Objects, row: int, end: int, doubtful: int, follows_blank: Objects) -> None:
        """Figures right under a footnote or unknown words: not of this table for certain, so refused."""
        if row + 1 < self.count and plain[row + 1] and not follows_blank[row + 1]:
            self._refuse_after_end(row + 1, end, doubtful)

    def _refuse_after_end(self, row: int, end: int, doubtful: int) -> None:
        if doubtful >= 0:
            rule = "words alone in a row, with figures below: a heading, or the title of another table?"
            step = "Add it to rows.heading if the rows below belong to the table, to rows.footnote if not."
            self._refuse(rule, doubtful, self.header.label_column, step)
        if end >= 0:
            self._refuse("figures below the end of the table", row, self.header.label_column)

    def _is_numbering(self, row: int) -> bool:
        """A row of column numbers right under the header: `1 2 3 4` or `А 1 2 3`."""
        texts = [self.grid.text(row + self.first, c).strip() for c in self.header.columns]
        texts = [text for text in texts if text]
        numbers = texts[1:] if texts and fold(texts[0]) in ("а", "a") else texts
        if len(numbers) > 1 and fold(numbers[0]) in ("б", "b", "в"):
            numbers = numbers[1:]
        first = numbers[0] if numbers else ""
        expected = [str(int(first) + n) for n in range(len(numbers))] if first in ("1", "2", "3") else []
        return len(texts) > 1 and len(numbers) >= len(self.header.values) and numbers == expected

    def _is_other_header(self, row: int) -> bool:
        """Words, or years, where this table has figures: the header of another table."""
        cells = [self.columns[c][row] for c in self.header.values]
        filled = [cell for cell in cells if str(cell).strip()]
        words = [c for c in filled if type(c) is str and re.search(r"[^\W\d_]{2}", c) and not self._is_nil(c)]
        years = [c for c in filled if re.fullmatch(r"(19|20)[0-9]{2}(\.0)?", str(c).strip())]
        return bool(filled) and (len(words) == len(filled) or (len(filled) > 1 and len(years) == len(filled)))

    def _is_nil(self, text: str) -> bool:
        return bool(read_figures([text], self.layout.figure_rules("")).flag[0])

    def _refuse_unknown_columns(self, rows: Objects) -> None:
        """A column without a header that has something beside the rows of the table."""
        known = {*self.header.labels.values(), *self.header.values, *self.header.ignored}
        columns = [c for c in self.header.columns if c not in known]
        columns += [c for c in (self.header.columns.start - 1, self.header.columns.stop) if 0 <= c < self.grid.width]
        for column in columns:
            cells = self.grid.column(column)[self.first :]
            for row in rows.tolist():
                if str(cells[row]).strip():
                    self._refuse("a column without a header inside or beside the table", row, column)

    def _roles(self, rows: Objects) -> Objects:
        layout = self.layout.rows
        unique = {self.folded[row] for row in rows.tolist()}
        role_of = {
            text: "total" if layout.total.match(text) else "group" if layout.group.match(text) else "part"
            for text in unique
        }
        for text in unique:
            if layout.total.match(text) and layout.group.match(text):
                self._refuse(f"the row label {text!r} is a total and a group at once", rows[0], self.header.label_column)
        roles = np.empty(len(rows), dtype=object)
        roles[:] = [role_of[self.folded[row]] for row in rows.tolist()]
        totals = rows[roles == "total"]
        if layout.total and len(totals) != 1:
            rule = f"no total row: {layout.total}" if not len(totals) else "more than one total row"
            self._refuse(rule, totals[-1] if len(totals) else -1, self.header.label_column)
        self._refuse_repeats(rows)
        return roles

    def _refuse_repeats(self, rows: Objects) -> None:
        names = list(self.header.labels.values())
        others = [_label_texts(self.grid, rows + self.first, column) for column in names[1:]]
        frame = pd.DataFrame({0: [self.folded[row] for row in rows.tolist()], **dict(enumerate(others, 1))})
        repeated = np.flatnonzero(frame.duplicated())
        if len(repeated):
            self._refuse("a row label that stood above already", rows[repeated[0]], self.header.label_column)

    def _figures(self, column: int, rows: Objects) -> Figures:
        unit = self.layout.unit or self.header.values[column]["unit"]
        cells = self.columns[column]
        figures = read_figures([cells[row] for row in rows.tolist()], self.layout.figure_rules(unit))
        if figures.rule:
            position = min(figures.rule)
            self._refuse(figures.rule[position], rows[position], column)
        if self.grid.marks:
            for row in rows.tolist():
                if rule := self.grid.marks.get((row + self.first, column)):
                    self._refuse(rule, row, column)
        return figures

    def _period(self) -> Period | None:
        if not self.layout.period:
            return None
        grid = self.grid
        lines = [" ".join(filter(None, (grid.text(r, c).strip() for c in range(grid.width)))) for r in self.header.title]
        periods = find_periods(" ".join(lines))
        wanted = " or ".join(self.layout.period)
        row = self.header.title[0] - self.first if self.header.title else -1
        if len(periods) != 1:
            stated = ", ".join(period.stated for period in periods)
            rule = f"the title states {'no period' if not periods else f'several periods: {stated}'}"
            self._refuse(rule, row, 0, "Ask the agency which period it is; nothing is guessed.")
        if periods[0].measurement not in self.layout.period:
            self._refuse(f"the title states a {periods[0].measurement} period, {wanted} is expected", row, 0)
        return periods[0]

    def _refuse(self, rule: str, row: int, column: int, step: str = ASK) -> None:
        """Raise with the cell; row counts from the first row under the header."""
        sheet_row = int(row) + self.first
        text = self.grid.text(sheet_row, column)
        raise SourceError(self.dataset, rule, self.file, self.grid.address(sheet_row, column), step, text)
