"""Proving a release: `mtm release verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.tables import console, print_table
from orchestration.settings import Settings

COLUMNS = ("table", "rows", "only in the release", "only made again", "is equal")
YES_NO = {True: "yes", False: "no"}


def add_to(app: typer.Typer) -> None:
    release = typer.Typer(help="Prove a release.", no_args_is_help=True)
    release.callback()(lambda: None)
    release.command()(verify)
    app.add_typer(release, name="release")


def verify(
    release: Annotated[str, typer.Argument(help="Id, start of it, `current` or `previous`")] = "current",
) -> None:
    """Prove that a release is whole, and that archive and log give each of its tables again, row by row.

    It must be made again by the code that made it: for another revision the command to check it out is told.
    Exit 1 when a file is missing or altered, or a row differs.
    """
    from orchestration.verification import other_packages, verified

    settings = Settings()
    release_id = settings.releases.named(release)
    console.print(f"making {release_id} again from archive and log", highlight=False)
    tables = verified(settings, release_id)
    rows = [
        (
            str(each.table),
            each.rows,
            each.only_in_release,
            each.only_made_again,
            YES_NO[each.is_equal],
        )
        for each in tables
    ]
    print_table("", COLUMNS, rows)
    for each in tables:
        if each.example:
            console.print(f"{each.table}: {each.example}", highlight=False, markup=False, soft_wrap=True)
    different = sum(not each.is_equal for each in tables)
    if different:
        console.print(f"{different} of {len(tables)} tables differ", style="red", highlight=False)
        for package in other_packages(settings, release_id):
            console.print(f"another version: {package}", highlight=False)
        raise typer.Exit(1)
    count = sum(each.rows for each in tables)
    console.print(f"{release_id}: {len(tables)} tables, {count:,} rows, all equal", highlight=False)
