"""Tables of an HTML page or of a plain xlsx file as rows of printed cells, each with its address.

What belongs here: machine-made tables with one value a cell. Numbers come as the token that stands in
the file, never through a float.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

from ingest.dataset import SourceFile
from ingest.errors import SourceError
from ingest.printed import NumberToken, number_text
from ingest.xml_tree import AGAIN, read_utf8, read_xml

UNPACKED_LIMIT = 64 * 1024 * 1024
PAGE_LIMIT = 4 * 1024 * 1024
COLUMN_LIMIT = 1000
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class Cell:
    """A printed cell: address (`table[1]/tr[4]/td[3]`, `Sheet1!C4`) and text, blanks folded."""

    address: str
    text: str


@dataclass
class Table:
    """Rows of cells from the left; an xlsx row has blank cells where the sheet has gaps."""

    address: str
    rows: list[list[Cell]] = field(default_factory=list)


def html_tables(dataset: str, file: SourceFile) -> list[Table]:
    """All tables of a page in the order in which they begin; raises SourceError when one is cut."""
    if len(file.content) > PAGE_LIMIT:
        rule = f"a page of more than {PAGE_LIMIT:,} bytes"
        raise SourceError(dataset, rule, file.path, f"byte {PAGE_LIMIT}", AGAIN)
    reader = _TableReader()
    text = read_utf8(dataset, file)
    try:
        reader.feed(text)
        reader.close()
    except AssertionError as error:  # what html.parser raises for a damaged `<![`
        line = f"line {reader.getpos()[0]}"
        raise SourceError(dataset, f"not HTML: {error}", file.path, line, AGAIN) from None
    if reader.open:
        raise SourceError(dataset, "the table has no end", file.path, reader.open[-1].address, AGAIN)
    return reader.tables


class _TableReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.open: list[Table] = []
        self._cell: list[tuple[str, list[str]] | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            table = Table(f"table[{len(self.tables) + 1}]")
            self.tables.append(table)
            self.open.append(table)
            self._cell.append(None)
        elif self.open and tag in ("tr", "td", "th"):
            self._end_cell()
            rows = self.open[-1].rows
            if tag == "tr" or not rows:
                rows.append([])
            if tag != "tr":
                number = sum(cell.address.rpartition("/")[2].startswith(tag) for cell in rows[-1]) + 1
                self._cell[-1] = (f"{self.open[-1].address}/tr[{len(rows)}]/{tag}[{number}]", [])

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag in ("table", "tr", "td", "th"):
            self._end_cell()
        if self.open and tag == "table":
            self.open.pop()
            self._cell.pop()

    def handle_data(self, data: str) -> None:
        if self._cell and (cell := self._cell[-1]):
            cell[1].append(data)

    def _end_cell(self) -> None:
        if cell := self._cell[-1]:
            self.open[-1].rows[-1].append(Cell(cell[0], " ".join("".join(cell[1]).split())))
            self._cell[-1] = None


def xlsx_tables(dataset: str, file: SourceFile) -> list[Table]:
    """All sheets of a workbook in their order; raises SourceError when it is damaged or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as package:
            if sum(part.file_size for part in package.infolist()) > UNPACKED_LIMIT:
                rule = f"the workbook unpacks to more than {UNPACKED_LIMIT:,} bytes"
                raise SourceError(dataset, rule, file.path, next_step=AGAIN)
            parts = {part.filename: package.read(part) for part in package.infolist()}
    except UNREADABLE as error:
        raise SourceError(dataset, f"not a whole xlsx: {error}", file.path, "byte 0", AGAIN) from None
    return _sheets(dataset, file, parts)


def _sheets(dataset: str, file: SourceFile, parts: dict[str, bytes]) -> list[Table]:
    def part(name: str) -> Element:
        if name not in parts:
            raise SourceError(dataset, f"the workbook has no part {name}", file.path, name, AGAIN)
        return read_xml(dataset, file, parts[name])

    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in part("xl/_rels/workbook.xml.rels").iter("Relationship")
    }
    strings = part("xl/sharedStrings.xml").findall("si") if "xl/sharedStrings.xml" in parts else []
    shared = ["".join(text.text or "" for text in item.iter("t")) for item in strings]
    book = part("xl/workbook.xml")
    if any(setting.get("date1904") in ("1", "true") for setting in book.iter("workbookPr")):
        raise SourceError(dataset, "days are counted from 1904", file.path, "xl/workbook.xml", AGAIN)
    tables = []
    for sheet in book.iter("sheet"):
        target = targets.get(sheet.get("id"), "").removeprefix("/xl/")
        table = Table(sheet.get("name", ""))
        for row in part(f"xl/{target}").iter("row"):
            table.rows.append(_sheet_row(dataset, file, table.address, row, shared))
        tables.append(table)
    return tables


def _sheet_row(dataset: str, file: SourceFile, sheet: str, row: Element, shared: list[str]) -> list[Cell]:
    cells: list[Cell] = []
    for element in row.iter("c"):
        reference = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", element.get("r", ""))
        column = _column_number(reference[1]) if reference else 0
        if not reference or not len(cells) < column <= COLUMN_LIMIT:
            rule = f"a cell has the address {element.get('r')!r}"
            raise SourceError(dataset, rule, file.path, f"{sheet}!{element.get('r', '')}", AGAIN)
        while len(cells) < column - 1:
            cells.append(Cell(f"{sheet}!{_column_letters(len(cells) + 1)}{reference[2]}", ""))
        address = f"{sheet}!{reference[0]}"
        cells.append(Cell(address, _cell_text(dataset, file, address, element, shared)))
    return cells


def _cell_text(dataset: str, file: SourceFile, address: str, element: Element, shared: list[str]) -> str:
    kind, value = element.get("t", "n"), element.findtext("v", "").strip()
    if kind == "s":
        if not value.isdecimal() or int(value[:9]) >= len(shared):
            raise SourceError(dataset, "no such shared text", file.path, address, AGAIN, value)
        text = shared[int(value)]
    elif kind == "inlineStr":
        text = "".join(part.text or "" for part in element.iter("t"))
    elif kind == "n":
        text = (number_text(NumberToken(value)) or "") if _is_number(value) else value
    else:
        text = value
    return " ".join(text.split())


def _is_number(token: str) -> bool:
    return bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([Ee][+-]?[0-9]+)?", token))


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _column_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
