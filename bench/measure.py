"""Run a command as its own process and say how long it took and how much memory it held at most."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile

RESULTS = Path(__file__).parent / "RESULTS.md"
ROUNDS = 5
PACKAGES = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "pandas")


@dataclass(frozen=True)
class Cost:
    """Seconds of wall time and the peak of resident memory in MB, children included."""

    seconds: float
    megabytes: float


def cost(command: Sequence[str], environment: Mapping[str, str], has_clock: bool = False) -> Cost:
    """Run the command to its end; raises with what it said last when it fails.

    has_clock: it prints the seconds of its work, without those of its start and imports, and these count.
    """
    with TemporaryFile() as said, TemporaryFile() as printed:
        started = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=printed, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        if os.waitstatus_to_exitcode(status) != 0:
            said.seek(0)
            raise SystemExit(f"failed: {' '.join(command)}\n{said.read().decode(errors='replace')[-2000:]}")
        if has_clock:
            printed.seek(0)
            seconds = float(printed.read().split()[-1])
    return Cost(seconds, usage.ru_maxrss / 1024)


def medians(rounds: Mapping[str, Callable[[], Cost]], times: int = ROUNDS) -> dict[str, Cost]:
    """Each measurement so many times, turn and turn about, so that a busy moment hits all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in rounds}
    for _ in range(times):
        for name, measured in rounds.items():
            costs[name].append(measured())
    return {
        name: Cost(statistics.median(c.seconds for c in of), statistics.median(c.megabytes for c in of))
        for name, of in costs.items()
    }


def machine() -> str:
    """Machine and versions, without a name or a path of it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def write_section(title: str, text: str) -> None:
    """Put the text under `## title` of RESULTS.md, in place of what stood there."""
    content = RESULTS.read_text("utf-8") if RESULTS.exists() else "# Results\n"
    head, *sections = content.split("\n## ")
    kept = {section.split("\n", 1)[0]: section for section in sections}
    kept[title] = f"{title}\n\n{text.strip()}\n"
    RESULTS.write_text("\n## ".join([head.rstrip("\n") + "\n", *kept.values()]), "utf-8")
