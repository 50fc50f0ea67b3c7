"""Numbers as printed: tokens read from JSON without a float in between.

What belongs here: turning an agency's way to print a value into plain text that DuckDB casts
exactly. What does not: deciding whether the value is acceptable (land.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ingest.dataset import SourceFile
from ingest.errors import SourceError

if TYPE_CHECKING:
    import pandas as pd


class NumberToken(str):
    """A JSON number exactly as printed, `NaN` and `Infinity` included."""


def read_json(dataset: str, file: SourceFile) -> object:
    """Parse archived JSON; every number is a NumberToken. Raises SourceError on anything else."""
    start = file.content.lstrip()[:1]
    if start == b"<":
        raise SourceError(
            dataset,
            "expected JSON, got a page of HTML or XML",
            file.path,
            "byte 0",
            "The address may have moved or a firewall answered: open it in a browser, try later.",
        )
    try:
        return json.loads(
            file.content.decode("utf-8-sig"),
            parse_float=NumberToken,
            parse_int=NumberToken,
            parse_constant=NumberToken,
            object_pairs_hook=_object_without_repeats,
        )
    except (ValueError, RecursionError) as error:
        raise SourceError(
            dataset,
            f"not whole JSON: {error or 'nested too deep'}",
            file.path,
            "$",
            "The answer was cut or damaged: run `mtm refresh` again.",
        ) from None


def _object_without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("an object names the same key twice")
    return record


def number_text(value: object) -> str | None:
    """The value as land.py wants it: a plain decimal, None when absent, else text that is no number.

    `1.5E3` becomes `1500`; quoted text keeps its quotes, so that it can never pass for a number.
    """
    if value is None:
        return None
    if not isinstance(value, NumberToken):
        return json.dumps(value, ensure_ascii=False)
    if "e" in value.lower() and len(value) < 40:
        number = Decimal(value)
        if abs(number.adjusted()) < 40:
            return format(number, "f")
    return str(value)


def text_frame(rows: Sequence[Mapping[str, object]], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Printed rows as the frame of text that land.py takes; pandas is loaded when something is parsed."""
    import pandas as pd

    return pd.DataFrame(rows, columns=columns, dtype="string")  # type: ignore[arg-type]


def label_text(value: object) -> str | None:
    """A label as printed, None when the key is absent or null."""
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    return json.dumps(value, ensure_ascii=False)
