"""The build on Spark: landed rows into the lake, dbt's tables from them, the audit of these.

The lake holds a folder a table: `raw/<table>` as landed, and one folder a schema of dbt beside it. The tables
of a schema are made anew by each build; landed rows never change, and a file of them is written once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

from audit import reports, tables
from ingest.catalogue import DATASETS
from ingest.raw_tables import file_key
from orchestration import dbt
from orchestration.lake import Lake, address_of
from orchestration.settings import LOGGER, Settings
from orchestration.spark import session_on
from publish.tables import TableName

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RAW = "raw"
# The source files of a table, each with the beginning of its parsers' hash.
PARTS = """
with parsed as (
    select fetch_log.sha256 as source_file, max_by(landing.parser_sha256, landing.landing_number) as parsers
    from raw.landing as landing
    inner join raw.fetch_log as fetch_log using (fetch_id)
    where landing.outcome = 'landed'
    group by fetch_log.sha256
),
present as ({present})
select source_file, coalesce(left(parsed.parsers, 12), 'withdrawn')
from present
left join parsed using (source_file)
"""
PRESENT = "select distinct source_file from raw.{table}"
PRESENT_OF_REGISTER = """
select distinct source_file from raw.register_file
where file_key in (select distinct file_key from raw.{table})
"""


def build(settings: Settings) -> tuple[list[str], str]:
    """Make every table of the landed rows by Spark and check it.

    Returns a line for every node that failed or was skipped, and the address of the lake.
    """
    address = address_of(settings.lake)
    if not settings.build.exists():
        raise dbt.BuildError(f"{settings.home} has no landed rows yet: run `mtm refresh`")
    with _alone(settings.home), session_on(settings.spark_master, address) as session:
        lake = Lake(session, address)
        with settings.reading() as con, TemporaryDirectory(dir=settings.home) as folder:
            names = copy_landed_rows(con, lake, Path(folder))
        _create_tables(session, lake, names)
        LOGGER.info("dbt: building %d seeds, models and tests on Spark", len(dbt.expected_nodes()))
        results = dbt.build_on_spark(settings.home)
        problems = _problems(results)
        if not problems:
            _audit(lake, settings.home)
        return problems, address


def copy_landed_rows(con: duckdb.DuckDBPyConnection, lake: Lake, folder: Path) -> list[str]:
    """Copy the raw tables into the lake, those of datasets a file a source file; returns their names.

    A file is named after its source file and the parsers that landed it, which make its rows: one that is
    there is not written again, one whose rows were landed anew is removed. Bookkeeping is written whole.
    """
    datasets = {row[0] for row in con.execute("select dataset from raw.dataset").fetchall()}
    names = con.execute(
        "select table_name from duckdb_tables() where schema_name = ? order by all", [RAW]
    ).fetchall()
    for (table,) in names:
        is_by_file = table in datasets
        parts = _parts(con, table) if is_by_file else {f"{table}.parquet": "true"}
        there = lake.files(f"{RAW}/{table}")
        for name in there - parts.keys():
            lake.remove(f"{RAW}/{table}/{name}")
        for name in parts.keys() - (there if is_by_file else set()):
            con.execute(
                f"copy (select * from raw.{table} where {parts[name]}) to '{folder / name}' (format parquet)"
            )
            lake.put(folder / name, f"{RAW}/{table}/{name}")
    return [table for (table,) in names]


def _parts(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """By the name of its file, the condition of each part of a dataset's table; an empty one is one part."""
    is_register = DATASETS[table].register
    present = (PRESENT_OF_REGISTER if is_register else PRESENT).format(table=table)
    conditions = {
        f"{file}-{parsers}.parquet": f"file_key = {file_key(file)}"
        if is_register
        else f"source_file = '{file}'"
        for file, parsers in con.execute(PARTS.format(present=present)).fetchall()
    }
    return conditions or {"empty.parquet": "true"}


def _create_tables(session: SparkSession, lake: Lake, names: list[str]) -> None:
    """Name the landed tables to this session, and make room for those that dbt builds."""
    session.sql(f"create schema {RAW}")
    for name in names:
        session.sql(f"create table {RAW}.{name} using parquet location '{lake.address}/{RAW}/{name}'")
    for schema in dbt.schemas():
        lake.remove(schema)
        session.sql(f"create schema {schema} location '{lake.address}/{schema}'")


def _problems(results: list[dbt.NodeResult]) -> list[str]:
    failed = [each for each in results if not each.is_good and not each.is_skipped]
    problems = [f"{each.kind} {each.name}: {' '.join(each.message.split())}" for each in failed]
    if not_run := dbt.expected_nodes() - {each.unique_id for each in results if not each.is_skipped}:
        problems.append(f"{len(not_run)} of {len(dbt.expected_nodes())} nodes were not run")
    return problems


def _audit(lake: Lake, home: Path) -> None:
    """Judge the claims of every report against the tables of the lake and put what was found beside them."""
    with TemporaryDirectory(dir=home) as folder, duckdb.connect() as con:
        for name in dbt.published_tables():
            _read(con, lake, name, Path(folder))
        judged, errors = reports.judge_all(con)
        for problem in (f"{error.path.name}, {line}" for error in errors for line in error.problems):
            LOGGER.warning("audit: %s", problem)
        tables.write(con, judged)
        for table in tables.TABLES:
            file = Path(folder) / f"{table.name}.parquet"
            con.execute(f"copy audit.{table.name} to '{file}' (format parquet)")
            lake.put(file, f"audit/{table.name}/{file.name}")


def _read(con: duckdb.DuckDBPyConnection, lake: Lake, name: TableName, folder: Path) -> None:
    """A view of a table of the lake, over copies of its files."""
    target = folder / str(name)
    target.mkdir()
    for file in lake.files(f"{name.schema}/{name.table}"):
        lake.fetch(f"{name.schema}/{name.table}/{file}", target / file)
    con.execute(f"create schema if not exists {name.schema}")
    con.execute(f"create view {name} as from read_parquet('{target}/*.parquet')")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the place of the one build on Spark of a home; others wait. `mtm refresh` goes on beside it."""
    with (home / ".lake").open("w") as file:
        flock(file, LOCK_EX)
        yield
