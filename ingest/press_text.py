"""A press text read by expressions, with every number of it accounted for.

What belongs here: the printed text beside a folded copy of it that expressions are matched with, the
place of what they took, what nobody took. What does not: the template of a dataset, which its module has.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.dataset import SourceFile
from ingest.errors import SourceError
from ingest.sheets.labels import BLANKS, LOOK_ALIKES

LONGEST = 100_000
# A count in whole figures with blank thousands, or some thousands with a decimal comma; then its end.
FIGURE = (
    r"(?P<figure>(?:[0-9]{1,3}(?: [0-9]{3})+|[0-9]+(?:,[0-9]{1,3}(?= ?тыс))?)"
    r"(?: ?(?:тыс\.|тыс(?!\w)|тысяч[аи]?(?!\w)))?)(?![0-9]| [0-9]{3}(?![0-9])|[.,][0-9]| ?%)"
)
SHARE = r"(?P<share>[0-9]+(?:,[0-9]+)? ?%)"
ROUNDED_TO = ("thousands", "hundreds", "tens")

_CLUSTER = re.compile(r"(?s)(.)[\u0300-\u036f]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_BLANK = re.compile(f"[{BLANKS}]+")
_SUPERSCRIPTS = "\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2079\u2080-\u2089\u2150-\u218f\u2460-\u249b"
_NUMBER = re.compile(
    rf"[\d{_SUPERSCRIPTS}](?:[\d{_SUPERSCRIPTS} .,%]*[\d{_SUPERSCRIPTS}%])?|[%‰]"
    r"|(?<!\w)(?:тыс|тысяч\w*|млн|миллион\w*|процент\w*)(?!\w)"
)


@dataclass(frozen=True)
class Printed:
    """What stands at a place: its characters, and the place as `line 3, characters 40-46`, from 1 on."""

    raw: str
    cell: str


class PressText:
    """An archived press text. `folded`: what expressions are matched with, letter by letter as printed.

    In the folded text blanks are plain blanks, line ends are `\\n`, dashes are hyphens, letters are small,
    composed and, in Cyrillic words, Cyrillic; `ё` is `е`.
    """

    def __init__(self, dataset: str, file: SourceFile) -> None:
        self.dataset, self.path = dataset, file.path
        try:
            self.printed = file.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            step = "Ask for the text as a UTF-8 file, or save it as one under another name."
            raise SourceError(dataset, "not UTF-8 text", file.path, f"byte {error.start}", step) from None
        if not _BLANK.sub("", self.printed):
            raise SourceError(dataset, "an empty text", file.path, next_step="Save the whole text.")
        if len(self.printed) > LONGEST:
            rule = f"{len(self.printed):,} characters, a press text has at most {LONGEST:,}"
            raise SourceError(dataset, rule, file.path, next_step="Is this the file? One text an issue.")
        self.folded, self._offsets = _fold(self.printed)
        self._taken: list[tuple[int, int]] = []

    def take(self, match: re.Match[str], group: str | int = 0) -> Printed:
        """Mark what a group matched as read; raises SourceError when it was read before."""
        start, end = match.span(group)
        printed = self.at(start, end)
        if any(start < other_end and other_start < end for other_start, other_end in self._taken):
            rule = "the text can be read in two ways here"
            raise self.error(rule, printed, "Ask the ministry; do not change the file.")
        self._taken.append((start, end))
        return printed

    def at(self, start: int, end: int) -> Printed:
        """The printed characters behind a span of the folded text, and their place."""
        first, last = self._offsets[start], self._offsets[end]
        before = _LINE_END.split(self.printed[:first])
        column = len(before[-1]) + 1
        raw = self.printed[first:last]
        return Printed(raw, f"line {len(before)}, characters {column}-{column + len(raw) - 1}")

    def not_taken(self) -> Iterator[Printed]:
        """Numbers, per cent signs and words of magnitude that no expression took, in their order."""
        left = list(self.folded)
        for start, end in self._taken:
            left[start:end] = "\x00" * (end - start)
        for match in _NUMBER.finditer("".join(left)):
            yield self.at(*match.span())

    def error(self, rule: str, printed: Printed, next_step: str) -> SourceError:
        return SourceError(self.dataset, rule, self.path, printed.cell, next_step, printed.raw)


def amount_of(printed: Printed) -> tuple[str, str | None]:
    """A printed figure as plain decimal, and what it was rounded to: `22,2 тыс.` is 22200, to hundreds."""
    digits, thousand, _ = _fold(printed.raw)[0].partition("тыс")
    whole, _, decimals = digits.replace(" ", "").removesuffix("%").partition(",")
    if not thousand:
        return f"{whole}.{decimals}" if decimals else whole, None
    rounded = f"rounded to {ROUNDED_TO[len(decimals)]}" if len(decimals) < len(ROUNDED_TO) else None
    return whole + decimals.ljust(3, "0"), rounded


def _fold(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters (and its end) the offset of the printed one."""
    letters: list[str] = []
    offsets: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        for letter in unicodedata.normalize("NFC", cluster[0]).lower():
            is_second_of_two = letter == "\n" and text[cluster.start() - 1 : cluster.start()] == "\r"
            if letter == "\u00ad" or is_second_of_two:
                continue
            letters.append(_fold_letter(letter))
            offsets.append(cluster.start())
    folded = re.sub(r"\w*[\u0400-\u04ff]\w*", lambda word: word[0].translate(LOOK_ALIKES), "".join(letters))
    return folded, [*offsets, len(text)]


def _fold_letter(letter: str) -> str:
    if letter in "\r\n":
        return "\n"
    if letter in _DASHES:
        return "-"
    return " " if _BLANK.fullmatch(letter) else letter.replace("ё", "е")
