"""What a dataset is: files of one agency with one layout, declared in one module.

A module under `ingest/sources/<agency>/` makes one `Dataset`: where it is asked for, how its
answer is checked and parsed, and which columns land. Running it is the work of fetch.py and land.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from ingest.register.declaration import Register

ColumnKind = Literal["text", "number", "date", "time"]
Period = Literal["month", "quarter", "year", "day"]
ObtainedVia = Literal["agency file", "agency page", "press reprint", "IOM report"]
PublishedBasis = Literal["stated", "in the title", "file date", "unknown"]


@dataclass(frozen=True)
class Column:
    """A column as printed by the agency.

    kind: `text` lands as it stands, `number` as decimal(24,9), `date` as an ISO date, `time` of a register
        as local time of Almaty.
    required: an absent value is refused; otherwise it lands as null.
    positive: neither negative nor nought. pattern: a regular expression that the whole value must match.
    values: of a register, the only ones that may be printed.
    """

    name: str
    kind: ColumnKind
    required: bool = False
    non_negative: bool = False
    positive: bool = False
    not_after_fetch: bool = False
    first_of_month: bool = False
    pattern: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """How one file came to us, where that is known better than from its dataset.

    published_on: day on which its publisher made it public; published_basis: where that day stands.
    publisher: address or title of the publication that the figures were taken from.
    """

    obtained_via: ObtainedVia | None = None
    published_on: date | None = None
    published_basis: PublishedBasis = "unknown"
    publisher: str | None = None


@dataclass(frozen=True)
class Request:
    """One GET. `params` keep their order, so that the request is exactly the documented one.

    An inbox file is asked for as `inbox:<dataset>/<file name>`.
    """

    url: str
    params: tuple[tuple[str, str], ...] = ()
    provenance: Provenance = Provenance()


@dataclass(frozen=True)
class Resource:
    """One address and period of a dataset, whose answer may take several pages, or one inbox file.

    closed_on: from this day on the answer changes no more: once it was fetched then or later and has
    landed, it is not asked for again.
    letter: path of the inbox file whose bytes are the answer.
    """

    name: str
    first: Request
    closed_on: date | None = None
    letter: Path | None = None

    def is_due(self, landed_on: date | None) -> bool:
        """Whether to ask for it, when its last landed answer is of that day."""
        return self.closed_on is None or landed_on is None or landed_on < self.closed_on


@dataclass(frozen=True)
class SourceFile:
    """Archived bytes of one page: content, SHA-256 and path inside the archive.

    content: empty for the file of a register, which DuckDB reads where it lies; `kept_size` is its size.
    """

    sha256: str
    path: str
    content: bytes
    kept_size: int | None = None

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.content) if self.kept_size is None else self.kept_size


@dataclass(frozen=True)
class Dataset:
    """Declaration of a dataset.

    resources: the addresses to ask on a given day of live mode; in recorded mode the recorded files say.
    next_page: looks at the pages so far, raises SourceError when they break the wire format and
        returns the request for the next page, or None when the answer is whole.
    parse: turns the pages of one whole answer into a frame of text columns named as in `columns`,
        plus source_file, source_cell, raw_text, and `<column>_cell` where a column's own cell is not
        source_cell. It raises NothingPublishedError when the agency says that it has nothing to give.
        The resource is rebuilt from the log: its name and its first request are known, no more.
    extension: of the archived bytes, where their first bytes do not tell.
    key: columns that identify a printed value; two different values under one key are refused.
    is_key_unique: the same row twice is refused, too.
    is_kept_here: its files are kept and reviewed in the repository, so that they land in live mode, too.
    period_shift_months: months by which a printed date lies after the period that it speaks of; it lands
        as printed, staging takes the shift back.
    minimum_rows: fewer rows than this mean that the answer was cut.
    hosts: the only hosts that may be asked or redirected to, with `pause_seconds` between requests.
    published_after_days: days after the end of a period by which its figures are expected; None where
        nothing is due on a day.
    resource_of_month: the resource of a past month by its first day, where history is asked for by month;
        first_month: the first such month; months_of: the months that a resource speaks of, by first days.
    how_to_ask: whom to write to and what for, where figures come by letter.
    layout: of the sheets that an agency sends, for those who look at one before it lands.
    register: where its files have one row an event, millions of rows; DuckDB reads them in place of `parse`.
    final_errors: words of a page sent with HTTP 500 that asking again will not change, and the next step.
    """

    name: str
    agency: str
    title: str
    source_page: str
    licence: str
    period: Period
    obtained_via: ObtainedVia
    extension: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    minimum_rows: int
    hosts: frozenset[str]
    pause_seconds: float
    resources: Callable[[date], Sequence[Resource]]
    next_page: Callable[[Resource, Sequence[SourceFile]], Request | None]
    parse: Callable[[Resource, Sequence[SourceFile]], pd.DataFrame]
    published_after_days: int | None
    resource_of_month: Callable[[date], Resource] | None = None
    first_month: date | None = None
    months_of: Callable[[Resource], list[date]] = lambda _: []
    how_to_ask: str = ""
    layout: Path | None = None
    is_key_unique: bool = False
    is_kept_here: bool = False
    period_shift_months: int = 0
    register: Register | None = None
    final_errors: tuple[tuple[str, str], ...] = ()

    @property
    def takes_letters(self) -> bool:
        """Whether files of it may come by letter: its only way, or a workbook that can be sent as well."""
        return not self.hosts or self.layout is not None
