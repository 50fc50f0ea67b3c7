"""What all exports share: the tables of a release as it describes them itself, and the refusal."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


class ExportError(Exception):
    """Nothing was exported; the message says why and what to do."""


@dataclass(frozen=True)
class Column:
    """A column with its DuckDB type and its comment."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A published table; `name` is `schema.table`."""

    name: str
    comment: str
    rows: int
    columns: tuple[Column, ...]


def described_tables(con: duckdb.DuckDBPyConnection) -> dict[str, Table]:
    """All tables of the release by name, in the order of names; columns as they stand."""
    columns: dict[str, list[Column]] = {}
    for schema, table, *column in con.execute(
        "select schema_name, table_name, column_name, data_type, coalesce(comment, '') from duckdb_columns()"
        " where not internal order by schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault(f"{schema}.{table}", []).append(Column(*column))
    comments = {
        f"{schema}.{table}": comment
        for schema, table, comment in con.execute(
            "select schema_name, table_name, coalesce(comment, '') from duckdb_tables()"
        ).fetchall()
    }
    return {
        name: Table(name, comments[name], count_rows(con, name), tuple(each))
        for name, each in columns.items()
        if name in comments
    }


def count_rows(con: duckdb.DuckDBPyConnection, source: str) -> int:
    row = con.execute(f"select count(*) from {source}").fetchone()
    assert row is not None
    return int(row[0])


def quoted(text: object) -> str:
    """Text inside a literal of SQL."""
    return str(text).replace("'", "''")
