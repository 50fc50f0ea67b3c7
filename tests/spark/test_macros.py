"""The macros that say one thing in two dialects say the same, on cases that recorded data may never hold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from orchestration.spark import session_on
from tests.macros import rendered
from tests.test_dictionaries import ALPHABET, LABELS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CASES = 3000
PERIODS = ("month", "quarter", "year", "day")
OF_A_ROW = [
    "{{ divide('n', 'd') }}",
    "{{ divide('100 * n', 'd') }}",
    "{{ divide('n', 'number') }}",
    "{{ printed('n', 'number') }}",
    "{{ add_months('day', 'number') }}",
    "{{ add_months(\"date_trunc('quarter', day)\", 2) }}",
    "{{ add_days('day', 'number') }}",
    "{{ days_between('day', 'other_day') }}",
    "{{ iso_weekday('day') }}",
    "{{ is_weekday('day') }}",
    "{{ quarter_of('day') }}",
    *(f"{{{{ end_of_next_period(\"'{period}'\", 'day') }}}}" for period in PERIODS),
    "{{ folded_label('label') }}",
    "{{ is_district('label') }}",
    "{{ matches('label', '[Cс](1|[*])') }}",
    "{{ replaced('label', '([0-9])[)]', '<\\\\1>') }}",
    "{{ joined_flags('label', 'other_label') }}",
    "{{ joined_flags('label', 'other_label', ' and ') }}",
    "{{ correction_of(\"'x; corrected: ' || label\") }}",
    "{{ rounding_of('n', \"'mln KZT'\", \"'rounded'\", 'label') }}",
    "{{ told({'one': 'label', 'two': 'other_label', 'three': 'label'}) }}",
]
OF_A_GROUP = [
    "{{ joined_once('label', '; ') }}",
    "{{ joined_once('label', '; ') }} || {{ joined_once('other_label', ', ') }}",
    "{{ joined_in_order('label', '; ', 'id % 3, id') }}",
    "{{ joined_ways(\"case when number > 0 then 'a and c' when number < -5 then 'b' end\") }}",
]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of numbers, days and labels, every sixth cell empty."""
    chance = random.Random(2023)

    def decimal(digits: int) -> Decimal:
        return Decimal(chance.randrange(-(10**digits), 10**digits)).scaleb(-9)

    def label() -> str:
        drawn = "".join(chance.choice(ALPHABET) for _ in range(chance.randrange(12)))
        return chance.choice([chance.choice(LABELS), drawn])

    def row(number: int) -> tuple[Any, ...]:
        n = chance.choice([decimal(18), decimal(22), decimal(3), Decimal(chance.randrange(-9, 9)) / 2])
        d = chance.choice([decimal(12), decimal(18), Decimal(chance.randrange(-8, 8))])
        days = [date(1999, 12, 20) + timedelta(chance.randrange(10_000)) for _ in range(2)]
        cells = (n, d, *days, chance.randrange(-14, 15), label(), label())
        return (number, *(None if chance.random() < 1 / 6 else cell for cell in cells))

    file = tmp_path_factory.mktemp("cases") / "cases.parquet"
    rows = [row(number) for number in range(CASES)]
    columns = [[each[index] for each in rows] for index in range(8)]
    kinds = ("bigint", "decimal(24, 9)", "decimal(24, 9)", "date", "date", "integer", "varchar", "varchar")
    names = ("id", "n", "d", "day", "other_day", "number", "label", "other_label")
    unnested = ", ".join(f"unnest(?::{kind}[]) as {name}" for kind, name in zip(kinds, names, strict=True))
    with duckdb.connect() as con:
        con.execute(f"create table cases as select {unnested}", columns)
        con.execute(f"copy cases to '{file}' (format parquet)")
    return file


@pytest.fixture(scope="module")
def spark(cases: Path) -> Iterator[SparkSession]:
    with session_on("local[1]", cases.parent.as_uri()) as session:
        session.conf.set("spark.sql.shuffle.partitions", "1")
        session.read.parquet(str(cases)).createOrReplaceTempView("cases")
        yield session


@pytest.fixture(scope="module")
def duck(cases: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(f"create view cases as from '{cases}'")
        yield con


@pytest.mark.parametrize("expression", [*OF_A_ROW, *OF_A_GROUP])
def test_a_macro_says_the_same_in_both_dialects(
    expression: str, spark: SparkSession, duck: duckdb.DuckDBPyConnection
) -> None:
    key = "id" if expression in OF_A_ROW else "id % 700"
    ending = "" if expression in OF_A_ROW else f"group by {key}"
    query = f"select {key} as key, {{}} as said from cases {ending} order by 1"
    expected = duck.execute(query.format(rendered(expression))).fetchall()
    found = [tuple(row) for row in spark.sql(query.format(rendered(expression, "spark"))).collect()]
    differing = [pair for pair in zip(expected, found, strict=True) if pair[0] != pair[1]]
    assert not differing, f"{len(differing)} of {len(expected)}, such as {differing[:3]}"
    assert any(said is not None for _, said in expected)
