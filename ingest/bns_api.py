"""The Bureau of National Statistics' two addresses: Taldau's API and the files of stat.gov.kz.

What belongs here: how an index of Taldau and an element of stat.gov.kz are asked for, the records of an
index, figures that are printed as text. What does not: what an index or a table means (the datasets).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ingest.dataset import Request, SourceFile
from ingest.errors import SourceError
from ingest.printed import label_text, read_json

HOST = "stat.gov.kz"
TALDAU_HOST = "taldau.stat.gov.kz"
YEARLY = 7
PAUSE_SECONDS = 2.0
LICENCE = "Bureau of National Statistics, public data; no licence text is stated"
# Taldau answers a request whose parameters do not fit the index with HTTP 500 and a page of this title.
OUT_OF_RANGE = (
    "Индекс за пределами диапазона",
    "The dimensions or the period do not fit the index any more: compare them with"
    f" https://{TALDAU_HOST}/ru/Api/GetSegmentList and change the dataset's module.",
)
RECORD_KEYS = frozenset({"terms", "termNames", "periods"})
VALUE_KEYS = frozenset({"name", "date", "value"})


@dataclass(frozen=True)
class IndexValue:
    """One value of an index: the terms it is for, its year as printed and as a day, its text and place."""

    terms: tuple[str, ...]
    names: tuple[str, ...]
    period_name: str
    period_end: str
    text: str
    cell: str


def index_request(index_id: int, dictionaries: tuple[int, ...]) -> Request:
    """GetIndexData by year; the commas stand in the address as documented, so they are not params."""
    dics = ",".join(map(str, dictionaries))
    return Request(f"https://{TALDAU_HOST}/ru/Api/GetIndexData/{index_id}?period={YEARLY}&dics={dics}")


def element_request(element: int, kind: str = "") -> Request:
    """An element's file (kind `csv/`) or its spreadsheet; the bureau redirects to where it lies today."""
    return Request(f"https://{HOST}/api/iblock/element/{element}/{kind}file/ru/")


def index_records(dataset: str, file: SourceFile) -> list[object]:
    """The list that an index answers with; raises SourceError when it is not one."""
    records = read_json(dataset, file)
    if not isinstance(records, list):
        raise SourceError(dataset, "the answer is not a list of terms", file.path, "$")
    return records


def index_values(dataset: str, file: SourceFile, dimensions: int) -> Iterator[IndexValue]:
    """Every value of an answer, in its order; raises SourceError when a record is not as documented."""

    def refuse(rule: str, cell: str, found: object = "") -> SourceError:
        step = f"Compare the answer with its documented form; then change {dataset}."
        return SourceError(dataset, rule, file.path, cell, step, str(found))

    for number, record in enumerate(index_records(dataset, file)):
        place = f"$[{number}]"
        if not isinstance(record, dict) or record.keys() != RECORD_KEYS:
            found = sorted(record) if isinstance(record, dict) else record
            raise refuse(f"a record has other keys than {', '.join(sorted(RECORD_KEYS))}", place, found)
        terms, names = (record[key] for key in ("terms", "termNames"))
        for key, listed in (("terms", terms), ("termNames", names)):
            if not isinstance(listed, list) or len(listed) != dimensions:
                raise refuse(f"not the {dimensions} dimensions that were asked for", f"{place}.{key}", listed)
        values = record["periods"]
        if not isinstance(values, list):
            raise refuse("the periods are not a list", f"{place}.periods")
        for position, value in enumerate(values):
            cell = f"{place}.periods[{position}]"
            if not isinstance(value, dict) or value.keys() != VALUE_KEYS:
                found = sorted(value) if isinstance(value, dict) else value
                raise refuse(f"a period has other keys than {', '.join(sorted(VALUE_KEYS))}", cell, found)
            if not isinstance(value["value"], str):
                raise refuse("the value is not text", f"{cell}.value", label_text(value["value"]))
            end = printed_day(str(value["date"]))
            if not end or (end.month, end.day) != (12, 31) or value["name"] != f"{end.year} год":
                found = f"{value['name']}, {value['date']}"
                raise refuse("not a year and its last day", f"{cell}.date", found)
            yield IndexValue(
                tuple(map(str, terms)),
                tuple(str(label_text(name) or "") for name in names),
                value["name"],
                end.isoformat(),
                str(value["value"]),
                f"{cell}.value",
            )


def printed_day(text: str) -> date | None:
    """The day printed as 31.12.2004, None for anything else."""
    try:
        day = datetime.strptime(text, "%d.%m.%Y").date()
    except ValueError:
        return None
    return day if len(text) == len("31.12.2004") else None


def printed_figure(text: str, decimal: str) -> tuple[str, str | None]:
    """A printed figure as (plain decimal, flag): an `x` is suppressed and has no decimal.

    What is neither comes back as printed, so that landing refuses it with its cell.
    """
    from ingest.sheets.figures import FigureRules, figure_text, fold_mark

    rules = FigureRules(decimal=decimal, nil={fold_mark("x"): "suppressed"})
    amount, flag, rule = figure_text(text, rules)
    if flag == "suppressed":
        return "", flag
    return (text if rule or amount is None else amount), None
