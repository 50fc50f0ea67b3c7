"""One file of a register into its raw table, read by DuckDB; what breaks a rule goes to quarantine.

What belongs here: reading, rejects, the file's line in raw.register_file. What does not: whether a file may
come in at all (door.py), transactions and the log (ingest/land.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from ingest.clock import ALMATY
from ingest.dataset import Column, Dataset
from ingest.errors import SourceError, shorten
from ingest.raw_tables import sql_type
from ingest.register.door import RegisterFile, compression, lines_of, look

RAW_TEXT_LIMIT = 1000
QUARANTINED = "insert into raw.quarantine select $dataset, $sha256, source_cell, rule, raw_text from broken"
# What is said of a line that DuckDB could not read, by the word that it has for it.
REASONS = {
    "CAST": "not a value of this column",
    "MISSING COLUMNS": "columns are missing",
    "TOO MANY COLUMNS": "more columns than the header has",
    "UNQUOTED VALUE": "a quote that is not closed",
    "LINE SIZE OVER MAXIMUM": "a line of more than 2 MB",
    "INVALID ENCODING": "not UTF-8",
    "INVALID UNICODE": "not UTF-8",
}
SAID = (
    "string_agg(distinct coalesce(nullif(column_name, '') || ': ', '') || case error_type::varchar "
    + " ".join(f"when '{word}' then '{reason}'" for word, reason in REASONS.items())
    + " else lower(error_type::varchar) end, '; ')"
)
ASK = "Ask the agency for a mended file; what broke a rule is in raw.quarantine."


def land_register(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path, name: str, sha256: str, fetch_id: str
) -> int:
    """Add the rows of a file, unless they are there, and its line in raw.register_file; returns its rows.

    Raises SourceError where too much of the file breaks a rule: its rows are taken out again, the rejects
    stay in quarantine. duckdb.Error where the database cannot be written.
    """
    assert dataset.register
    file = look(dataset, path, name)
    known = {"dataset": dataset.name, "sha256": sha256}
    there = con.execute(f"select 1 from raw.{dataset.name} where source_file = ? limit 1", [sha256])
    is_there = there.fetchone() is not None
    if not is_there:
        con.execute("delete from raw.quarantine where dataset = $dataset and source_file = $sha256", known)
        if file.extension == "parquet":
            _read_parquet(con, dataset, file, path, sha256)
        else:
            _read_csv(con, dataset, file, path, known)
        _take_out(con, dataset, file, path, known)
    moment = dataset.register.moment
    rows, late, first_at, last_at = _one(
        con,
        f"select count(*), count(*) filter ({moment} < $month), min({moment}), max({moment})"
        f" from raw.{dataset.name} where source_file = $sha256",
        {"month": file.month, "sha256": sha256},
    )
    (rejects,) = _one(
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


def _read_csv(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path, known: dict[str, str]
) -> None:
    by_name = {column.name: column for column in dataset.columns}
    has_offset = "%z" in file.time_format
    types = {name: sql_type(by_name[name]) if name in by_name else "varchar" for name in file.columns}
    if has_offset:
        types |= {column.name: "timestamptz" for column in dataset.columns if column.kind == "time"}
    options = {
        "auto_detect": "false",
        "header": "true",
        "delim": _quoted(file.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "nullstr": "''",
        "compression": _quoted(compression(file.extension)),
        "columns": "{" + ", ".join(f"'{name}': {_quoted(kind)}" for name, kind in types.items()) + "}",
        "timestampformat": _quoted(file.time_format),
        "store_rejects": "true",
        "rejects_table": "'register_reject'",
        "rejects_scan": "'register_scan'",
    }
    con.execute("drop table if exists register_reject; drop table if exists register_scan")
    reading = ", ".join(f"{option} = {value}" for option, value in options.items())
    values = ", ".join(_local(column) if has_offset else column.name for column in dataset.columns)
    con.execute(
        f"insert into raw.{dataset.name} select {values}, $sha256 from read_csv($path, {reading})",
        {"sha256": known["sha256"], "path": str(path)},
    )
    con.execute(
        f"create or replace temp table broken as select 'line ' || line as source_cell, {SAID} as rule,"
        f" left(any_value(csv_line), {RAW_TEXT_LIMIT}) as raw_text from register_reject group by line"
    )
    con.execute(QUARANTINED, known)


def _read_parquet(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path, sha256: str
) -> None:
    con.execute(
        f"insert into raw.{dataset.name} select {_parquet_values(con, dataset, file, path)}, $sha256"
        " from read_parquet($path)",
        {"sha256": sha256, "path": str(path)},
    )


def _parquet_values(con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path) -> str:
    """The columns of a Parquet file in our types; null where a value is none of its column."""
    described = con.execute("describe from read_parquet(?)", [str(path)]).fetchall()
    own = dict(zip(file.columns, described, strict=True))
    values = []
    for column in dataset.columns:
        header, kind = own[column.name][:2]
        printed = '"' + header.replace('"', '""') + '"'
        if kind == "TIMESTAMP WITH TIME ZONE":
            printed = f"timezone('{ALMATY.key}', {printed})"
        values.append(f"try_cast(nullif({printed}::varchar, '') as {sql_type(column)}) as {column.name}")
    return ", ".join(values)


def _take_out(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path, known: dict[str, str]
) -> None:
    """Rows that were read and break a rule leave the raw table for quarantine, each with its line."""
    rules = _rules(dataset, file)
    broken = " or ".join(rules)
    of_file = f"from raw.{dataset.name} where source_file = $sha256 and ({broken})"
    (count,) = _one(con, f"select count(*) {of_file}", {"sha256": known["sha256"]})
    if not count:
        return
    cases = " ".join(f"when {condition} then {_quoted(said)}" for condition, said in rules.items())
    rule = f"case {cases} end"
    lines = _numbered_rows(con, dataset, file, path)
    con.execute(
        f"create or replace temp table broken as select source_cell, {rule} as rule,"
        f" left(raw_text, {RAW_TEXT_LIMIT}) as raw_text from ({lines}) where {broken}",
        {"path": str(path)},
    )
    (found,) = _one(con, "select count(*) from broken", {})
    if found != count:
        # A quoted field that holds the delimiter: the lines cannot be told apart by a plain split.
        texts = ", ".join(column.name for column in dataset.columns)
        con.execute(
            f"create or replace temp table broken as select 'line not known' as source_cell, {rule} as rule,"
            f" concat_ws(', ', {texts}) as raw_text {of_file}",
            {"sha256": known["sha256"]},
        )
    con.execute(QUARANTINED, known)
    con.execute(f"delete {of_file}", {"sha256": known["sha256"]})


def _rules(dataset: Dataset, file: RegisterFile) -> dict[str, str]:
    """What a row must not be, as SQL, and what is said of it."""
    assert dataset.register
    moment, months = dataset.register.moment, dataset.register.late_months
    month = f"date '{file.month}'"
    required = [column.name for column in dataset.columns if column.required]
    return {f"{name} is null": f"{name}: a value is required" for name in required} | {
        f"{moment} >= {month} + interval 1 month": f"{moment}: after the month of the file",
        f"{moment} < {month} - interval {months} month": f"{moment}: over {months} months before the file",
    }


def _numbered_rows(con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path) -> str:
    """The rows of a file as source_cell, raw_text and columns; of a CSV those that were read."""
    if file.extension == "parquet":
        return (
            "select 'row ' || (file_row_number + 1) as source_cell,"
            f" concat_ws(', ', *columns(* exclude (file_row_number))) as raw_text,"
            f" {_parquet_values(con, dataset, file, path)} from read_parquet($path, file_row_number = true)"
        )
    parts = []
    for column in dataset.columns:
        printed = f"nullif(trim(parts[{file.columns.index(column.name) + 1}], '\"'), '')"
        if column.kind == "time":
            printed = f"try_strptime({printed}, {_quoted(file.time_format)})"
            if "%z" in file.time_format:
                printed = f"timezone('{ALMATY.key}', {printed})"
        parts.append(f"{printed} as {column.name}")
    return (
        f"select 'line ' || number as source_cell, line as raw_text, {', '.join(parts)} from"
        f" (select number, line, string_split(line, {_quoted(file.delimiter)}) as parts from"
        f" (select row_number() over () as number, line from {lines_of(file.extension)})"
        " where number > 1 and number not in (select line from register_reject))"
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
        cell, rule, raw_text = _one(
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


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one(con: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    row = con.execute(sql, parameters).fetchone()
    assert row is not None
    return tuple(row)
