"""What differs between two releases, table by table: rows added, removed and changed, old and new values.

Rows are matched by the table's key, empty parts of a key being equal. A table with the same SHA-256 in both
manifests is not looked at. Which file a difference came from: publish/cause.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from publish.cause import SIDES, Cause, Comparison, Side, compared, figure_columns
from publish.folder import read_manifest
from publish.tables import DATABASE, TableName

Kind = Literal["changed", "added", "removed"]

# Rows of the two sides that differ, numbered: changed ones first, each kind in the order of the key. Names
# that stand beside those of columns have blanks: no table has such a column.
CHANGE = """
create or replace temp table change as
with earlier_row as (
    select *, true as "row is there" from {earlier}
),

later_row as (
    select *, true as "row is there" from {later}
),

differing as (
    select
        case
            when earlier_row."row is there" is null then 'added'
            when later_row."row is there" is null then 'removed'
            else 'changed'
        end as kind,
        if(later_row."row is there", [{later_key}], [{earlier_key}]) as key_values,
        if(
            earlier_row."row is there" and later_row."row is there",
            list_filter({values}, lambda "old and new": "old and new".old is distinct from "old and new".new),
            []
        ) as differing_values,
        {other_columns}
    from earlier_row
    full join later_row on {is_same_row}
    where earlier_row."row is there" is null or later_row."row is there" is null {or_is_other}
)

select
    *,
    row_number() over (
        order by list_position(['changed', 'added', 'removed'], kind), key_values
    )::integer as number
from differing
"""
ROWS = """
select number, kind, key_values, differing_values, source_cell
from change
where $limit is null or number <= $limit
order by number
"""
NO_VALUES = '[]::struct("column" varchar, old varchar, "new" varchar)[]'


@dataclass(frozen=True)
class Value:
    """A column of a changed row with its old and new value as text; None where it is empty."""

    column: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Change:
    """A row that differs: its key (all columns where the table has none), what changed and why."""

    kind: Kind
    key: Mapping[str, str | None]
    values: tuple[Value, ...]
    cause: Cause
    source_cell: str | None


@dataclass(frozen=True)
class TableDiff:
    """A table that differs. `changes` may be fewer than are counted; `said` is what concerns no row."""

    table: TableName
    added: int = 0
    removed: int = 0
    changed: int = 0
    changes: tuple[Change, ...] = ()
    said: tuple[str, ...] = ()
    is_in_both: bool = True

    @property
    def not_shown(self) -> int:
        """Rows that differ and are not in `changes`; none of a table that is on one side only."""
        return self.added + self.removed + self.changed - len(self.changes) if self.is_in_both else 0


def side_of(folder: Path) -> Side:
    """The release in this folder as one side of a comparison."""
    return Side(folder / DATABASE, read_manifest(folder))


def differences(
    before: Side, after: Side, only: TableName | None = None, limit: int | None = None
) -> list[TableDiff]:
    """The tables that differ, by name; `limit` is the number of rows that are shown of each.

    only: this table alone.
    """
    earlier, later = tables_of(before), tables_of(after)
    names = [only] if only else sorted({*earlier, *later})
    differing = [name for name in names if _content(earlier, name) != _content(later, name)]
    if not differing:
        return []
    with compared(before, after) as comparison:
        return [
            _compare(comparison, name, limit, later[name].get("grain") or earlier[name].get("grain"))
            if name in earlier and name in later
            else _on_one_side(name, earlier.get(name), later.get(name))
            for name in differing
        ]


def tables_of(side: Side) -> dict[TableName, dict[str, Any]]:
    """The record of each table in the manifest of a release."""
    return {TableName(each["schema"], each["table"]): each for each in side.manifest["tables"]}


def _content(tables: dict[TableName, dict[str, Any]], name: TableName) -> str | None:
    return tables[name]["sha256"] if name in tables else None


def _on_one_side(name: TableName, earlier: dict[str, Any] | None, later: dict[str, Any] | None) -> TableDiff:
    if earlier is None:
        return TableDiff(name, added=later["rows"] if later else 0, said=("a new table",), is_in_both=False)
    return TableDiff(name, removed=earlier["rows"], said=("the table is no more",), is_in_both=False)


def _compare(
    comparison: Comparison, name: TableName, limit: int | None, grain: list[str] | None
) -> TableDiff:
    old, new = comparison.columns("earlier", name), comparison.columns("later", name)
    both = [column for column in new if column in old]
    said = [f"new column {column}" for column in new if column not in old]
    said += [f"column {column} is no more" for column in old if column not in new]
    said += [f"{column} was {old[column]}, is {new[column]}" for column in both if old[column] != new[column]]
    key = _key(comparison, name, grain)
    if not key:
        said.append("no key is known: whole rows are compared, a changed one is removed and added")
    figure = figure_columns(both)
    con = comparison.con
    con.execute(_change_query(name, {each: (old[each], new[each]) for each in both}, key, figure))
    counted = con.execute("select kind, count(*) from change group by kind").fetchall()
    causes = {} if limit == 0 else comparison.causes(limit, figure)
    changes = tuple(
        Change(
            kind,
            dict(zip(key or both, key_values, strict=True)),
            tuple(Value(**each) for each in values),
            causes[number],
            cell,
        )
        for number, kind, key_values, values, cell in con.execute(ROWS, {"limit": limit}).fetchall()
    )
    return TableDiff(name, **dict(counted), changes=changes, said=tuple(said))


def _key(comparison: Comparison, name: TableName, grain: list[str] | None) -> list[str]:
    """The columns that identify a row on both sides: the table's own key, else its grain, else none."""
    stated = comparison.con.execute(
        "select constraint_column_names from duckdb_constraints() where database_name = 'later'"
        " and schema_name = ? and table_name = ? and constraint_type in ('PRIMARY KEY', 'UNIQUE')"
        " order by constraint_type, constraint_index",
        [name.schema, name.table],
    ).fetchone()
    key: list[str] = stated[0] if stated else list(grain or [])
    for side in SIDES:
        if not key or not set(key) <= set(comparison.columns(side, name)):
            return []
        columns = ", ".join(map(_quoted, key))
        if stated and side == "later":
            continue
        repeated = f"select 1 from {side}.{name} group by {columns} having count(*) > 1 limit 1"
        if comparison.con.execute(repeated).fetchone():
            return []
    return key


def _change_query(
    name: TableName, kinds: Mapping[str, tuple[str, str]], key: list[str], figure: Mapping[str, str]
) -> str:
    """SQL of the table `change`; kinds: the types of the compared columns on both sides."""
    shared = ", ".join(map(_quoted, kinds))
    earlier, later = (f"(select {shared} from {side}.{name})" for side in SIDES)
    if not key:
        earlier, later = f"({earlier} except all {later})", f"({later} except all {earlier})"
    old = {column: _text(f"earlier_row.{_quoted(column)}", kind) for column, (kind, _) in kinds.items()}
    new = {column: _text(f"later_row.{_quoted(column)}", kind) for column, (_, kind) in kinds.items()}
    compared_columns = [column for column in kinds if column not in key] if key else []
    pairs = [
        f"{{'column': {_literal(each)}, 'old': {old[each]}, 'new': {new[each]}}}" for each in compared_columns
    ]
    return CHANGE.format(
        earlier=earlier,
        later=later,
        earlier_key=", ".join(old[column] for column in key or kinds),
        later_key=", ".join(new[column] for column in key or kinds),
        values=f"[{', '.join(pairs)}]" if pairs else NO_VALUES,
        other_columns=", ".join(_other_columns(kinds, figure)),
        is_same_row=_all_same(key) if key else "false",
        or_is_other="".join(
            f" or {old[each]} is distinct from {new[each]}"
            if kinds[each][0] != kinds[each][1]
            else f" or earlier_row.{_quoted(each)} is distinct from later_row.{_quoted(each)}"
            for each in compared_columns
        ),
    )


def _other_columns(known: Collection[str], figure: Mapping[str, str]) -> list[str]:
    """What publish/cause.py asks of a row, and the cell that it names; empty where the table has none."""
    file, cell = ("source_file" in known, "source_cell" in known)
    either = 'if(later_row."row is there", later_row.{0}, earlier_row.{0})'
    return [
        f"{'earlier_row.source_file' if file else 'null::varchar'} as file_before",
        f"{'later_row.source_file' if file else 'null::varchar'} as file_after",
        f"{either.format('source_cell') if cell else 'null::varchar'} as source_cell",
        *(
            f"nullif(nullif({either.format(column)}, 'TOTAL'), 'total') as {name}"
            if name.endswith("_code")
            else f"{either.format(column)} as {name}"
            for name, column in figure.items()
        ),
    ]


def _all_same(columns: Collection[str]) -> str:
    names = [_quoted(column) for column in columns]
    return " and ".join(f"earlier_row.{name} is not distinct from later_row.{name}" for name in names)


def _text(value: str, kind: str) -> str:
    """SQL of a value as text; a decimal without the zeros at its end."""
    is_fraction = kind.startswith("DECIMAL(") and not kind.endswith(",0)")
    return f"rtrim(rtrim({value}::varchar, '0'), '.')" if is_fraction else f"{value}::varchar"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
