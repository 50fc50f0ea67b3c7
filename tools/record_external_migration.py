"""Write the recorded answers of Taldau's indices of external migration from tools/figures/.

Run `.venv/bin/python -m tools.record_external_migration [FOLDER]`; without a folder it writes the recorded
files of the dataset, byte for byte the same each time.
"""

from __future__ import annotations

import csv
import json
import sys
from datetime import date
from pathlib import Path

from ingest.client import full_url
from ingest.recorded import recorded_folder
from ingest.sources.statistics_bureau.external_migration import DATASET

FIGURES = Path(__file__).parent / "figures" / f"{DATASET.name}.csv"
TOTALS = {
    741880: "РЕСПУБЛИКА КАЗАХСТАН",
    741917: "Всего",
    39360: "Всего",
    741935: "Всего",
}
ORIGIN = """\
# Written by tools/record_external_migration.py; do not edit by hand.
origin: >-
  Figures of the Bureau of National Statistics, Taldau indices 2929752 and 2929753, republic in total, 1991
  to 2025, as a public pipeline (makenerzhan-gif/kazakhstan-economic-data) fetched them in 2026. The {count}
  figures are real and stand in tools/figures/; the JSON around them was put together from the documented
  wire format and was not sent by the bureau in this form. Rows of regions, localities and sexes are not
  known and not here.
answers:
"""
ANSWER = """\
  - resource: {resource}
    url: {url}
    headers: {{content-type: application/json; charset=utf-8}}
    file: {file}
"""


def answer(index_id: str) -> str:
    """The answer of one index: a record for the totals, a line for each year."""
    with FIGURES.open(encoding="utf-8") as file:
        known = [(row["year"], row["value"]) for row in csv.DictReader(file) if row["index_id"] == index_id]
    periods = ",\n".join(
        json.dumps({"name": f"{year} год", "date": f"31.12.{year}", "value": value}, ensure_ascii=False)
        for year, value in known
    )
    head = json.dumps({"terms": list(TOTALS), "termNames": list(TOTALS.values())}, ensure_ascii=False)
    return f'[{head[:-1]}, "periods": [\n{periods}\n]}}]\n'


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with FIGURES.open(encoding="utf-8") as figures:
        index = ORIGIN.format(count=len(figures.readlines()) - 1)
    for resource in DATASET.resources(date(2026, 1, 1)):
        index_id = resource.name.split()[-1]
        name = f"index_{index_id}.json"
        (folder / name).write_bytes(answer(index_id).encode())
        index += ANSWER.format(resource=resource.name, url=full_url(resource.first), file=name)
    (folder / "answers.yml").write_bytes(index.encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
