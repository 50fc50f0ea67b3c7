"""Write docs/coverage.md: how many known values each dataset has for each quarter.

Run `make coverage` after a refresh on recorded sources. What it counts is `intermediate.observation`
of the build and the events of the policy register, so nothing stands here that no source file states.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
from tabulate import tabulate

from orchestration.settings import ROOT, Settings

FIRST_YEAR = 2019
PAGE = ROOT / "docs" / "coverage.md"
HEAD = """\
# Coverage

How many known values of the recorded sources (events, of the policy register) end in each quarter, by
dataset; an empty cell is a quarter of which nothing is stated. Written by `make coverage`; a test holds it
against a refresh. A yearly figure counts in the last quarter of its year. Values of one quarter may come by
several ways, which `obtained_via` tells apart.
"""
VALUES = """
(select dataset, period_start, period_end, obtained_via from intermediate.observation where known_to is null
union all
select event.dataset, event_date, event_date, obtained_via from marts.fct_policy_events as event
inner join marts.dim_source_file using (dataset, source_file))
"""
DATASETS = f"""
select dataset.dataset, dataset.period, count(value.dataset), min(period_start), max(period_end),
    string_agg(distinct value.obtained_via, ', ' order by value.obtained_via)
from raw.dataset left join {VALUES} as value using (dataset)
group by all order by dataset.dataset
"""
QUARTERS = f"""
select
    case
        when period_end < date '{FIRST_YEAR}-01-01' then 'before {FIRST_YEAR}'
        else extract(year from period_end) || 'Q' || extract(quarter from period_end)
    end as quarter,
    dataset, count(*), min(period_end) as first_end
from {VALUES} as value group by all order by first_end
"""


def coverage(build: Path) -> str:
    """The page for one build database."""
    with duckdb.connect(str(build), read_only=True) as con:
        datasets = con.execute(DATASETS).fetchall()
        counts = con.execute(QUARTERS).fetchall()
    names = [dataset[0] for dataset in datasets if dataset[2]]
    quarters = list(dict.fromkeys(quarter for quarter, *_ in counts))
    count = {(quarter, dataset): values for quarter, dataset, values, _ in counts}
    numbers = {name: str(number) for number, name in enumerate(names, 1)}
    columns = ("", "dataset", "period", "values", "from", "to", "obtained via")
    listed = [(numbers.get(row[0], ""), *row) for row in datasets]
    grid = [[quarter, *(count.get((quarter, name), "") for name in names)] for quarter in quarters]
    return "\n".join(
        (
            HEAD,
            tabulate(listed, columns, tablefmt="github"),
            "",
            "Datasets by number, quarter by quarter:",
            "",
            tabulate(grid, ["quarter", *numbers.values()], tablefmt="github"),
            "",
        )
    )


if __name__ == "__main__":
    if not Settings().build.exists():
        sys.exit("there is no build yet: run `make refresh`")
    PAGE.write_text(coverage(Settings().build), "utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
