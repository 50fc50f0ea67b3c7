"""One file of a register into its raw table, read by DuckDB; what breaks a rule goes to quarantine.

What belongs here: reading, rejects, the file's line in raw.register_file. What does not: whether a file may
come in at all (door.py), transactions and the log (ingest/land.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.clock import ALMATY
from ingest.dataset import Column, Dataset
from ingest.errors import SourceError, shorten
from ingest.raw_tables import sql_type
from ingest.register.door import RegisterFile, compression, look
from ingest.register.rejects import FORGET_REJECTS, NO_REJECTS, one, parquet_values, quoted, take_out

ASK = "Ask the agency for a mended file; what broke a rule is in raw.quarantine."


def land_register(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path, name: str, sha256: str, fetch_id: str
) -> int:
    """Add the rows of a file, unless they are there, and its line in raw.register_file; returns its rows.

    The rows are committed before those that break a rule are taken out, which DuckDB does much faster then. A
    process that is killed between leaves rows without a line in raw.register_file: they are read anew.

    Raises SourceError where too much of the file breaks a rule: its rows are taken out again, the rejects
    stay in quarantine. duckdb.Error where the database cannot be written.
    """
    assert dataset.register
    file = look(dataset, path, name)
    known_file = {"sha256": sha256}
    known = {"dataset": dataset.name, **known_file}
    is_there = one(con, "select count(*) from raw.register_file where source_file = $sha256", known_file) != (
        0,
    )
    if not is_there:
        con.execute(f"delete from raw.{dataset.name} where source_file = ?", [sha256])
        con.execute("delete from raw.quarantine where dataset = $dataset and source_file = $sha256", known)
        con.execute(FORGET_REJECTS)
        if file.extension == "parquet":
            _read_parquet(con, dataset, file, path, sha256)
        else:
            _read_csv(con, dataset, file, path, sha256)
        con.execute("commit")
        con.execute("begin")
        take_out(con, dataset, file, path, sha256)
    moment = dataset.register.moment
    rows, late, first_at, last_at = one(
        con,
        f"select count(*), count(*) filter ({moment} < $month), min({moment}), max({moment})"
        f" from raw.{dataset.name} where source_file = $sha256",
        {"month": file.month, "sha256": sha256},
    )
    (rejects,) = one(
        con, "select count(*) from raw.quarantine where dataset = $dataset and source_file = $sha256", known
    )
    try:
        _refuse_bad(con, dataset, file, name, known, rows, late, rejects)
    except SourceError:
        if not is_there:
            con.execute(f"delete from raw.{dataset.name} where source_file = ?", [sha256])
        raise
    counted = [rows, rejects, late, first_at, last_at, file.is_synthetic]
    con.execute(
        "insert into raw.register_file values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [fetch_id, dataset.name, sha256, file.month, *counted],
    )
    return int(rows)


def synthetic_files(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Name and dataset of the landed files that hold generated rows."""
    return con.execute(
        "select distinct landing.resource, landing.dataset from raw.register_file"
        " join raw.landing using (fetch_id) where is_synthetic and outcome = 'landed' order by all"
    ).fetchall()


def _read_csv(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path, sha256: str
) -> None:
    by_name = {column.name: column for column in dataset.columns}
    has_offset = "%z" in file.time_format
    types = {name: sql_type(by_name[name]) if name in by_name else "varchar" for name in file.columns}
    if has_offset:
        types |= {column.name: "timestamptz" for column in dataset.columns if column.kind == "time"}
    options = {
        "auto_detect": "false",
        "header": "true",
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
    con.execute(
        f"insert into raw.{dataset.name} select {values}, $sha256 from read_csv($path, {reading})",
        {"sha256": sha256, "path": str(path)},
    )


def _read_parquet(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path, sha256: str
) -> None:
    con.execute(NO_REJECTS)
    con.execute(
        f"insert into raw.{dataset.name} select {parquet_values(con, dataset, file, path)}, $sha256"
        " from read_parquet($path)",
        {"sha256": sha256, "path": str(path)},
    )


def _refuse_bad(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    file: RegisterFile,
    name: str,
    known: dict[str, str],
    rows: int,
    late: int,
    rejects: int,
) -> None:
    assert dataset.register
    if rejects > dataset.register.rejects_at_most * (rows + rejects):
        cell, rule, raw_text = one(
            con,
            "select source_cell, rule, raw_text from raw.quarantine where dataset = $dataset"
            " and source_file = $sha256 order by length(source_cell), source_cell limit 1",
            known,
        )
        limit = f"at most {float(dataset.register.rejects_at_most):.0%} may"
        said = f"{rejects:,} of {rows + rejects:,} rows break a rule, {limit}; the first: {rule}"
        raise SourceError(dataset.name, said, name, cell, ASK, shorten(raw_text))
    if not rows:
        raise SourceError(dataset.name, "no row below the header", name, next_step=ASK)
    if late > dataset.register.late_at_most * rows:
        said = f"{late:,} of {rows:,} rows lie before {file.month:%Y-%m}: the file of another month?"
        raise SourceError(dataset.name, said, name, next_step="Give the file the name of its own month.")


def _local(column: Column) -> str:
    return f"timezone('{ALMATY.key}', {column.name})" if column.kind == "time" else column.name
