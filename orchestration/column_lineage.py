"""From which columns of other tables each column of a dbt model is made, read from its compiled SQL.

What belongs here: the walk through one parsed query, and the file beside the manifest that keeps the answer
until the compiled SQL changes. dagster_dbt has the same on offer; why it is not imported: docs/adr/0004.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration import dbt

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

# Schema, table, column.
Origin = tuple[str, str, str]
# By column of a model, what it is made from; a constant is made from nothing.
Origins = dict[str, list[Origin]]
# Type by schema, table and column.
Columns = dict[str, dict[str, dict[str, str]]]
CACHE = "column_lineage.json"


def of_build(con: duckdb.DuckDBPyConnection, results: Iterable[dbt.NodeResult]) -> dict[str, Origins]:
    """Origins of the columns of every built model by dbt's unique id; computed once a compiled project."""
    compiled = {each.unique_id: each.compiled_code for each in results if each.kind == "model"}
    queries = {unique_id: query for unique_id, query in sorted(compiled.items()) if query}
    columns = _columns(con)
    state = json.dumps([queries, columns]).encode() + Path(__file__).read_bytes()
    digest = hashlib.sha256(state).hexdigest()
    cache = dbt.TARGET / CACHE
    known = json.loads(cache.read_text("utf-8")) if cache.exists() else {}
    if known.get("sha256") != digest:
        known = {"sha256": digest, "models": {each: origins(queries[each], columns) for each in queries}}
        partial = cache.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(known), "utf-8")
        partial.replace(cache)
    found: dict[str, Origins] = known["models"]
    return found


def origins(query: str, columns: Columns) -> Origins:
    """The origins of each column of a query over tables whose columns are given by schema and table.

    A column that cannot be followed to a table is left out.
    """
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    try:
        parsed = parse_one(query, dialect="duckdb")
        schema: dict[str, object] = dict(columns)
        scope = build_scope(qualify(parsed, dialect="duckdb", schema=schema, validate_qualify_columns=False))
    except SqlglotError:
        return {}
    if scope is None or not isinstance(scope.expression, exp.Query):
        return {}
    walk = _Walk(scope)
    found = {name: walk.origins_of(scope, name) for name in scope.expression.named_selects}
    return {name: sorted(each) for name, each in found.items() if each is not None}


class _Walk:
    """Follows columns through the subqueries of one query; each column of each subquery once."""

    def __init__(self, root: Scope) -> None:
        self._scopes = {id(scope.expression): scope for scope in root.traverse()}
        self._known: dict[tuple[int, str], set[Origin] | None] = {}

    def origins_of(self, scope: Scope, name: str) -> set[Origin] | None:
        """What a column of a subquery is made from; None where that cannot be told."""
        place = (id(scope), name)
        if place not in self._known:
            self._known[place] = set()  # a recursive query adds nothing by asking itself
            self._known[place] = self._look(scope, name)
        return self._known[place]

    def _look(self, scope: Scope, name: str) -> set[Origin] | None:
        from sqlglot import exp

        query = scope.expression
        if isinstance(query, exp.SetOperation):
            index = query.named_selects.index(name)
            branches = [(part, part.expression) for part in scope.set_operation_scopes]
            return _union(
                self.origins_of(part, branch.named_selects[index])
                for part, branch in branches
                if isinstance(branch, exp.Query)
            )
        if isinstance(query, exp.Query):
            made = next((each for each in query.selects if each.alias_or_name == name), None)
            return None if made is None else self._made_from(made, scope)
        return self._made_from(query, scope)

    def _made_from(self, made: exp.Expr, scope: Scope) -> set[Origin] | None:
        """Origins of every column that an expression names, those of the subqueries in it included."""
        from sqlglot import exp

        parts: list[set[Origin] | None] = []
        for part in made.walk(prune=lambda each: isinstance(each, exp.Query) and id(each) in self._scopes):
            if isinstance(part, exp.Column) and part.table:
                parts.append(self._source(part, scope))
            elif isinstance(part, exp.Query) and (inner := self._scopes.get(id(part))):
                parts += [self.origins_of(inner, name) for name in part.named_selects]
        return _union(parts)

    def _source(self, column: exp.Column, scope: Scope) -> set[Origin] | None:
        from sqlglot import exp

        holder: Scope | None = scope
        while holder and column.table not in holder.sources:
            holder = holder.parent
        source = holder.sources[column.table] if holder else None
        if isinstance(source, exp.Table):
            return {(source.db, source.name, column.name)} if source.db else None
        return self.origins_of(source, column.name) if source else None


def _union(parts: Iterable[set[Origin] | None]) -> set[Origin] | None:
    """All origins together; None as soon as one of them cannot be told."""
    together: set[Origin] = set()
    for part in parts:
        if part is None:
            return None
        together |= part
    return together


def _columns(con: duckdb.DuckDBPyConnection) -> Columns:
    columns: Columns = {}
    for schema, table, column, kind in con.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        " where database_name = current_database() and not internal order by all"
    ).fetchall():
        columns.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return columns
