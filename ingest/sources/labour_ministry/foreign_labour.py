"""Foreign labour by permits of local authorities, the monthly press text of the Ministry of Labour.

The template is read strictly: a number of the text that it has no place for refuses the whole text.
A row is one printed figure; labels land as printed, in the genitive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ingest.dataset import Column, Dataset, Resource, SourceFile
from ingest.press_text import PressText, Printed, amount_of
from ingest.printed import text_frame
from ingest.sheets.dataset import no_next_page
from ingest.sources.labour_ministry import foreign_labour_template as template

if TYPE_CHECKING:
    import pandas as pd

NAME = "labour_ministry__foreign_labour"
NEXT_STEP = "Compare the text with foreign_labour_template.py; a new wording of the ministry is added there."
Row = dict[str, str | None]
SUBJECTS = "permit_holders|employers|citizens_employed|foreign_labour_quota|labour_immigrant_quota"


def parse(_resource: Resource, files: Sequence[SourceFile]) -> pd.DataFrame:
    """One row a printed figure; raises SourceError on a number that the template does not have."""
    text = PressText(NAME, files[0])
    stated, stated_cell = _stated_date(text)
    common: Row = {"stated_date": stated, "stated_date_cell": stated_cell, "source_file": files[0].sha256}
    rows = [common | row for row in (*_sentences(text), *_categories(text), *_lists(text))]
    for printed in text.not_taken():
        raise text.error("a number that the template has no place for", printed, NEXT_STEP)
    return text_frame(rows)


def _stated_date(text: PressText) -> tuple[str, str]:
    """The one date as of which the text speaks, as an ISO date, and its place."""
    if not template.OPENING.search(text.folded):
        rule = f"not the ministry's text on foreign labour: {template.OPENING.pattern!r} is missing"
        step = f"Was it put into the right inbox? {NEXT_STEP}"
        if len(re.findall("[әғқңөұүһі]", text.folded)) > 5:
            rule, step = "the text is in Kazakh; the template is read in Russian", "Ask for the Russian text."
        raise text.error(rule, Printed("", "line 1"), step)
    dates: dict[str, Printed] = {}
    for match in template.DATE.finditer(text.folded):
        text.take(match)
        day = f"{match['year']}-{template.MONTHS.index(match['month']) + 1:02d}-{int(match['day']):02d}"
        dates.setdefault(day, text.at(*match.span("date")))
    if not dates:
        rule = "no date: 'По состоянию на 1 <month> <year>' is missing"
        raise text.error(rule, Printed("", "line 1"), "Ask the ministry for which day the figures stand.")
    if len(dates) > 1:
        rule = f"more than one date: {' and '.join(dates)}"
        raise text.error(rule, list(dates.values())[1], "Put one text an issue into the inbox.")
    day, printed = dates.popitem()
    return day, printed.cell


def _sentences(text: PressText) -> Iterator[Row]:
    for subject, expression in template.SENTENCES.items():
        for match in expression.finditer(text.folded):
            if subject != "quota":
                yield from _figures(text, match, subject)
            else:
                text.take(match, "year")
                quota = "labour_immigrant_quota" if match["immigrants"] else "foreign_labour_quota"
                yield from _figures(text, match, quota, year=match["year"])


def _categories(text: PressText) -> Iterator[Row]:
    for match in template.CATEGORY.finditer(text.folded):
        if match["ordinal"]:
            text.take(match, "ordinal")
        label = text.at(*match.span("label")).raw
        yield from _figures(text, match, "permit_holders", "permit_category", label)


def _lists(text: PressText) -> Iterator[Row]:
    for opening in template.LIST.finditer(text.folded):
        end: int | None = opening.end()
        while end is not None and (item := template.ITEM.match(text.folded, end)):
            label = text.at(*item.span("label")).raw
            yield from _figures(text, item, "permit_holders", str(opening.lastgroup), label)
            end = item.end() if item["next"] else None


def _figures(
    text: PressText, match: re.Match[str], subject: str, kind: str = "none", label: str = "", year: str = ""
) -> Iterator[Row]:
    """The rows of a match: a count, a share, or both."""
    printed_groups = match.groupdict()
    for group in (name for name in ("figure", "share", "only") if printed_groups.get(name)):
        printed = text.take(match, group)
        amount, rounded = amount_of(printed)
        about = template.ABOUT.search(text.folded, 0, match.start(group))
        precision = "; ".join(filter(None, [rounded, about and f"printed as '{about['word']}'"]))
        if group != "figure" and Decimal(amount) > 100:
            raise text.error("a share above 100 per cent", printed, "Ask the ministry which figure is right.")
        unit = "employers" if subject == "employers" else "persons"
        share = "percent of labour force" if subject.endswith("quota") else "percent"
        yield {
            "subject": subject,
            "breakdown": kind,
            "label": label or None,
            "quota_year": year or None,
            "measure": "count" if group == "figure" else "share_percent",
            "amount": amount,
            "unit": unit if group == "figure" else share,
            "precision": precision or None,
            "source_cell": printed.cell,
            "raw_text": printed.raw,
        }


DATASET = Dataset(
    name=NAME,
    agency="labour_ministry",
    title="Foreign labour by permits of local authorities, with quotas",
    source_page="https://www.gov.kz/memleket/entities/enbek/press/news",
    licence="facts of a press text; source to be named",
    period="month",
    obtained_via="agency page",
    published_after_days=30,
    how_to_ask="Save the text in Russian, from the ministry's page or the press, one UTF-8 .txt an issue.",
    extension="txt",
    columns=(
        Column("stated_date", "date", required=True, first_of_month=True, not_after_fetch=True),
        Column("subject", "text", required=True, pattern=SUBJECTS),
        Column("breakdown", "text", required=True, pattern="none|activity|permit_category|country"),
        Column("label", "text"),
        Column("quota_year", "text", pattern="20[0-9]{2}"),
        Column("measure", "text", required=True, pattern="count|share_percent"),
        Column("amount", "number", required=True, non_negative=True),
        Column("unit", "text", required=True),
        Column("precision", "text"),
    ),
    key=("stated_date", "subject", "breakdown", "label", "quota_year", "measure"),
    is_key_unique=True,
    minimum_rows=1,
    hosts=frozenset(),
    pause_seconds=0,
    resources=lambda day: [],
    next_page=no_next_page,
    parse=parse,
)
