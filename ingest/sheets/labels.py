"""Printed words made comparable: how a label on a sheet is matched with a label in a layout.

What belongs here: folding of case, blanks, footnote marks, look-alike letters; patterns. What does
not: what a label means. Printed text itself is never changed: only its folded copy is compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

BLANKS = " \t\r\n\v\f\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff"
LOOK_ALIKES = str.maketrans("ABCEHKMOPTXYIaceopxyikmth", "АВСЕНКМОРТХУІасеорхуікмтһ")

# One separator line for many labels at once: folding a large column costs one pass, not one a cell.
SEPARATOR = "\x1e"
_BLANK = re.compile(f"[{BLANKS}]{{2,}}|[{BLANKS[1:]}]")
_UNEVEN = re.compile(f"[{BLANKS[1:]}\u00ad\u2010-\u2015\u2212A-Za-z]")
_DASH = re.compile("[\u2010-\u2015\u2212]")
_MIXED_WORD = re.compile(
    "[A-Za-z]+[\u0400-\u04ff][A-Za-z\u0400-\u04ff]*|[\u0400-\u04ff]+[A-Za-z][A-Za-z\u0400-\u04ff]*"
)
_LATIN = re.compile("[A-Za-z]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_MARKS = re.compile(
    r"(?:\s*(?:\*+|[\u00b9\u00b2\u00b3\u2070-\u2079]+\)?|(?<![0-9])\(?[0-9]{1,2}\)|[:;,.]))+$"
)
_MARK_ENDS = frozenset("*\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079):;,.")


def fold(text: str) -> str:
    """The comparable form of one label: `'Выехало 1)'` and `'ВЫЕXАЛО*'` are both `выехало`."""
    return fold_all([text])[0]


def fold_all(texts: Sequence[str]) -> list[str]:
    """The comparable forms of many labels, in their order.

    NFC, blanks folded, trailing footnote marks and punctuation stripped, dashes made one, `ё` as
    `е`, Latin look-alikes made Cyrillic in words that are otherwise Cyrillic, casefolded.
    """
    if not texts:
        return []
    joined = SEPARATOR.join(texts)
    if joined.count(SEPARATOR) != len(texts) - 1:
        joined = SEPARATOR.join(text.replace(SEPARATOR, " ") for text in texts)
    joined = unicodedata.normalize("NFC", joined)
    if "  " in joined or _UNEVEN.search(joined):
        joined = _DASH.sub("-", _BLANK.sub(" ", joined).replace("\u00ad", ""))
        if _LATIN.search(joined) and _CYRILLIC.search(joined):
            joined = _MIXED_WORD.sub(_fold_word, joined)
    joined = joined.casefold().replace("ё", "е")
    folded = [text.strip() for text in joined.split(SEPARATOR)]
    return [_MARKS.sub("", text) if text and text[-1] in _MARK_ENDS else text for text in folded]


class Folds(dict[str, str]):
    """Folded forms by printed text; a text that is not there yet is folded when it is asked for."""

    def __missing__(self, text: str) -> str:
        return self.setdefault(text, fold(text))


def _fold_word(word: re.Match[str]) -> str:
    folded = word[0].translate(LOOK_ALIKES)
    return word[0] if _LATIN.search(folded) else folded


class Labels:
    """Some labels of a layout: plain words, compared folded, or `/regular expressions/`.

    An expression must match the whole folded text. `printed` keeps what the analyst wrote.
    """

    def __init__(self, printed: Iterable[str] = ()) -> None:
        self.printed = tuple(printed)
        self.plain = frozenset(fold(text) for text in self.printed if not _is_expression(text))
        self.expressions = tuple(
            re.compile(text[1:-1], re.IGNORECASE) for text in self.printed if _is_expression(text)
        )
        words = [plain.split(" ") for plain in self.plain]
        self.beginnings = frozenset(" ".join(each[:n]) for each in words for n in range(1, len(each)))

    def match(self, folded: str) -> bool:
        return folded in self.plain or any(e.fullmatch(folded) for e in self.expressions)

    def among(self, folds: dict[str, str], or_beginning: bool = False) -> set[str]:
        """The printed texts, of a dictionary from printed to folded ones, that match or begin a match."""
        if not self.printed:
            return set()
        plain = self.plain | self.beginnings if or_beginning else self.plain
        found = {text for text, folded in folds.items() if folded in plain}
        for expression in self.expressions:
            found.update(text for text, folded in folds.items() if expression.fullmatch(folded))
        return found

    def found_in(self, folded: str) -> str | None:
        """The first of these labels that stands anywhere in the text as words of its own."""
        for plain in sorted(self.plain):
            if re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", folded):
                return plain
        return next((e.pattern for e in self.expressions if e.search(folded)), None)

    def leading(self, folded: str) -> str | None:
        """The longest plain label that the text begins with, followed by something else."""
        found = [p for p in self.plain if re.match(rf"{re.escape(p)}\W+\w", folded)]
        return max(found, key=len, default=None)

    def begins_with(self, folded: str) -> bool:
        """Whether the text is the beginning of a plain label, cut between two words."""
        return folded in self.beginnings

    def __bool__(self) -> bool:
        return bool(self.printed)

    def __str__(self) -> str:
        return " | ".join(self.printed)


def _is_expression(text: str) -> bool:
    return len(text) > 2 and text.startswith("/") and text.endswith("/")
