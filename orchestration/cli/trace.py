"""`mtm trace`: a figure of a quarter, and the cells of archived files that it rests on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, NoReturn

import duckdb
import typer

from orchestration.cli.query import known_format, print_rows
from orchestration.cli.tables import console, errors, open_release, print_table
from orchestration.settings import Settings

FIGURE = (
    "dataset", "direction", "geography_kind", "geography_code", "breakdown_code", "measure", "denominator",
    "value", "year_to_date", "unit", "coverage", "flag", "known_from", "known_basis", "obtained_via",
)  # fmt: skip
CELL = (
    "dataset", "direction", "denominator", "period_start", "period_end", "role", "sign", "input_value",
    "input_unit", "obtained_via", "raw_text", "source_cell", "archive_path", "url", "publisher",
)  # fmt: skip
# Of a stock and of a quota: what was stated within the quarter, for another day than its last.
WITHIN = (
    "dataset", "geography_kind", "geography_code", "breakdown_code", "measurement", "period_end", "stated_on",
    "value", "unit", "flag", "obtained_via", "raw_text", "source_cell", "archive_path", "url", "publisher",
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    app.command()(trace)


def trace(
    quarter: Annotated[str, typer.Argument(help="Quarter, such as 2023Q3")],
    indicator: Annotated[str, typer.Argument(help="Indicator, such as money_transfers")],
    direction: Annotated[str | None, typer.Option(help="sent, received, arrival, departure, net")] = None,
    country: Annotated[str | None, typer.Option(help="Country or group by code or name: UZ, CIS")] = None,
    region: Annotated[str | None, typer.Option(help="Region by the two digits of KATO or by name")] = None,
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
    known_format(output, ("table", "csv", "json", "md"))
    settings = Settings()
    if not re.fullmatch(r"\d{4}Q[1-4]", quarter):
        errors.print(f"mtm: {quarter} is not a quarter; write 2023Q3", highlight=False)
        raise typer.Exit(2)
    with open_release(settings) as con:
        place = _code_of(con, country, region)
        part = breakdown or ("USD" if indicator.startswith("exchange_rate") else None)
        measures = [measure] if measure else ["value", "converted"] if unit else ["value"]
        wanted = [quarter, indicator, measures, place, direction, part, unit]
        condition = (
            "quarter = ? and indicator = ? and list_contains(?, measure)"
            " and geography_code is not distinct from ?"
            " and direction is not distinct from coalesce(?, direction)"
            " and breakdown_code is not distinct from ? and coalesce(?,"
            " (select unit from marts.dim_indicator as known where known.indicator = wanted.indicator))"
            " in (unit, figure_unit)"
        )
        figures = _records(con, "indicators.quarterly_indicator", FIGURE, condition, wanted)
        cells = _records(con, "audit.lineage", CELL, condition, wanted)
        within = _stated_within(con, quarter, indicator, place, breakdown)
        if not figures and not within:
            _say_what_there_is(con, quarter, indicator)
    for cell in cells + within:
        cell["file"] = str(settings.home / "archive" / cell.pop("archive_path"))
    if output == "json":
        found = {"quarter": quarter, "indicator": indicator, "figures": figures, "cells": cells}
        found |= {"stated_within_quarter": within} if within else {}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1, default=str))
    elif output == "csv":
        columns = list((cells or within)[0])
        print_rows("", columns, [tuple(cell.values()) for cell in cells or within], "csv")
    else:
        _print_records(f"{indicator} {quarter}", figures, output)
        _print_records("from these cells", cells, output)
        _print_records("stated within the quarter", within, output)
        _print_files(cells + within, output)
    for path in sorted({str(cell["file"]) for cell in cells + within}) if is_open else ():
        typer.launch(path)


def _records(
    con: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], condition: str, wanted: list[Any]
) -> list[dict[str, Any]]:
    query = f"select {', '.join(columns)} from {table} as wanted where {condition} order by all"
    return [dict(zip(columns, row, strict=True)) for row in con.execute(query, wanted).fetchall()]


def _stated_within(
    con: duckdb.DuckDBPyConnection, quarter: str, indicator: str, place: str | None, breakdown: str | None
) -> list[dict[str, Any]]:
    """Stocks as of other days of the quarter, quotas of its year; each is its own cell."""
    condition = (
        "indicator = ? and geography_code = ? and breakdown_code = ?"
        " and case measurement when 'stock' then quarter = ? and period_end <> (select last_day from"
        " marts.dim_quarter as known where known.quarter = wanted.quarter)"
        " else substr(quarter, 1, 4) = substr(?, 1, 4) end"
    )
    table = (
        "(select fct.*, archive_path, url, publisher from marts.fct_foreign_labour as fct"
        " inner join marts.dim_source_file as file using (dataset, source_file))"
    )
    asked = [indicator, place or "TOTAL", breakdown or "total", quarter, quarter]
    return _records(con, table, WITHIN, condition, asked)


def _code_of(con: duckdb.DuckDBPyConnection, country: str | None, region: str | None) -> str | None:
    """The code of a country, group or region that is named by its code or one of its names."""
    named = country or region
    if not named:
        return None
    countries = (("dim_country", "country_code"), ("dim_group", "group_code"))
    for table, column in (("dim_region", "region_code"),) if region else countries:
        found = con.execute(
            f"select {column} from marts.{table} where lower(?) in (lower({column}), lower(name_en),"
            " lower(name_ru), lower(name_kk))",
            [named],
        ).fetchone()
        if found:
            return str(found[0])
    kind, table = ("region", "dim_region") if region else ("country or group", "dim_country")
    errors.print(f"mtm: {named} is no {kind}; codes and names: mtm sql 'from marts.{table}'", highlight=False)
    raise typer.Exit(2)


def _print_records(title: str, records: list[dict[str, Any]], output: str) -> None:
    """Records as a table without the columns that are empty in all of them, files apart."""
    filled = [
        name
        for name in (records[0] if records else ())
        if name not in ("file", "url", "publisher") and any(record[name] is not None for record in records)
    ]
    rows = [[record[name] for name in filled] for record in records]
    head = [name.replace("_", " ") for name in filled]
    if not rows:
        return
    if output == "md":
        from tabulate import tabulate

        typer.echo(f"## {title}\n\n{tabulate(rows, head, tablefmt='github', disable_numparse=True)}\n")
    else:
        print_table(title, head, rows)


def _print_files(cells: list[dict[str, Any]], output: str) -> None:
    files = sorted({(cell["file"], cell["url"], cell["publisher"]) for cell in cells}, key=str)
    if output == "md":
        typer.echo("Files:\n")
    for path, url, publisher in files:
        if output == "md":
            typer.echo(f"- `{Path(path).name}` of {url}" + (f" ({publisher})" if publisher else ""))
        else:
            of = f"{url}" + (f"\n  after {publisher}" if publisher else "")
            console.print(f"file {path}\n  of {of}", highlight=False, soft_wrap=True, markup=False)


def _say_what_there_is(con: duckdb.DuckDBPyConnection, quarter: str, indicator: str) -> NoReturn:
    """Name what exists of the quarter and indicator in place of an empty answer."""
    known = [row[0] for row in con.execute("select indicator from marts.dim_indicator order by 1").fetchall()]
    if indicator not in known:
        errors.print(f"mtm: {indicator} is no indicator; indicators: {', '.join(known)}", highlight=False)
        raise typer.Exit(2)
    series = con.execute(
        "select measure, direction, coalesce(breakdown, geography_kind), string_agg(distinct"
        " coalesce(breakdown_code, geography_code), ' ' order by coalesce(breakdown_code, geography_code)),"
        " unit from indicators.quarterly_indicator where quarter = ? and indicator = ?"
        " group by all order by all",
        [quarter, indicator],
    ).fetchall()
    if not series:
        errors.print(f"mtm: no {indicator} is known of {quarter}; see docs/coverage.md", highlight=False)
        raise typer.Exit(2)
    errors.print(f"mtm: of {indicator} in {quarter} there is no such figure, but:", highlight=False)
    for measure, direction, of, codes, unit in series:
        which = f"--measure {measure}" + (f" --direction {direction}" if direction else "")
        errors.print(f"  {which} by {of}: {codes or 'all'} ({unit})", highlight=False)
    raise typer.Exit(2)
