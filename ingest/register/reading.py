"""Files of a register into their raw table, read by DuckDB, several at once.

What belongs here: the statement that reads. What becomes of the rows: landing.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from ingest.clock import ALMATY
from ingest.dataset import Column, Dataset
from ingest.raw_tables import sql_type
from ingest.register.door import RegisterFile, compression
from ingest.register.rejects import parquet_values, quoted

# A packed file keeps one core busy; what a kill in between loses is read anew.
READ_TOGETHER = 8
FORGET_REJECTS = "drop table if exists register_reject; drop table if exists register_scan"
NO_REJECTS = """
create temp table register_scan (scan_id ubigint, file_id ubigint, file_path varchar);
create temp table register_reject (
    scan_id ubigint, file_id ubigint, line ubigint, line_byte_position ubigint, csv_line varchar,
    column_name varchar, error_type varchar
)
"""


def read_files(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, paths: Mapping[str, Path]
) -> None:
    """Add the rows of files of one shape, by SHA-256, and commit them; rejects wait in register_reject.

    Committed rows leave the table much faster than others. A process that is killed before landing.py has
    looked at them leaves rows without a line in raw.register_file; they are read anew.
    """
    for sha256 in paths:
        con.execute(f"delete from raw.{dataset.name} where source_file = ?", [sha256])
        con.execute(
            "delete from raw.quarantine where dataset = ? and source_file = ?", [dataset.name, sha256]
        )
    con.execute(FORGET_REJECTS)
    if file.extension == "parquet":
        con.execute(NO_REJECTS)
        ((sha256, path),) = paths.items()
        values = parquet_values(con, dataset, file, path)
        source = f"select {values}, {quoted(sha256)} from read_parquet({quoted(str(path))})"
    else:
        source = _csv(dataset, file, paths)
    con.execute("begin")
    try:
        con.execute(f"insert into raw.{dataset.name} {source}")
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def _csv(dataset: Dataset, file: RegisterFile, paths: Mapping[str, Path]) -> str:
    by_name = {column.name: column for column in dataset.columns}
    has_offset = "%z" in file.time_format
    types = {name: sql_type(by_name[name]) if name in by_name else "varchar" for name in file.columns}
    if has_offset:
        types |= {column.name: "timestamptz" for column in dataset.columns if column.kind == "time"}
    options = {
        "auto_detect": "false",
        "header": "true",
        "filename": "true",
        "delim": quoted(file.delimiter),
        "quote": quoted(file.quote),
        "escape": quoted(file.quote),
        "nullstr": "''",
        "compression": quoted(compression(file.extension)),
        "columns": "{" + ", ".join(f"'{name}': {quoted(kind)}" for name, kind in types.items()) + "}",
        "timestampformat": quoted(file.time_format),
        "store_rejects": "true",
        "rejects_table": "'register_reject'",
        "rejects_scan": "'register_scan'",
    }
    reading = ", ".join(f"{option} = {value}" for option, value in options.items())
    values = ", ".join(_local(column) if has_offset else column.name for column in dataset.columns)
    names = ", ".join(quoted(str(path)) for path in paths.values())
    cases = " ".join(f"when {quoted(str(path))} then {quoted(sha256)}" for sha256, path in paths.items())
    return f"select {values}, case filename {cases} end from read_csv([{names}], {reading})"


def _local(column: Column) -> str:
    return f"timezone('{ALMATY.key}', {column.name})" if column.kind == "time" else column.name
