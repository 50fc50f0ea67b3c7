"""The National Bank's site: how official exchange rates are asked for and what comes back.

`get_rates.cfm` gives one day with all currencies as XML; the range report gives one currency over
a window of days as an HTML table or xlsx. Which of them an answer is, its first bytes say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

from ingest.dataset import Request, Resource, SourceFile
from ingest.errors import SourceError
from ingest.printed import read_json
from ingest.printed_tables import Cell, Table, html_tables, xlsx_tables
from ingest.xml_tree import read_xml

HOST = "nationalbank.kz"
DAY_PATH = "/rss/get_rates.cfm"
RANGE_PATH = "/en/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/report"
CURRENCY_IDS = {"USD": 5}
FIRST_SERIAL = date(1899, 12, 30)
LOOK = "Open the address in a browser: it may have moved, or a firewall answered; try again later."
AGAIN = "Run `mtm refresh` again; if it repeats, ask the National Bank. The earlier rows stay."


@dataclass(frozen=True)
class Asked:
    """What a request asks for: the days from first to last, all currencies or one."""

    first: date
    last: date
    currency: str | None = None


def day_request(day: date) -> Request:
    return Request(f"https://{HOST}{DAY_PATH}?fdate={day:%d.%m.%Y}")


def range_request(currency: str, first: date, last: date, is_excel: bool = False) -> Request:
    """One currency only: with several the columns of the answer shift.

    The brackets stand as documented; as httpx parameters they would be sent escaped.
    """
    path = f"{RANGE_PATH}/excel" if is_excel else RANGE_PATH
    query = f"rates[]={CURRENCY_IDS[currency]}&beginDate={first:%d.%m.%Y}&endDate={last:%d.%m.%Y}"
    return Request(f"https://{HOST}{path}?{query}")


def asked(dataset: str, resource: Resource) -> Asked:
    """Read a request back from its address, as the log keeps it."""
    query = dict(parse_qsl(urlsplit(resource.first.url).query))
    try:
        if "fdate" in query:
            day = printed_day(query["fdate"])
            return Asked(day, day)
        codes = {str(number): code for code, number in CURRENCY_IDS.items()}
        window = printed_day(query["beginDate"]), printed_day(query["endDate"])
        return Asked(*window, codes[query["rates[]"]])
    except (KeyError, ValueError):
        rule = "the address asks for no day and for no known currency and window"
        raise SourceError(dataset, rule, resource.first.url) from None


def printed_day(text: str) -> date:
    """A day printed DD.MM.YYYY; raises ValueError on anything else."""
    day = datetime.strptime(text, "%d.%m.%Y").date()
    if f"{day:%d.%m.%Y}" != text:
        raise ValueError(text)
    return day


def read_day(dataset: str, resource: Resource, file: SourceFile) -> Element:
    """The `<rates>` of get_rates.cfm; raises SourceError unless it is XML and of the day asked for."""
    _refuse_json(dataset, file)
    start = file.content.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")) or not start.startswith(b"<"):
        raise SourceError(dataset, "expected XML, got something else", file.path, "byte 0", LOOK)
    root = read_xml(dataset, file)
    if root.tag != "rates":
        raise SourceError(dataset, f"the root is <{root.tag}>, not <rates>", file.path, "/", LOOK)
    wanted = f"{asked(dataset, resource).first:%d.%m.%Y}"
    found = [(day.text or "").strip() for day in root.findall("date")]
    if found != [wanted]:
        rule = f"rates of {wanted} were asked for, the answer is of another day"
        raise SourceError(dataset, rule, file.path, "/rates/date", AGAIN, ", ".join(found))
    return root


def read_range(dataset: str, resource: Resource, file: SourceFile) -> list[tuple[str, Cell, Cell, Cell]]:
    """Rows (ISO date, cells of date, quantity and rate) of a range report, HTML or xlsx.

    Raises SourceError when it is not one table of the currency and window that were asked for.
    """
    _refuse_json(dataset, file)
    is_excel = file.content.startswith(b"PK\x03\x04")
    tables = xlsx_tables(dataset, file) if is_excel else html_tables(dataset, file)
    tables = [table for table in tables if any(_is_of_rates(row, is_excel) for row in table.rows)]
    if len(tables) != 1:
        rule = f"{len(tables)} tables of days and rates in place of one"
        raise SourceError(dataset, rule, file.path, "table[1]", LOOK)
    question = asked(dataset, resource)
    rows: list[tuple[str, Cell, Cell, Cell]] = []
    has_code = False
    for cells in _printed_rows(tables[0]):
        day = _day(cells[0].text, is_excel)
        if day is None and not rows:
            has_code |= _check_header(dataset, file, cells, question.currency or "")
            continue
        if day is None or len(cells) != 3:
            rule = "the row is not date, quantity, rate: columns have shifted or several currencies came"
            found = " | ".join(cell.text for cell in cells)
            raise SourceError(dataset, rule, file.path, cells[0].address, AGAIN, found)
        if not question.first <= day <= question.last:
            rule = f"a date outside the window {question.first} to {question.last}"
            raise SourceError(dataset, rule, file.path, cells[0].address, AGAIN, cells[0].text)
        rows.append((day.isoformat(), cells[0], cells[1], cells[2]))
    if is_excel and not has_code:
        rule = f"the header does not name {question.currency}"
        raise SourceError(dataset, rule, file.path, tables[0].address, AGAIN)
    return rows


def _printed_rows(table: Table) -> list[list[Cell]]:
    """The rows that print anything, without blank cells at their end."""
    rows = []
    for row in table.rows:
        cells = list(row)
        while cells and not cells[-1].text:
            cells.pop()
        if cells:
            # A row that lacks its rate keeps the place of it, to be refused as a missing value.
            rows.append(row[:3] if len(cells) < 3 else cells)
    return rows


def _is_of_rates(row: list[Cell], is_excel: bool) -> bool:
    return bool(row) and (_day(row[0].text, is_excel) is not None or row[0].text.casefold() == "date")


def _day(text: str, is_excel: bool) -> date | None:
    """A day printed YYYY-MM-DD, or the day number that a spreadsheet keeps for it."""
    if is_excel and text.isdecimal() and len(text) == 5:
        return FIRST_SERIAL + timedelta(days=int(text))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _check_header(dataset: str, file: SourceFile, cells: list[Cell], currency: str) -> bool:
    """Whether the row names the currency; raises SourceError when its columns are not the usual ones."""
    places = {"date": 0, "quantity": 1, currency.casefold(): 2}
    for number, cell in enumerate(cells):
        word = cell.text.casefold()
        is_code = len(cell.text) == 3 and cell.text.isascii() and cell.text.isupper()
        if places.get(word, number) != number or number > 2 or (is_code and cell.text != currency):
            rule = f"the columns are not date, quantity and {currency}: they have shifted or are not its"
            raise SourceError(dataset, rule, file.path, cell.address, AGAIN, cell.text)
    return cells[-1].text == currency


def _refuse_json(dataset: str, file: SourceFile) -> None:
    """Errors of the site come as JSON with status 200, whatever was asked for."""
    if file.content.lstrip()[:1] in (b"{", b"["):
        said = read_json(dataset, file)
        message = said.get("message") if isinstance(said, dict) else None
        rule = "the site answered with an error in JSON"
        step = "Read its message; if the request is wrong, mend ingest/nbk_rates.py, else try again later."
        raise SourceError(dataset, rule, file.path, "$.message", step, str(message))
