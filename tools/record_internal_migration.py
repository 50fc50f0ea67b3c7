"""Write the recorded workbooks of the statistics bureau on internal migration, from tools/figures/.

Run `.venv/bin/python -m tools.record_internal_migration [FOLDER]`; without a folder it writes the recorded
files of the dataset.
"""

from __future__ import annotations

import sys
from pathlib import Path

from openpyxl.utils import get_column_letter

from ingest.recorded import recorded_folder
from ingest.sources.statistics_bureau.internal_migration import DATASET
from tools.kato_regions import REGIONS
from tools.letter import Cell, Letter, blank_thousands, letter_figures, write_letters

ORIGIN = (
    "Figures of the Bureau of National Statistics on internal migration of 2022, 2023 (years) and 2024"
    " (months), 20 regions, as a third person keyed them in anew from the bureau's publications"
    " (github.com, repository kanatislambekov/internal-migration-flow-kz): the nearest word for that way"
    " is press reprint. The figures are real and stand in tools/figures/; the bureau's own workbooks were"
    " never seen: the sheets around the figures were made in their likeness, with the region names of"
    " KATO in place of the English ones. No total of the Republic is stated, so none is written. No day"
    " of publication is known."
)
PUBLISHER = "https://github.com/kanatislambekov/internal-migration-flow-kz"
MONTHS = (
    "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь",
    "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь",
)  # fmt: skip
DIRECTIONS = ("Прибыло", "Выбыло", "Сальдо")
NIL = "–"


def letter(file: str, rows: list[dict[str, str]]) -> Letter:
    """Months across, each over three columns, or the three columns of the year."""
    months = sorted({row["month"] for row in rows}, key=lambda month: int(month or 0))
    names = [MONTHS[int(month) - 1] if month else "Всего за год" for month in months]
    figures = {(row["label"], row["month"]): row for row in rows}
    lines: list[list[Cell]] = [
        ["Бюро национальной статистики Агентства по стратегическому планированию и реформам"],
        ["Республики Казахстан"],
        [],
        [f"Внутренняя миграция населения по регионам за {file.removesuffix('.xlsx')} год, человек"],
        [],
        ["Регион", *(cell for name in names for cell in (name, None, None))],
        [None, *DIRECTIONS * len(names)],
        *(
            [region, *(cell for month in months for cell in _figures(figures[region, month]))]
            for region in REGIONS
        ),
        [],
        ["Примечание: сальдо – прибыло минус выбыло"],
    ]
    merges = ["A6:A7", "A4:J4" if len(names) > 3 else "A4:D4"]
    merges += [f"{get_column_letter(2 + 3 * n)}6:{get_column_letter(4 + 3 * n)}6" for n in range(len(names))]
    return Letter(file, lines, merges, "Внутренняя", "press reprint", publisher=PUBLISHER)


def _figures(row: dict[str, str]) -> tuple[Cell, Cell, Cell]:
    """Numbers, text with blank thousands, a balance with a hyphen where more people left; a dash for nil."""
    arrived = int(row["arrivals"]) or NIL
    return arrived, _or_nil(row["departures"]), _or_nil(row["net"])


def _or_nil(figure: str) -> str:
    return blank_thousands(figure) if int(figure) else NIL


def main(folder: Path) -> None:
    letters = [letter(file, rows) for file, rows in letter_figures(DATASET.name).items()]
    write_letters(folder, letters, ORIGIN, "tools/record_internal_migration.py")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
