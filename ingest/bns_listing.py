"""The spreadsheet lists of stat.gov.kz: which files a page lists, with title and day of publication.

A row is `<div class="divTableRow">` with a cell that links to an element's file and a cell with the day. The
link leads to an address that changes with every upload, so it is looked up anew each time and never kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser

from ingest import bns_api
from ingest.dataset import Request, SourceFile
from ingest.errors import SourceError
from ingest.xml_tree import read_utf8

ROW, CELL = "divTableRow", "divTableCell"
PAGER = "PAGEN_"
ELEMENT = re.compile(rf"(?:https://{re.escape(bns_api.HOST)})?/api/iblock/element/([0-9]{{1,9}})/file/ru/?")
STEP = "Open the address in a browser: if the page was rebuilt, change ingest/bns_listing.py."


@dataclass(frozen=True)
class Listed:
    """A file of the list. published_on is None where the list prints no day."""

    element: int
    title: str
    published_on: date | None


def listing_request(subject: str, year: int) -> Request:
    """The list of a year, of all names; subject: `demography`."""
    page = f"https://{bns_api.HOST}/ru/industries/social-statistics/{subject}/spreadsheets/"
    return Request(page, (("name", ""), ("year", str(year))))


def listed_files(dataset: str, file: SourceFile, wanted: re.Pattern[str]) -> list[Listed]:
    """The files with such a title, oldest publication first, undated ones last; raises SourceError.

    Of one day or undated, in the order of their numbers, which the bureau gives in the order of upload.
    """
    reader = _RowReader()
    text = read_utf8(dataset, file)
    try:
        reader.feed(text)
        reader.close()
    except AssertionError as error:  # what html.parser raises for a damaged `<![`
        line = f"line {reader.getpos()[0]}"
        raise SourceError(dataset, f"not HTML: {error}", file.path, line, STEP) from None
    if reader.depth or not reader.rows:
        rule = "the list has no end" if reader.depth else f"no row of class {ROW}"
        raise SourceError(dataset, rule, file.path, f"line {reader.getpos()[0]}", STEP)
    if PAGER in text:
        rule = "the list goes on on another page, which is not known to happen"
        line = f"line {text[: text.index(PAGER)].count(chr(10)) + 1}"
        raise SourceError(dataset, rule, file.path, line, STEP)
    files: dict[int, Listed] = {}
    for row in reader.rows:
        if not wanted.search(row.title):
            continue
        listed = _listed(dataset, file, row)
        if files.setdefault(listed.element, listed) != listed:
            rule = f"element {listed.element} is listed twice with different titles or days"
            raise SourceError(dataset, rule, file.path, row.place, STEP, row.title)
    return sorted(files.values(), key=lambda each: (each.published_on or date.max, each.element))


@dataclass
class _Row:
    """A row as printed: its place, the links inside, the text of the linked cell and of each other cell."""

    place: str
    links: list[str]
    cells: list[list[str]]
    linked: int | None = None

    @property
    def title(self) -> str:
        return "" if self.linked is None else self.text(self.linked)

    def text(self, number: int) -> str:
        return " ".join("".join(self.cells[number]).split())


def _listed(dataset: str, file: SourceFile, row: _Row) -> Listed:
    def refuse(rule: str, found: str) -> SourceError:
        return SourceError(dataset, rule, file.path, row.place, STEP, found)

    elements = {match[1] for link in row.links if (match := ELEMENT.fullmatch(link))}
    if len(elements) != 1:
        raise refuse("not one link to an element's file", ", ".join(row.links))
    others = [row.text(number) for number in range(len(row.cells)) if number != row.linked]
    if len(others) != 1:
        raise refuse(f"{len(others)} cells beside the title, one with a day is expected", ", ".join(others))
    published_on = bns_api.printed_day(others[0])
    if others[0] and not published_on:
        raise refuse("not a day DD.MM.YYYY", others[0])
    return Listed(int(elements.pop()), row.title, published_on)


class _RowReader(HTMLParser):
    """Collects rows; depth counts the open `<div>` of the row that is being read."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[_Row] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if tag == "div" and (self.depth or ROW in classes):
            if not self.depth:
                self.rows.append(_Row(f"line {self.getpos()[0]}", [], []))
            elif CELL in classes:
                self.rows[-1].cells.append([])
            self.depth += 1
        elif tag == "a" and self.depth and self.rows[-1].cells:
            self.rows[-1].links.append((given.get("href") or "").strip())
            self.rows[-1].linked = len(self.rows[-1].cells) - 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self.depth:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.depth and self.rows[-1].cells:
            self.rows[-1].cells[-1].append(data)
