"""A reader without pause: opens `current`, asks, closes, until the file `stop` appears; prints what it saw.

Both tables of a release hold the number of that release in each row, so that an answer that mixes two
releases, or meets half a table, is seen.
"""

import json
import sys
from pathlib import Path

import duckdb

HOME = Path(sys.argv[1])
QUERY = """
select count(*), min(number), max(number)
from (select number from marts.dim_quarter union all select number from indicators.quarterly_indicator)
"""


def main() -> None:
    answers, failures, seen = 0, [], set()
    print("reading", flush=True)
    while not (HOME / "stop").exists():
        try:
            with duckdb.connect(str(HOME / "current" / "warehouse.duckdb"), read_only=True) as con:
                for _ in range(3):
                    row = con.execute(QUERY).fetchone()
                    assert row is not None
                    count, least, most = row
                    answers += 1
                    if count != 2000 or least != most:
                        failures.append(f"mixed: {row}")
                    seen.add(least)
        except Exception as error:  # every failure counts
            failures.append(repr(error))
    print(
        json.dumps(
            {"answers": answers, "failures": failures[:3], "failed": len(failures), "seen": sorted(seen)}
        )
    )


main()
