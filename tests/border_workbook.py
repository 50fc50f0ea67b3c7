"""Workbooks of the border letter in seven shapes, written for tests; figures are from the 2023Q3 report."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import xlwt

TITLE = (
    "Министерство внутренних дел Республики Казахстан",
    "Сведения о пересечении государственной границы иностранными гражданами",
    "за III квартал 2023 года",
)
ROWS = (
    ("", "Всего", "4 482 427", 4533933, 12),
    ("", "Страны СНГ", 4034184, "4\u00a0080\u00a0540", "…"),
    (1, "Узбекистан*", 1753689, 1774200, 12),
    (2, "Российская Федерация", "1\u202f154\u202f493", 1209912, "x"),
    (3, "Китай ¹", 131203, "126 524 1)", "-"),
)
NOTES = ("* без учета лиц, следующих транзитом", "¹ включая Гонконг")


@dataclass
class Shape:
    """What differs from the plain letter."""

    sheet: str = "Лист1"
    above: int = 0
    left: int = 0
    title: tuple[str, ...] = TITLE
    top_header: tuple[str, ...] = ("№ п/п", "Страна гражданства", "Въехало", "", "Выехало")
    sub_header: tuple[str, ...] = ("", "", "всего", "в том числе туризм", "всего")
    merged: bool = True
    rows: tuple[tuple[Any, ...], ...] = ROWS
    notes: tuple[str, ...] = NOTES
    second_table: tuple[tuple[Any, ...], ...] = ()
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def lines(self) -> list[list[Any]]:
        """All rows of the sheet from A1 on; also fills `merges`."""
        lines: list[list[Any]] = [["посторонняя строка"] if n == 0 else [] for n in range(self.above)]
        lines += [[text] for text in self.title] + [[]]
        at = len(lines)
        if self.merged:
            self.merges = [(at, 0, at + 1, 0), (at, 1, at + 1, 1), (at, 2, at, 3)]
        lines += [list(self.top_header), list(self.sub_header)]
        # The column of departures stands before that of tourism in ROWS, which are easier to read so.
        lines += [
            [number, label, arrived, tourism, left] for number, label, arrived, left, tourism in self.rows
        ]
        lines += [[]] + [["", note] for note in self.notes] + [list(row) for row in self.second_table]
        self.merges = [(a, b + self.left, c, d + self.left) for a, b, c, d in self.merges]
        return [[""] * self.left + line for line in lines]

    def xlsx(self) -> bytes:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = self.sheet
        for row, line in enumerate(self.lines(), 1):
            for column, value in enumerate(line, 1):
                if value != "":
                    sheet.cell(row, column, value)
        for first_row, first_column, last_row, last_column in self.merges:
            sheet.merge_cells(None, first_row + 1, first_column + 1, last_row + 1, last_column + 1)
        return saved(book)

    def xls(self) -> bytes:
        book = xlwt.Workbook()
        sheet = book.add_sheet(self.sheet)
        lines = self.lines()
        starts = {(m[0], m[1]) for m in self.merges}
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                if value != "" and (row, column) not in starts:
                    sheet.write(row, column, value)
        for first_row, first_column, last_row, last_column in self.merges:
            sheet.write_merge(first_row, last_row, first_column, last_column, lines[first_row][first_column])
        return saved(book)

    def csv(self, delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
        text = "\r\n".join(delimiter.join(str(value) for value in line) for line in self.lines())
        return text.replace("\u202f", " ").replace("¹", "*").replace("…", "...").encode(encoding)


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


KAZAKH = Shape(
    sheet="Парақ1",
    title=("Шетел азаматтарының келуі мен кетуі туралы мәліметтер", "2023 жылғы ІІІ тоқсан"),
    top_header=("р/с №", "Азаматтығы", "Келгендер", "", "Кеткендер"),
    sub_header=("", "", "барлығы", "туризм", "барлығы"),
    rows=(("", "Барлығы", *ROWS[0][2:]), ("", "ТМД елдері", *ROWS[1][2:]), *ROWS[2:]),
)
SECOND_TABLE = Shape(
    second_table=(
        (),
        ("Таблица 2. По видам транспорта",),
        ("", "Вид транспорта", "Въехало", "", "Выехало"),
        ("", "Автомобильный", 100, "", 200),
        ("", "Железнодорожный", 300, "", 400),
    )
)
SPLIT_HEADER = Shape(
    merged=False,
    top_header=("№", "Страна", "Въехало", "", "Выехало"),
    sub_header=("п/п", "гражданства", "всего", "в том числе туризм", "всего"),
)
TOTALS_LAST = Shape(rows=(*ROWS[1:], ROWS[0]))
INSERTED = Shape(sheet="свод (2)", above=4, left=2)
