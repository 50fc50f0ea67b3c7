"""The door of a register: what a file is, by its name and first lines, before a byte of it is kept.

A file with a column that is not declared does not come in, least of all one that looks like a person's
name, document or birth date.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from ingest.dataset import Dataset
from ingest.errors import SourceError
from ingest.register.declaration import FORMATS, SYNTHETIC
from ingest.register.lines import UNREADABLE, first_lines
from ingest.register.packed import is_whole

MONTH = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])(?!\d)")
PERSONAL = re.compile(
    r"name|patronym|\bfio\b|фио|фамили|\bимя\b|отчеств|\bаты\b|\bтегі\b|әкесінің|passport|паспорт|document"
    r"|документ|құжат|\bdoc\b|visa|виза|\biin\b|иин|жсн|birth|рожд|туған|\bdob\b|phone|телефон|mail|address"
    r"|адрес"
)
PERSON_NUMBER = re.compile(r"\d{12}")
DELIMITERS = ",;\t|"
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S%z",
)
SIGNATURES = {b"PAR1": "parquet", b"\x1f\x8b": "csv.gz", b"\x28\xb5\x2f\xfd": "csv.zst"}
LOOKED_AT = 1000  # lines
TIMES_LOOKED_AT = 100
ASK = "Ask the agency for the register without it; the file was not kept."


@dataclass(frozen=True)
class RegisterFile:
    """A file that may come in.

    columns: names of ours in the order of the file. delimiter, time_format: of a CSV; the format has %z where
    the times carry an offset. quote: of a CSV whose first lines have quotes in pairs; elsewhere a quote is a
    letter, so that one that is not closed does not swallow the lines after it.
    """

    month: date
    extension: str
    columns: tuple[str, ...]
    delimiter: str = ""
    quote: str = ""
    time_format: str = ""

    @property
    def shape(self) -> tuple[str | tuple[str, ...], ...]:
        """What files must have in common to be read together."""
        return self.extension, self.columns, self.delimiter, self.quote, self.time_format

    @property
    def is_synthetic(self) -> bool:
        return SYNTHETIC in self.columns


def admit(dataset: Dataset, path: Path, name: str) -> RegisterFile:
    """What a file that comes in is; raises SourceError where it may not, or is not whole."""
    if not is_whole(path, _extension(path)):
        rule = "the compressed file is cut short or damaged"
        raise _refusal(dataset, name, rule, "Ask the agency for the file once more.")
    return look(dataset, path, name)


def look(dataset: Dataset, path: Path, name: str) -> RegisterFile:
    """What the file of this name is; raises SourceError where it may not come in."""
    month = _month(dataset, name)
    try:
        extension = _extension(path)
        if extension == "parquet":
            return RegisterFile(month, extension, _columns(dataset, name, _parquet_columns(path)))
        lines = first_lines(path, extension, LOOKED_AT)
    except (duckdb.Error, *UNREADABLE) as fault:
        said = "not UTF-8" if isinstance(fault, UnicodeDecodeError) else str(fault).partition("\n")[0]
        why = said.encode("ascii", "replace").decode()[:100]
        rule = f"cannot be read as {', '.join(FORMATS)}: {why}"
        raise _refusal(dataset, name, rule, "Ask the agency for the file once more.") from None
    if len(lines) < 2:
        raise _refusal(dataset, name, "no row below the header", "Ask the agency for the file once more.")
    header = lines[0].removeprefix("\ufeff")
    delimiter = max(DELIMITERS, key=header.count)
    columns = _columns(dataset, name, next(csv.reader([header], delimiter=delimiter)))
    rows = list(csv.reader(lines[1:], delimiter=delimiter))
    _refuse_person_numbers(dataset, name, columns, rows)
    quotes = [line.count('"') for line in lines if '"' in line]
    quote = '"' if 2 * sum(count % 2 for count in quotes) < len(quotes) else ""
    return RegisterFile(
        month, extension, columns, delimiter, quote, _time_format(dataset, name, columns, rows)
    )


def lines_of(extension: str) -> str:
    """The lines of the text file $path as a table of one column, `line`."""
    return (
        "read_csv($path, columns = {'line': 'varchar'}, auto_detect = false, header = false, delim = '',"
        f" quote = '', escape = '', strict_mode = false, compression = '{compression(extension)}')"
    )


def compression(extension: str) -> str:
    """DuckDB's word for how a file is packed."""
    return {"csv.gz": "gzip", "csv.zst": "zstd"}.get(extension, "none")


def _extension(path: Path) -> str:
    """What the first bytes say that the file is."""
    with path.open("rb") as file:
        start = file.read(4)
    return next((kind for sign, kind in SIGNATURES.items() if start.startswith(sign)), "csv")


def _month(dataset: Dataset, name: str) -> date:
    found = {(int(year), int(month)) for year, month in MONTH.findall(name)}
    if len(found) != 1:
        rule = "the name of a register's file has its month, as in crossings_2023-07.csv.gz"
        raise _refusal(dataset, name, rule, "Give the file a name with its month: `mtm inbox add --name`.")
    return date(*found.pop(), 1)


def _parquet_columns(path: Path) -> list[str]:
    with duckdb.connect() as con:
        return [row[0] for row in con.execute("describe from read_parquet(?)", [str(path)]).fetchall()]


def _columns(dataset: Dataset, file: str, headers: Sequence[str]) -> tuple[str, ...]:
    """The declared names of a file's columns, in its order."""
    assert dataset.register
    known = {column.name: column.name for column in dataset.columns} | {SYNTHETIC: SYNTHETIC}
    known |= {word: name for name, words in dataset.register.headers.items() for word in words}
    columns = []
    for number, header in enumerate(headers, 1):
        word = " ".join(header.replace("\ufeff", " ").casefold().split())
        if word not in known:
            raise _undeclared(dataset, file, number, word)
        columns.append(known[word])
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise _refusal(dataset, file, f"two columns are {twice[0]}", "Ask the agency which one counts.")
    if missing := [column.name for column in dataset.columns if column.name not in columns]:
        rule = f"the column {', '.join(missing)} is missing"
        raise _refusal(dataset, file, rule, "Ask the agency for the whole register.")
    return tuple(columns)


def _undeclared(dataset: Dataset, file: str, number: int, word: str) -> SourceError:
    """What is said of a column that nobody declared; a word with digits may be a person's datum itself."""
    shown = f"column {number}" if re.search(r"\d", word) else f"column {number}, {word[:40]!r}"
    if PERSONAL.search(word.replace("_", " ")):
        rule = f"{shown} looks like a name, document or birth date: no personal data are taken"
        return _refusal(dataset, file, rule, ASK)
    names = ", ".join(column.name for column in dataset.columns)
    rule = f"{shown} is no column of this register ({names})"
    return _refusal(dataset, file, rule, f"{ASK} Or declare it in the module of {dataset.name}.")


def _refuse_person_numbers(
    dataset: Dataset, file: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    for line, row in enumerate(rows, 2):
        for name, value in zip(columns, row, strict=False):
            if PERSON_NUMBER.fullmatch(value.strip()):
                rule = f"{name}, line {line}: 12 digits, a person's number; no personal data are taken"
                raise _refusal(dataset, file, rule, ASK)


def _time_format(dataset: Dataset, file: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The one form in which the first lines print their times; lines in another form are rejects."""
    assert dataset.register
    place = columns.index(dataset.register.moment)
    texts = [row[place].strip() for row in rows[:TIMES_LOOKED_AT] if len(row) > place]
    fitting = {form: sum(_has_form(text, form) for text in texts) for form in TIME_FORMATS}
    best = max(TIME_FORMATS, key=lambda form: fitting[form])
    if not fitting[best]:
        rule = f"{dataset.register.moment}: no time of a form such as 2023-07-31 23:59:59"
        raise _refusal(dataset, file, rule, "Ask the agency for the file once more.")
    return best


def _has_form(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True


def _refusal(dataset: Dataset, file: str, rule: str, next_step: str) -> SourceError:
    return SourceError(dataset.name, rule, file, next_step=next_step)
