"""Write the recorded file of element 6567 from tools/figures/, byte for byte the same each time.

Run `.venv/bin/python -m tools.record_migration_balance [FOLDER]`; without a folder it writes the recorded
files of the dataset.
"""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path

from ingest.client import full_url
from ingest.recorded import recorded_folder
from ingest.sources.statistics_bureau.migration_balance import COLUMNS, DATASET, TABLE

FIGURES = Path(__file__).parent / "figures" / f"{DATASET.name}.csv"
ORIGIN = """\
# Written by tools/record_migration_balance.py; do not edit by hand.
origin: >-
  Figures of the Bureau of National Statistics, element 6567 of stat.gov.kz, as a public pipeline
  (armanbostybayev-maker/kaz-Data) fetched them in September 2026: an excerpt of {count} lines, the republic
  2000 to 2024, Almaty city, the urban part of Zhetysu region and some districts and towns 2023 and 2024. The
  figures are real and stand in tools/figures/; the file around them was put together in the documented
  shape (whether the bureau parts thousands by a plain or a no-break space could not be seen), in an order of
  its own. The lines that are not in the excerpt are not known and not here.
answers:
  - resource: {resource}
    url: {url}
    headers: {{content-type: text/csv; charset=utf-8}}
    file: {file}
"""


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with FIGURES.open(encoding="utf-8") as file:
        lines = [_line(**row) for row in csv.DictReader(file)]
    text = "".join("\t".join(f'"{field}"' for field in line) + "\n" for line in [list(COLUMNS), *lines])
    name = "element_6567.csv"
    (folder / name).write_bytes(text.encode("utf-8-sig"))
    (resource,) = DATASET.resources(date(2026, 1, 1))
    index = ORIGIN.format(count=len(lines), resource=resource.name, url=full_url(resource.first), file=name)
    (folder / "answers.yml").write_bytes(index.encode())


def _line(territory: str, locality: str, year: str, value: str) -> list[str]:
    """One line as the bureau writes it: no codes beside the names, a blank between thousands."""
    printed = f"{int(value):,}".replace(",", " ")
    names = [territory, locality, "Всего", "Всего"]
    coded = [field for name in names for field in (name, "0")]
    return [TABLE, f"{year} год", f"{year}12", *coded, printed]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
