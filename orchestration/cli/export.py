"""Taking a release away as files: `mtm export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.query import known_format
from orchestration.cli.tables import console, errors, print_table
from orchestration.settings import Settings


def add_to(app: typer.Typer) -> None:
    app.command()(export)


def export(
    folder: Annotated[Path, typer.Option("--to", help="Folder in which a folder of the release is made")],
    release: Annotated[
        str, typer.Argument(help="current, previous, an id or the start of one; see `mtm releases`")
    ] = "current",
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="csv, xlsx or sdmx, and again for more; default: all"),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin each CSV with the mark by which Excel knows UTF-8")
    ] = False,
) -> None:
    """Write the tables of a release as CSV, a workbook and SDMX-CSV, into a new folder.

    Example: `mtm export --to ~/exports --format xlsx`. What is in the files: docs/exports.md.
    """
    from publish.export.described import ExportError
    from publish.export.folder import FORMATS, export

    wanted = formats or list(FORMATS)
    for each in wanted:
        known_format(each, FORMATS)
    releases = Settings().releases
    release_id = releases.named(release)
    try:
        written = export(releases, release_id, folder, wanted, bom)
    except ExportError as error:
        errors.print(f"mtm: {error}", markup=False, highlight=False)
        raise typer.Exit(1) from None
    print_table("", ("file", "rows", "bytes"), [(each.file, each.rows, each.bytes) for each in written])
    console.print(f"written to {folder / release_id}", markup=False, highlight=False, soft_wrap=True)
