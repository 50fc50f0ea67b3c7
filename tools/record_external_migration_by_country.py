"""Write the recorded lists and workbooks of external migration by country from tools/figures/.

Run `.venv/bin/python -m tools.record_external_migration_by_country [FOLDER]`; without a folder it writes the
recorded files of the dataset, byte for byte the same each time. A workbook for each publication: what two of
them state of one period differs, and so does the way by which it came to us.
"""

from __future__ import annotations

import csv
import html
import sys
from datetime import date
from pathlib import Path

import yaml

from ingest import bns_api
from ingest.bns_listing import listing_request
from ingest.client import full_url
from ingest.recorded import recorded_folder
from ingest.sources.statistics_bureau.external_migration_by_country import DATASET
from tools.letter import Cell, Letter, blank_thousands

FOLDER = Path(__file__).parent / "figures"
PUBLICATIONS = FOLDER / f"{DATASET.name}.publications.csv"
FIGURES = FOLDER / f"{DATASET.name}.csv"
ORIGIN = (
    "Figures of the Bureau of National Statistics on external migration, 2022 to 2024, as the press"
    " reprinted them and as IOM's Quarterly Compilation Report (July - September 2023) prints them in"
    " section 4; each answer names its publication. The figures are real and stand in tools/figures/;"
    " the bureau's own workbooks were never seen: lists and workbooks were made in the shape of such"
    " files, a workbook for each publication, and the element numbers in their addresses are not the"
    " bureau's. A list prints the day of publication where it is known. A file is on the list of the"
    " year in which it was published, as far as that is known, else in which it can first have been."
    " What a publication does not state is '…'; what it rounds is marked."
)
HTML = "text/html; charset=UTF-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = """\
<!DOCTYPE html>
<html lang="ru">
<head><meta charset="utf-8"><title>Демографическая статистика: электронные таблицы</title></head>
<body>
<div class="divTable">
{rows}
</div>
</body>
</html>
"""
ROW = """\
<div class="divTableRow" id="bx_{element}"><div class="divTableCell">\
<a href="/api/iblock/element/{element}/file/ru/"> {title} </a></div>\
<div class="divTableCell text-right"> {day} </div></div>"""
TITLE = "Внешняя миграция населения Республики Казахстан по странам"

Row = dict[str, str]


def listing(publications: list[Row]) -> bytes:
    """The list of a year, newest file first."""
    rows = [
        ROW.format(
            element=row["element"],
            title=html.escape(f"{TITLE} за {row['period']}"),
            day=f"{date.fromisoformat(row['published_on']):%d.%m.%Y}" if row["published_on"] else "",
        )
        for row in reversed(publications)
    ]
    return PAGE.format(rows="\n".join(rows)).encode()


def workbook(publication: Row, figures: list[Row]) -> bytes:
    """One publication's figures in the shape of the bureau's tables."""
    has_children = any(row["arrival_under_18"] for row in figures)
    children: list[Cell] = ["из них дети до 18 лет"] if has_children else []
    names = ["arrival", "departure", "net"]
    if has_children:
        names = ["arrival", "arrival_under_18", "departure", "departure_under_18", "net"]
    gap: list[Cell] = [None] * len(children)
    top: list[Cell] = ["Прибыло", *gap, "Выбыло", *gap, "Сальдо миграции"]
    below: list[Cell] = [None, None, "всего", *children, "всего", *children]
    lines: list[list[Cell]] = [
        [TITLE],
        [f"за {publication['period']}"],
        [*[None] * (len(names) + 1), "человек"],
        ["№ п/п", "Страна", *top],
        *([below] if has_children else []),
        *(
            [n or None, row["country"], *(_printed(row, each) for each in names)]
            for n, row in enumerate(figures)
        ),
        [],
    ]
    if any("*" in row[name] for row in figures for name in names):
        lines.append(["* округлено"])
    if any(not row[name] for row in figures for name in names):
        lines.append(["… нет сведений"])
    if publication["note"]:
        lines.append([f"Примечание: {publication['note']}"])
    merges = ("A4:A5", "B4:B5", "C4:D4", "E4:F4", "G4:G5") if has_children else ()
    return Letter("", lines, merges, "Лист1").xlsx()


def _printed(row: Row, name: str) -> Cell:
    """Totals as words with blank thousands, other figures as numbers, as such tables mix them."""
    figure = row[name]
    if not figure:
        return "…"
    if figure.endswith("*"):
        return f"{blank_thousands(figure[:-1])}*"
    return blank_thousands(figure) if row["country"] == "Всего" else int(figure)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    publications, figures = _rows(PUBLICATIONS), _rows(FIGURES)
    answers: list[dict[str, object]] = []
    for year in sorted({row["list_year"] for row in publications}):
        of_year = [row for row in publications if row["list_year"] == year]
        (folder / f"list_{year}.html").write_bytes(listing(of_year))
        answers.append(
            {
                "resource": f"list {year}",
                "url": full_url(listing_request("demography", int(year))),
                "headers": {"content-type": HTML},
                "file": f"list_{year}.html",
                "is_closed": True,
            }
        )
        for publication in of_year:
            element = publication["element"]
            its = [row for row in figures if row["element"] == element]
            (folder / f"element_{element}.xlsx").write_bytes(workbook(publication, its))
            answers.append(
                {
                    "url": full_url(bns_api.element_request(int(element))),
                    "headers": {"content-type": XLSX},
                    "file": f"element_{element}.xlsx",
                    "obtained_via": publication["obtained_via"],
                    "publisher": publication["publisher"],
                }
            )
    index = {"origin": ORIGIN, "answers": answers}
    text = yaml.safe_dump(index, allow_unicode=True, sort_keys=False, width=110)
    head = "# Written by tools/record_external_migration_by_country.py; do not edit by hand.\n"
    (folder / "answers.yml").write_bytes((head + text).encode())


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
