"""Write the seed `country` from CLDR, and bring the seed `alias` into order.

Run `.venv/bin/python -m tools.make_dictionaries [FOLDER]`; without a folder it works on the seeds of
dbt_project. alias.csv is kept by hand: this adds the names of CLDR that are missing there and sorts the
lines, it changes and removes none. What a label means is decided in the file, not here.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from babel import Locale
from babel.core import get_global

from ingest.sheets.labels import fold

SEEDS = Path(__file__).parents[1] / "dbt_project" / "seeds"
LANGUAGES = ("en", "ru", "kk")
# Codes of CLDR's territories that are not officially assigned in ISO 3166-1.
NOT_ISO = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
)
# CLDR keeps alpha-3 codes of former states beside the present one.
FORMER_ALPHA_3 = frozenset({"ANT", "BUR", "DDR", "FXX", "NTZ", "SCG", "SUN", "TMP", "YMD", "YUG", "ZAR"})
# Kazakhstan's agencies, and the state itself, write Кыргызстан; CLDR has Киргизия.
NAMES = {("KG", "ru"): "Кыргызстан"}
# Names of CLDR that mean another country, or none in particular, where an agency prints them.
AMBIGUOUS = frozenset({"конго"})

Line = tuple[str, str, str, str]


def countries() -> list[tuple[str, str, dict[str, str]]]:
    """Alpha-2, alpha-3 and the names by language of the 249 countries and territories of ISO 3166-1."""
    alpha_3 = {
        codes[0]: alias
        for alias, codes in get_global("territory_aliases").items()
        if len(alias) == 3 and alias.isalpha() and alias not in FORMER_ALPHA_3
    }
    names = {
        language: {str(code): str(name) for code, name in Locale(language).territories.items()}
        for language in LANGUAGES
    }
    known = sorted(code for code in names["en"] if code.isalpha() and code not in NOT_ISO)
    return [
        (code, alpha_3[code], {each: NAMES.get((code, each), names[each][code]) for each in LANGUAGES})
        for code in known
    ]


def country_csv() -> str:
    rows = [(code, iso3, *names.values()) for code, iso3, names in countries()]
    return _csv([("country_code", "iso3", *(f"name_{each}" for each in LANGUAGES)), *rows])


def alias_csv(present: str) -> str:
    """The lines of an alias.csv with CLDR's names added, sorted by dictionary, label, dataset."""
    header, *rows = csv.reader(io.StringIO(present))
    lines: set[Line] = {(row[0], row[1], row[2], row[3]) for row in rows}
    known = {(dictionary, label) for dictionary, _, label, _ in lines}
    for code, _, names in countries():
        for label in {fold(name) for name in names.values()} - AMBIGUOUS:
            if ("country", label) not in known:
                lines.add(("country", "", label, code))
    return _csv([tuple(header), *sorted(lines, key=lambda line: (line[0], line[2], line[1]))])


def write(folder: Path) -> None:
    """Write both seeds into a folder; alias.csv must be there already."""
    alias = folder / "alias.csv"
    alias.write_text(alias_csv(alias.read_text("utf-8")), "utf-8", newline="\n")
    (folder / "country.csv").write_text(country_csv(), "utf-8", newline="\n")


def _csv(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else SEEDS)
