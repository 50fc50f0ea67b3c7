"""The register of crossings beside bare tools on the same files, at 10, 36 and 100 million generated rows.

Each step is a process: wall time of its work without start and imports, and peak memory. What is generated is
removed again. dlt gets a venv of its own for as long as the bench runs. `make bench-register` writes
bench/RESULTS.md; a trial with a hundredth of the rows, `python -m bench.register --share 0.01`, prints and
writes nothing.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from bench.measure import Cost, machine, medians, write_section
from bench.register_costs import DLT, Costs, python_with_dlt
from bench.synthetic_register import Format

MILLION = 1_000_000
# Rows, and the months that they are shared out over; of the last size a month is corrected.
LANDED = (10 * MILLION, 3)
COMPARED = (36 * MILLION, 12)
SIZES = ((10 * MILLION, 12), COMPARED, (100 * MILLION, 36))
ROUNDS = 3
BROKEN = 0.01
# The most that ours may cost of its yardstick, and the most memory in MB.
LANDING_LIMIT, BUILD_LIMIT, GROWTH_LIMIT, CORRECTION_LIMIT = 1 / 0.8, 1.5, 1.2, 0.1
MEMORY_LIMIT = 2000


@dataclass(frozen=True)
class Line:
    """A line of the result. ratio: to the yardstick named; limit: the most that it may be."""

    name: str
    rows: int
    cost: Cost
    yardstick: str = ""
    ratio: float | None = None
    limit: float | None = None

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        limit = "" if self.limit is None else f"{self.limit:.2f}"
        of = self.cost
        per_row = 1_000_000 * of.seconds / self.rows
        cells = (
            self.name,
            f"{self.rows:,}",
            f"{of.seconds:.1f}",
            f"{per_row:.2f}",
            self.yardstick,
            ratio,
            limit,
        )
        return f"| {' | '.join(cells)} | {of.megabytes:.0f} |"

    def missed(self) -> str:
        """What is over a limit, empty where nothing is; without a limit nothing is asked of it."""
        if self.limit is None or self.ratio is None or self.ratio <= self.limit:
            return ""
        return f"{self.name}, {self.rows:,} rows: {self.ratio:.2f} of {self.yardstick}"


def main(share: float = 1.0) -> None:
    """Measure and judge; share: of the rows, for a trial."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with TemporaryDirectory() as folder:
        costs = Costs(Path(folder), share)
        lines = [*landings(costs), *builds(costs)]
    rounds = f"median of {ROUNDS}, of the largest one"
    head = f"{date.today()}, {rounds}, {machine()}."
    about = (
        "Seconds of the work, without start and imports. Generated rows, a file a month; dlt in its own venv:"
        f" {', '.join(DLT)}."
    )
    memory = f"Memory of ours at most {MEMORY_LIMIT} MB."
    names = "process | rows | s | µs a row | yardstick | ratio | at most | peak MB"
    text = "\n".join([head, f"{about} {memory}", "", f"| {names} |", "|---" * 8 + "|", *map(str, lines)])
    sys.stdout.write(text + "\n")
    missed = [line.missed() for line in lines if line.missed()]
    missed += [
        f"{line.name}, {line.rows:,} rows: {line.cost.megabytes:.0f} MB"
        for line in lines
        if line.limit is not None and line.cost.megabytes > MEMORY_LIMIT
    ]
    if share == 1.0:
        write_section("register", text)
    sys.exit(f"over the limit: {', '.join(missed)}" if missed else 0)


def landings(costs: Costs) -> list[Line]:
    """Rows of plain CSV into a database file: bare DuckDB, ours, dlt and pandas; then with broken rows."""
    python = python_with_dlt(costs.folder / "dlt")
    bare, ours = "DuckDB: create table as", "landing"
    with costs.files(*LANDED, Format.CSV, malformed=0) as (register, files):
        measured = medians(
            {
                bare: partial(costs.yardstick, "duckdb", files),
                ours: partial(costs.land, files),
                "dlt with Arrow": partial(costs.yardstick, "dlt", files, python),
                "pandas": partial(costs.yardstick, "pandas", files),
            },
            ROUNDS,
        )
    with costs.files(*LANDED, Format.CSV, malformed=BROKEN) as (register, files):
        broken = f"{ours}, {BROKEN:.0%} of the rows broken"
        measured[broken] = costs.land(files)
    limits = {ours: LANDING_LIMIT}
    return [
        Line(name, register.rows, each, bare, each.seconds / measured[bare].seconds, limits.get(name))
        for name, each in measured.items()
    ]


def builds(costs: Costs) -> list[Line]:
    """From packed files to the quarterly table, at every size; beside bare SQL; a month corrected."""
    lines: list[Line] = []
    name, bare = "files to quarterly table", "DuckDB: the same in SQL"
    for size in SIZES[:-1]:
        with costs.files(*size, Format.CSV_ZST) as (register, files):
            rounds = {name: partial(costs.whole, files)}
            if size == COMPARED:
                rounds[bare] = partial(costs.yardstick, "duckdb-quarterly", files)
            measured = medians(rounds, ROUNDS)
        lines += _growth(lines, Line(name, register.rows, measured[name]))
        if size == COMPARED:
            ratio = measured[name].seconds / measured[bare].seconds
            lines.append(Line(name, register.rows, measured[name], bare, ratio, BUILD_LIMIT))
            lines.append(Line(bare, register.rows, measured[bare]))
    with costs.files(*SIZES[-1], Format.CSV_ZST) as (register, files):
        full, again = costs.corrected(register, files)
    lines += _growth(lines, Line(name, register.rows, full))
    ratio = again.seconds / full.seconds
    lines.append(Line("a month corrected", register.rows, again, name, ratio, CORRECTION_LIMIT))
    return lines


def _growth(lines: list[Line], line: Line) -> list[Line]:
    """The line of a size beside the first size: time and memory, each a line."""
    if not lines:
        return [line]
    first = lines[0]
    seconds = (line.cost.seconds / line.rows) / (first.cost.seconds / first.rows)
    memory = line.cost.megabytes / first.cost.megabytes
    return [
        Line(line.name, line.rows, line.cost, f"time a row at {first.rows:,}", seconds, GROWTH_LIMIT),
        Line(line.name, line.rows, line.cost, f"memory at {first.rows:,}", memory, GROWTH_LIMIT),
    ]


if __name__ == "__main__":
    typer.run(main)
