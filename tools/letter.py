"""Recorded letters: workbooks in the shape that agencies send, written byte for byte the same each time.

What belongs here: how a letter is laid out and saved, and its `letters.yml`. What does not: figures,
which stand in tools/figures/ and are put into letters by the `record_*` scripts.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import yaml

NOT_STATED = "…"
SAVED_AT = datetime(2026, 1, 1)
Cell = str | int | float | None


@dataclass(frozen=True)
class Letter:
    """One workbook: lines from A1 on, merges as A1 ranges, and how its figures came to us.

    published_on: ISO day or None; published_basis: stated, in the title, file date, unknown.
    """

    file: str
    lines: Sequence[Sequence[Cell]]
    merges: Sequence[str] = ()
    sheet: str = "Лист1"
    obtained_via: str = "agency file"
    published_on: str | None = None
    published_basis: str = "unknown"
    publisher: str | None = None

    def xlsx(self) -> bytes:
        """The workbook, without the clock of the machine that wrote it."""
        book = openpyxl.Workbook()
        book.properties.created = book.properties.modified = SAVED_AT
        book.properties.creator = "tools/letter.py"
        sheet = book.active
        assert sheet is not None
        sheet.title = self.sheet
        for row, line in enumerate(self.lines, 1):
            for column, value in enumerate(line, 1):
                if value not in (None, ""):
                    sheet.cell(row, column, value)
        for cells in self.merges:
            sheet.merge_cells(cells)
        stream = io.BytesIO()
        book.save(stream)
        return _without_clock(stream.getvalue())


def blank_thousands(figure: str) -> str:
    """`4482427` as a clerk types it: `4 482 427`, with no-break spaces."""
    return f"{int(figure):,}".replace(",", "\u00a0")


def decimal_comma(figure: str) -> str:
    """`22.12` as a clerk types it: `22,12`."""
    return figure.replace(".", ",")


def letter_figures(dataset: str) -> dict[str, list[dict[str, str]]]:
    """The figures of tools/figures/<dataset>.csv by the file that they go into, in their order."""
    files: dict[str, list[dict[str, str]]] = {}
    with (Path(__file__).parent / "figures" / f"{dataset}.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            files.setdefault(row["file"], []).append(row)
    return files


def write_letters(
    folder: Path,
    letters: Sequence[Letter],
    origin: str,
    tool: str,
    save: Callable[[Letter], bytes] = Letter.xlsx,
) -> None:
    """The letters as files of a folder, with the `letters.yml` that says where they come from."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in letters:
        (folder / letter.file).write_bytes(save(letter))
    index = {"origin": origin, "letters": [_entry(letter) for letter in letters]}
    text = yaml.safe_dump(index, allow_unicode=True, sort_keys=False, width=110)
    (folder / "letters.yml").write_text(f"# Written by {tool}; do not edit by hand.\n{text}", "utf-8")


def _entry(letter: Letter) -> dict[str, Any]:
    entry: dict[str, Any] = {"file": letter.file, "obtained_via": letter.obtained_via}
    if letter.published_on:
        entry["published_on"] = datetime.fromisoformat(letter.published_on).date()
        entry["published_basis"] = letter.published_basis
    if letter.publisher:
        entry["publisher"] = letter.publisher
    return entry


def _without_clock(workbook: bytes) -> bytes:
    """The same archive with each member dated alike and the day of writing taken out."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as written,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for name in written.namelist():
            member = zipfile.ZipInfo(name, SAVED_AT.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            content = written.read(name)
            if name == "docProps/core.xml":
                content = _modified_at(content)
            kept.writestr(member, content)
    return stream.getvalue()


def _modified_at(properties: bytes) -> bytes:
    start, end = b"<dcterms:modified", b"</dcterms:modified>"
    head, _, rest = properties.partition(start)
    attributes, _, _ = rest.partition(b">")
    return head + start + attributes + b">" + SAVED_AT.isoformat().encode() + b"Z" + end + rest.split(end)[1]
