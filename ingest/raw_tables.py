"""The raw tables beside those of parsed rows: the attempt log made queryable, landings, quarantine.

What belongs here: which tables stand in the schema raw, and the copy of the log. What does not: landing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

import duckdb

from ingest.archive import Attempt
from ingest.dataset import Column, Dataset
from ingest.errors import SourceError

SQL_TYPES = {"text": "varchar", "number": "decimal(24, 9)", "date": "date", "time": "timestamp"}

LOG_COLUMNS = {
    "log_line": "integer",
    "fetch_id": "varchar",
    "fetched_at": "varchar",
    "dataset": "varchar",
    "resource": "varchar",
    "page": "integer",
    "is_last": "boolean",
    "url": "varchar",
    "mode": "varchar",
    "status": "varchar",
    "http_status": "integer",
    "tries": "integer",
    "bytes": "bigint",
    "sha256": "varchar",
    "path": "varchar",
    "obtained_via": "varchar",
    "published_on": "date",
    "published_basis": "varchar",
    "publisher": "varchar",
    "error": "varchar",
}
LOG_TYPES = ", ".join(f'"{name}": "{kind}"' for name, kind in LOG_COLUMNS.items())

TABLES = f"""
create schema if not exists raw;
create table if not exists raw.fetch_log ({", ".join(map(" ".join, LOG_COLUMNS.items()))});
create table if not exists raw.landing (
    landing_number integer, fetch_id varchar, dataset varchar, resource varchar, outcome varchar,
    row_count integer, content_sha256 varchar, parser_sha256 varchar, error varchar
);
create table if not exists raw.quarantine (
    dataset varchar, source_file varchar, source_cell varchar, rule varchar, raw_text varchar
);
create table if not exists raw.register_file (
    fetch_id varchar, dataset varchar, source_file varchar, file_key bigint, month date, row_count bigint,
    reject_count bigint, late_count bigint, first_at timestamp, last_at timestamp, is_synthetic boolean
);
"""
# Tables of registers as they were before a row had the key of its file.
WITHOUT_FILE_KEY = """
select table_name
from duckdb_columns()
where schema_name = 'raw' and database_name = current_database()
group by table_name
having not bool_or(column_name in ('file_key', 'source_cell'))
    and bool_or(column_name = 'source_file')
"""


def create_tables(con: duckdb.DuckDBPyConnection, datasets: Iterable[Dataset]) -> None:
    """Make the raw tables that are not there; raises SourceError where those of a register are too old."""
    statements = [TABLES, *map(_table_of, datasets)]
    for statement in statements:
        con.execute(statement)
    if old := con.execute(WITHOUT_FILE_KEY).fetchall():
        if landed := con.execute("select min(dataset) from raw.register_file").fetchall()[0][0]:
            rule = "the rows of build.duckdb were landed by an older version"
            raise SourceError(landed, rule, next_step="`mtm rebuild` lands them again.")
        for statement in (*(f"drop table raw.{name}" for (name,) in old), *statements):
            con.execute(statement)


def _table_of(dataset: Dataset) -> str:
    columns = "".join(f"{column.name} {sql_type(column)}, " for column in dataset.columns)
    of_cells = "source_file varchar, source_cell varchar, raw_text varchar, landed_at timestamp"
    of_rows = "file_key bigint" if dataset.register else of_cells
    return f"create table if not exists raw.{dataset.name} ({columns} {of_rows})"


def file_key(sha256: str) -> int:
    """What stands for a source file in each row of a register: its SHA-256 would cost more than the row.

    The first 60 bits; raw.register_file has both.
    """
    return int(sha256[:15], 16)


def sql_type(column: Column) -> str:
    """The type in which a column lands."""
    if column.values:
        return "enum(" + ", ".join(f"'{value}'" for value in column.values) + ")"
    return SQL_TYPES[column.kind]


def copy_log(con: duckdb.DuckDBPyConnection, attempts: list[Attempt]) -> None:
    """Make the attempt log queryable as raw.fetch_log."""
    con.execute("delete from raw.fetch_log")
    lines = [{"log_line": number} | asdict(attempt) for number, attempt in enumerate(attempts, 1)]
    con.execute(
        f"insert into raw.fetch_log select unnest(from_json(?, '[{{{LOG_TYPES}}}]'), recursive := true)",
        [json.dumps(lines)],
    )
