"""A file's one table as a frame: one row a printed figure, each with its cell.

What belongs here: the way from file to frame, the periods of the columns, the frame's columns. What does
not: files (sheets.py), the header (header.py), the rows (rows.py), their layout (layout.py).
"""

from __future__ import annotations

import calendar
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ingest.dataset import SourceFile
from ingest.errors import SourceError
from ingest.sheets.header import Header, find_header
from ingest.sheets.layout import MONTH, WHOLE, Layout
from ingest.sheets.notes import flag_rounded
from ingest.sheets.periods import Period, find_periods
from ingest.sheets.rows import Body, read_body
from ingest.sheets.sums import refuse_wrong_sums
from ingest.sheets.workbook import Grid, read_sheets

Objects = np.ndarray[Any, Any]


@dataclass
class Table:
    """A table found and checked; periods by column of figures, None where the layout wants none."""

    header: Header
    body: Body
    periods: dict[int, Period | None]


def read_table(dataset: str, file: SourceFile, layout: Layout) -> pd.DataFrame:
    """The printed figures of a file's one table, as text.

    Columns: the row labels, the dimensions of the header, `role` (part, group, total), `unit`, `amount`
    (plain decimal or null), `flag` (why there is no amount, or `rounded`), `period_start`, `period_end`,
    `measurement`, `period_text`, `source_file`, `source_cell`, `raw_text`. Raises SourceError.
    """
    with _without_collector():
        table = find_table(dataset, file.path, read_sheets(dataset, file), layout)
        table.header.grid.forget_cells()
        return table_frame(table, layout, file.sha256)


@contextmanager
def _without_collector() -> Iterator[None]:
    """No garbage collection meanwhile: with a million cells alive each round costs a second, for nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def find_table(dataset: str, file: str, grids: Sequence[Grid], layout: Layout) -> Table:
    """Find the table and judge each of its rows; raises SourceError for whatever is unclear."""
    header = find_header(dataset, file, grids, layout)
    body = read_body(dataset, file, header, layout)
    flag_rounded(header, body)
    refuse_wrong_sums(dataset, file, header, body, layout)
    period = title_period(dataset, file, header, layout)
    return Table(header, body, column_periods(dataset, file, header, period))


def column_periods(
    dataset: str, file: str, header: Header, period: Period | None
) -> dict[int, Period | None]:
    """The title's period for each column, or the month within it that the column's header states."""
    periods: dict[int, Period | None] = {}
    for column, stated in header.values.items():
        month = stated.get(MONTH, WHOLE)
        periods[column] = period
        if period and month != WHOLE:
            first = date(period.end.year, int(month), 1)
            last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
            if period.measurement == "stock" or not period.start <= first <= last <= period.end:
                rule = f"a column of month {month}, which is not within the title's {period.stated!r}"
                step = "Ask the agency which months it means; nothing is guessed."
                raise SourceError(dataset, rule, file, header.grid.address(header.bottom, column), step)
            periods[column] = Period(first, last, "flow", period.stated)
    return periods


def title_period(dataset: str, file: str, header: Header, layout: Layout) -> Period | None:
    """The one period that the lines above the table state; none and several are refused."""
    if not layout.period:
        return None
    grid = header.grid
    lines = [
        " ".join(filter(None, (grid.text(r, c).strip() for c in range(grid.width)))) for r in header.title
    ]
    title = " ".join(lines)
    periods = find_periods(title)
    wanted = " or ".join(layout.period)
    if not periods:
        rule = f"the title states no period ({wanted} is expected)"
    elif len(periods) > 1:
        rule = f"the title states several periods: {', '.join(period.stated for period in periods)}"
    elif periods[0].measurement not in layout.period:
        rule = f"the title states a {periods[0].measurement} period, {wanted} is expected"
    elif layout.period_months and periods[0].months not in layout.period_months:
        expected = " or ".join(map(str, layout.period_months))
        length = f"{periods[0].months} month(s)" if periods[0].months else "no whole months"
        rule = f"the title states {periods[0].stated!r}, {length}; {expected} month(s) are expected"
    else:
        return periods[0]
    cell = grid.address(header.title[0], 0) if header.title else grid.address(header.top, header.label_column)
    step = "Ask the agency which period it is; nothing is guessed."
    raise SourceError(dataset, rule, file, cell, step, title)


def table_frame(table: Table, layout: Layout, sha256: str) -> pd.DataFrame:
    """The frame of a table, in the order of the sheet. What repeats down the sheet is categorical."""
    grid, body = table.header.grid, table.body
    stated = table.header.values
    count, width = len(body.rows), len(stated)

    def texts(parts: list[Objects]) -> pd.api.extensions.ExtensionArray:
        return pd.arrays.StringArray(np.column_stack(parts).ravel())

    def repeated(values: Objects | Sequence[str | None], times: int, tiles: int) -> object:
        codes, categories = pd.factorize(np.array(values, dtype=object))
        small = codes.astype(np.min_scalar_type(-len(categories) - 1))
        all_codes = np.tile(np.repeat(small, times), tiles)
        return pd.Categorical.from_codes(all_codes, pd.Index(categories), validate=False)

    def constant(value: str | None) -> object:
        return repeated(np.array([value], dtype=object), count * width, 1)

    data: dict[str, Any] = {
        name: pd.arrays.StringArray(np.repeat(labels, width)) for name, labels in body.labels.items()
    }
    for name in layout.columns:
        data[name] = repeated([values[name] for values in stated.values()], 1, count)
    if layout.unit:
        data["unit"] = constant(layout.unit)
    data["role"] = repeated(body.roles, width, 1)
    data["amount"] = texts([body.figures[column].amount for column in stated])
    is_number = all(body.figures[column].raw is body.figures[column].amount for column in stated)
    flags = [body.figures[column].flag for column in stated]
    data["flag"] = constant(None) if is_number else repeated(np.column_stack(flags).ravel(), 1, 1)
    periods = [table.periods[column] for column in stated]
    data["period_start"] = repeated([p.start.isoformat() if p else None for p in periods], 1, count)
    data["period_end"] = repeated([p.end.isoformat() if p else None for p in periods], 1, count)
    data["measurement"] = repeated([p.measurement if p else None for p in periods], 1, count)
    data["period_text"] = repeated([p.stated if p else None for p in periods], 1, count)
    data["source_file"] = constant(sha256)
    data["source_cell"] = pd.arrays.StringArray(_addresses(grid, list(stated), body.rows))
    raw = [body.figures[column].raw for column in stated]
    data["raw_text"] = data["amount"].copy() if is_number else texts(raw)
    return pd.DataFrame(data, copy=False)


def _addresses(grid: Grid, columns: list[int], rows: Objects) -> Objects:
    """The addresses of a table's figures, row by row; object arrays add their texts element by element."""
    numbers = np.array(list(map(str, (rows + 1).tolist())), dtype=object)
    prefixes = np.array([grid.address_prefix(column) for column in columns], dtype=object)
    addresses: Objects = np.add(prefixes[None, :], numbers[:, None])
    if grid.kind == "csv":
        addresses += np.array([grid.address_suffix(column) for column in columns], dtype=object)[None, :]
    return addresses.ravel()
