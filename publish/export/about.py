"""The first two sheets of the workbook: what the release is, and what each table and column holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import duckdb

from publish.export.described import Table

Style = Literal["title", "heading", "plain"]

DATASETS = """
select
    dim_dataset.dataset, dim_dataset.title, dim_agency.name_en as agency, dim_dataset.licence,
    dim_dataset.obtained_via, dim_dataset.state, dim_dataset.last_period_end, dim_dataset.source_page,
    dim_dataset.reason
from marts.dim_dataset
left join marts.dim_agency using (agency)
order by dim_dataset.dataset
"""
DATASET_COLUMNS = (
    "dataset", "title", "agency", "licence", "obtained via", "state", "last period ends", "page", "why stale",
)  # fmt: skip
HOW_TO_READ = (
    "An empty figure is one that cannot be had: the flag or reason beside it says why. It is not zero.",
    "Totals and groups are the publisher's own: never add them to countries.",
    "Two publishers of one thing stand in two rows; is_headline says which one stands for it.",
    "Definitions, rules and caveats of each indicator are on the sheet indicators, units on the sheet notes.",
    "Figures are exact in the release, to nine decimals; a spreadsheet keeps fifteen digits of a number.",
)


class Line(NamedTuple):
    """A row of the sheet `about`."""

    style: Style
    cells: tuple[object, ...]


class Sheet(NamedTuple):
    """A table in its place: the topic, the name of the sheet, the table."""

    topic: str
    name: str
    table: Table


def about(con: duckdb.DuckDBPyConnection, manifest: dict[str, Any], sheets: list[Sheet]) -> Iterator[Line]:
    """What the release is, how to read and cite it, its datasets with their terms, its sheets."""
    release, made_on = manifest["release"], manifest["created_at"][:10]
    modes = con.execute("select distinct mode from marts.dim_source_file order by mode").fetchall()
    yield Line("title", ("Mobility Tracking Matrix: migration and remittances of Kazakhstan",))
    yield Line("plain", ("release", release))
    yield Line("plain", ("made at (UTC)", manifest["created_at"]))
    yield Line("plain", ("answers", ", ".join(mode for (mode,) in modes)))
    yield Line("plain", ("content SHA-256", manifest["content_sha256"]))
    yield Line("plain", ("stale datasets", ", ".join(manifest["stale"]) or "none"))
    yield Line("plain", ())
    yield Line("heading", ("How to read it",))
    yield from (Line("plain", (each,)) for each in HOW_TO_READ)
    yield Line("plain", ())
    yield Line("heading", ("How to cite it",))
    cited = f"Mobility Tracking Matrix, release {release}, {made_on}"
    yield Line("plain", (f"Name the agency of the figure, then: {cited}.",))
    yield Line("plain", ("The terms of each dataset are in the column licence below.",))
    yield Line("plain", ())
    yield Line("heading", ("sheet", "topic", "table", "rows"))
    yield from (Line("plain", (each.name, each.topic, each.table.name, each.table.rows)) for each in sheets)
    yield Line("plain", ())
    yield Line("heading", DATASET_COLUMNS)
    yield from (Line("plain", row) for row in con.execute(DATASETS).fetchall())


NOTE_COLUMNS = ("sheet", "table", "column", "type", "description")


def notes(sheets: list[Sheet]) -> Iterator[tuple[str | None, ...]]:
    """A row for each table, which has no column, followed by one for each of its columns."""
    for _, name, table in sheets:
        yield name, table.name, None, None, table.comment
        for column in table.columns:
            yield name, table.name, column.name, column.type.lower(), column.comment
