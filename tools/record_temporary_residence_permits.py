"""Write the recorded letters of the Ministry of Internal Affairs on temporary residence, from tools/figures/.

Run `.venv/bin/python -m tools.record_temporary_residence_permits [FOLDER]`; without a folder it writes the
recorded files of the dataset.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ingest.recorded import recorded_folder
from ingest.sources.interior_ministry.temporary_residence_permits import DATASET
from tools.kato_regions import REGIONS
from tools.letter import (
    NOT_STATED,
    Cell,
    Letter,
    blank_thousands,
    decimal_comma,
    letter_figures,
    write_letters,
)

ORIGIN = (
    "Figures of the Migration Service Committee of the Ministry of Internal Affairs: shares of eight"
    " regions of 2023Q3 as section 3 of IOM's Quarterly Compilation Report (July - September 2023) prints"
    " them, counts of three citizenships of 2022Q1 as a press page reprints them. The figures are real"
    " and stand in tools/figures/; the committee's own files were never seen: the workbooks around them"
    " were made in the shape of such letters. No total and no other region is printed: they stand as …,"
    " never as nought. 16.8 thousand is a round figure. No day of publication is known."
)
HEAD: list[list[Cell]] = [["Комитет миграционной службы"], ["МВД Республики Казахстан"]]
TITLE = "Сведения о выданных иностранцам разрешениях на временное проживание"
PERMITS = "Выдано разрешений на временное проживание"
PRESS = "https://lsm.kz/rossiyane-i-ukraincy-poluchayut-razreshenie-na-prozhivanie-v-kazahstane"
REPORT = "IOM, Quarterly Compilation Report (July - September 2023), December 2023"


def by_region(file: str, rows: list[dict[str, str]]) -> Letter:
    """Every region in the order of KATO: counts are not stated, shares of some."""
    shares = {row["label"]: f"{decimal_comma(row['value'])}%" for row in rows}
    regions: list[list[Cell]] = [
        [n, region, NOT_STATED, shares.get(region, NOT_STATED)] for n, region in enumerate(REGIONS, 1)
    ]
    lines: list[list[Cell]] = [
        *HEAD,
        [],
        [f"{TITLE} за {rows[0]['period']} в разрезе регионов"],
        ["№", "Регион", PERMITS],
        [None, None, "человек", "в процентах к итогу"],
        [1, 2, 3, 4],
        *regions,
        [None, "Всего", NOT_STATED, NOT_STATED],
        [],
        [None, "Примечание: … – сведения не приводятся"],
    ]
    merges = ("A1:D1", "A2:D2", "A4:D4", "A5:A6", "B5:B6", "C5:D5")
    return Letter(file, lines, merges, "РВП", "IOM report", publisher=REPORT)


def by_citizenship(file: str, rows: list[dict[str, str]]) -> Letter:
    """The citizenships that are stated, counts alone, under a total that is not."""
    lines: list[list[Cell]] = [
        *HEAD,
        [],
        [f"{TITLE} за {rows[0]['period']} в разрезе стран гражданства"],
        ["Страна гражданства", "человек"],
        ["Всего", NOT_STATED],
        ["из них:"],
        *([row["label"], _count(row["value"])] for row in rows),
        [],
        ["* округлено до сотен"],
    ]
    return Letter(file, lines, ("A1:B1", "A2:B2", "A4:B4"), "РВП", "press reprint", publisher=PRESS)


def _count(value: str) -> Cell:
    return f"{blank_thousands(value)}*" if value.endswith("00") else int(value)


def letters() -> list[Letter]:
    return [
        by_region(file, rows) if rows[0]["unit"] == "percent" else by_citizenship(file, rows)
        for file, rows in letter_figures(DATASET.name).items()
    ]


def main(folder: Path) -> None:
    write_letters(folder, letters(), ORIGIN, "tools/record_temporary_residence_permits.py")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
