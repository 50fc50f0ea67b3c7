"""Asking the current release: `mtm sql`."""

from __future__ import annotations

import json
from typing import Annotated, NoReturn

import duckdb
import typer

from audit.reports import QUARTER
from orchestration import saved
from orchestration.cli.tables import errors, open_release, print_table
from orchestration.settings import Settings
from publish.tables import PublishError

FormatOption = Annotated[str, typer.Option("--format", help="table, csv or json")]


def add_to(app: typer.Typer) -> None:
    app.command()(sql)


def sql(
    query: Annotated[
        str | None, typer.Argument(help="One SELECT; tables are in marts, indicators, audit")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--saved", metavar="NAME", help="Run a saved query in place of one; `list` names them"),
    ] = None,
    quarter: Annotated[
        str | None, typer.Option(help="Rows of this quarter of a saved query, such as 2023Q3")
    ] = None,
    output: FormatOption = "table",
) -> None:
    """Ask the current release in SQL, or run a saved query.

    Example: `mtm sql "select quarter, direction, amount_mln_kzt from indicators.quarterly_remittances"`

    Example: `mtm sql --saved remittances_by_country --quarter 2023Q3`; docs/querying.md has more.
    """
    known_format(output)
    if (query is None) == (name is None):
        _refuse_use('one SELECT, or --saved NAME: mtm sql "select ...", mtm sql --saved list')
    if quarter and (name is None or not QUARTER.fullmatch(quarter)):
        _refuse_use("--quarter goes with --saved NAME and is written 2023Q3")
    if name == "list":
        rows: list[tuple[object, ...]] = [(view.name, view.comment) for view in saved.views()]
        print_rows("", ["name", "question"], rows, output)
    elif name is not None:
        _run_saved(name, quarter, output)
    else:
        _run(str(query), output)


def _run(query: str, output: str) -> None:
    with open_release(Settings()) as con:
        try:
            statements = duckdb.extract_statements(query)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                _refuse_use("one SELECT is asked for, no more and nothing else")
            columns, rows = _answer(con.execute(statements[0]))
        except duckdb.Error as error:
            errors.print(f"mtm: {error}", markup=False, highlight=False)
            errors.print(
                'Tables: mtm sql "select table_schema, table_name from information_schema.tables"',
                markup=False,
                highlight=False,
            )
            raise typer.Exit(2) from None
    print_rows("", columns, rows, output)


def _run_saved(name: str, quarter: str | None, output: str) -> None:
    views = {view.name: view for view in saved.views()}
    if name not in views:
        names = "\n".join(f"  {each.name}: {each.comment}" for each in views.values())
        _refuse_use(f"there is no saved query {name}; these are:\n{names}")
    condition, wanted = ("where quarter = ?", [quarter]) if quarter else ("", [])
    with open_release(Settings()) as con:
        try:
            columns, rows = _answer(
                con.execute(f"select * from ({views[name].sql}) as saved {condition}", wanted)
            )
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            raise PublishError(
                f"The saved query {name} is not of the tables of the current release: {error}\n"
                "Run `mtm refresh`, or ask a release of another version by SQL."
            ) from error
    print_rows(views[name].comment, columns, rows, output)


def _answer(answer: duckdb.DuckDBPyConnection) -> tuple[list[str], list[tuple[object, ...]]]:
    return [column[0] for column in answer.description or []], answer.fetchall()


def _refuse_use(problem: str) -> NoReturn:
    errors.print(f"mtm: {problem}", markup=False, highlight=False)
    raise typer.Exit(2)


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
