"""Write the recorded range reports of USD from tools/figures/, byte for byte the same each time.

Run `.venv/bin/python -m tools.record_exchange_rates [FOLDER]`; without a folder it writes the recorded
files of the dataset. One report for each unbroken run of weekdays that are known, so that no report
claims a day that nobody fetched. Rates are written as they stand in the CSV, never as floats.
"""

from __future__ import annotations

import csv
import sys
from datetime import date, timedelta
from pathlib import Path

from ingest.nbk_rates import range_request
from ingest.recorded import recorded_folder
from ingest.sources.national_bank.exchange_rates import DATASET, RANGE_CURRENCY

FIGURES = Path(__file__).parent / "figures" / f"{DATASET.name}.csv"
SATURDAY = 5
ORIGIN = """\
# Written by tools/record_exchange_rates.py; do not edit by hand.
origin: >-
  Official USD/KZT rates of the National Bank of Kazakhstan from get_rates.cfm, by weekday, 2022-07-04 to
  2023-12-29, as a public pipeline (makenerzhan-gif/kazakhstan-economic-data) fetched them in 2026. The
  {count} rates are real and stand in tools/figures/. Saturdays, Sundays and the weekdays that the pipeline
  never fetched (2022-12-20, most of 2023-07-28 to 2023-08-28) are not known and not here. The HTML around the
  rates was put together from the documented format of the range report and was not sent by the bank in
  this form: each answer holds one unbroken run of known weekdays, and the quantity 1 is the documented one.
answers:
"""
ANSWER = """\
  - resource: {name}
    url: {url}
    headers: {{content-type: text/html; charset=UTF-8}}
    file: {file}
    is_closed: true
"""
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Official exchange rates</title></head>
<body>
<table>
<thead><tr><th>Date</th><th>Quantity</th><th>{currency}</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""

Figure = tuple[date, str]


def figures() -> list[Figure]:
    """Days and rates as printed, in the order of the days."""
    with FIGURES.open(encoding="utf-8") as file:
        return [(date.fromisoformat(row["date"]), row["kzt_per_usd"]) for row in csv.DictReader(file)]


def unbroken_runs(known: list[Figure]) -> list[list[Figure]]:
    """The figures cut wherever a weekday between two of them is missing."""
    runs: list[list[Figure]] = []
    for figure in known:
        if runs and _next_weekday(runs[-1][-1][0]) == figure[0]:
            runs[-1].append(figure)
        else:
            runs.append([figure])
    return runs


def _next_weekday(day: date) -> date:
    following = day + timedelta(days=1)
    while following.weekday() >= SATURDAY:
        following += timedelta(days=1)
    return following


def page(run: list[Figure]) -> str:
    """One range report as HTML: day, quantity, rate."""
    rows = [f"<tr><td>{day}</td><td>1</td><td>{rate}</td></tr>" for day, rate in run]
    return PAGE.format(currency=RANGE_CURRENCY, rows="\n".join(rows))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    known = figures()
    index = ORIGIN.format(count=len(known))
    for run in unbroken_runs(known):
        first, last = run[0][0], run[-1][0]
        file = f"{RANGE_CURRENCY.lower()}_{first}_{last}.html"
        (folder / file).write_bytes(page(run).encode())
        url = range_request(RANGE_CURRENCY, first, last).url
        index += ANSWER.format(name=f"{RANGE_CURRENCY} {first} to {last}", url=url, file=file)
    (folder / "answers.yml").write_bytes(index.encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else recorded_folder(DATASET))
