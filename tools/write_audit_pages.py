"""Write docs/audit_<quarter>.md for each kept report: what its printed figures come to.

Run `make audit-page`, which refreshes on recorded sources first. The day on which the recorded answers were
read is another one in each home, so that the page names it by these words.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from audit.page import markdown
from audit.reports import judge_all
from audit.words import names_of
from orchestration.settings import ROOT, Settings

PAGES = ROOT / "docs"
AGAINST = (
    "Held against a refresh on recorded sources; written by `make audit-page`, and a test holds it to that."
)
DAY_OF_READING = "the day of reading"
DAYS = """
select distinct cast(known_from as varchar) from intermediate.observation
where known_basis = 'day of reading the recorded answer'
"""


def pages(build: Path) -> dict[Path, str]:
    """The page of each report by its place, for one build database."""
    with duckdb.connect(str(build), read_only=True) as con:
        judged, errors = judge_all(con)
        names = names_of(con)
        days = [row[0] for row in con.execute(DAYS).fetchall()]
    if errors:
        raise errors[0]
    written = {}
    for each in judged:
        text = markdown(each, names, AGAINST)
        for day in days:
            text = text.replace(day, DAY_OF_READING)
        written[PAGES / f"{each.report.name.replace('report', 'audit')}.md"] = text
    return written


if __name__ == "__main__":
    if not Settings().build.exists():
        sys.exit("there is no build yet: run `make refresh`")
    for path, text in pages(Settings().build).items():
        path.write_text(text, "utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)} written\n")
