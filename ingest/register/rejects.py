"""Rows of a register's file that break a rule: out of the raw table, into quarantine, each with its line.

What belongs here: the rules of a row, and finding the lines. What does not: reading the file (reading.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from ingest.clock import ALMATY
from ingest.dataset import Dataset
from ingest.raw_tables import file_key, sql_type
from ingest.register.door import RegisterFile, lines_of
from ingest.register.lines import lines_at

RAW_TEXT_LIMIT = 1000
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
UNREAD = f"""
create or replace temp table unread as
select min(line) as line, trim(min(csv_line), e'\\r\\n') as csv_line, string_agg(distinct
    coalesce(nullif(column_name, '') || ': ', '') || case error_type::varchar
    {" ".join(f"when '{word}' then '{reason}'" for word, reason in REASONS.items())}
    else lower(error_type::varchar) end, '; ') as said
from reading.reject where file_path = $path group by line_byte_position
"""

# A row comes after its header, the rows before it, and the rejects that have fewer rows before them.
NUMBERED = """
create or replace temp table numbered as
with broken_row as (
    select rowid - {first} + 1 as row_number, {said} as rule, {printed} as printed {broken_rows}
),
reject as (
    select line, csv_line, said, row_number() over (order by line) as reject_number from unread
),
rejects_after as (
    select line - 1 - reject_number as rows_before, max(reject_number) as rejects from reject group by all
)
select 1 + row_number + coalesce(rejects, 0) as line, rule, printed
from broken_row asof left join rejects_after on rejects_after.rows_before < broken_row.row_number
union all select line, said, csv_line from reject
"""


@dataclass(frozen=True)
class _Read:
    """A file whose rows are in the raw table, those that break a rule among them."""

    dataset: Dataset
    file: RegisterFile
    path: Path
    sha256: str

    @cached_property
    def rules(self) -> dict[str, str]:
        return _rules(self.dataset, self.file)

    @property
    def condition(self) -> str:
        """Whether a row breaks a rule, as SQL."""
        return " or ".join(self.rules)

    @property
    def said(self) -> str:
        """What is said of a row, by the first rule that it breaks, as SQL."""
        cases = " ".join(f"when {condition} then {quoted(said)}" for condition, said in self.rules.items())
        return f"case {cases} end"

    @property
    def rows(self) -> str:
        return f"from raw.{self.dataset.name} where file_key = {file_key(self.sha256)}"

    @property
    def broken_rows(self) -> str:
        return f"{self.rows} and ({self.condition})"

    @property
    def printed_time(self) -> str:
        """The time of a row as its file prints it, as SQL."""
        assert self.dataset.register
        return f"coalesce(strftime({self.dataset.register.moment}, {quoted(self.file.time_format)}), '')"


def take_out(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path, sha256: str
) -> None:
    """Move what breaks a rule to raw.quarantine: lines that could not be read, and rows of the raw table.

    One transaction; `con` is a cursor of its own, since files of one reading are looked at side by side.
    DuckDB numbers the lines of its rejects, not those of good rows, and the former wrongly beside empty ones.
    Rows stand in the order of the file, so that each has its number where each line is a row or a reject;
    elsewhere the lines are looked for among all of the file.
    """
    read = _Read(dataset, file, path, sha256)
    con.execute("begin")
    con.execute(UNREAD, {"path": str(path)})
    expected = one(con, f"select (select count(*) {read.broken_rows}), (select count(*) from unread)", {})
    if expected != (0, 0):
        _move(con, read, expected)
    con.execute("commit")


def _move(con: duckdb.DuckDBPyConnection, read: _Read, expected: tuple[int, int]) -> None:
    """What `take_out` does where a file has broken rows and unread lines, so many of each."""
    if read.file.extension == "parquet" or not _number(con, read):
        _look_for(con, read)
        told = one(
            con, "select count(*) filter (not was_unread), count(*) filter (was_unread) from broken", {}
        )
        if told != expected:
            _tell_without_lines(con, read)
    con.execute(
        "insert into raw.quarantine select $dataset, $sha256, source_cell, rule,"
        f" left(raw_text, {RAW_TEXT_LIMIT}) from broken",
        {"dataset": read.dataset.name, "sha256": read.sha256},
    )
    con.execute(f"delete {read.broken_rows}")


def _number(con: duckdb.DuckDBPyConnection, read: _Read) -> bool:
    """Make the table `broken` from the order of rows and rejects; False where a line is neither.

    Every text found is held against what was read of it: a reject whole, a row by its time.
    """
    assert read.dataset.register
    delimiter, quote = quoted(read.file.delimiter), quoted(read.file.quote)
    place = read.file.columns.index(read.dataset.register.moment) + 1
    first, rows, are_together = one(
        con, f"select min(rowid), count(*), max(rowid) - min(rowid) + 1 = count(*) {read.rows}", {}
    )
    if not are_together or "%z" in read.file.time_format:
        return False
    con.execute(
        NUMBERED.format(first=first, broken_rows=read.broken_rows, said=read.said, printed=read.printed_time)
    )
    numbers = [row[0] for row in con.execute("select line from numbered order by line").fetchall()]
    (unread,) = one(con, "select count(*) from unread", {})
    lines = lines_at(read.path, read.file.extension, numbers)
    if lines.total != 1 + rows + unread or len(lines.texts) != len(numbers):
        return False
    con.execute(
        "create or replace temp table broken as"
        " select 'line ' || line as source_cell, rule, raw_text,"
        f" raw_text = printed or trim(split_part(raw_text, {delimiter}, {place}), {quote}) = printed as is_it"
        " from (select unnest($numbers) as line, unnest($texts) as raw_text)"
        " inner join numbered using (line)",
        {"numbers": numbers, "texts": lines.texts},
    )
    found = one(con, "select count(*), coalesce(bool_and(is_it), false) from broken", {})
    return found == (len(numbers), True)


def _look_for(con: duckdb.DuckDBPyConnection, read: _Read) -> None:
    """Make the table `broken` of all lines that read as one of what is broken."""
    is_parquet = read.file.extension == "parquet"
    rows = _parquet_rows(con, read.dataset, read.file, read.path) if is_parquet else _lines(read)
    con.execute(
        "create or replace temp table broken as"
        f" select source_cell, coalesce(said, {read.said}) as rule,"
        f" raw_text, said is not null as was_unread from ({rows})"
        " left join (select csv_line, min(said) as said from unread group by csv_line)"
        f" on raw_text = csv_line where said is not null or {read.condition}",
        {"path": str(read.path)},
    )


def _tell_without_lines(con: duckdb.DuckDBPyConnection, read: _Read) -> None:
    """Make the table `broken` where quotes stand around a delimiter or the end of a line."""
    texts = ", ".join(column.name for column in read.dataset.columns)
    con.execute(
        "create or replace temp table broken as select 'line not known' as source_cell,"
        f" {read.said} as rule, concat_ws(', ', {texts}) as raw_text {read.broken_rows} union all"
        " select 'line ' || line || ' or near', said, unnest(string_split(csv_line, chr(10))) from unread"
    )


def _rules(dataset: Dataset, file: RegisterFile) -> dict[str, str]:
    """What a row must not be, as SQL, and what is said of it."""
    assert dataset.register
    moment, months = dataset.register.moment, dataset.register.late_months
    month = f"date '{file.month}'"
    rules = {
        f"{column.name} is null": f"{column.name}: a value is required"
        for column in dataset.columns
        if column.required
    }
    if file.extension != "parquet" and not file.quote:
        labels = [each.name for each in dataset.columns if each.kind == "text" and not each.values]
        quotes = " or ".join(f"contains({label}, '\"')" for label in labels)
        rules[f"coalesce({quotes}, false)"] = "a quote in a file without quotes"
    return rules | {
        f"{moment} >= {month} + interval 1 month": f"{moment}: after the month of the file",
        f"{moment} < {month} - interval {months} month": f"{moment}: over {months} months before the file",
    }


def _lines(read: _Read) -> str:
    """The lines of a CSV that may be broken as source_cell, raw_text and columns.

    Those that were unread, and those that print a time that a broken row has; only these are split.
    """
    dataset, file, printed_time = read.dataset, read.file, read.printed_time
    assert dataset.register
    delimiter = quoted(file.delimiter)
    place = file.columns.index(dataset.register.moment) + 1
    has_offset = "%z" in file.time_format
    printed_times = (
        f"select unnest([{printed_time}, {quoted(file.quote)} || {printed_time} || {quoted(file.quote)}])"
    )
    may_be_broken = (
        "true"
        if has_offset
        else (
            "line in (select csv_line from unread)"
            f" or split_part(line, {delimiter}, {place}) in ({printed_times} {read.broken_rows})"
        )
    )
    parts = []
    for column in dataset.columns:
        printed = f"nullif(trim(parts[{file.columns.index(column.name) + 1}], {quoted(file.quote)}), '')"
        if column.kind == "time":
            printed = f"try_strptime({printed}, {quoted(file.time_format)})"
            if has_offset:
                printed = f"timezone('{ALMATY.key}', {printed})"
        parts.append(f"{printed} as {column.name}")
    return (
        f"select 'line ' || number as source_cell, line as raw_text, {', '.join(parts)} from"
        f" (select number, line, string_split(line, {delimiter}) as parts from (select"
        f" row_number() over () as number, line from {lines_of(file.extension)})"
        f" where number > 1 and line <> '' and ({may_be_broken}))"
    )


def _parquet_rows(con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path) -> str:
    """The rows of a Parquet file as source_cell, raw_text and columns."""
    return (
        "select 'row ' || (file_row_number + 1) as source_cell,"
        " concat_ws(', ', *columns(* exclude (file_row_number))) as raw_text,"
        f" {parquet_values(con, dataset, file, path)} from read_parquet($path, file_row_number = true)"
    )


def parquet_values(con: duckdb.DuckDBPyConnection, dataset: Dataset, file: RegisterFile, path: Path) -> str:
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


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def one(con: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    """The one row of an answer."""
    row = con.execute(sql, parameters).fetchone()
    assert row is not None
    return tuple(row)
