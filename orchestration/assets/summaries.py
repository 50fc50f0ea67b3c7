"""What a built table is shown with: rows, period, the day of its latest knowledge, its last rows, a chart.

One rule for all tables, by the names of their columns, which are a contract (docs/glossary.md).
"""

from collections.abc import Collection, Mapping
from typing import Any

import dagster as dg
import duckdb

from orchestration import dbt
from orchestration.assets import metadata
from publish.tables import TableName

CHART_PERIODS = 12
FEWEST_PERIODS = 2
BAR_CHARACTERS = 24
# First and last column of the period of a row; the first pair that a table has counts.
PERIODS = (
    ("period_start", "period_end"), ("quarter", "quarter"), ("month_start", "month_start"),
    ("rate_date", "rate_date"), ("event_date", "event_date"),
)  # fmt: skip
# What makes one series of a table's rows. Rows that differ in nothing else are the same figure, known later.
SERIES = (
    "dataset", "indicator", "measure", "direction", "counterpart_kind", "counterpart_code", "region_code",
    "geography_kind", "geography_code", "country_code", "group_code", "activity_code",
    "permit_category_code", "transfer_system", "breakdown", "breakdown_code", "measurement", "currency",
    "unit",
)  # fmt: skip
CHARTED_SCHEMAS = frozenset({"staging", "marts", "indicators"})

Columns = Mapping[TableName, Collection[str]]


def summaries(
    con: duckdb.DuckDBPyConnection, tables: Collection[TableName]
) -> dict[TableName, dict[str, Any]]:
    """Metadata of each of these tables of the build."""
    columns = _columns(con, tables)
    charts = dbt.charted_values()
    found = _facts(con, columns)
    for name, there in columns.items():
        found[name]["preview"] = metadata.preview(con, f"from {name} {_last_first(there)}")
        value = charts.get(name, "value")
        is_series = name in charts or (name.schema in CHARTED_SCHEMAS and "indicator" in there)
        if is_series and value in there and _period(there):
            found[name] |= _chart(con, name, there, value)
    return found


def _columns(con: duckdb.DuckDBPyConnection, tables: Collection[TableName]) -> dict[TableName, list[str]]:
    columns: dict[TableName, list[str]] = {}
    for schema, table, column in con.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal"
        " order by schema_name, table_name, column_index"
    ).fetchall():
        if (name := TableName(schema, table)) in tables:
            columns.setdefault(name, []).append(column)
    return columns


def _facts(con: duckdb.DuckDBPyConnection, columns: Columns) -> dict[TableName, dict[str, Any]]:
    """Row count, first and last period, latest day of knowledge, of all tables in one statement."""
    if not columns:
        return {}
    names = list(columns)
    queries = []
    for number, name in enumerate(names):
        first, last = _period(columns[name]) or ("null", "null")
        known = "known_from" if "known_from" in columns[name] else "null"
        queries.append(
            f"select {number}, count(*), cast(min({first}) as varchar), cast(max({last}) as varchar),"
            f" cast(max({known}) as varchar) from {name}"
        )
    found = {}
    for number, rows, first, last, known in con.execute(" union all ".join(queries)).fetchall():
        facts: dict[str, Any] = {"dagster/row_count": rows}
        if first:
            facts["period"] = f"{first} to {last}"
        if known:
            facts["known_from"] = known
        found[names[number]] = facts
    return found


def _period(columns: Collection[str]) -> tuple[str, str] | None:
    return next((pair for pair in PERIODS if set(pair) <= set(columns)), None)


def _last_first(columns: Collection[str]) -> str:
    period = _period(columns)
    return f"order by {period[1]} desc" if period else ""


def _chart(
    con: duckdb.DuckDBPyConnection, name: TableName, columns: Collection[str], value: str
) -> dict[str, dg.MetadataValue]:
    """The last periods of the series with the most of them; of several the greatest, which is the total."""
    first, last = _period(columns) or ("", "")
    words = ", ".join(each for each in SERIES if each in columns) or "''"
    length = f"date_diff('month', {first}, {last})" if first != last else "0"
    latest = f"arg_max({value}, known_from)" if "known_from" in columns else f"any_value({value})"
    rows = con.execute(
        f"""
        with figure as (
            select
                concat_ws(', ', {words}) as series, {length} as length, {last} as period, {latest} as figure
            from {name} where {value} is not null
            group by all
        ),
        longest as (
            select series, length from figure
            group by all order by count(*) desc, sum(abs(figure)) desc, series, length limit 1
        ),
        shown as (
            from figure semi join longest using (series, length) order by period desc limit {CHART_PERIODS}
        )
        select series, period, format('{{:,.9g}}', figure::double),
            rtrim(bar(abs(figure), 0, max(abs(figure)) over (), {BAR_CHARACTERS}))
        from shown order by period
        """
    ).fetchall()
    if len(rows) < FEWEST_PERIODS:
        return {}
    series = f"{value}: {rows[0][0]}" if rows[0][0] else value
    return {
        "chart": metadata.table([row[1:] for row in rows], ("period", value, "")),
        "chart_of": dg.MetadataValue.text(series),
    }
