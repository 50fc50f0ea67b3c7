"""Whether the tables of a release have the columns and types that were declared for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from publish.tables import TableName

# By table: column and type.
Declared = Mapping[TableName, tuple[tuple[str, str], ...]]
# table, column, declared as, found as; empty where there is none
Difference = tuple[str, str, str, str]


def differences(database: Path, declared: Declared) -> list[Difference]:
    """Columns of a release's file that are missing, undeclared or of another type."""
    with duckdb.connect(str(database), read_only=True) as con:
        rows = con.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns()"
            " where not internal order by all"
        ).fetchall()
    found: dict[TableName, dict[str, str]] = {}
    for schema, table, column, kind in rows:
        found.setdefault(TableName(schema, table), {})[column] = _folded(kind)
    wrong: list[Difference] = []
    for name in sorted({*declared, *found}):
        wanted = {column: _folded(kind) for column, kind in declared.get(name, ())}
        there = found.get(name, {})
        columns = [*wanted, *(column for column in there if column not in wanted)]
        wrong += [
            (str(name), column, wanted.get(column, ""), there.get(column, ""))
            for column in columns
            if wanted.get(column) != there.get(column)
        ]
    return wrong


def _folded(kind: str) -> str:
    return kind.lower().replace(" ", "")
