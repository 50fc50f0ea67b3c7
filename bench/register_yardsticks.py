"""What the register's landing and build are measured against: the same files through other tools, bare.

Run as a script, one yardstick a process; it imports nothing of the project, so that a venv with dlt alone
runs it, too: `python bench/register_yardsticks.py YARDSTICK DATABASE FILE...`. A row that cannot be read is
left out by each of them. DuckDB stores the rejects: with ignore_errors it loses good rows of packed files.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

TIME, TIME_FORMAT = "crossed_at", "%Y-%m-%d %H:%M:%S"
LABELS = ("checkpoint", "direction", "citizenship", "purpose", "transport", "region", "synthetic")
READ = """
read_csv({files}, auto_detect = false, header = true, quote = '"', store_rejects = true, columns = {columns})
"""
CREATE = "create table crossing as select * from " + READ
MONTHLY = """
create table monthly as
select
    date_trunc('month', crossed_at) as month, checkpoint, direction, citizenship, purpose,
    count(*) as crossings
from crossing
group by all
"""
QUARTERLY = """
create table quarterly as
select
    date_trunc('quarter', month) as quarter, checkpoint, direction, citizenship, purpose,
    sum(crossings) as crossings
from monthly
group by all
"""


def bare_duckdb(database: Path, files: list[Path]) -> None:
    """`create table as` of all files at once."""
    columns = {TIME: "timestamp"} | dict.fromkeys(LABELS, "varchar")
    with duckdb.connect(str(database)) as con:
        con.execute(CREATE.format(files=[str(path) for path in files], columns=columns))


def quarterly_sql(database: Path, files: list[Path]) -> None:
    """The same, then counts by month and by quarter."""
    bare_duckdb(database, files)
    with duckdb.connect(str(database)) as con:
        con.execute(MONTHLY)
        con.execute(QUARTERLY)


def pandas_frames(database: Path, files: list[Path]) -> None:
    """A frame a file, inserted into DuckDB."""
    import pandas as pd

    with duckdb.connect(str(database)) as con:
        for number, path in enumerate(files):
            frame = pd.read_csv(path, dtype="str", on_bad_lines="skip")
            frame[TIME] = pd.to_datetime(frame[TIME], format=TIME_FORMAT, errors="coerce")
            con.register("frame", frame.dropna(subset=[TIME, "synthetic"]))
            con.execute(
                "insert into crossing from frame" if number else "create table crossing as from frame"
            )


def dlt_arrow(database: Path, files: list[Path]) -> None:
    """Batches of pyarrow's CSV reader through a dlt pipeline with the destination DuckDB."""
    import dlt
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    parse = csv.ParseOptions(invalid_row_handler=lambda row: "skip")
    convert = csv.ConvertOptions(column_types=dict.fromkeys((TIME, *LABELS), pa.string()))

    def batches() -> Iterator[Any]:
        for path in files:
            for batch in csv.open_csv(path, parse_options=parse, convert_options=convert):
                moments = pc.strptime(batch[TIME], format=TIME_FORMAT, unit="us", error_is_null=True)
                table = pa.Table.from_batches([batch]).set_column(0, TIME, moments)
                yield table.filter(pc.is_valid(table[TIME]))

    with TemporaryDirectory(dir=database.parent) as folder:
        destination = dlt.destinations.duckdb(str(database))
        pipeline = dlt.pipeline("register", destination=destination, pipelines_dir=folder)
        local_time = {TIME: {"data_type": "timestamp", "timezone": False}}
        pipeline.run(dlt.resource(batches, name="crossing", columns=local_time))


YARDSTICKS: dict[str, Callable[[Path, list[Path]], None]] = {
    "duckdb": bare_duckdb,
    "duckdb-quarterly": quarterly_sql,
    "pandas": pandas_frames,
    "dlt": dlt_arrow,
}

if __name__ == "__main__":
    started = time.perf_counter()
    YARDSTICKS[sys.argv[1]](Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
    sys.stdout.write(f"{time.perf_counter() - started}\n")
