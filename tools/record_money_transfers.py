"""Write the recorded answer of form 408 from tools/figures/, byte for byte the same each time.

Run `.venv/bin/python -m tools.record_money_transfers [FOLDER]`; without a folder it writes the
recorded files of the dataset. Numbers are written as they stand in the CSV, never as floats.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

from ingest.client import full_url
from ingest.nbk_api import PAGE_SIZE, form_request
from ingest.recorded import recorded_folder
from ingest.sources.national_bank.money_transfers import DATASET, FORM_ID

FIGURES = Path(__file__).parent / "figures" / f"{DATASET.name}.csv"
SIGNS = {"sent": "money transfers sent", "received": "money transfers received"}
LABELS = {
    "report_date": "Report date",
    "amount": "Amount, mln KZT",
    "imts": "International money transfer system",
    "money_transfer_sign": "Money transfer sign",
}
ORIGIN = """\
# Written by tools/record_money_transfers.py; do not edit by hand.
origin: >-
  Figures of the National Bank of Kazakhstan, open data form 408, 'Total' only, 2021-09 to 2026-06, as a
  public pipeline (makenerzhan-gif/kazakhstan-economic-data) fetched them in 2026. The 116 figures are real
  and stand in tools/figures/; the file around them was put together from the documented wire format and
  was not sent by the bank in this form. Rows of single transfer systems are not known and not here.
answers:
  - resource: form 408
    url: {url}
    headers: {{content-type: application/json}}
    file: {file}
"""


def answer() -> str:
    """The one page of the answer as JSON text, numbers as printed in the CSV."""
    with FIGURES.open(encoding="utf-8") as file:
        rows = [_row(**figure) for figure in csv.DictReader(file)]
    columns = [{"key": key, "label": label} for key, label in LABELS.items()]
    head = {
        "formId": FORM_ID,
        "locale": "en",
        "page": 0,
        "pageSize": PAGE_SIZE,
        "totalRows": len(rows),
        "columns": columns,
    }
    body = ",\n".join(rows)
    return json.dumps(head)[:-1] + f', "rows": [\n{body}\n], "filters": {{}}}}\n'


def _row(month: str, direction: str, amount_mln_kzt: str) -> str:
    return (
        f'{{"report_date": "{month}", "amount": {amount_mln_kzt}, "imts": "Total", '
        f'"money_transfer_sign": "{SIGNS[direction]}"}}'
    )


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"form_{FORM_ID}_page_0.json"
    (folder / name).write_bytes(answer().encode())
    index = ORIGIN.format(url=full_url(form_request(FORM_ID, 0)), file=name)
    (folder / "answers.yml").write_bytes(index.encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
