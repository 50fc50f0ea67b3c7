"""CSV files of the inbox, read strictly: every row and column has a name and a place.

What belongs here: bytes to rows of printed text with cells like `row 7, column figure`, where row 1 is the
header. What does not: what a column means, which is its dataset's module.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from ingest.dataset import SourceFile
from ingest.errors import SourceError

Row = dict[str, str]


def read_csv(dataset: str, file: SourceFile, header: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """The rows below the header with their numbers; a first column without a name is an index and left out.

    Raises SourceError on another encoding, an empty file, another header or a row of another width.
    """
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        step = "Ask for the file in UTF-8, or save it so under another name."
        raise SourceError(dataset, "not UTF-8 text", file.path, f"byte {error.start}", step) from None
    rows = _rows(dataset, file, text)
    number, printed = next(rows, (0, []))
    is_indexed = printed[:1] == [""]
    if printed[is_indexed:] != list(header):
        rule = f"the header is not {','.join(header)}"
        step = "Is this the file? If the publisher changed its columns, change the dataset's module."
        raise SourceError(dataset, rule, file.path, f"row {number or 1}", step, ",".join(printed))
    for number, row in rows:
        if len(row) != len(printed):
            rule = f"{len(row)} fields where the header has {len(printed)}"
            step = "A comma or a quotation mark may be missing in this row."
            raise SourceError(dataset, rule, file.path, f"row {number}", step, ",".join(row))
        yield number, dict(zip(header, row[is_indexed:], strict=True))


def cell(number: int, column: str) -> str:
    """Where a value stands."""
    return f"row {number}, column {column}"


def _rows(dataset: str, file: SourceFile, text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, counted as a CSV reader counts them."""
    number = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            if row:
                yield number, row
    except csv.Error as error:
        step = "Open the file and look for a quotation mark that is not closed."
        raise SourceError(dataset, f"not whole CSV: {error}", file.path, f"row {number + 1}", step) from None
