"""Every published table is the same whether DuckDB or a cluster of Spark made it: types, rows, nulls."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration import steps
from tests.spark.conftest import Built

# How Spark goes about a query: compiled or interpreted, replanned on the way or not.
OTHER_PLANS = (
    "spark.sql.codegen.wholeStage false",
    "spark.sql.codegen.factoryMode NO_CODEGEN",
    "spark.sql.adaptive.enabled false",
    "spark.sql.shuffle.partitions 3",
)


def differences(home: Path, lake: Path) -> list[str]:
    """A line for each published table that is not the same, with rows of it that one side alone has."""
    found = []
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        for name in steps.published_tables():
            on_spark = f"read_parquet('{lake}/{name.schema}/{name.table}/*.parquet')"
            columns = [
                [column[:2] for column in con.execute(f"describe from {source}").fetchall()]
                for source in (str(name), on_spark)
            ]
            if columns[0] != columns[1]:
                told = set(columns[0]) ^ set(columns[1]) or "their order"
                found.append(f"{name}: other columns on Spark: {told}")
                continue
            for side, one, other in (("DuckDB", name, on_spark), ("Spark", on_spark, name)):
                rows = con.execute(f"from {one} except all from {other}").fetchall()
                if rows:
                    found.append(f"{name}: {len(rows)} row(s) only on {side}, such as {rows[:2]}")
    return found


def landed_files(lake: Path) -> dict[Path, int]:
    """The files of landed rows by the time when they were written."""
    return {path: path.stat().st_mtime_ns for path in lake.glob("raw/*__*/*.parquet")}


def test_every_published_table_is_the_same(built: Built) -> None:
    assert differences(built.home, built.lake) == []


def test_a_repeat_with_other_plans_gives_the_same_and_writes_no_landed_file_again(built: Built) -> None:
    before = landed_files(built.lake)
    built.again(*OTHER_PLANS)
    assert differences(built.home, built.lake) == []
    assert landed_files(built.lake) == before
    assert before


def test_a_difference_is_found(built: Built, tmp_path: Path) -> None:
    """A difference of a value in its last place, and one of a type."""
    for name in steps.published_tables():
        (tmp_path / name.schema / name.table).mkdir(parents=True)
        for file in (built.lake / name.schema / name.table).glob("*.parquet"):
            (tmp_path / name.schema / name.table / file.name).symlink_to(file)
    source = built.lake / "marts" / "fct_exchange_rates"
    target = tmp_path / "marts" / "fct_exchange_rates"
    in_its_last_place = "case when rate_date = date '2023-07-03' then 0.000000001 else 0 end"
    for value, kind, said in (
        (f"kzt_per_unit + {in_its_last_place}", "decimal(24, 9)", "row(s) only on"),
        ("kzt_per_unit", "decimal(24, 8)", "other columns on Spark"),
    ):
        for file in target.iterdir():
            file.unlink()
        duckdb.execute(
            f"copy (select * replace (cast({value} as {kind}) as kzt_per_unit)"
            f" from '{source}/*.parquet') to '{target}/altered.parquet'"
        )
        told = differences(built.home, tmp_path)
        assert told
        assert all(line.startswith("marts.fct_exchange_rates: ") and said in line for line in told)
