"""Write the recorded letters of the Border Service on border crossings, from tools/figures/.

Run `.venv/bin/python -m tools.record_border_crossings_service [FOLDER]`; without a folder it writes the
recorded files of the dataset.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ingest.recorded import recorded_folder
from ingest.sources.border_service.border_crossings import DATASET
from tools.letter import NOT_STATED, Cell, Letter, blank_thousands, letter_figures, write_letters

ORIGIN = (
    "Figures that the Border Service of the National Security Committee gave to IOM, as IOM's situation"
    " reports of January - March and April - June 2024 print them (2023Q1, 2023Q4 and the labour purpose"
    " as a press page retells the first of them; for 2024Q2 IOM names the Migration Service Committee"
    " beside the Border Service), and figures of 1 January to 10 May 2024 as a press page reprints them."
    " The figures are real and stand in tools/figures/; the service's own files were never seen: the"
    " workbooks around them were made in the shape of such letters. What the source does not state is"
    " printed as …, never as nought. 2023Q1 is printed as 2.7 million: a round figure. That the days to"
    " 10 May are those of 2024 is taken from the text, which compares them with 2023. No day of"
    " publication is known."
)
REPORT_RETOLD = "https://kz.kursiv.media/?p=6257986"
FIRST_REPORT = (
    "https://reliefweb.int/report/kazakhstan/kazakhstan-migration-situation-report-january-march-2024-enru"
)
SECOND_REPORT = (
    "https://reliefweb.int/report/kazakhstan/kazakhstan-migration-situation-report-april-june-2024"
)
PRESS = "https://esquire.kz/language/kz?back_url=%2Faza-stan-a-e-zhii-keletin-elder-any-taldy"
CAME_BY = {
    "2023Q1.xlsx": ("IOM report", REPORT_RETOLD),
    "2023Q4.xlsx": ("IOM report", REPORT_RETOLD),
    "2024Q1.xlsx": ("IOM report", f"{FIRST_REPORT} (labour purpose: {REPORT_RETOLD})"),
    "2024-05-10.xlsx": ("press reprint", PRESS),
    "2024Q2.xlsx": ("IOM report", SECOND_REPORT),
}
ROUNDED = "2700000"
TOTAL = "Всего"


def letter(file: str, rows: list[dict[str, str]]) -> Letter:
    """Countries first and the total last; the purpose of entry as a column of its own where it is stated."""
    values = {(row["label"], row["direction"], row["purpose"]): row["value"] for row in rows}
    countries = [row["label"] for row in rows if row["label"] != TOTAL]
    wanted = [("arrival", "total"), ("departure", "total")]
    header: list[list[Cell]] = [["Гражданство", "Въезд", "Выезд"]]
    merges = ["A1:C1", "A2:C2", "A3:C3"]
    if any(purpose == "work" for _, _, purpose in values):
        wanted.insert(1, ("arrival", "work"))
        header = [
            ["Гражданство", "Въезд", None, "Выезд"],
            [None, "всего", "в том числе с трудовой целью", "всего"],
        ]
        merges = ["A1:D1", "A2:D2", "A3:D3", "A5:A6", "B5:C5"]
    lines: list[list[Cell]] = [
        ["Пограничная служба Комитета национальной безопасности Республики Казахстан"],
        ["Количество иностранцев, пересекших Государственную границу"],
        [rows[0]["period"]],
        [*[None] * (len(wanted) - 1), "", "человек"],
        *header,
        *(
            [label, *(_figure(values.get((label, *each))) for each in wanted)]
            for label in [*countries, TOTAL]
        ),
        [],
        ["Примечание: … – сведения не приводятся"],
    ]
    if ROUNDED in values.values():
        lines.append(["* округлено: в источнике 2,7 млн"])
    obtained_via, publisher = CAME_BY[file]
    return Letter(file, lines, merges, "Граница", obtained_via, publisher=publisher)


def _figure(value: str | None) -> Cell:
    if value is None:
        return NOT_STATED
    return f"{blank_thousands(value)}*" if value == ROUNDED else blank_thousands(value)


def main(folder: Path) -> None:
    letters = [letter(file, rows) for file, rows in letter_figures(DATASET.name).items()]
    write_letters(folder, letters, ORIGIN, "tools/record_border_crossings_service.py")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
