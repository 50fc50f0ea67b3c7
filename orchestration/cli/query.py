"""Asking the current release: `mtm sql`."""

from __future__ import annotations

import json
from typing import Annotated

import duckdb
import typer

from orchestration.cli.tables import errors, open_release, print_table
from orchestration.settings import Settings

FormatOption = Annotated[str, typer.Option("--format", help="table, csv or json")]


def add_to(app: typer.Typer) -> None:
    app.command()(sql)


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT; tables are in marts, indicators, audit")],
    output: FormatOption = "table",
) -> None:
    """Ask the current release in SQL.

    Example: `mtm sql "select quarter, direction, amount_mln_kzt from indicators.quarterly_remittances"`
    """
    known_format(output)
    with open_release(Settings()) as con:
        try:
            statements = duckdb.extract_statements(query)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                errors.print("mtm: one SELECT is asked for, no more and nothing else", highlight=False)
                raise typer.Exit(2)
            answer = con.execute(statements[0])
            columns = [column[0] for column in answer.description or []]
            rows = answer.fetchall()
        except duckdb.Error as error:
            errors.print(f"mtm: {error}", markup=False, highlight=False)
            errors.print(
                'Tables: mtm sql "select table_schema, table_name from information_schema.tables"',
                markup=False,
                highlight=False,
            )
            raise typer.Exit(2) from None
    print_rows("", columns, rows, output)


def known_format(output: str, allowed: tuple[str, ...] = ("table", "csv", "json")) -> None:
    if output not in allowed:
        errors.print(f"mtm: --format is one of {', '.join(allowed)}, not {output}", highlight=False)
        raise typer.Exit(2)


def print_rows(title: str, columns: list[str], rows: list[tuple[object, ...]], output: str) -> None:
    if output == "json":
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        typer.echo(json.dumps(records, ensure_ascii=False, indent=1, default=str))
    elif output == "csv":
        import csv
        import sys

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([columns, *rows])
    else:
        print_table(title, columns, rows)
