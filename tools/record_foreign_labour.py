"""Write the recorded texts of the Ministry of Labour on foreign labour, from tools/figures/.

Run `.venv/bin/python -m tools.record_foreign_labour [FOLDER]`; without a folder it writes the recorded
files of the dataset.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from ingest.recorded import recorded_folder
from ingest.sources.labour_ministry.foreign_labour import DATASET
from ingest.sources.labour_ministry.foreign_labour_template import MONTHS
from tools.letter import Letter, blank_thousands, write_letters

FIGURES = Path(__file__).parent / "figures" / f"{DATASET.name}.csv"
ORIGIN = (
    "Figures of the ministry as the press, and once IOM, reprint them: `publisher` names the address. "
    "They are real and stand in tools/figures/; the ministry's own texts were never seen. Each text "
    "here puts the figures of one reprint into the ministry's template, in Russian, whatever the "
    "language of the reprint, and leaves out what the reprint leaves out. Names of activities were "
    "printed in three languages; a quota is put into the text of the reprint that states it. The date "
    "of the turantimes.kz text was matched through its permit categories, which are those of 1 February"
    " 2024. Three activities of 1 March 2024 were kept without a name with their shares: the counts "
    "tell which they are. Figures printed in thousands are printed so here. The quota of 21,097 for "
    "2022 is printed by its source as reduced by a quarter, and is not what 0.31 per cent of the labour"
    " force gives."
)
QUOTAS = {
    "foreign_labour_quota": "привлечение иностранной рабочей силы",
    "labour_immigrant_quota": "трудовых иммигрантов",
}
OPENINGS = {
    "permit_category": "По категориям разрешений: ",
    "activity": "Больше всего работников занято в сферах: ",
    "country": "Больше всего работников прибыло из: ",
}
Row = dict[str, str]


def letters() -> list[Letter]:
    with FIGURES.open(encoding="utf-8") as file:
        by_file = groupby(csv.DictReader(file), key=lambda row: row["file"])
        return [_letter(name, list(rows)) for name, rows in by_file]


def _letter(name: str, rows: list[Row]) -> Letter:
    lines = [[line] for line in _lines(rows)]
    first = rows[0]
    return Letter(name, lines, obtained_via=first["obtained_via"], publisher=first["publisher"])


def _lines(rows: list[Row]) -> Iterator[str]:
    year, month, day = rows[0]["stated_date"].split("-")
    stated = f"{int(day)} {MONTHS[int(month) - 1]} {year} года"
    total = [row for row in rows if (row["subject"], row["breakdown"]) == ("permit_holders", "none")]
    yield (
        f"По состоянию на {stated} по разрешениям местных исполнительных органов в Казахстане осуществляют"
        f" трудовую деятельность {_counted(total[0], _FOREIGNERS) if total else 'иностранные граждане'}."
    )
    for breakdown, opening in OPENINGS.items():
        if items := [row for row in rows if row["breakdown"] == breakdown]:
            yield f"{opening}{', '.join(map(_item, items)).removesuffix('.')}."
    by_subject = {row["subject"]: row for row in rows if row["breakdown"] == "none"}
    if employers := by_subject.get("employers"):
        citizens = by_subject.get("citizens_employed")
        more = f", у них трудятся {_figure(citizens)} граждан Казахстана" if citizens else ""
        yield f"Иностранную рабочую силу привлекают {_counted(employers, _EMPLOYERS)}{more}."
    for subject, words in QUOTAS.items():
        if row := by_subject.get(subject):
            share = f" {_share(row)} к численности рабочей силы" if row["share"] else ""
            count = f" {_figure(row)} человек" if row["amount"] else ""
            yield (
                f"Квота на {words} на {row['quota_year']} год установлена в размере{share}"
                f"{', или' if share and count else ''}{count}."
            )


_FOREIGNERS = ("иностранный гражданин", "иностранных гражданина", "иностранных граждан")
_EMPLOYERS = ("работодатель", "работодателя", "работодателей")


def _counted(row: Row, forms: tuple[str, str, str]) -> str:
    """A count with the noun in the form that Russian asks for after it."""
    number = int(row["amount"])
    ones = 0 if 10 < number % 100 < 20 else number % 10
    return f"{_figure(row)} {forms[0 if ones == 1 else 1 if 1 < ones < 5 else 2]}"


def _item(row: Row) -> str:
    if not row["amount"]:
        return f"{row['label']} - {_share(row)}"
    return f"{row['label']} - {_figure(row)} чел." + (f" ({_share(row)})" if row["share"] else "")


def _figure(row: Row) -> str:
    if row["printed_in"] == "тыс.":
        return f"{Decimal(row['amount']) / 1000}".replace(".", ",") + " тыс."
    return blank_thousands(row["amount"])


def _share(row: Row) -> str:
    return row["share"].replace(".", ",") + "%"


def _text(letter: Letter) -> bytes:
    return "".join(f"{line[0]}\n" for line in letter.lines).encode()


def main(folder: Path) -> None:
    write_letters(folder, letters(), ORIGIN, "tools/record_foreign_labour.py", save=_text)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
