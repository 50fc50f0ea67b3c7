"""How much longer a 200,000 x 8 xlsx takes through the layout reader than through bare calamine.

One process, medians of five runs taken in turns: open, first sheet, `to_python()` on one side, from file to
frame on the other. The sheet is made for the bench alone: its figures come from a fixed sequence and never
enter a release. Run `make bench`; it writes bench/RESULTS.md.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import openpyxl
from python_calamine import CalamineWorkbook

from bench.measure import machine, write_section
from ingest.dataset import SourceFile
from ingest.sheets.layout import Layout
from ingest.sheets.table import read_table

ROWS, MONTHS, RUNS = 200_000, 6, 5
LIMIT = 2.0

LAYOUT = Layout.model_validate(
    {
        "rows": {"labels": {"place": ["Место"]}},
        "columns": {"month": {"values": {str(n): [f"Месяц {n}"] for n in range(1, MONTHS + 1)}}},
        "ignored_columns": ["№"],
        "unit": "persons",
        "period": ["flow"],
    }
)


def make(path: Path) -> None:
    """The shape of the letters: row number, label, six columns of figures, every second with decimals."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Данные")
    sheet.append(["Сведения за 2023 год"])
    sheet.append(["№", "Место", *(f"Месяц {n}" for n in range(1, MONTHS + 1))])
    for row in range(ROWS):
        figures = [(row * 7919 + n * 104729) % 1_000_003 for n in range(MONTHS)]
        sheet.append([row + 1, f"Место {row}", *(f / 10 if n % 2 else f for n, f in enumerate(figures))])
    book.save(path)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.xlsx"
        make(path)

        def bare() -> None:
            CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()

        def ours() -> None:
            frame = read_table("bench", SourceFile("0" * 64, path.name, path.read_bytes()), LAYOUT)
            assert len(frame) == ROWS * MONTHS

        pairs = [(seconds(bare), seconds(ours)) for _ in range(RUNS)]
    bare_median, our_median = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = our_median / bare_median
    lines = ["| reader | s | ratio to calamine | at most |", "|---|---|---|---|"]
    lines += [f"| bare python-calamine | {bare_median:.2f} | 1.00 |  |"]
    lines += [f"| layout reader | {our_median:.2f} | {ratio:.2f} | {LIMIT} |"]
    about = f"An xlsx of {ROWS:,} x {MONTHS + 2} cells, python-calamine {version('python-calamine')}."
    text = f"{machine()}. {about}\n\n" + "\n".join(lines)
    write_section("sheets", text)
    sys.stdout.write(text + "\n")
    sys.exit("over the limit: layout reader" if ratio > LIMIT else 0)


if __name__ == "__main__":
    main()
