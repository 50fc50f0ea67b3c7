"""Lines of a text file, plain or packed: the first ones, and some by their numbers without a table of all.

What belongs here: unpacking and finding lines. What does not: which lines (rejects.py), what the first ones
say of a file (door.py).
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import IO

import numpy as np
import zstandard

CHUNK = 1 << 20
NEW_LINE = ord("\n")
# What a file raises that is not packed as its first bytes say, is damaged, or is no text in UTF-8.
UNREADABLE = (OSError, EOFError, zlib.error, zstandard.ZstdError, UnicodeDecodeError)


@dataclass(frozen=True)
class Lines:
    """Some lines of a file, in the order in which they were asked for, without their ends.

    total: how many lines the file has, those with nothing in them among them.
    """

    texts: list[str]
    total: int


def first_lines(path: Path, extension: str, count: int) -> list[str]:
    """The first lines of a file without their ends, one of over a megabyte in pieces; raises UNREADABLE."""
    with _unpacked(path, extension) as stream:
        text = io.TextIOWrapper(stream, "utf-8")
        lines = (text.readline(CHUNK) for _ in range(count))
        return [line.removesuffix("\n") for line in takewhile(bool, lines)]


def lines_at(path: Path, extension: str, numbers: Sequence[int]) -> Lines:
    """The lines of these numbers, from 1 on and in ascending order; those beyond the end are left out."""
    wanted = np.asarray(numbers, dtype=np.int64)
    texts: list[str] = []
    total, rest = 0, b""
    with _unpacked(path, extension) as stream:
        while chunk := stream.read(CHUNK):
            content = rest + chunk
            characters = np.frombuffer(content, dtype=np.uint8)
            ends = np.flatnonzero(characters == NEW_LINE)
            if not len(ends):
                rest = content
                continue
            first, last = np.searchsorted(wanted, (total + 1, total + len(ends) + 1))
            for place in wanted[first:last] - total - 1:
                start = ends[place - 1] + 1 if place else 0
                texts.append(_text(content[start : ends[place]]))
            total += len(ends)
            rest = content[ends[-1] + 1 :]
    if rest:
        total += 1
        texts += [_text(rest)] * int(np.count_nonzero(wanted == total))
    return Lines(texts, total)


@contextmanager
def _unpacked(path: Path, extension: str) -> Iterator[IO[bytes]]:
    with path.open("rb") as packed:
        if extension == "csv.gz":
            yield gzip.GzipFile(fileobj=packed)  # type: ignore[misc]
        elif extension == "csv.zst":
            yield zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
        else:
            yield packed


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
