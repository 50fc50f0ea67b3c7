"""A publication beside plain copies of what it writes, and opening `current` while it flips.

The release is the real one of the recorded sources. Run `make bench`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import duckdb

from bench.measure import ROUNDS, machine, write_section
from orchestration.steps import published_tables
from publish.folder import FinishedBuild
from publish.release import Releases
from publish.tables import DATABASE, TableName

OPENS = 300
FLIP_LIMIT, COPY_LIMIT = 2.0, 3.0
QUERY = "select count(*) from indicators.quarterly_remittances"
FLIPS = """
import sys, time
from pathlib import Path
from publish.release import Releases
releases = Releases(Path(sys.argv[1]))
first, second = releases.ids()[:2]
print("flipping", flush=True)
while True:
    for each in (first, second):
        releases.rollback(each)
        time.sleep(0.02)
"""


def main() -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        subprocess.run(
            [Path(sys.executable).with_name("mtm"), "refresh"],
            env={**os.environ, "MTM_HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        publication, plain, files = _publications(home, Path(folder))
        quiet, flipping = _opens(home)
    lines = ["| what | ms | ratio | to | at most |", "|---|---|---|---|---|"]
    for name, seconds, yardstick, of, limit in (
        ("open `current` and ask", quiet, None, "", None),
        ("the same while it flips", flipping, quiet, "a plain open", FLIP_LIMIT),
        ("tables copied by DuckDB alone", plain, None, "", None),
        ("files copied and synced", files, None, "", None),
        ("publication", publication, plain, "tables copied by DuckDB alone", COPY_LIMIT),
        ("publication", publication, files, "files copied and synced", None),
    ):
        ratio = f"{seconds / yardstick:.2f}" if yardstick else ""
        lines.append(f"| {name} | {1000 * seconds:.1f} | {ratio} | {of} | {limit or ''} |")
    head = f"{date.today()}, medians of {ROUNDS} publications and {OPENS} opens, {machine()}."
    text = "\n".join([head, "", *lines])
    write_section("publish", text)
    sys.stdout.write(text + "\n")
    if flipping > FLIP_LIMIT * quiet or publication > COPY_LIMIT * plain:
        sys.exit("over the limit")


def _publications(home: Path, folder: Path) -> tuple[float, float, float]:
    """Seconds of a publication, of its tables written by DuckDB alone, of its files copied."""
    releases, tables = Releases(home), published_tables()
    inputs = releases.manifest(str(releases.current()))["inputs"]
    seconds: dict[str, list[float]] = {"publication": [], "plain": [], "files": []}
    for number in range(ROUNDS + 1):
        build = FinishedBuild(home / "build.duckdb", inputs | {"project_sha256": str(number)}, tables)
        seconds["publication"].append(_timed(partial(releases.publish, build)))
        plain, copy = folder / f"plain-{number}", folder / f"copy-{number}"
        (plain / "parquet").mkdir(parents=True)
        seconds["plain"].append(_timed(partial(_copy_tables, home / "build.duckdb", plain, tables)))
        source = releases.path(str(releases.current()))
        seconds["files"].append(_timed(partial(_copy_files, source, copy)))
    publication, by_duckdb, files = (median(each[1:]) for each in seconds.values())
    return publication, by_duckdb, files


def _opens(home: Path) -> tuple[float, float]:
    """Seconds of opening `current` and asking: while nothing happens, while another process flips."""
    quiet = [_timed(partial(_open, home)) for _ in range(OPENS)]
    command = [sys.executable, "-c", FLIPS, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as flips:
        assert flips.stdout is not None
        flips.stdout.readline()
        flipping = [_timed(partial(_open, home)) for _ in range(OPENS)]
        flips.kill()
    return median(quiet), median(flipping)


def _open(home: Path) -> None:
    with duckdb.connect(str(home / "current" / DATABASE), read_only=True) as con:
        con.execute(QUERY).fetchall()


def _copy_tables(build: Path, target: Path, tables: list[TableName]) -> None:
    with duckdb.connect(str(target / DATABASE)) as con:
        con.execute(f"attach '{build}' as build (read_only)")
        for name in tables:
            con.execute(
                f"create schema if not exists {name.schema}; create table {name} as from build.{name}"
            )
            con.execute(
                f"copy {name} to '{target / 'parquet' / str(name)}' (format parquet, compression zstd)"
            )


def _copy_files(source: Path, target: Path) -> None:
    shutil.copytree(source, target)
    for path in target.rglob("*"):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def _timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


if __name__ == "__main__":
    main()
