"""Where the table stands on a sheet: its header found by labels, each of its columns explained.

What belongs here: header rows, columns, title. What does not: the rows below (table.py). A header is
taken only when every column of it is explained by the layout; what is not explained is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.errors import SourceError
from ingest.sheets.columns import explain_columns, states
from ingest.sheets.labels import fold
from ingest.sheets.layout import Layout
from ingest.sheets.workbook import Cell, Grid

HEADER_HEIGHT = 6
ADD_LABEL = "If the label means the same, add it to the layout; else ask the agency what changed."


@dataclass
class Header:
    """A header on a sheet. Rows and columns count from 0.

    values: what each column of figures states, by dimension. labels: the column of each row label.
    """

    grid: Grid
    top: int
    bottom: int
    labels: dict[str, int]
    values: dict[int, dict[str, str]]
    ignored: list[int] = field(default_factory=list)
    title: list[int] = field(default_factory=list)

    @property
    def label_column(self) -> int:
        return next(iter(self.labels.values()))

    @property
    def columns(self) -> range:
        known = [*self.labels.values(), *self.values, *self.ignored]
        return range(min(known), max(known) + 1)


class _OtherTableError(Exception):
    """The label stands there, but the columns are those of another table. The text says what lacks."""


def find_header(dataset: str, file: str, grids: Sequence[Grid], layout: Layout) -> Header:
    """The one header of the file that the layout describes; raises SourceError for none or several."""
    found: list[Header] = []
    lacking: list[tuple[str, str]] = []
    for grid in grids:
        for anchor in _anchors(grid, layout):
            try:
                header = _read_header(dataset, file, grid, anchor, layout)
            except _OtherTableError as other:
                lacking.append((grid.address(anchor[0], anchor[2]), str(other)))
            else:
                if not any(
                    h.grid is grid and (h.top, h.labels) == (header.top, header.labels) for h in found
                ):
                    found.append(header)
    if len(found) > 1:
        places = " and ".join(h.grid.address(h.bottom, h.label_column) for h in found)
        rule = f"two tables fit the layout equally, at {places}"
        raise SourceError(dataset, rule, file, next_step="Take one out, or tell them apart by `title`.")
    if found:
        return found[0]
    if lacking:
        cell, rule = lacking[0]
        raise SourceError(dataset, rule, file, cell, ADD_LABEL)
    wanted = next(iter(layout.rows.labels.values()))
    raise SourceError(dataset, f"no header label {wanted} on any visible sheet", file, next_step=ADD_LABEL)


def _anchors(grid: Grid, layout: Layout) -> Iterator[tuple[int, int, int]]:
    """First row, last row and column of each cell, or of cells one under another, that name the labels."""
    wanted = next(iter(layout.rows.labels.values()))
    folded = grid.folds
    candidates = wanted.among(folded, or_beginning=True)
    for column in range(grid.width):
        here = candidates & grid.texts[column].keys()
        for row, cell in _places(grid.columns[column], here):
            joined = [
                " ".join(grid.text(each, column) for each in range(row, last + 1)) for last in _below(row)
            ]
            lasts = [last for last, text in zip(_below(row), joined, strict=True)
                     if grid.text(last, column).strip() and wanted.match(fold(text))]  # fmt: skip
            is_second_half = row > 0 and wanted.begins_with(fold(grid.text(row - 1, column)))
            if lasts:
                yield row, lasts[-1], column
            elif wanted.match(folded[cell]) and not is_second_half:
                yield row, row, column


def _places(cells: Sequence[Cell], texts: set[str]) -> list[tuple[int, str]]:
    """Where each of a few texts stands in a column, from top to bottom."""
    places = []
    for text in texts:
        row = -1
        for _ in range(cells.count(text)):
            row = cells.index(text, row + 1)
            places.append((row, text))
    return sorted(places)


def _below(row: int) -> range:
    """Where a label that begins in a row may end when it is split over rows."""
    return range(row + 1, row + 3)


def _read_header(dataset: str, file: str, grid: Grid, anchor: tuple[int, int, int], layout: Layout) -> Header:
    first, last, column = anchor
    merged = [m for m in grid.merged if m[0] <= first <= m[2] and m[1] <= column <= m[3]]
    if merged and merged[0][1] != merged[0][3]:
        rule = "the header of the row labels spans two columns"
        raise SourceError(dataset, rule, file, grid.address(first, column))
    bottom = _bottom(grid, max([last, *(m[2] for m in merged)]), column)
    top = _top(grid, first, column, layout)
    texts = {c: _header_texts(grid, top, bottom, c) for c in range(grid.width)}
    labels, values, ignored, unknown = explain_columns(texts, layout)

    title = list(_title_rows(grid, top))
    lines = [fold(" ".join(grid.text(row, c) for c in range(grid.width))) for row in title]
    if layout.title and not any(layout.title.match(line) for line in [*lines, fold(" ".join(lines))]):
        raise _OtherTableError(f"no line above the table matches the title {layout.title}")
    if word := next(filter(None, map(layout.refused_title.found_in, lines)), None):
        raise _OtherTableError(f"the title has {word!r}, which the layout refuses: it is another table's")
    for name, dimension in layout.columns.items():
        stated = {value[name] for value in values.values() if name in value}
        for value in dimension.required:
            if value not in stated:
                more = f"; unknown is {next(iter(unknown.values()))!r}" if unknown else ""
                raise _OtherTableError(f"no column for {name} {value}: {dimension.values[value]}{more}")

    header = Header(grid, top, bottom, {}, values, ignored, title)
    for name, wanted in layout.rows.labels.items():
        columns = [c for c, names in labels.items() if name in names]
        if len(columns) != 1:
            rule = f"{'no' if not columns else 'more than one'} column for row label {name}: {wanted}"
            raise SourceError(dataset, rule, file, grid.address(bottom, column), ADD_LABEL)
        header.labels[name] = columns[0]
    _refuse_unclear(dataset, file, header, texts, unknown, layout)
    return header


def _bottom(grid: Grid, row: int, column: int) -> int:
    """The last header row: rows below belong to it while they have words and no row label."""
    while row + 1 < len(grid.rows):
        below = grid.rows[row + 1]
        words = [cell for cell in below if type(cell) is str and cell.strip()]
        has_numbers = any(type(cell) in (int, float) and not _is_year(cell) for cell in below)
        letters = any(any(letter.isalpha() for letter in word) for word in words)
        if grid.text(row + 1, column).strip() or not letters or has_numbers:
            return row
        row += 1
    return row


def _is_year(cell: Cell) -> bool:
    return isinstance(cell, int | float) and 1990 <= cell <= 2100


def _top(grid: Grid, row: int, column: int, layout: Layout) -> int:
    """The first header row: rows above belong to it while all their words are header labels."""
    for _ in range(HEADER_HEIGHT):
        texts = [grid.text(row - 1, c) for c in range(grid.width) if c != column] if row else []
        folded = [fold(text) for text in texts if text.strip()]
        if grid.text(row - 1, column).strip() or not folded:
            return row
        if not all(states(text, layout) or layout.ignored_headers.match(text) for text in folded):
            return row
        row -= 1
    return row


def _header_texts(grid: Grid, top: int, bottom: int, column: int) -> list[str]:
    """The header texts over a column from top to bottom; merged and left-standing labels spread."""
    texts: list[str] = []
    seen: list[tuple[int, int]] = []
    for row in range(top, bottom + 1):
        place = _origin(grid, row, column)
        if not grid.text(*place).strip() and row < bottom:
            place = _left_label(grid, row, bottom, column)
        if place not in seen and grid.text(*place).strip():
            seen.append(place)
            texts.append(fold(grid.text(*place)))
    return [text for text in texts if text]


def _origin(grid: Grid, row: int, column: int) -> tuple[int, int]:
    for first_row, first_column, last_row, last_column in grid.merged:
        if first_row <= row <= last_row and first_column <= column <= last_column:
            return first_row, first_column
    return row, column


def _left_label(grid: Grid, row: int, bottom: int, column: int) -> tuple[int, int]:
    """The unmerged label to the left that stands over this column too, as in `Въехало | (empty)`."""

    def has_more_below(c: int) -> bool:
        return any(grid.text(below, c).strip() for below in range(row + 1, bottom + 1))

    for left in range(column - 1, -1, -1):
        if not has_more_below(left + 1):
            break
        if grid.text(row, left).strip():
            is_merged = any(m[0] <= row <= m[2] and m[1] <= left <= m[3] for m in grid.merged)
            return (row, left) if has_more_below(left) and not is_merged else (row, column)
        if _origin(grid, row, left) != (row, left):
            break
    return row, column


def _title_rows(grid: Grid, top: int) -> Iterator[int]:
    """Rows above the header, up to the figures of another table, from top to bottom."""
    first = top
    while first > 0:
        cells = [cell for cell in grid.rows[first - 1] if cell != ""]
        if len(cells) > 1 and any(type(cell) in (int, float) for cell in cells):
            break
        first -= 1
    return (row for row in range(first, top) if any(str(cell).strip() for cell in grid.rows[row]))


def _refuse_unclear(
    dataset: str,
    file: str,
    header: Header,
    texts: dict[int, list[str]],
    unknown: dict[int, str],
    layout: Layout,
) -> None:
    """A column that the layout does not know, or two columns that state the same."""
    grid, columns = header.grid, header.columns
    first, last = columns.start, columns.stop - 1
    while texts.get(first - 1):
        first -= 1
    while texts.get(last + 1):
        last += 1
    for column, text in unknown.items():
        if first <= column <= last:
            rule = f"a column {text!r} that the layout does not know"
            step = "If it is not wanted, add it to ignored_columns; else say under `columns` what it is."
            raise SourceError(dataset, rule, file, grid.address(header.bottom, column), step)
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for column, stated in header.values.items():
        key = tuple(sorted(stated.items()))
        if key in seen:
            places = f"{grid.address(header.bottom, seen[key])} and {grid.address(header.bottom, column)}"
            rule = f"two columns state {' '.join(stated.values())}, {places}"
            raise SourceError(dataset, rule, file, next_step="Find out which one is meant; ask the agency.")
        seen[key] = column
    for row in [*header.title, *range(header.top, header.bottom + 1)]:
        for column in range(grid.width):
            if word := layout.refused_words.found_in(fold(grid.text(row, column))):
                rule = f"the word {word!r} speaks of another unit than the layout"
                raise SourceError(
                    dataset, rule, file, grid.address(row, column), raw_text=grid.text(row, column)
                )
