"""What an old xls file (BIFF in an OLE container) says that the reader does not pass on.

What belongs here: passwords, macros, cut files, error cells, percent and scaled formats. What does
not: cell values, which calamine reads. Record numbers are those of Microsoft's [MS-XLS].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ingest.sheets.xlsx import NO_VALUE, Marks, Refuse, odd_styles

_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _FORMAT, _XF = 0x809, 0x0A, 0x2F, 0x85, 0x41E, 0xE0
_NUMBER, _RK, _MULRK, _FORMULA, _BOOLERR = 0x203, 0x27E, 0xBD, 0x06, 0x205
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_BUILT_IN_PERCENT = {9: "0%", 10: "0.00%"}
_END_OF_CHAIN = 0xFFFFFFFA


def workbook_stream(content: bytes, refuse: Refuse) -> bytes:
    """The workbook inside the OLE container; refuses passwords, macros, other documents, cut files."""
    try:
        entries = list(_directory(content))
        names = {name for name, _, _ in entries}
        if "EncryptedPackage" in names:
            raise refuse("the workbook is password-protected")
        if names & {"_VBA_PROJECT_CUR", "_VBA_PROJECT", "VBA"}:
            raise refuse("the workbook has macros (a VBA project)")
        found = [(start, size) for name, start, size in entries if name in ("Workbook", "Book")]
        if not found:
            raise refuse("an Office file, but no Excel workbook")
        start, size = found[0]
        stream = _stream(content, start, size)
    except (struct.error, IndexError, ValueError):
        raise refuse("the file is cut or damaged: its OLE container cannot be read") from None
    if len(stream) < size:
        raise refuse(f"the file is cut: {len(stream):,} of {size:,} bytes of the workbook are there")
    return stream


def sheet_marks(stream: bytes, refuse: Refuse) -> dict[str, Marks]:
    """For each sheet by name: cells that hold no printable figure, with the reason."""
    try:
        return _sheet_marks(stream, refuse)
    except (struct.error, IndexError, UnicodeDecodeError):
        raise refuse("the file is damaged: its records cannot be read") from None


def _sheet_marks(stream: bytes, refuse: Refuse) -> dict[str, Marks]:
    names: dict[int, str] = {}
    codes, formats = dict(_BUILT_IN_PERCENT), []
    for kind, body, _ in _records(stream, 0):
        if kind == _FILEPASS:
            raise refuse("the workbook is password-protected")
        if kind == _BOUNDSHEET:
            names[struct.unpack_from("<I", body)[0]] = _text(body, 6, body[6])
        if kind == _FORMAT:
            number, length = struct.unpack_from("<HH", body)
            codes[number] = _text(body, 4, length)
        if kind == _XF:
            formats.append(codes.get(struct.unpack_from("<H", body, 2)[0], ""))
    styles = odd_styles(formats)
    return {name: dict(_cells(stream, at, styles)) for at, name in names.items()}


def _cells(stream: bytes, at: int, styles: dict[int, str]) -> Iterator[tuple[tuple[int, int], str]]:
    depth = 0
    for kind, body, _ in _records(stream, at):
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        if kind not in (_NUMBER, _RK, _MULRK, _FORMULA, _BOOLERR):
            continue
        row, column, style = struct.unpack_from("<HHH", body)
        if kind == _MULRK:
            for number in range((len(body) - 6) // 6):
                style = struct.unpack_from("<H", body, 4 + 6 * number)[0]
                if style in styles:
                    yield (row, column + number), styles[style]
        elif rule := _lost_value(kind, body) or (styles.get(style) if kind != _BOOLERR else None):
            yield (row, column), rule


def _lost_value(kind: int, body: bytes) -> str | None:
    """Why a cell has no value: an error, or a formula that was never worked out."""
    if kind == _BOOLERR:
        return f"an error cell, {_ERRORS.get(body[6], '#ERROR')}" if body[7] else None
    if kind == _FORMULA and body[12:14] == b"\xff\xff":
        if body[6] == 2:
            return f"an error cell, {_ERRORS.get(body[8], '#ERROR')}"
        return NO_VALUE if body[6] == 3 else None
    return None


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes, int]]:
    """Records from a place on; those of the workbook itself end with its EOF."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length], at
        depth += (kind == _BOF) - (kind == _EOF)
        at += 4 + length
        if depth <= 0:
            return
    raise struct.error("the records end before their EOF")


def _text(body: bytes, at: int, length: int) -> str:
    """A BIFF8 string whose flag byte stands before its characters."""
    flag_at = at + (1 if at == 6 else 0)
    is_wide = body[flag_at] & 1
    start = flag_at + 1
    if is_wide:
        return body[start : start + 2 * length].decode("utf-16-le")
    return body[start : start + length].decode("latin-1")


def _directory(content: bytes) -> Iterator[tuple[str, int, int]]:
    """Name, first sector and size of every entry of the OLE directory."""
    first = struct.unpack_from("<I", content, 48)[0]
    table = _chain(content, first)
    for at in range(0, len(table) - 127, 128):
        length = struct.unpack_from("<H", table, at + 64)[0]
        name = table[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
        start, size = struct.unpack_from("<II", table, at + 116)
        yield name, start, size


def _stream(content: bytes, start: int, size: int) -> bytes:
    """A stream of the container; one below 4096 bytes lies in the mini stream and is no workbook."""
    if size < 4096:
        raise ValueError("a workbook of less than 4096 bytes")
    return _chain(content, start)[:size]


def _chain(content: bytes, sector: int) -> bytes:
    shift = struct.unpack_from("<H", content, 30)[0]
    if shift not in (9, 12):
        raise ValueError("no OLE sector size")
    size = 1 << shift
    table = _allocation_table(content, size)
    pieces, seen = [], 0
    while sector < _END_OF_CHAIN:
        seen += 1
        if seen > len(table):
            raise ValueError("a chain of sectors without end")
        pieces.append(content[(sector + 1) * size : (sector + 2) * size])
        sector = table[sector]
    return b"".join(pieces)


def _allocation_table(content: bytes, size: int) -> list[int]:
    sectors = [n for n in struct.unpack_from("<109I", content, 76) if n < _END_OF_CHAIN]
    extra = struct.unpack_from("<I", content, 68)[0]
    for _ in range(len(content) // size):
        if extra >= _END_OF_CHAIN:
            break
        numbers = struct.unpack_from(f"<{size // 4}I", content, (extra + 1) * size)
        sectors += [n for n in numbers[:-1] if n < _END_OF_CHAIN]
        extra = numbers[-1]
    table: list[int] = []
    for sector in sectors:
        table += struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    return table
