"""The Bureau of National Statistics' endpoints as the wire formats describe them.

Figures of Taldau and element 6567 are those of tools/figures; workbooks and rows of other terms are
constructed. Every look at an element redirects to a new address under /upload/, as after a new upload.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote

import openpyxl

from tests.agencies.reply import Reply

ROOT = Path(__file__).parents[2]
BNS = "stat.gov.kz"
TALDAU = "taldau.stat.gov.kz"
HOSTS = (BNS, TALDAU)
DICS = "67,749,76,576"
TOTAL = ([741880, 741917, 39360, 741935], ["РЕСПУБЛИКА КАЗАХСТАН", "Всего", "Всего", "Всего"])
HTML_HEADERS = {"Content-Type": "text/html; charset=utf-8"}
JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8"}
# As ASP.NET writes such a page: letters outside ASCII as numbers.
OUT_OF_RANGE = "Индекс за пределами диапазона"
ERROR_PAGE = f"<html><head><title>{OUT_OF_RANGE}</title></head><body><h1>Server Error</h1></body></html>"
HEADER = [
    *("NAM", "DAT", "PERIOD", "КАТО(по каталогу)", "LКАТО(по каталогу)", "СПТМ (по каталогу)"),
    *("LСПТМ (по каталогу)", "КН", "LКН", "СП", "LСП", "VAL"),
]
NAM = "Сальдо миграции по всем потокам(Человек)"
TITLE = "Внешняя миграция населения Республики Казахстан по странам"

Record = tuple[list[int], list[str], dict[str, str]]


@dataclass(frozen=True)
class Spreadsheet:
    """A file of a list: its number, title, printed day and bytes."""

    element: int
    title: str
    day: str
    body: bytes
    year: int = 2023


@dataclass
class StatisticsBureau:
    """What the bureau knows. Tests may change `records`, `lines`, `spreadsheets`, `list_rows`.

    damage: makes the bytes of element 6567 from the usual ones; a fault would strike the redirect.
    """

    records: dict[str, list[Record]] = field(default_factory=lambda: _records())
    lines: list[list[str]] = field(default_factory=lambda: _lines())
    spreadsheets: list[Spreadsheet] = field(default_factory=lambda: _spreadsheets())
    list_rows: list[str] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    damage: Callable[[bytes], bytes] = lambda body: body

    def reply(self, host: str, path: str, query: str) -> Reply:
        """The usual answer to a request."""
        asked = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        if host == TALDAU and path.startswith("/ru/Api/GetIndexData/"):
            return self._index(path.rpartition("/")[2], asked)
        if path == "/api/iblock/element/6567/csv/file/ru/":
            return self._moved(self.damage(balance(self.lines)), "Сальдо миграции.csv")
        for sheet in self.spreadsheets:
            if path == f"/api/iblock/element/{sheet.element}/file/ru/":
                return self._moved(sheet.body, "Внешняя миграция по странам.xlsx")
        if unquote(path) in self.uploads:
            return Reply(200, {"Content-Type": "application/octet-stream"}, self.uploads[unquote(path)])
        if path.endswith("/demography/spreadsheets/"):
            return Reply(200, HTML_HEADERS, self._list(int(asked["year"])))
        return Reply(404, HTML_HEADERS, b"<html><body>404</body></html>")

    def _index(self, index_id: str, asked: dict[str, str]) -> Reply:
        if (asked.get("dics"), asked.get("period")) != (DICS, "7"):
            return Reply(500, HTML_HEADERS, ERROR_PAGE.encode("ascii", "xmlcharrefreplace"))
        answer = [
            {
                "terms": terms,
                "termNames": names,
                "periods": [
                    {"name": f"{year} год", "date": f"31.12.{year}", "value": value}
                    for year, value in values.items()
                ],
            }
            for terms, names, values in self.records[index_id]
        ]
        return Reply(200, JSON_HEADERS, json.dumps(answer, ensure_ascii=False).encode())

    def _moved(self, body: bytes, name: str) -> Reply:
        folder = f"{len(self.uploads):032x}"
        place = f"/upload/iblock/{folder[-3:]}/{folder}/{name}"
        self.uploads[place] = body
        return Reply(302, {"Location": quote(place)}, b"")

    def _list(self, year: int) -> bytes:
        rows = [
            f'<div class="divTableRow" id="bx_3218110189_{each.element}"><div class="divTableCell">'
            f'<a href="/api/iblock/element/{each.element}/file/ru/"> {each.title} </a></div>\n'
            f'<div class="divTableCell text-right"> {each.day} </div></div>'
            for each in self.spreadsheets
            if each.year == year
        ]
        head = '<div class="divTableRow"><div class="divTableCell">Наименование</div></div>'
        body = "\n".join([head, *rows, *self.list_rows])
        return f"<!DOCTYPE html>\n<html><body><div class='divTable'>\n{body}\n</div></body></html>".encode()


def balance(lines: list[list[str]]) -> bytes:
    """The bureau's "csv": BOM, tabs, every field quoted, LF."""
    text = "".join("\t".join(f'"{field}"' for field in line) + "\n" for line in [HEADER, *lines])
    return b"\xef\xbb\xbf" + text.encode()


def workbook(period: str, rows: list[list[object]], title: str = TITLE) -> bytes:
    """A workbook of the bureau: title, period, header, rows of country, arrivals, departures, balance."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in ([title], [period], [], ["Страна", "Прибыло", "Выбыло", "Сальдо миграции"], *rows):
        sheet.append(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _figures(name: str) -> list[dict[str, str]]:
    with (ROOT / "tools" / "figures" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _records() -> dict[str, list[Record]]:
    """Real totals; constructed: a region with a suppressed year."""
    found: dict[str, list[Record]] = {}
    for row in _figures("statistics_bureau__external_migration.csv"):
        records = found.setdefault(row["index_id"], [(*TOTAL, {})])
        records[0][2][row["year"]] = row["value"]
    for records in found.values():
        terms, names = [268012, *TOTAL[0][1:]], ["ОБЛАСТЬ ҰЛЫТАУ", *TOTAL[1][1:]]
        records.append((terms, names, {"2023": "111", "2024": "x"}))
    return found


def _lines() -> list[list[str]]:
    """Real figures, thousands parted by no-break spaces; constructed: two districts of one name."""
    lines = []
    for row in _figures("statistics_bureau__migration_balance.csv"):
        value = f"{int(row['value']):,}".replace(",", "\u00a0")
        lines.append(line(row["territory"], row["locality"], row["year"], value))
    twice = [line("ЖАМБЫЛСКИЙ РАЙОН", "Всего", "2024", value) for value in ("-11", "-1\u00a0022")]
    return [*reversed(lines), *twice]


def line(territory: str, locality: str, year: str, value: str) -> list[str]:
    return [NAM, f"{year} год", f"{year}12", territory, "0", locality, "0", "Всего", "0", "Всего", "0", value]


def _spreadsheets() -> list[Spreadsheet]:
    """Constructed: a first release and a later one of one period, and a list of another subject."""
    period = "за январь-март 2023 года"
    first = workbook(period, [["Всего", 7680, 2664, 5016], ["Узбекистан", 900, 10, 890]])
    later = workbook(period, [["Всего", "7 700", 2664, 5036], ["Узбекистан", 920, 10, 910]])
    return [
        Spreadsheet(112, f"{TITLE} за январь-март 2023 года (уточненные данные)", "01.08.2023", later),
        Spreadsheet(111, f"{TITLE} за январь-март 2023 года", "10.05.2023", first),
        Spreadsheet(110, "Родившиеся по странам", "01.05.2023", b"no workbook of ours"),
        Spreadsheet(109, "Общие итоги миграции", "01.05.2023", b"no workbook of ours"),
    ]
