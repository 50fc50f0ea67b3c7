"""Every landed figure stands at its cell: the archived files read again by other libraries.

openpyxl, csv, json and the standard library's text tools; nothing of the project reads a file here, the
raw tables are asked only which file, which cell and which text.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

Reader = Callable[[bytes, str], str]


@cache
def workbook(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def sheet_cell(content: bytes, cell: str) -> str:
    sheet, _, address = cell.rpartition("!")
    value = workbook(content)[sheet.strip("'")][address].value
    return value if isinstance(value, str) else str(value)


@cache
def json_text(content: bytes) -> Any:
    return json.loads(content.decode("utf-8-sig"), parse_float=str, parse_int=str)


def json_cell(content: bytes, cell: str) -> str:
    value = json_text(content)
    for key, index in re.findall(r"\.([A-Za-z_]+)|\[(\d+)\]", cell):
        value = value[key] if key else value[int(index)]
    return str(value)


def html_cell(content: bytes, cell: str) -> str:
    table, row, column = (int(number) for number in re.findall(r"\[(\d+)\]", cell))
    text = content.decode("utf-8")
    lines = re.findall("<tr>(.*?)</tr>", re.findall("<table.*?</table>", text, re.DOTALL)[table - 1])
    return str(re.findall("<t[dh]>(.*?)</t[dh]>", lines[row - 1])[column - 1])


@cache
def csv_rows(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def csv_cell(content: bytes, cell: str) -> str:
    number, column = re.fullmatch(r"row (\d+), column (.+)", cell).groups()  # type: ignore[union-attr]
    rows = csv_rows(content)
    return rows[int(number) - 1][rows[0].index(column)]


def text_cell(content: bytes, cell: str) -> str:
    found = re.fullmatch(r"line (\d+), characters (\d+)-(\d+)", cell)
    assert found
    line, first, last = (int(number) for number in found.groups())
    return content.decode("utf-8-sig").splitlines()[line - 1][first - 1 : last]


READERS: dict[str, Reader] = {
    r"\$.*": json_cell,
    r".+![A-Z]+\d+": sheet_cell,
    r"table\[.*": html_cell,
    r"row \d+, column .+": csv_cell,
    r"line \d+, characters .+": text_cell,
}


def printed_number(text: str) -> Decimal | None:
    """The number that a clerk's text prints, by rules of our own: blanks out, a comma as a point."""
    bare = re.sub(r"[\s\u00a0\u202f]|\*+$|чел\.$", "", text.strip())
    scale = Decimal(1000) if bare.endswith("тыс.") else Decimal(1)
    bare = bare.removesuffix("тыс.").removesuffix("%").replace(",", ".").replace("\u2212", "-")
    if bare in ("-", "–", "—"):
        return Decimal(0)
    return Decimal(bare) * scale if re.fullmatch(r"-?\d+(\.\d+)?", bare) else None


def landed_numbers(home: Path) -> Iterator[tuple[str, str, str, Decimal]]:
    """Dataset, cell, text and number of each landed row of a dataset that lands a number a row."""
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        columns = con.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'raw'"
            " and column_name in ('amount', 'value', 'val', 'net_number_of_migrants', 'rate', 'figure')"
        ).fetchall()
        for table, column in columns:
            rows = con.execute(
                f"select source_cell, raw_text, {column} from raw.{table} where {column} is not null"
            ).fetchall()
            for cell, text, number in rows:
                with suppress(InvalidOperation):
                    yield table, cell, text, Decimal(str(number))


def landed(home: Path) -> Iterator[tuple[str, Path, str, str]]:
    """Dataset, archived file, cell and text of each landed row."""
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        datasets = con.execute("select dataset from raw.dataset where state = 'current'").fetchall()
        for (dataset,) in datasets:
            rows = con.execute(
                f"select distinct path, source_cell, raw_text from raw.{dataset} as printed"
                " inner join (select distinct sha256, path from raw.fetch_log) as file"
                " on printed.source_file = file.sha256"
            ).fetchall()
            yield from ((dataset, home / "archive" / path, cell, text) for path, cell, text in rows)


@pytest.fixture(scope="module")
def rows(refreshed: Path) -> list[tuple[str, Path, str, str]]:
    return list(landed(refreshed))


def test_every_recorded_dataset_has_landed_rows(rows: list[tuple[str, Path, str, str]]) -> None:
    assert len({dataset for dataset, *_ in rows}) >= 13


def test_each_landed_figure_is_found_at_its_cell(rows: list[tuple[str, Path, str, str]]) -> None:
    contents: dict[Path, bytes] = {}
    wrong = []
    for dataset, path, cell, text in rows:
        content = contents.setdefault(path, path.read_bytes())
        reader = next((read for pattern, read in READERS.items() if re.fullmatch(pattern, cell)), None)
        assert reader, f"{dataset}: no reader for the cell {cell}"
        found = reader(content, cell)
        if found != text and not _is_same_number(found, text):
            wrong.append((dataset, path.name[:12], cell, text, found))
    assert wrong == []


def test_each_landed_number_is_the_printed_one(refreshed: Path) -> None:
    numbers = list(landed_numbers(refreshed))
    assert len({table for table, *_ in numbers}) >= 12
    wrong = [row for row in numbers if printed_number(row[2]) != row[3]]
    assert wrong == []


def _is_same_number(found: str, text: str) -> bool:
    """A number cell prints as 12 here and as 12.0 there; a text never differs."""
    try:
        return float(found) == float(text)
    except ValueError:
        return False
