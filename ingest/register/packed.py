"""Whether a compressed file is whole: DuckDB reads it up to a cut or past a wrong byte without a word.

gzip is decompressed, which checks its sum (RFC 1952). Of zstd only the headers of frames and blocks are read
(RFC 8878, section 3): a cut is found, a wrong byte is found by DuckDB.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import IO

MAGIC = 0xFD2FB528
SKIPPABLE = 0x184D2A50
BLOCK_HEADER = 3
RLE = 1
GZIP = 31  # of zlib: a gzip header and its sum
CHUNK = 1 << 16


def is_whole(path: Path, extension: str) -> bool:
    """Whether a file that ends so is whole; one that is not compressed always is."""
    whole = {"csv.gz": _is_whole_gzip, "csv.zst": _is_whole_zstd}.get(extension)
    return whole is None or whole(path)


def _is_whole_gzip(path: Path) -> bool:
    """Whether every member of the file is whole and has its sum."""
    member = zlib.decompressobj(GZIP)
    with path.open("rb") as file:
        while data := member.unused_data or file.read(CHUNK):
            if member.eof:
                member = zlib.decompressobj(GZIP)
            try:
                member.decompress(data)
            except zlib.error:
                return False
    return member.eof


def _is_whole_zstd(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            if not _skip_frame(file, size):
                return False
    return size > 0


def _skip_frame(file: IO[bytes], size: int) -> bool:
    magic = int.from_bytes(file.read(4), "little")
    if magic & 0xFFFFFFF0 == SKIPPABLE:
        return _skip(file, int.from_bytes(file.read(4), "little"), size)
    if magic != MAGIC:
        return False
    descriptor = file.read(1)
    if not descriptor:
        return False
    flags = descriptor[0]
    is_single_segment = bool(flags & 0b10_0000)
    content_size = (int(is_single_segment), 2, 4, 8)[flags >> 6]
    dictionary = (0, 1, 2, 4)[flags & 0b11]
    if not _skip(file, int(not is_single_segment) + dictionary + content_size, size):
        return False
    is_last = False
    while not is_last:
        header = file.read(BLOCK_HEADER)
        if len(header) < BLOCK_HEADER:
            return False
        block = int.from_bytes(header, "little")
        is_last = bool(block & 1)
        length = 1 if (block >> 1) & 0b11 == RLE else block >> 3
        if not _skip(file, length, size):
            return False
    has_checksum = bool(flags & 0b100)
    return _skip(file, 4 * has_checksum, size)


def _skip(file: IO[bytes], length: int, size: int) -> bool:
    return file.seek(length, os.SEEK_CUR) <= size
