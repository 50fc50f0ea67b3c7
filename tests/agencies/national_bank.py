"""The National Bank's endpoints as the wire formats describe them.

Real where anything real is known: the bytes of shared/data/nbk for single days, the figures of
tools/figures for USD by day and transfers by month. What is constructed is plainly so (form 33; months
of which no rate is known: 444.11 on the first day, one hundredth more each day).
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.agencies.reply import Reply

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data" / "nbk"
NBK = "nationalbank.kz"
DATA_NBK = "data.nationalbank.kz"
RANGE_PATH = "exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/report"
XML_HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "X-Powered-By": "PHP/8.4.19"}
JSON_HEADERS = {"Content-Type": "application/json"}
HTML_HEADERS = {"Content-Type": "text/html; charset=UTF-8"}
XLSX_HEADERS = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
CURRENCIES = {"5": "USD", "6": "EUR", "16": "RUB", "10": "KGS"}
SIGNS = {"sent": "money transfers sent", "received": "money transfers received"}


@dataclass(frozen=True)
class Item:
    """One currency of one day, as printed in get_rates.cfm."""

    title: str
    description: str
    quant: str = "1"
    change: str = "0.00"
    fullname: str = "ВАЛЮТА"


@dataclass
class NationalBank:
    """What the bank knows. Tests may add days (`days`), transfers (`transfers`) and averages."""

    usd: dict[date, str] = field(default_factory=lambda: _usd())
    days: dict[date, list[Item]] = field(default_factory=dict)
    transfers: list[str] = field(default_factory=lambda: _transfers())
    averages: list[tuple[str, str, str, str]] = field(default_factory=lambda: _averages())

    def reply(self, host: str, path: str, query: str) -> Reply:
        """The usual answer to a request."""
        asked = parse_qsl(query, keep_blank_values=True)
        one = dict(asked)
        if (host, path) == (NBK, "/rss/get_rates.cfm"):
            return self._day(one.get("fdate", ""))
        if host == NBK and path.split("/", 2)[-1] in (RANGE_PATH, f"{RANGE_PATH}/excel"):
            ids = [value for name, value in asked if name == "rates[]"]
            return self._range(ids, one, path.endswith("/excel"))
        if (host, path, one.get("formId")) == (DATA_NBK, "/api/v1/data", "408"):
            return self._form_408(int(one["page"]), int(one["pageSize"]))
        if (host, path, one.get("form_id")) == (DATA_NBK, "/api/report/stat-data-locale", "33"):
            return self._form_33(one["date_from"], one["date_to"])
        return Reply(404, HTML_HEADERS, b"<html><body>404</body></html>")

    def _day(self, text: str) -> Reply:
        day = _printed_day(text)
        if day is None:
            rule = "Invalid format date. Correct format is: 27.06.2026 or 27/06/2026"
            return Reply(200, XML_HEADERS, json.dumps({"code": 500, "message": rule}).encode())
        recorded = SHARED / f"get_rates_{day:%d.%m.%Y}.xml"
        if day not in self.days and recorded.exists():
            return Reply(200, XML_HEADERS | {"Cache-Control": "no-cache, private"}, recorded.read_bytes())
        known = [Item("USD", self.usd[day], fullname="ДОЛЛАР США")] if day in self.usd else []
        return Reply(200, XML_HEADERS, day_xml(day, self.days.get(day, known)))

    def _range(self, ids: list[str], asked: dict[str, str], is_excel: bool) -> Reply:
        first, last = _printed_day(asked["beginDate"]), _printed_day(asked["endDate"])
        assert first is not None
        assert last is not None
        codes = [CURRENCIES[number] for number in ids]
        rows = [["Date", *(label for code in codes for label in ("quantity", code))]]
        rows += [[str(day), *["1", rate] * len(codes)] for day, rate in self._rates(first, last)]
        if is_excel:
            return Reply(200, XLSX_HEADERS, sheet(rows))
        return Reply(200, HTML_HEADERS, table(rows))

    def _rates(self, first: date, last: date) -> list[tuple[date, str]]:
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        months = {(day.year, day.month) for day in self.usd}
        rates = []
        for day in days:
            if day in self.usd:
                rates.append((day, self.usd[day]))
            elif (day.year, day.month) not in months:
                rates.append((day, f"444.{10 + day.day}"))
        return rates

    def _form_408(self, page: int, size: int) -> Reply:
        rows = ", ".join(self.transfers[page * size : (page + 1) * size])
        head = {"formId": 408, "locale": "en", "page": page, "pageSize": size}
        head |= {"totalRows": len(self.transfers), "columns": [{"key": "report_date", "label": "Date"}]}
        return Reply(200, JSON_HEADERS, f'{json.dumps(head)[:-1]}, "rows": [{rows}]}}'.encode())

    def _form_33(self, first: str, last: str) -> Reply:
        records = [
            f'{{"reportDate": "{day}", "amount": {amount}, "attributes": ['
            f'{{"attrCode": "currency", "valueCode": "{currency}", "valueNameRu": "Доллар США"}}, '
            f'{{"attrCode": "periodicity", "valueCode": "{periodicity}"}}]}}'
            for day, currency, periodicity, amount in self.averages
            if first <= day <= last
        ]
        return Reply(200, JSON_HEADERS, f"[{', '.join(records)}]".encode())


def day_xml(day: date, items: list[Item]) -> bytes:
    """An answer of get_rates.cfm; without items the bank's way to say that it has none."""
    body = "".join(
        f"<item><fullname>{item.fullname}</fullname><title>{item.title}</title>"
        f"<description>{item.description}</description><quant>{item.quant}</quant>"
        f"<index/><change>{item.change}</change></item>\n"
        for item in items
    )
    body = body or "<info>на выбранную дату информации нет.</info>"
    head = '<?xml version="1.0" encoding="utf-8"?>\n<rates><generator>Alternate RSS Builder</generator>'
    return f"{head}<date>{day:%d.%m.%Y}</date>{body}</rates>".encode()


def table(rows: list[list[str]]) -> bytes:
    """A range report as HTML, in a page with another table before it."""
    cells = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    body = "\n".join(f"<tr>{row}</tr>" for row in cells)
    menu = "<table><tr><td>Menu</td></tr></table>"
    return f"<!DOCTYPE html>\n<html><body>{menu}\n<table>\n{body}\n</table></body></html>".encode()


def sheet(rows: list[list[str]], serial_dates: bool = False) -> bytes:
    """A range report as xlsx: the header by shared texts, dates as text or as day numbers."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    lines = []
    for number, row in enumerate(rows, 1):
        cells = []
        for column, text in zip("ABCDEFG", row, strict=False):
            value, address = text, f"{column}{number}"
            if serial_dates and number > 1 and column == "A":
                value = str((date.fromisoformat(text) - date(1899, 12, 30)).days)
            if number > 1 and (column != "A" or serial_dates):
                cells.append(f'<c r="{address}"><v>{value}</v></c>')
            elif number == 1:
                cells.append(f'<c r="{address}" t="s"><v>{"ABCDEFG".index(column)}</v></c>')
            else:
                cells.append(f'<c r="{address}" t="inlineStr"><is><t>{escape(value)}</t></is></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    parts = {
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
        '<sheet name="Sheet" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/'
        f'2006/relationships"><Relationship Id="rId1" Type="{office}/worksheet"'
        ' Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {main}>"
        + "".join(f"<si><t>{escape(text)}</t></si>" for text in rows[0])
        + "</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{''.join(lines)}</sheetData></worksheet>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name), '<?xml version="1.0" encoding="UTF-8"?>\n' + text)
    return packed.getvalue()


def _printed_day(text: str) -> date | None:
    for form in ("%d.%m.%Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _figures(name: str) -> list[dict[str, str]]:
    with (ROOT / "tools" / "figures" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _usd() -> dict[date, str]:
    rows = _figures("national_bank__exchange_rates.csv")
    return {date.fromisoformat(row["date"]): row["kzt_per_usd"] for row in rows}


def _transfers() -> list[str]:
    return [
        f'{{"report_date": "{row["month"]}", "amount": {row["amount_mln_kzt"]}, "imts": "Total", '
        f'"money_transfer_sign": "{SIGNS[row["direction"]]}"}}'
        for row in _figures("national_bank__money_transfers.csv")
    ]


def _averages() -> list[tuple[str, str, str, str]]:
    """Constructed: 1001 for January to 1012 for December of each year, dated one month later."""
    months = [(year, month) for year in range(2022, 2026) for month in range(1, 13)]
    return [
        (f"{year + month // 12}-{month % 12 + 1:02d}-01", "USD", "monthly", str(1000 + month))
        for year, month in months
    ]
