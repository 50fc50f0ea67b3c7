"""An as-of query over five million rows of history, beside the same query over current values alone.

The rows are made by a generator in a database of its own and never leave it. Run `make bench`.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import duckdb

from bench.measure import ROUNDS, machine, write_section

ROWS = 5_000_000
LIMIT = 3.0
AS_OF = date(2024, 6, 30)
HISTORY = f"""
create table history as
with series as (
    select
        number, 2000 + number % 25 || 'Q' || 1 + number % 4 as quarter,
        'indicator ' || number % 20 as indicator,
        'C' || number % 200 as geography_code, date '2015-01-01' + cast(number % 1000 as integer) as first_day
    from range({ROWS // 5}) as numbers (number)
)
select
    quarter, indicator, geography_code, cast((number * 7919 + version) % 1000000 as decimal(24, 9)) as value,
    first_day + cast(700 * version as integer) as known_from,
    case when version < 4 then first_day + cast(700 * (version + 1) as integer) end as known_to
from series cross join range(5) as versions (version)
"""
QUERY = "select quarter, indicator, count(*), sum(value) from history where {} group by all order by all"
CURRENT = QUERY.format("known_to is null")
AS_OF_DAY = QUERY.format(f"known_from <= date '{AS_OF}' and (known_to is null or date '{AS_OF}' < known_to)")


def main() -> None:
    with TemporaryDirectory() as folder, duckdb.connect(str(Path(folder) / "history.duckdb")) as con:
        con.execute(HISTORY)
        seconds: dict[str, list[float]] = {"current values": [], f"as of {AS_OF}": []}
        for _ in range(ROUNDS + 1):
            for name, query in zip(seconds, (CURRENT, AS_OF_DAY), strict=True):
                started = perf_counter()
                con.execute(query).fetchall()
                seconds[name].append(perf_counter() - started)
    times = {name: median(each[1:]) for name, each in seconds.items()}
    current, as_of = times.values()
    lines = ["| query | s | ratio | at most |", "|---|---|---|---|"]
    lines.append(f"| current values | {current:.3f} | 1.00 | |")
    lines.append(f"| as of {AS_OF} | {as_of:.3f} | {as_of / current:.2f} | {LIMIT} |")
    head = f"{date.today()}, median of {ROUNDS}, {ROWS:,} rows of history (generated), {machine()}."
    text = "\n".join([head, "", *lines])
    write_section("history", text)
    sys.stdout.write(text + "\n")
    sys.exit(f"over the limit of {LIMIT}" if as_of > LIMIT * current else 0)


if __name__ == "__main__":
    main()
