"""Migration balance of all flows by year and territory, element 6567 of stat.gov.kz.

The bureau's "csv": tab separated, every field quoted, UTF-8 with BOM. Names carry no codes, and districts of
one name stand in several regions without them: `repetition` counts them. The balance of a region or district
contains migration inside the country; only that of the republic is external migration.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ingest import bns_api
from ingest.dataset import Column, Dataset, Request, Resource, SourceFile
from ingest.errors import SourceError
from ingest.printed import text_frame

if TYPE_CHECKING:
    import pandas as pd

NAME = "statistics_bureau__migration_balance"
ELEMENT = 6567
TABLE = "Сальдо миграции по всем потокам(Человек)"
# The bureau's column names, and ours.
COLUMNS = {
    "NAM": "nam",
    "DAT": "dat",
    "PERIOD": "period",
    "КАТО(по каталогу)": "kato",
    "LКАТО(по каталогу)": "l_kato",
    "СПТМ (по каталогу)": "sptm",
    "LСПТМ (по каталогу)": "l_sptm",
    "КН": "kn",
    "LКН": "l_kn",
    "СП": "sp",
    "LСП": "l_sp",
    "VAL": "val",
}
VALUE_COLUMN = "VAL"
# Names that stand once in the country; every other name is that of a district or town.
REGION = re.compile(r"РЕСПУБЛИКА КАЗАХСТАН|(.+ )?ОБЛАСТЬ( .+)?|Г\. ?(АЛМАТЫ|АСТАНА|ШЫМКЕНТ)", re.IGNORECASE)
AGAIN = "Run `mtm refresh` again; if it repeats, open the address in a browser and ask the bureau."


def resources(_today: date) -> list[Resource]:
    return [Resource(f"element {ELEMENT}", bns_api.element_request(ELEMENT, "csv/"))]


def next_page(_resource: Resource, pages: Sequence[SourceFile]) -> Request | None:
    """Never: the table is one file. Raises SourceError when it is another table or damaged."""
    for _ in _lines(pages[-1]):
        pass
    return None


def parse(_resource: Resource, pages: Sequence[SourceFile]) -> pd.DataFrame:
    """One row a printed line: the bureau's columns, `period_end`, `repetition`, `amount`, `flag`."""
    rows = []
    seen: Counter[tuple[str, ...]] = Counter()
    for page in pages:
        for number, line in _lines(page):
            amount, flag = bns_api.printed_figure(line["val"], decimal=",")
            place = tuple(line[name] for name in ("kato", "sptm", "kn", "sp", "period"))
            seen[place] += 0 if seen[place] and REGION.fullmatch(line["kato"].strip()) else 1
            rows.append(
                {
                    **{name: line[name] for name in COLUMNS.values() if name != "val"},
                    "period_end": f"{line['period'][:4]}-12-31",
                    "repetition": str(seen[place]),
                    "amount": None if flag else amount,
                    "flag": flag,
                    "source_file": page.sha256,
                    "source_cell": f"row {number}, column {VALUE_COLUMN}",
                    "raw_text": line["val"],
                }
            )
    return text_frame(rows)


def _lines(file: SourceFile) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines by their number in the file, the header being the first; raises SourceError."""

    def refuse(rule: str, cell: str, step: str = AGAIN, found: str = "") -> SourceError:
        return SourceError(NAME, rule, file.path, cell, step, found)

    if file.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise refuse("expected tab separated text, got a page of HTML or XML", "byte 0")
    try:
        text = file.content.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise refuse(f"not whole tab separated UTF-8: {error}", "row 1") from None
    if not lines or lines[0] != list(COLUMNS):
        step = f"If the bureau changed the table, change the columns of {NAME}."
        raise refuse("not the columns of this table", "row 1", step, ", ".join(lines[0] if lines else []))
    for number, fields in enumerate(lines[1:], 2):
        if len(fields) != len(COLUMNS):
            raise refuse(f"{len(fields)} fields in place of {len(COLUMNS)}", f"row {number}")
        line = dict(zip(COLUMNS.values(), fields, strict=True))
        if line["nam"].strip() != TABLE:
            step = "The link gave another table, as such links did before: find the element of this one."
            raise refuse(f"not the table {TABLE!r}", f"row {number}, column NAM", step, line["nam"])
        year = line["period"][:4]
        if not re.fullmatch(r"(19|20)[0-9]{2}12", line["period"]) or line["dat"] != f"{year} год":
            rule = "not a year and its December"
            raise refuse(rule, f"row {number}, column DAT", found=f"{line['dat']}, {line['period']}")
        yield number, line


DATASET = Dataset(
    name=NAME,
    agency="statistics_bureau",
    title="Migration balance of all flows by year: republic, regions and districts",
    source_page=f"https://{bns_api.HOST}/ru/industries/social-statistics/demography/dynamic-tables/",
    licence=bns_api.LICENCE,
    period="year",
    obtained_via="agency file",
    # Not stated by the bureau; taken to be that of the annual totals of external migration.
    published_after_days=90,
    extension="tsv",
    columns=(
        *(Column(name, "text", required=True) for name in COLUMNS.values() if name != "val"),
        Column("period_end", "date", required=True, not_after_fetch=True),
        Column("repetition", "text", required=True),
        Column("amount", "number", pattern="-?[0-9]+"),
        Column("flag", "text"),
    ),
    key=("kato", "sptm", "kn", "sp", "period", "repetition"),
    minimum_rows=75,
    hosts=frozenset({bns_api.HOST}),
    pause_seconds=bns_api.PAUSE_SECONDS,
    resources=resources,
    next_page=next_page,
    parse=parse,
)
