"""The errors of this package: a source that cannot be taken as it is, or that has nothing to give.

Every refusal names file, cell, rule and the next step, so that the person who reads it
need not open the code.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SourceError(Exception):
    """An answer or file that breaks a rule.

    file: archive path or URL; cell: place in it (`$.rows[3].amount`, `Sheet1!C14`, `row 34`);
    rule: what was expected and what was found; next_step: what to do about it.
    """

    dataset: str
    rule: str
    file: str = ""
    cell: str = ""
    next_step: str = "Look at the file; if the source is right, change the dataset's module."
    raw_text: str = ""

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.file, self.cell) if part)
        found = f" (found {shorten(self.raw_text)!r})" if self.raw_text else ""
        return f"{self.dataset}: {place or 'no file'}: {self.rule}{found}. Next: {self.next_step}"


class NothingPublishedError(Exception):
    """The agency answered in its documented way that it has nothing for this resource (yet).

    No mistake of anybody: nothing lands, the dataset stays as it is, and the resource is asked for again.
    """


def shorten(text: str, limit: int = 80) -> str:
    """The text, cut to `limit` characters with its length named: errors stay readable."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text):,} characters)"
