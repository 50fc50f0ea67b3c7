"""Asking the current release: `mtm sql` and `mtm trace`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, NoReturn

import duckdb
import typer

from orchestration.cli.tables import console, errors, open_release, print_table
from orchestration.settings import Settings

VALUE_COLUMNS = (
    "dataset", "direction", "kind", "code", "of", "value", "unit", "coverage", "flag", "known from",
    "known basis", "obtained via",
)  # fmt: skip
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
    country: Annotated[str | None, typer.Option(help="Country or group, such as UZ or CIS")] = None,
    region: Annotated[str | None, typer.Option(help="Region, two digits of KATO")] = None,
    breakdown: Annotated[str | None, typer.Option(help="Code within a breakdown; default: the total")] = None,
    measure: Annotated[
        str | None, typer.Option(help="value, converted, share_of_stated, share_of_sum, ...; default: value")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit, such as 'mln USD'; default: the indicator's own")
    ] = None,
    output: Annotated[str, typer.Option("--format", help="table, csv, json or md")] = "table",
    is_open: Annotated[bool, typer.Option("--open", help="Open the archived files")] = False,
) -> None:
    """Follow a quarterly figure home: indicator, observations, cell and raw text in the archived file.

    Example: `mtm trace 2023Q3 border_crossings --direction arrival --country UZ`
    """
    _known_format(output, ("table", "csv", "json", "md"))
    settings = Settings()
    if not re.fullmatch(r"\d{4}Q[1-4]", quarter):
        errors.print(f"mtm: {quarter} is not a quarter; write 2023Q3", highlight=False)
        raise typer.Exit(2)
    condition = (
        "quarter = ? and indicator = ? and list_contains(?, measure)"
        " and geography_code is not distinct from ? and direction is not distinct from coalesce(?, direction)"
        " and breakdown_code is not distinct from ? and coalesce(?,"
        " (select unit from marts.dim_indicator as known where known.indicator = wanted.indicator))"
        " in (unit, figure_unit)"
    )
    measures = [measure] if measure else ["value", "converted"] if unit else ["value"]
    wanted = [quarter, indicator, measures, country or region, direction, breakdown, unit]
    with open_release(settings) as con:
        values = con.execute(
            "select dataset, direction, geography_kind, geography_code, denominator, value, unit, coverage,"
            " flag, known_from, known_basis, obtained_via"
            f" from indicators.quarterly_indicator as wanted where {condition} order by all",
            wanted,
        ).fetchall()
        if not values:
            _say_what_there_is(con, wanted)
        cells = con.execute(
            "select dataset, direction, denominator, period_start, role, sign, input_value, obtained_via,"
            " raw_text, source_cell, archive_path, url, publisher"
            f" from audit.lineage as wanted where {condition} order by all",
            wanted,
        ).fetchall()
    archive = settings.home / "archive"
    located = [(*cell[:10], str(archive / cell[10]), *cell[11:]) for cell in cells]
    columns = ["dataset", "direction", "denominator", "period_start", "role", "sign", "input_value"]
    columns += ["obtained_via", "raw_text", "source_cell", "file", "url", "publisher"]
    if output in ("csv", "json"):
        _print_rows("", columns, located, output)
    else:
        _print_trace(f"{indicator} {quarter}", values, columns, located, output)
    for path in sorted({cell[10] for cell in located}) if is_open else ():
        typer.launch(path)


def _print_trace(
    title: str,
    values: list[tuple[object, ...]],
    columns: list[str],
    cells: list[tuple[Any, ...]],
    output: str,
) -> None:
    """The value above the cells it rests on, as tables for a terminal or for Markdown."""
    shown = [column.replace("_", " ") for column in columns[:10]]
    files = sorted({cell[10:] for cell in cells}, key=str)
    if output == "md":
        from tabulate import tabulate

        typer.echo(f"## {title}\n")
        typer.echo(tabulate(values, VALUE_COLUMNS, tablefmt="github", disable_numparse=True))
        typer.echo("\nFrom these cells:\n")
        typer.echo(tabulate([cell[:10] for cell in cells], shown, tablefmt="github", disable_numparse=True))
        typer.echo("\nFiles:\n")
        for path, url, publisher in files:
            typer.echo(f"- `{Path(path).name}` of {url}" + (f" ({publisher})" if publisher else ""))
        return
    print_table(title, VALUE_COLUMNS, values)
    print_table("from these cells", shown, [cell[:10] for cell in cells])
    for path, url, publisher in files:
        of = f"{url}" + (f"\n  after {publisher}" if publisher else "")
        console.print(f"file {path}\n  of {of}", highlight=False, soft_wrap=True, markup=False)


def _say_what_there_is(con: duckdb.DuckDBPyConnection, wanted: list[Any]) -> NoReturn:
    """Name the series that exist for the quarter and indicator in place of an empty answer."""
    known = con.execute("select distinct indicator from indicators.quarterly_indicator").fetchall()
    names = ", ".join(sorted(row[0] for row in known))
    asked = ", ".join([" or ".join(wanted[2]), *filter(None, wanted[3:])])
    message = f"mtm: no {wanted[1]} of {asked} in {wanted[0]}; indicators: {names}. What there is:"
    errors.print(message, highlight=False, markup=False)
    series = con.execute(
        "select distinct measure, direction, geography_code, breakdown_code, unit, figure_unit"
        " from indicators.quarterly_indicator where quarter = ? and indicator = ? order by all",
        wanted[:2],
    ).fetchall()
    print_table(
        "", ("measure", "direction", "country or region", "breakdown", "unit", "of figures in"), series
    )
    raise typer.Exit(2)


def _known_format(output: str, allowed: tuple[str, ...] = ("table", "csv", "json")) -> None:
    if output not in allowed:
        errors.print(f"mtm: --format is one of {', '.join(allowed)}, not {output}", highlight=False)
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
