"""Costs of the register's steps and of their yardsticks, on files that are generated for it and go again.

What belongs here: a measurement each, in processes of their own. What does not: which ones are taken and
what they may cost (bench/register.py).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

from bench.measure import Cost, cost
from bench.register_steps import DATASET
from bench.synthetic_register import Format, Register, correct, write

P = ParamSpec("P")
T = TypeVar("T")
YARDSTICKS = Path(__file__).with_name("register_yardsticks.py")
DLT = ("dlt[duckdb]==1.31.0", "pyarrow==26.0.1", f"duckdb=={version('duckdb')}")
FIRST = date(2021, 1, 1)
# A few rows are malformed, as in an agency's export.
MALFORMED, LATE = 0.001, 0.005


class Costs:
    """A folder to work in, and what is asked of tools and of ourselves there."""

    def __init__(self, folder: Path, share: float) -> None:
        self.folder, self.share = folder, share
        self._numbers = count()

    @contextmanager
    def files(
        self, rows: int, months: int, kind: Format, malformed: float = MALFORMED
    ) -> Iterator[tuple[Register, list[Path]]]:
        """Generated files of a size, there for as long as they are looked at."""
        register = Register(round(rows * self.share), FIRST, months, kind, malformed, LATE)
        folder = self.folder / f"files-{next(self._numbers)}"
        yield register, [file.path for file in elsewhere(write, register, folder)]
        shutil.rmtree(folder)

    def yardstick(self, name: str, files: list[Path], python: Path = Path(sys.executable)) -> Cost:
        """A yardstick of register_yardsticks.py on these files, into a database that goes again."""
        folder = self.folder / f"yardstick-{next(self._numbers)}"
        folder.mkdir()
        command = [str(python), "-P", str(YARDSTICKS), name, str(folder / "bare.duckdb"), *map(str, files)]
        measured = cost(command, {"RUNTIME__DLTHUB_TELEMETRY": "false"}, has_clock=True)
        shutil.rmtree(folder)
        return measured

    def home(self, files: list[Path]) -> Path:
        """A new home with the files in its inbox."""
        home = self.folder / f"home-{next(self._numbers)}"
        (home / "inbox" / DATASET).mkdir(parents=True)
        for path in files:
            (home / "inbox" / DATASET / path.name).hardlink_to(path)
        return home

    def land(self, files: list[Path]) -> Cost:
        """Landing alone, of files that were fetched before."""
        home = self.home(files)
        steps(home, "fetch")
        measured = steps(home, "land")
        shutil.rmtree(home)
        return measured

    def whole(self, files: list[Path]) -> Cost:
        """From the files to the quarterly table, in a new home."""
        home = self.home(files)
        measured = steps(home, "fetch", "land", "build")
        shutil.rmtree(home)
        return measured

    def corrected(self, register: Register, files: list[Path]) -> tuple[Cost, Cost]:
        """All of it in a new home, and what a corrected file of one month costs after that."""
        home, corrected = self.home(files), self.folder / f"corrected-{next(self._numbers)}"
        full = steps(home, "fetch", "land", "build")
        months = register.all_months()
        file = elsewhere(correct, register, corrected, months[len(months) // 2])
        file.path.replace(home / "inbox" / DATASET / file.path.name)
        again = steps(home, "fetch", "land", "build")
        shutil.rmtree(home)
        return full, again


def elsewhere(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """The work done in a process of its own: Linux counts the memory of a parent as a peak of its child."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        result: T = process.submit(work, *arguments, **options).result()
    return result


def steps(home: Path, *names: str) -> Cost:
    """The steps one after another, each in its own process: their time together, the highest peak."""
    command = [sys.executable, "-m", "bench.register_steps"]
    costs = [cost([*command, name], {"MTM_HOME": str(home)}, has_clock=True) for name in names]
    return Cost(sum(each.seconds for each in costs), max(each.megabytes for each in costs))


def python_with_dlt(folder: Path) -> Path:
    """A Python with dlt, in a venv in the folder."""
    uv, python = str(Path(sys.executable).with_name("uv")), folder / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
    subprocess.run([*install, *DLT], check=True)
    return python
