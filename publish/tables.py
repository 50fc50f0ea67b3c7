"""The tables of a release: copied from the build with keys and comments, hashed, queried once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

DATABASE = "warehouse.duckdb"
# Files of this storage version open in DuckDB 1.0 and later.
STORAGE_VERSION = "v1.0.0"
SAVED = "saved"
COPIED_TOGETHER = 2

# Of all rows, whatever their order: sums of the two halves of each row's MD5. Sorting them would take longer.
HASH_OF_ROWS = """
    sha256(concat_ws(
        ' ', count(*),
        sum(md5_number_upper(to_json(t)::varchar)::hugeint),
        sum(md5_number_lower(to_json(t)::varchar)::hugeint)
    ))
"""


class PublishError(Exception):
    """Publication was refused; the message says why and what to do. The old release stands."""


@dataclass(frozen=True, order=True)
class TableName:
    """A published table: its schema (marts, indicators, audit) and name."""

    schema: str
    table: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class Definition:
    """A table's `create table`, its comment and those of its columns."""

    create: str
    comment: str
    columns: dict[str, str]


@dataclass(frozen=True)
class View:
    """A saved query: one SELECT that names tables as schema.table, its comment and those of its columns."""

    name: str
    sql: str
    comment: str
    columns: Mapping[str, str]


def write_tables(
    build: Path, target: Path, tables: Sequence[TableName], views: Sequence[View] = ()
) -> list[dict[str, Any]]:
    """Copy tables into `target`/warehouse.duckdb and `target`/parquet, rows sorted by all columns.

    Returns a record a table: schema, table, rows, sha256 of its rows.
    """
    with duckdb.connect() as con:
        con.execute(f"attach '{_quoted(build)}' as build (read_only)")
        con.execute(
            f"attach '{_quoted(target / DATABASE)}' as warehouse (storage_version '{STORAGE_VERSION}')"
        )
        definitions = _definitions(con)
        if missing := sorted(str(name) for name in tables if name not in definitions):
            step = "run `mtm refresh` and look at its build step"
            raise PublishError(f"The build has no table {', '.join(missing)}: {step}.")
        for schema in sorted({name.schema for name in tables}):
            con.execute(f"create schema warehouse.{schema}")

        def copy(name: TableName) -> dict[str, Any]:
            with con.cursor() as own:
                return _copy_table(own, name, definitions[name], target)

        # A small table keeps one core busy.
        with ThreadPoolExecutor(COPIED_TOGETHER) as threads:
            written = list(threads.map(copy, tables))
        _create_views(con, views)
        con.execute("use memory")
        con.execute("detach warehouse")
    return written


def _definitions(con: duckdb.DuckDBPyConnection) -> dict[TableName, Definition]:
    """How each table of the build is made, with its comments."""
    tables = con.execute(
        "select schema_name, table_name, sql, comment from duckdb_tables() where database_name = 'build'"
    ).fetchall()
    columns: dict[TableName, dict[str, str]] = {}
    for schema, table, column, text in con.execute(
        "select schema_name, table_name, column_name, comment from duckdb_columns()"
        " where database_name = 'build' and comment is not null"
    ).fetchall():
        columns.setdefault(TableName(schema, table), {})[column] = text
    return {
        TableName(schema, table): Definition(create, comment or "", columns.get(TableName(schema, table), {}))
        for schema, table, create, comment in tables
    }


def _copy_table(
    con: duckdb.DuckDBPyConnection, name: TableName, definition: Definition, target: Path
) -> dict[str, Any]:
    con.execute("use warehouse; begin")
    con.execute(definition.create)
    con.execute(f"insert into warehouse.{name} from build.{name} order by all")
    comments = [f"comment on table warehouse.{name} is '{_quoted(definition.comment)}'"]
    for column, text in definition.columns.items():
        comments.append(f"comment on column warehouse.{name}.\"{column}\" is '{_quoted(text)}'")
    con.execute("; ".join(comments))
    con.execute("commit")
    parquet = _quoted(target / "parquet" / f"{name}.parquet")
    con.execute(f"copy warehouse.{name} to '{parquet}' (format parquet, compression zstd)")
    row = con.execute(f"select count(*), {HASH_OF_ROWS} from warehouse.{name} as t").fetchone()
    assert row is not None
    return {"schema": name.schema, "table": name.table, "rows": row[0], "sha256": row[1]}


def table_names(con: duckdb.DuckDBPyConnection, database: str) -> list[TableName]:
    """The published tables of an attached database, sorted."""
    rows = con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ? order by all", [database]
    ).fetchall()
    return [TableName(*row) for row in rows]


def _create_views(con: duckdb.DuckDBPyConnection, views: Sequence[View]) -> None:
    """Create the views with their comments.

    Their SQL names no catalog, so that they read the tables beside them whatever the file is attached as.
    """
    if views:
        con.execute(f"use warehouse; create schema {SAVED}")
    for view in views:
        try:
            con.execute(f"create view {SAVED}.{view.name} as {view.sql}")
        except duckdb.Error as error:
            raise PublishError(
                f"The saved query {view.name} does not run on the tables of this build: {error}"
            ) from error
        columns = [row[0] for row in con.execute(f"describe {SAVED}.{view.name}").fetchall()]
        if columns != list(view.columns):
            raise PublishError(
                f"The saved query {view.name} has the columns {', '.join(columns)}; described are"
                f" {', '.join(view.columns)}: make the description that of the query."
            )
        con.execute(f"comment on view {SAVED}.{view.name} is '{_quoted(view.comment)}'")
        for column, text in view.columns.items():
            con.execute(f"comment on column {SAVED}.{view.name}.\"{column}\" is '{_quoted(text)}'")


def content_hash(written: Iterable[dict[str, Any]]) -> str:
    """SHA-256 over the rows of all tables: equal for equal tables, whenever they were built."""
    lines = sorted(f"{t['schema']}.{t['table']} {t['sha256']}" for t in written)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def smoke_query(database: Path, written: Iterable[dict[str, Any]]) -> None:
    """Open the file as a reader does and count every table; raises PublishError on a difference."""
    with duckdb.connect(str(database), read_only=True) as con:
        for table in written:
            row = con.execute(f"select count(*) from {table['schema']}.{table['table']}").fetchone()
            if row is None or row[0] != table["rows"]:
                raise PublishError(f"{table['table']} does not hold its {table['rows']} rows: not published.")


def _quoted(text: object) -> str:
    return str(text).replace("'", "''")
