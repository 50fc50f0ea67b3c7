"""Lines of a text file by their numbers, plain or packed, without a table of all lines.

What belongs here: finding lines that a reader of rows only counted. What does not: which lines (rejects.py).
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import zstandard

CHUNK = 1 << 20
NEW_LINE, RETURN = 10, 13


@dataclass(frozen=True)
class Lines:
    """Some lines of a file, in the order in which they were asked for, without their ends.

    total: how many lines the file has. has_empty: whether one of them has nothing in it.
    """

    texts: list[str]
    total: int
    has_empty: bool


def lines_at(path: Path, extension: str, numbers: Sequence[int]) -> Lines:
    """The lines of these numbers, from 1 on and in ascending order; those beyond the end are left out."""
    wanted = np.asarray(numbers, dtype=np.int64)
    texts: list[str] = []
    total, has_empty, rest = 0, False, b""
    for chunk in _chunks(path, extension):
        content = rest + chunk
        characters = np.frombuffer(content, dtype=np.uint8)
        ends = np.flatnonzero(characters == NEW_LINE)
        starts = np.concatenate(([0], ends + 1))
        lengths = ends - starts[:-1]
        has_empty = has_empty or bool(
            (lengths == 0).any() or (characters[starts[:-1][lengths == 1]] == RETURN).any()
        )
        first, last = np.searchsorted(wanted, (total + 1, total + len(ends) + 1))
        for place in wanted[first:last] - total - 1:
            texts.append(_text(content[starts[place] : ends[place]]))
        total += len(ends)
        rest = content[starts[-1] :]
    if rest:
        total += 1
        texts += [_text(rest)] * int(np.count_nonzero(wanted == total))
    return Lines(texts, total, has_empty)


def _chunks(path: Path, extension: str) -> Iterator[bytes]:
    with path.open("rb") as packed:
        stream: IO[bytes] | gzip.GzipFile = packed
        if extension == "csv.gz":
            stream = gzip.GzipFile(fileobj=packed)
        elif extension == "csv.zst":
            stream = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
        # The next chunk is unpacked while the last one is searched.
        with ThreadPoolExecutor(1) as ahead:
            following = ahead.submit(stream.read, CHUNK)
            while chunk := following.result():
                following = ahead.submit(stream.read, CHUNK)
                yield chunk


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
