"""Write the recorded tables of the National Bank on money transfers by country, from tools/figures/.

Run `.venv/bin/python -m tools.record_money_transfers_by_country [FOLDER]`; without a folder it writes the
recorded files of the dataset.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from openpyxl.utils import get_column_letter

from ingest.recorded import recorded_folder
from ingest.sources.national_bank.money_transfers_by_country import DATASET
from tools.letter import NOT_STATED, Cell, Letter, decimal_comma, letter_figures, write_letters

ORIGIN = (
    "Figures of the National Bank of Kazakhstan on money sent and received through transfer systems, by"
    " country: 2023Q3 as sections 6.1 and 6.2 of IOM's Quarterly Compilation Report (July - September"
    " 2023) print them, all others as press pages reprint them (by way of ranking.kz, RIA Novosti or RBC"
    " where the file's name says so). The figures are real and stand in tools/figures/; no table of the"
    " bank by country was ever seen: the workbooks around them were made in the shape of such tables."
    " What the source does not state is printed as …, never as nought. Where a report says Korea alone,"
    " the Republic of Korea is meant. 2022_rbc is dated by the address of its page; no other day of"
    " publication is known."
)
REPORT = "IOM, Quarterly Compilation Report (July - September 2023), December 2023"
KURSIV = "https://kz.kursiv.media/?p=6283467"
PLEDGE = "https://pledgetimes.com/russia-began-to-transfer-less-money-abroad/"
DZA = "https://fbdza.eu/veranstaltung/deutschland/nachrichten/es-begannen-weniger-geldtransfers-aus-den-usa-und-usbekistan-nach-kasachstan/"
PUBLISHERS = {
    "2022-05_ranking.xlsx": "https://astanatimes.com/2022/07/sanctions-migration-of-russian-citizens-to-kazakhstan-boost-popularity-of-money-transfer-systems/",
    "2022-05.xlsx": "https://en.trend.az/business/finance/3615946.html",
    "2022-07_ranking.xlsx": "https://sulu-news.com/ekonomika/item/169373-rossiyane-stali-massovo-otpravlyat-dengi-v-kazahstan",
    "2022-07_ria.xlsx": PLEDGE,
    "2023-07_ria.xlsx": PLEDGE,
    "2022_rbc.xlsx": "https://vedomosti.ru/finance/news/2023/01/28/960805-denezhnie-perevodi-iz-rossii-v-sosednie-strani-uvelichilis-na-sotni-protsentov",
    "2023Q1.xlsx": "https://socialbites.ca/business/monitored-cross-border-transfers-between-russia-and-kazakhstan-in-2022-2023",
    "2023Q3.xlsx": REPORT,
    "2023-10.xlsx": DZA,
    "2022-10.xlsx": DZA,
    "2024-03.xlsx": "https://en.trend.az/casia/kazakhstan/3894932.html",
    "2024H1.xlsx": "https://tass.com/economy/1831155",
    "2024H1_kursiv.xlsx": KURSIV,
    "2023_kursiv.xlsx": KURSIV,
    "2023_timesca.xlsx": "https://timesca.com/kazakhstan-replaces-russia-as-destination-for-uzbek-migrants",
}
DATED = {"2022_rbc.xlsx": "2023-01-28"}
DIRECTIONS = {"sent": "Отправлено", "received": "Получено"}
UNITS = {"bn KZT": "млрд тенге", "mln USD": "млн долларов США", "percent": "доля, %"}
MONTHS = ("", "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь")
TOTAL = "Всего"
OF_WHICH: list[list[Cell]] = [["из них:"]]
Column = tuple[str, str, str]


def letter(file: str, rows: list[dict[str, str]]) -> Letter:
    """Direction over unit over month, the last where months are stated; total first."""
    values = {(row["label"], row["direction"], row["unit"], row["month"]): row["value"] for row in rows}
    countries = list(dict.fromkeys(row["label"] for row in rows if row["label"] != TOTAL))
    columns: list[Column] = sorted(
        {(row["direction"], row["unit"], row["month"]) for row in rows},
        key=lambda each: (list(DIRECTIONS).index(each[0]), list(UNITS).index(each[1]), int(each[2] or 0)),
    )
    header: list[list[Cell]] = [
        ["Страна", *(DIRECTIONS[direction] for direction, _, _ in columns)],
        [None, *(UNITS[unit] for _, unit, _ in columns)],
    ]
    if any(month for _, _, month in columns):
        header.append([None, *(MONTHS[int(month)] if month else "за период" for _, _, month in columns)])

    def line(label: str) -> list[Cell]:
        return [label, *(_figure(values.get((label, *each)), each) for each in columns)]

    top = 4
    merges = [f"A{top}:A{top + len(header) - 1}"]
    merges += _runs(top, [direction for direction, _, _ in columns])
    if len(header) > 2:
        merges += _runs(top + 1, [(direction, unit) for direction, unit, _ in columns])
    lines: list[list[Cell]] = [
        ["Переводы денег через системы денежных переводов, в разрезе стран"],
        [f"за {rows[0]['period']}"],
        [],
        *header,
        line(TOTAL),
        *(OF_WHICH if countries else []),
        *map(line, countries),
        [],
        ["Источник: Национальный Банк Республики Казахстан"],
        ["… – не приводится"],
    ]
    obtained_via = "IOM report" if PUBLISHERS[file] == REPORT else "press reprint"
    return Letter(
        file, lines, merges, "Переводы", obtained_via, DATED.get(file), "stated", publisher=PUBLISHERS[file]
    )


def _runs(row: int, values: Sequence[object]) -> list[str]:
    """Merges of the neighbours in a row of the header, from column B on, that say the same."""
    merges, column = [], 2
    for _, run in groupby(values):
        count = len(list(run))
        if count > 1:
            merges.append(f"{get_column_letter(column)}{row}:{get_column_letter(column + count - 1)}{row}")
        column += count
    return merges


def _figure(value: str | None, column: Column) -> Cell:
    """What was sent as text with a decimal comma, what was received as a number."""
    if value is None:
        return NOT_STATED
    return decimal_comma(value) if column[0] == "sent" else float(value)


def main(folder: Path) -> None:
    letters = [letter(file, rows) for file, rows in letter_figures(DATASET.name).items()]
    write_letters(folder, letters, ORIGIN, "tools/record_money_transfers_by_country.py")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
