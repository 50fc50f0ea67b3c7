"""Asking the current release: `mtm sql` and `mtm trace`."""

from __future__ import annotations

import json
import re
from typing import Annotated

import duckdb
import typer

from orchestration.cli.tables import console, errors, open_release, print_table
from orchestration.settings import Settings

FormatOption = Annotated[str, typer.Option("--format", help="table, csv or json")]


def add_to(app: typer.Typer) -> None:
    app.command()(sql)
    app.command()(trace)


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT; tables are in marts, indicators, audit")],
    output: FormatOption = "table",
) -> None:
    """Ask the current release in SQL.

    Example: `mtm sql "select quarter, direction, amount_mln_kzt from indicators.quarterly_remittances"`
    """
    _known_format(output)
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
    _print_rows("", columns, rows, output)


def trace(
    quarter: Annotated[str, typer.Argument(help="Quarter, such as 2023Q3")],
    indicator: Annotated[str, typer.Argument(help="Indicator, such as money_transfers")],
    direction: Annotated[str | None, typer.Option(help="sent, received, arrival, departure, net")] = None,
    breakdown: Annotated[str | None, typer.Option(help="Code within a breakdown; default: the total")] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit, such as 'mln USD'; default: the indicator's own")
    ] = None,
    output: FormatOption = "table",
) -> None:
    """Follow a quarterly figure home: indicator, observations, cell and raw text in the archived file.

    Example: `mtm trace 2023Q3 money_transfers --direction sent`
    """
    _known_format(output)
    settings = Settings()
    if not re.fullmatch(r"\d{4}Q[1-4]", quarter):
        errors.print(f"mtm: {quarter} is not a quarter; write 2023Q3", highlight=False)
        raise typer.Exit(2)
    condition = (
        "quarter = ? and indicator = ? and direction is not distinct from coalesce(?, direction)"
        " and breakdown_code is not distinct from ? and unit = coalesce(?,"
        " (select unit from marts.dim_indicator as known where known.indicator = wanted.indicator))"
    )
    wanted = [quarter, indicator, direction, breakdown, unit]
    with open_release(settings) as con:
        values = con.execute(
            "select direction, geography_kind, geography_code, value, unit, coverage, flag, known_from"
            f" from indicators.quarterly_indicator as wanted where {condition} order by all",
            wanted,
        ).fetchall()
        if not values:
            known = con.execute("select distinct indicator from indicators.quarterly_indicator").fetchall()
            names = ", ".join(sorted(row[0] for row in known))
            asked = ", ".join(str(each) for each in wanted[2:] if each) or "the total"
            message = f"mtm: no {indicator} of {asked} in {quarter}; indicators: {names}. What there is:"
            errors.print(message, highlight=False, markup=False)
            known_series = con.execute(
                "select distinct direction, breakdown, breakdown_code, unit"
                " from indicators.quarterly_indicator where quarter = ? and indicator = ? order by all",
                [quarter, indicator],
            ).fetchall()
            print_table("", ("direction", "breakdown", "code", "unit"), known_series)
            raise typer.Exit(2)
        cells = con.execute(
            "select direction, period_start, role, input_value, raw_text, source_cell, archive_path, url"
            f" from audit.lineage as wanted where {condition} order by all",
            wanted,
        ).fetchall()
    archive = settings.home / "archive"
    located = [(*cell[:6], str(archive / cell[6]), cell[7]) for cell in cells]
    if output == "table":
        value_columns = ("direction", "kind", "code", "value", "unit", "coverage", "flag", "known from")
        print_table(f"{indicator} {quarter}", value_columns, values)
        cell_columns = ("direction", "period", "role", "input", "as printed", "cell")
        print_table("from these cells", cell_columns, [cell[:6] for cell in located])
        for path, url in sorted({cell[6:] for cell in located}):
            console.print(f"file {path}\n  of {url}", highlight=False, soft_wrap=True, markup=False)
        return
    columns = ["direction", "period_start", "role", "input_value", "raw_text", "source_cell", "file", "url"]
    _print_rows("", columns, located, output)


def _known_format(output: str) -> None:
    if output not in ("table", "csv", "json"):
        errors.print(f"mtm: --format is table, csv or json, not {output}", highlight=False)
        raise typer.Exit(2)


def _print_rows(title: str, columns: list[str], rows: list[tuple[object, ...]], output: str) -> None:
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
