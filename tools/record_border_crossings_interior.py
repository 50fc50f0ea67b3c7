"""Write the recorded letter of the Ministry of Internal Affairs on border crossings, from tools/figures/.

Run `.venv/bin/python -m tools.record_border_crossings_interior [FOLDER]`; without a folder it writes the
recorded files of the dataset.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from ingest.recorded import recorded_folder
from ingest.sources.interior_ministry.border_crossings import DATASET
from tools.letter import Cell, Letter, blank_thousands, write_letters

FIGURES = Path(__file__).parent / "figures" / f"{DATASET.name}.csv"
ORIGIN = (
    "Figures that the Migration Service Committee gave to IOM, as section 2 of IOM's Quarterly Compilation"
    " Report (July - September 2023), December 2023, prints them. The figures are real and stand in"
    " tools/figures/; the committee's own file was never seen: the workbook around them was made in the shape"
    " of such letters. The report calls 453 thousand departures to countries outside the CIS a round figure."
)
ROUNDED = "Страны вне СНГ"
REPORT = "IOM, Quarterly Compilation Report (July - September 2023), December 2023"


def letter() -> Letter:
    with FIGURES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    period = rows[0]["period"]
    lines: list[list[Cell]] = [
        ["Комитет миграционной службы Министерства внутренних дел Республики Казахстан"],
        ["Сведения о въезде и выезде иностранных граждан", None],
        [f"за {period}"],
        [],
        ["№ п/п", "Страна гражданства", "Въехало", "Выехало"],
        [None, None, "всего", "всего"],
        *([n or None, row["label"], *_figures(row)] for n, row in enumerate(rows)),
        [],
        ["* число выездов в страны вне СНГ округлено до тысяч"],
    ]
    merges = ("A1:D1", "A2:D2", "A3:D3", "A5:A6", "B5:B6")
    return Letter("2023Q3.xlsx", lines, merges, "III квартал", "IOM report", publisher=REPORT)


def _figures(row: dict[str, str]) -> list[Cell]:
    """The way clerks type them: words with blank thousands in the one column, numbers in the other."""
    departures = int(row["departures"])
    return [
        blank_thousands(row["arrivals"]),
        f"{blank_thousands(row['departures'])}*" if row["label"] == ROUNDED else departures,
    ]


def main(folder: Path) -> None:
    write_letters(folder, [letter()], ORIGIN, "tools/record_border_crossings_interior.py")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
