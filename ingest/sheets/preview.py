"""A sheet drawn in the terminal with its cells coloured by role, and what is missing.

What belongs here: roles of cells for a person who writes a layout. What does not: reading figures;
a sheet that is refused is drawn by what its single cells look like, with the reason above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.table import Table as Drawing
from rich.text import Text

from ingest.dataset import SourceFile
from ingest.errors import SourceError
from ingest.sheets.labels import fold
from ingest.sheets.layout import Layout
from ingest.sheets.table import Table, find_table
from ingest.sheets.workbook import Grid, column_letters, read_sheets

Role = Literal["title", "header", "label", "value", "total", "footnote", "ignored"]
COLOURS: dict[Role, str] = {
    "title": "cyan", "header": "bold blue", "label": "yellow", "value": "green",
    "total": "bold magenta", "footnote": "dim italic", "ignored": "dim",
}  # fmt: skip
SHOWN_ROWS, SHOWN_COLUMNS = 60, 12


@dataclass
class Roles:
    """The role of each cell, row by row as in the grid, and what is missing or unclear."""

    cells: list[list[Role]]
    missing: list[str]


def roles(grid: Grid, layout: Layout, dataset: str = "preview", file: str = "") -> Roles:
    """The role of every cell of one sheet under a layout; never raises for what the sheet holds."""
    try:
        table = find_table(dataset, file, [grid], layout)
    except SourceError as error:
        reason = f"{error.cell}: {error.rule}" if error.cell else error.rule
        return Roles(_roles_by_looks(grid, layout), [f"{reason}. {error.next_step}"])
    return Roles(_roles_of_table(grid, table), [])


def _roles_of_table(grid: Grid, table: Table) -> list[list[Role]]:
    cells: list[list[Role]] = [["ignored"] * grid.width for _ in grid.rows]
    header, body = table.header, table.body
    for row in header.title:
        cells[row] = ["title"] * grid.width
    for row in range(header.top, header.bottom + 1):
        for column in header.columns:
            cells[row][column] = "header"
    for row in body.footnotes:
        cells[row] = ["footnote"] * grid.width
    for row in body.headings:
        cells[row] = ["label"] * grid.width
    for row, role in zip(body.rows.tolist(), body.roles.tolist(), strict=True):
        for column in header.labels.values():
            cells[row][column] = "total" if role == "total" else "label"
        for column in header.values:
            cells[row][column] = "total" if role == "total" else "value"
    return cells


def _roles_by_looks(grid: Grid, layout: Layout) -> list[list[Role]]:
    return [[_role_by_looks(grid, layout, row, column) for column in range(grid.width)]
            for row in range(len(grid.rows))]  # fmt: skip


def _role_by_looks(grid: Grid, layout: Layout, row: int, column: int) -> Role:
    text = grid.text(row, column)
    folded = fold(text)
    values = [labels for dimension in layout.columns.values() for labels in dimension.values.values()]
    if not folded:
        return "ignored"
    if layout.rows.total.match(folded):
        return "total"
    if any(labels.match(folded) for labels in [*layout.rows.labels.values(), *values]):
        return "header"
    if layout.rows.group.match(folded) or layout.rows.heading.match(folded):
        return "label"
    if layout.rows.footnote.match(folded):
        return "footnote"
    if layout.title.match(folded):
        return "title"
    return "value" if not isinstance(grid.rows[row][column], str) else "ignored"


def preview(dataset: str, file: SourceFile, layout: Layout) -> RenderableType:
    """What `mtm inbox preview` shows: each sheet in colours, a legend, what is missing."""
    try:
        grids = read_sheets(dataset, file)
    except SourceError as error:
        return Text(str(error), style="red")
    drawn: list[RenderableType] = []
    for grid in grids:
        found = roles(grid, layout, dataset, file.path)
        drawn += [_draw(grid, found), *_missing(found.missing)]
    return Group(*drawn, _legend())


def show(dataset: str, file: SourceFile, layout: Layout, console: Console | None = None) -> None:
    """Print the preview."""
    (console or Console()).print(preview(dataset, file, layout))


def _draw(grid: Grid, found: Roles) -> Drawing:
    hidden = len(grid.rows) - SHOWN_ROWS
    drawing = Drawing(
        title=Text(grid.name or "csv"),
        caption=f"{hidden:,} more rows" if hidden > 0 else None,
        show_lines=False,
    )
    drawing.add_column("", style="dim", justify="right")
    for column in range(min(grid.width, SHOWN_COLUMNS)):
        drawing.add_column(column_letters(column), overflow="ellipsis", max_width=28)
    for row in range(min(len(grid.rows), SHOWN_ROWS)):
        texts = [
            Text(grid.text(row, column), style=COLOURS[found.cells[row][column]])
            for column in range(min(grid.width, SHOWN_COLUMNS))
        ]
        drawing.add_row(str(row + 1), *texts)
    return drawing


def _missing(missing: Sequence[str]) -> list[RenderableType]:
    return [Text(f"Missing or unclear: {reason}", style="bold red") for reason in missing]


def _legend() -> Text:
    legend = Text("Legend: ")
    for role, colour in COLOURS.items():
        legend.append(role, style=colour)
        legend.append("  ")
    return legend
