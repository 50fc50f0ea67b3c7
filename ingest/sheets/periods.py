"""The period that a title states, in Russian, Kazakh or English.

What belongs here: words to days. What does not: where the title stands (table.py), which periods a
dataset has. Nothing is guessed: text without a year, or a date of a letter, is no period.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from ingest.sheets.labels import fold

Measurement = Literal["flow", "cumulative", "stock"]


@dataclass(frozen=True)
class Period:
    """Days from start to end, both included, and what a figure of them measures.

    flow: in the period; cumulative: since 1 January, for more than one month or to a day within one;
    stock: at the end of `end`, where start is end. `stated` is the text, folded, that says so.
    """

    start: date
    end: date
    measurement: Measurement
    stated: str = ""

    @property
    def months(self) -> int:
        """How many whole months it has; 0 where it begins or ends within one."""
        after = self.end + timedelta(days=1)
        is_whole = self.start.day == after.day == 1
        return 12 * (after.year - self.start.year) + after.month - self.start.month if is_whole else 0


MONTHS = (
    ("январ[ьяе]", "қаңтар", "january|jan"),
    ("феврал[ьяе]", "ақпан", "february|feb"),
    ("март[ае]?", "наурыз", "march|mar"),
    ("апрел[ьяе]", "сәуір", "april|apr"),
    ("ма[йяе]", "мамыр", "may"),
    ("июн[ьяе]", "маусым", "june|jun"),
    ("июл[ьяе]", "шілде", "july|jul"),
    ("август[ае]?", "тамыз", "august|aug"),
    ("сентябр[ьяе]", "қыркүйек", "september|sept|sep"),
    ("октябр[ьяе]", "қазан", "october|oct"),
    ("ноябр[ьяе]", "қараша", "november|nov"),
    ("декабр[ьяе]", "желтоқсан", "december|dec"),
)
ORDINALS = {
    "перв": 1, "втор": 2, "трет": 3, "четверт": 4,
    "бірінші": 1, "екінші": 2, "үшінші": 3, "төртінші": 4,
    "first": 1, "second": 2, "third": 3, "fourth": 4,
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4,
}  # fmt: skip

_KAZAKH_ENDING = (
    r"(?:ға|ге|қа|ке|на|не|дағы|дегі|тағы|тегі|ның|нің|дың|дің|тың|тің|да|де|та|те|ы|і|ына|іне|айы\w*"
    r"|дан|ден|тан|тен|нан|нен|мен|бен|пен|ынан|інен)?"
)
_MONTH = r"(?<!\w)(?:" + "|".join(
    f"(?P<{{0}}{n}>{ru}|(?:{kk}){_KAZAKH_ENDING}|(?:{en})\\.?)" for n, (ru, kk, en) in enumerate(MONTHS, 1)
) + r")(?!\w)"  # fmt: skip
_YEAR_RU = r"(?P<year>(?:19|20)[0-9]{2})(?![0-9])\s?(?:года|году|год|гг?\.?|ж\.?)?(?!\w)"
_YEAR_KK = r"(?<![0-9])(?P<year>(?:19|20)[0-9]{2})\s?(?:жылдың|жылғы|жылы|жыл|ж\.?)"
_DAY = r"(?<![0-9.])(?P<day>[0-9]{1,2})"
# Two joined by a comma, a hyphen or 'and' are not the period of the second alone.
_ALONE = r"(?<![\w-])(?<!,\s)(?<!\sи\s)(?<!\sand\s)(?<!\sжәне\s)"
_ORDINAL = (
    _ALONE
    + r"(?P<ordinal>перв|втор|трет|четверт|бірінші|екінші|үшінші|төртінші"
    + r"|first|second|third|fourth|iv|i{1,3}|[1-4])"
)
_ENDING = r"(?:-?\s?(?:[йи]|го|ый|ой|ий|ье|ого|ьего|ом|ьем|м|е|ое|ші|st|nd|rd|th|ші|шы))?"
_QUARTER = r"(?:\s|-)?(?:квартал\w*|кв\.?(?!\w)|тоқсан\w*|quarter)"
_HALF = r"(?:\s|-)?(?:полугоди\w*|жартыжылды\w*|half(?:[ -]year)?)"
_COUNT = r"(?P<count>[0-9]{1,2})(?:-х|-ти|ти)?\s?(?:месяц\w*|мес\.?|months)"
_CALENDAR_YEAR = r"(?P<year>(?:19|20)[0-9]{2})(?![0-9])\s?(?:год\w*|г\.?)?"
_OF = r"\s?(?:of\s|,\s?)?\s?"
_TO = r"\s?(?:-|по|to|through|until)\s?"
_UNTIL = r"\s?(?:-|по|to|through|until|бастап)\s?"


def _month(prefix: str) -> str:
    return _MONTH.replace("{0}", prefix)


def _date(prefix: str) -> str:
    """A whole date in numbers, `01.05.2024` with or without the word for year."""
    return (
        rf"(?<![0-9.])(?P<day_{prefix}>[0-9]{{1,2}})\.(?P<month_{prefix}>[0-9]{{2}})"
        rf"\.(?P<year_{prefix}>(?:19|20)[0-9]{{2}})(?![0-9])(?:\s?(?:года|г|ж)\.?(?!\w))?"
    )


def _year(prefix: str) -> str:
    """The year of the first of two dates, which may be left out."""
    return rf"(?:,?\s(?P<year_{prefix}>(?:19|20)[0-9]{{2}})(?![0-9])(?:\s?(?:года|гг?\.?)(?!\w))?)?"


def _day(prefix: str) -> str:
    return rf"(?<![0-9.№])(?<!№\s)(?P<day_{prefix}>[0-9]{{1,2}})(?:-?(?:е|го|ші|шы)|st|nd|rd|th)?"


# The longest reading first: text that one expression took is not read by the next.
_PATTERNS = (
    ("days", rf"{_date('a')}{_UNTIL}{_date('b')}"),
    ("days", rf"{_day('a')}\s{_month('a')}{_year('a')}{_UNTIL}{_day('b')}\s{_month('b')},?\s{_YEAR_RU}"),
    ("days", rf"between\s{_day('a')}\s{_month('a')}\sand\s{_day('b')}\s{_month('b')},?\s{_YEAR_RU}"),
    ("days", rf"{_day('a')}{_UNTIL}{_day('b')}\s{_month('b')},?\s{_YEAR_RU}"),
    ("days", rf"{_month('a')}\s{_day('a')}{_year('a')}{_UNTIL}{_month('b')}\s{_day('b')},?\s{_YEAR_RU}"),
    ("days", rf"{_YEAR_KK}\s{_day('a')}\s{_month('a')}(?:-|\s){_day('b')}\s{_month('b')}"),
    ("days", rf"{_YEAR_KK}\s{_day('a')}\s{_month('a')}\s[мбп]ен\s{_day('b')}\s{_month('b')}\sаралығы"),
    ("days", rf"{_YEAR_KK}\s{_day('a')}-{_day('b')}\s{_month('b')}"),
    ("stock", rf"(?<!\w)на\s{_DAY}(?:-?е)?\s{_month('a')}\s{_YEAR_RU}"),
    ("stock", rf"(?<!\w)на\s{_DAY}\.(?P<month>[0-9]{{2}})\.(?P<year>(?:19|20)[0-9]{{2}})(?![0-9])"),
    ("stock", rf"{_YEAR_KK}\s{_DAY}(?:-ші|-шы)?\s{_month('a')}"),
    ("stock", rf"(?<!\w)as (?:of|at|on)\s{_DAY}(?:st|nd|rd|th)?\s{_month('a')},?\s{_YEAR_RU}"),
    ("stock", rf"(?<!\w)as (?:of|at|on)\s{_month('a')}\s{_DAY}(?:st|nd|rd|th)?,?\s{_YEAR_RU}"),
    ("day", rf"{_DAY}\s{_month('a')}(?:\s{_YEAR_RU})?"),
    ("day", rf"{_month('a')}\s{_DAY}(?:st|nd|rd|th)?,\s{_YEAR_RU}"),
    ("span", rf"{_month('a')}{_TO}{_month('b')}{_OF}{_YEAR_RU}"),
    ("span", rf"{_YEAR_KK}\s{_month('a')}{_TO}{_month('b')}"),
    ("quarter", rf"{_ORDINAL}{_ENDING}{_QUARTER}{_OF}{_YEAR_RU}"),
    ("quarter", rf"{_YEAR_KK}\s{_ORDINAL}{_ENDING}{_QUARTER}"),
    ("quarter", rf"{_ALONE}q(?P<ordinal>[1-4]){_OF}{_YEAR_RU}"),
    ("quarter", r"(?<!\w)(?P<year>(?:19|20)[0-9]{2})[ -]?q(?P<ordinal>[1-4])(?!\w)"),
    ("half", rf"{_ORDINAL}{_ENDING}{_HALF}{_OF}{_YEAR_RU}"),
    ("half", rf"{_YEAR_KK}\s{_ORDINAL}{_ENDING}{_HALF}"),
    ("months", rf"(?<!\w)(?:за|за первые|first)\s{_COUNT}{_OF}{_YEAR_RU}"),
    ("months", rf"{_YEAR_KK}\s(?P<count>[0-9]{{1,2}})\s?ай\w*"),
    ("month", rf"{_ALONE}{_month('a')}{_OF}{_YEAR_RU}"),
    ("month", rf"{_YEAR_KK}\s{_month('a')}"),
    ("year", rf"(?<!\w)(?:за|в|итоги|for|in)\s(?:the year\s)?{_CALENDAR_YEAR}(?![\w-])"),
    ("year", rf"(?<!-){_YEAR_KK}(?!\w)"),
)  # fmt: skip


@cache
def _expressions() -> list[tuple[str, re.Pattern[str]]]:
    """The patterns, compiled when the first text is read: it takes a tenth of a second."""
    return [(kind, re.compile(pattern)) for kind, pattern in _PATTERNS]


def find_periods(text: str) -> list[Period]:
    """Every different period that a text states, in the order of the text; dates of letters are none."""
    folded = re.sub(r"\s?-\s?", "-", fold(text))
    folded = re.sub(r"(?<!\w)[iі]{1,3}(?!\w)|(?<!\w)[iі]v(?!\w)", lambda m: m[0].replace("і", "i"), folded)
    found: list[tuple[int, Period]] = []
    for kind, expression in _expressions():
        for match in expression.finditer(folded):
            if period := _period(kind, match):
                found.append((match.start(), period))
        folded = expression.sub(lambda match: "\x00" * len(match[0]), folded)
    found.sort(key=lambda each: each[0])
    return list({(p.start, p.end, p.measurement): p for _, p in found}.values())


def _period(kind: str, match: re.Match[str]) -> Period | None:
    if kind == "day":
        return None
    if kind == "days":
        return _days(match)
    groups = {name: value for name, value in match.groupdict().items() if value is not None}
    year = int(groups["year"])
    months = list(_months(groups))
    ordinal = next((n for word, n in ORDINALS.items() if groups.get("ordinal") == word), 0)
    if kind == "stock":
        return _stock(year, months[0], int(groups["day"]), match[0])
    first, last = {
        "quarter": (ordinal * 3 - 2, ordinal * 3),
        "half": (ordinal * 6 - 5, ordinal * 6),
        "months": (1, int(groups.get("count", 0))),
        "year": (1, 12),
    }.get(kind) or (months[0], months[-1])
    if not 1 <= first <= last <= 12:
        return None
    is_since_january = first == 1 and kind in ("span", "half", "months") and last > 1
    return Period(
        date(year, first, 1),
        date(year, last, calendar.monthrange(year, last)[1]),
        "cumulative" if is_since_january else "flow",
        match[0],
    )


def _days(match: re.Match[str]) -> Period | None:
    """From one day to another; the first takes month and year of the last where it states none."""
    groups = {name: value for name, value in match.groupdict().items() if value is not None}
    last_month = int(groups.get("month_b") or next(n for n in range(1, 13) if f"b{n}" in groups))
    first_month = int(
        groups.get("month_a") or next((n for n in range(1, 13) if f"a{n}" in groups), last_month)
    )
    last_year = int(groups.get("year_b") or groups["year"])
    first_year = int(groups.get("year_a") or last_year)
    try:
        first = date(first_year, first_month, int(groups["day_a"]))
        last = date(last_year, last_month, int(groups["day_b"]))
    except ValueError:
        return None
    if first >= last:
        return None
    is_since_january = (first.month, first.day, first.year) == (1, 1, last.year)
    is_one_month = (last.month, last.day) == (1, 31)
    return Period(first, last, "cumulative" if is_since_january and not is_one_month else "flow", match[0])


def _stock(year: int, month: int, day: int, stated: str) -> Period | None:
    """The day at whose end the stock stood: 'as of 1 October' is the end of 30 September."""
    try:
        at = date(year, month, day)
    except ValueError:
        return None
    at = at - timedelta(days=1) if day == 1 else at
    return Period(at, at, "stock", stated)


def _months(groups: dict[str, str]) -> Iterator[int]:
    if "month" in groups:
        yield int(groups["month"])
    for prefix in "ab":
        yield from (n for n in range(1, 13) if f"{prefix}{n}" in groups)
