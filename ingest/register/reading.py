"""Files of a register into their raw table, read by DuckDB, several at once.

What belongs here: the statement that reads. Which rows break a rule: rejects.py. Whether a file counts:
landing.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from ingest.clock import ALMATY
from ingest.dataset import Column, Dataset
from ingest.raw_tables import file_key, sql_type
from ingest.register.door import RegisterFile, compression
from ingest.register.rejects import one, parquet_values, quoted, take_out

# A packed file keeps one core busy; what a kill in between loses is read anew.
READ_TOGETHER = 12
# Up to so many files a thread DuckDB may read one file in several threads.
FILES_A_THREAD = 2
SEARCHED_TOGETHER = 2
FORGET_REJECTS = "drop table if exists register_reject; drop table if exists register_scan"
# DuckDB keeps rejects for the connection that read; these are for all that work on the database.
KEEP_REJECTS = """
create table reading.reject as
from register_reject inner join register_scan using (scan_id, file_id)
"""
NO_REJECTS = """
create table reading.reject (
    file_path varchar, line ubigint, line_byte_position ubigint, csv_line varchar, column_name varchar,
    error_type varchar
)
"""


def read_files(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, files: Mapping[str, tuple[Path, RegisterFile]]
) -> None:
    """Add the rows of files of one shape, by SHA-256, and move what breaks a rule to quarantine.

    Rows are committed before they are looked at: they leave the table much faster than others. A process that
    is killed before landing.py has noted a file leaves rows without a line in raw.register_file; they are
    read anew.
    """
    for sha256 in files:
        con.execute(f"delete from raw.{dataset.name} where file_key = ?", [file_key(sha256)])
        con.execute(
            "delete from raw.quarantine where dataset = ? and source_file = ?", [dataset.name, sha256]
        )
    con.execute(FORGET_REJECTS)
    con.execute("attach ':memory:' as reading")
    try:
        _insert(con, dataset, files)

        def search(sha256: str) -> None:
            path, file = files[sha256]
            with con.cursor() as own:
                take_out(own, dataset, file, path, sha256)

        names = list(files)
        with ThreadPoolExecutor(SEARCHED_TOGETHER) as threads:
            for first in range(0, len(names), SEARCHED_TOGETHER):
                list(threads.map(search, names[first : first + SEARCHED_TOGETHER]))
                # Until then DuckDB keeps 16 kB in memory for a row taken out that stands alone among 2,048.
                con.execute("checkpoint")
    finally:
        con.execute("detach reading")


def _insert(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, files: Mapping[str, tuple[Path, RegisterFile]]
) -> None:
    """Add the rows of the files, each file's together and in its order, and keep what could not be read.

    Of many files DuckDB gives each to one thread, which keeps its rows in order by itself. Asked to keep it,
    it would hold a file that is read ahead in memory until the one before is done.
    """
    (threads,) = one(con, "select current_setting('threads')", {})
    is_split = len(files) <= FILES_A_THREAD * threads
    con.execute(f"set preserve_insertion_order = {str(is_split).lower()}")
    try:
        con.execute(f"insert into raw.{dataset.name} {_rows(con, dataset, files)}")
    finally:
        con.execute("reset preserve_insertion_order")
    is_parquet = any(file.extension == "parquet" for _, file in files.values())
    con.execute(NO_REJECTS if is_parquet else KEEP_REJECTS)


def _rows(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, files: Mapping[str, tuple[Path, RegisterFile]]
) -> str:
    """The rows of the files as a query; a Parquet file is read alone."""
    sha256, (path, file) = next(iter(files.items()))
    if file.extension != "parquet":
        return _csv(dataset, file, {sha256: path for sha256, (path, _) in files.items()})
    values = parquet_values(con, dataset, file, path)
    return f"select {values}, {file_key(sha256)} from read_parquet({quoted(str(path))})"


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
    cases = " ".join(f"when {quoted(str(path))} then {file_key(sha256)}" for sha256, path in paths.items())
    return f"select {values}, case filename {cases} end from read_csv([{names}], {reading})"


def _local(column: Column) -> str:
    return f"timezone('{ALMATY.key}', {column.name})" if column.kind == "time" else column.name
