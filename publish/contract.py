"""The contract of the published tables: their columns, types and keys, by version.

What belongs here: the contract as a file that reads well in a diff, what of a promise is broken, and whether
the tables of a release are as declared. What the project declares is in orchestration/contract.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from publish.tables import TableName

# By table: column and type.
Declared = Mapping[TableName, tuple[tuple[str, str], ...]]
# table, column, declared as, found as; empty where there is none
Difference = tuple[str, str, str, str]

HEAD = """\
# What is promised of the published tables: columns with their types, and the key (docs/contract.md).
# Written by `make contract`; a column removed or retyped needs a higher contract_version in dbt_project.yml.
"""


class ContractError(Exception):
    """The file of the contract cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Contract:
    """A version of the promise: columns and types by table, and the columns that identify a row."""

    version: int
    columns: Declared
    keys: Mapping[TableName, tuple[str, ...]]

    def text(self) -> str:
        """The contract as YAML, tables by name and columns in their order."""
        lines = [f"version: {self.version}", "tables:"]
        for name in sorted(self.columns):
            lines += [f"  {name}:", f"    key: [{', '.join(self.keys[name])}]", "    columns:"]
            lines += [f"      {column}: {kind}" for column, kind in self.columns[name]]
        return HEAD + "\n".join(lines) + "\n"

    @staticmethod
    def read(path: Path) -> Contract:
        """The contract of a file that `text` gave; raises ContractError for any other."""
        try:
            written = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
            named = {TableName(*name.split(".")): each for name, each in written["tables"].items()}
            columns = {name: tuple(each["columns"].items()) for name, each in named.items()}
            keys = {name: tuple(each["key"]) for name, each in named.items()}
            return Contract(int(written["version"]), columns, keys)
        except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise ContractError(
                f"{path} is not a contract ({error!r}): take it from the last commit, then `make contract`."
            ) from error


def broken_promises(promised: Contract, now: Contract) -> list[str]:
    """What breaks the promise, a line each; nothing does where the version was raised."""
    if now.version > promised.version:
        return []
    if now.version < promised.version:
        return [f"contract_version was {promised.version}, is {now.version}"]
    return [line for name in sorted(promised.columns) for line in _broken(name, promised, now)]


def _broken(name: TableName, promised: Contract, now: Contract) -> Iterator[str]:
    if name not in now.columns:
        yield f"{name}: the table is gone"
        return
    there = {column: _folded(kind) for column, kind in now.columns[name]}
    for column, kind in promised.columns[name]:
        if column not in there:
            yield f"{name}.{column}: was {_folded(kind)}, is gone"
        elif there[column] != _folded(kind):
            yield f"{name}.{column}: was {_folded(kind)}, is {there[column]}"
    if promised.keys[name] and now.keys[name] != promised.keys[name]:
        key, found = (", ".join(each.keys[name]) or "none" for each in (promised, now))
        yield f"{name}: the key was {key}, is {found}"


def differences(database: Path, declared: Declared) -> list[Difference]:
    """Columns of a release's file that are missing, undeclared or of another type."""
    with duckdb.connect(str(database), read_only=True) as con:
        rows = con.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns()"
            " where table_oid in (select table_oid from duckdb_tables()) order by all"
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
