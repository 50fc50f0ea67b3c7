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
    for number, record in enumerate(index_records(dataset, file)):
        place = f"$[{number}]"
        _refuse_other_keys(dataset, file, place, record, RECORD_KEYS)
        assert isinstance(record, dict)
        for key in ("terms", "termNames"):
            if not isinstance(record[key], list) or len(record[key]) != dimensions:
                rule = f"not the {dimensions} dimensions that were asked for"
                raise _refusal(dataset, file, f"{place}.{key}", rule, record[key])
        terms = tuple(map(str, record["terms"]))
        names = tuple(str(label_text(name) or "") for name in record["termNames"])
        if not isinstance(record["periods"], list):
            raise _refusal(dataset, file, f"{place}.periods", "the periods are not a list")
        for position, value in enumerate(record["periods"]):
            yield _index_value(dataset, file, f"{place}.periods[{position}]", value, terms, names)


def _index_value(
    dataset: str, file: SourceFile, cell: str, value: object, terms: tuple[str, ...], names: tuple[str, ...]
) -> IndexValue:
    _refuse_other_keys(dataset, file, cell, value, VALUE_KEYS)
    assert isinstance(value, dict)
    text = value["value"]
    if not isinstance(text, str):
        raise _refusal(dataset, file, f"{cell}.value", "the value is not text", label_text(text))
    end = printed_day(str(value["date"]))
    if not end or (end.month, end.day) != (12, 31) or value["name"] != f"{end.year} год":
        found = f"{value['name']}, {value['date']}"
        raise _refusal(dataset, file, f"{cell}.date", "not a year and its last day", found)
    return IndexValue(terms, names, value["name"], end.isoformat(), str(text), f"{cell}.value")


def _refuse_other_keys(
    dataset: str, file: SourceFile, cell: str, found: object, keys: frozenset[str]
) -> None:
    if not isinstance(found, dict) or found.keys() != keys:
        names = ", ".join(sorted(found)) if isinstance(found, dict) else str(found)
        raise _refusal(dataset, file, cell, f"not an object of {', '.join(sorted(keys))}", names)


def _refusal(dataset: str, file: SourceFile, cell: str, rule: str, found: object = "") -> SourceError:
    step = f"Compare the answer with its documented form; then change {dataset}."
    return SourceError(dataset, rule, file.path, cell, step, str(found))


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
