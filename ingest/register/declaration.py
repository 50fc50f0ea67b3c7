"""What a register is: which columns its files have, under which headers, and how much may be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

SYNTHETIC = "synthetic"
FORMATS = ("csv", "csv.gz", "csv.zst", "parquet")


@dataclass(frozen=True)
class Register:
    """Monthly files of one row an event; the month of a file is the YYYY-MM in its name.

    headers: by column, other words that its header may have, in lower case.
    moment: the column with the time of the event, local time of Almaty.
    late_months: a file may hold events of so many months before its own; an event after it is a reject.
    rejects_at_most, late_at_most: shares of a file's rows; a file with more is refused whole, since it has
        another layout, or is another month's.
    """

    headers: Mapping[str, tuple[str, ...]]
    moment: str
    late_months: int
    rejects_at_most: Fraction
    late_at_most: Fraction
