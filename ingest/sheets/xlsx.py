"""What an xlsx file is made of, looked at before a reader opens it, and what the reader cannot say.

What belongs here: limits on the zip, macros, the size of each sheet, cells whose printed value is
lost on the way through calamine (errors, formulas without a value, percent and scaled formats).
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable
from xml.etree import ElementTree

# An honest sheet of 200,000 x 8 cells unpacks to 70 MB.
UNPACKED_LIMIT = 300_000_000
PART_LIMIT = 5_000
ROW_LIMIT = 400_000
COLUMN_LIMIT = 702
CELL_LIMIT = 6_000_000
PIECE = 16_384

NO_VALUE = "a formula without its value: open and save the file in a spreadsheet program"
Refuse = Callable[[str], Exception]
Marks = dict[tuple[int, int], str]
Bytes = bytes | bytearray

# Usual writers put the address first, up to Z399999: a search for what differs costs one pass.
_NOT_NEAR = re.compile(rb'<c(?! r="[A-Z][1-3]?[0-9]{1,5}")[\s/>]')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr=["\']([0-9]+)')
_PLACE = re.compile(rb'<(?:\w+:)?c\b[^>]*?\sr=["\']([A-Za-z]+)([0-9]+)')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_NAMELESS = re.compile(rb"<(?:\w+:)?(?:c|row)(?![^>]*\sr=)[\s/>]")
_ADDRESS = re.compile(rb'\br=["\']([A-Z]+)([0-9]+)["\']')
_STYLE = re.compile(rb'\bs=["\']([0-9]+)["\']')
_ERROR_TYPE = re.compile(rb"t=[\"']e[\"']")
_FORMULA = re.compile(rb"<f")
_SCALED = re.compile(r"[0#?],+(?![0#?])")


def read_parts(content: bytes, refuse: Refuse) -> dict[str, Bytes]:
    """Every XML part of the file, unpacked within UNPACKED_LIMIT whatever the directory claims."""
    try:
        directory = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise refuse("the file is cut or damaged: its zip directory cannot be read") from None
    names = [entry.filename.lower() for entry in directory]
    if any(name.endswith("vbaproject.bin") for name in names):
        raise refuse("the workbook has macros (vbaProject.bin)")
    if "xl/workbook.bin" in names:
        raise refuse("an xlsb workbook, which is not read")
    if "xl/workbook.xml" not in names:
        raise refuse("a zip file, but no xlsx workbook (no xl/workbook.xml)")
    if len(set(names)) < len(names) or len(names) > PART_LIMIT:
        raise refuse(f"the zip names a part twice or more than {PART_LIMIT:,} parts")
    claimed = sum(entry.file_size for entry in directory)
    if claimed > UNPACKED_LIMIT:
        raise refuse(f"the file unpacks to {claimed:,} bytes, more than {UNPACKED_LIMIT:,}")
    return {entry.filename: _unpack(content, entry, refuse) for entry in directory}


def _unpack(content: bytes, entry: zipfile.ZipInfo, refuse: Refuse) -> Bytes:
    if entry.flag_bits & 1:
        raise refuse("the workbook is password-protected")
    at = entry.header_offset
    lengths = content[at + 26 : at + 30]
    start = at + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    packed = content[start : start + entry.compress_size]
    try:
        if entry.compress_type == zipfile.ZIP_DEFLATED:
            unpacked = _inflate(packed, entry.file_size)
        else:
            unpacked = packed
    except zlib.error:
        unpacked = bytearray()
    if len(unpacked) != entry.file_size or zlib.crc32(unpacked) != entry.CRC:
        raise refuse(f"the file is cut or damaged: {entry.filename} is not what the zip directory says")
    return unpacked


def _inflate(packed: bytes, size: int) -> Bytes:
    """In small pieces into memory that is taken once; raises zlib.error for more or less than the size."""
    unpacker, unpacked, end = zlib.decompressobj(-15), bytearray(size), 0
    for at in range(0, len(packed), PIECE):
        piece = unpacker.decompress(packed[at : at + PIECE])
        start, end = end, end + len(piece)
        if end > size:
            break
        unpacked[start:end] = piece
    if end != size:
        raise zlib.error("another size than the directory says")
    return unpacked


def sheet_parts(parts: dict[str, Bytes], refuse: Refuse) -> dict[str, Bytes]:
    """The XML of each worksheet by the sheet's name."""
    related = {
        relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", "")))[1:]
        for relation in _xml(parts, "xl/_rels/workbook.xml.rels", refuse).iter()
        if relation.get("TargetMode") != "External"
    }
    found = {}
    for sheet in _xml(parts, "xl/workbook.xml", refuse).iter():
        if sheet.tag.endswith("}sheet"):
            identity = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
            part = related.get(identity, "")
            if part.startswith("xl/worksheets/") and part in parts:
                found[sheet.get("name", "")] = parts[part]
    return found


def sheet_marks(xml: Bytes, parts: dict[str, Bytes], refuse: Refuse) -> Marks:
    """Cells of a sheet that hold no printable figure, with the reason."""
    styles = odd_styles(_number_formats(parts, refuse))
    marks: Marks = {}
    is_prefixed = b":worksheet" in xml[:4096]
    if not (styles or is_prefixed or _ERROR_TYPE.search(xml) or _FORMULA.search(xml)):
        return marks
    for cell in _CELL.finditer(xml):
        attributes, body = cell[1], cell[2] or b""
        style = _STYLE.search(attributes)
        if rule := _mark(attributes, body, styles.get(int(style[1])) if style else None):
            address = _ADDRESS.search(attributes)
            assert address is not None
            marks[int(address[2]) - 1, _column(address[1])] = rule
    return marks


def _mark(attributes: bytes, body: bytes, odd_style: str | None) -> str | None:
    value = re.search(rb"<(?:\w+:)?(?:v|t)\b[^>/]*>([^<]+)<", body)
    if b't="e"' in attributes or b"t='e'" in attributes:
        return f"an error cell, {value[1].decode() if value else '#ERROR'}"
    if not value:
        is_formula = re.search(rb"<(?:\w+:)?f[ />]", body) and b't="str"' not in attributes
        return NO_VALUE if is_formula else None
    return odd_style if b"t=" not in attributes or b't="n"' in attributes else None


def odd_styles(formats: list[str]) -> dict[int, str]:
    """Styles, by number, under which a cell prints another figure than it holds."""
    styles = {}
    for number, code in enumerate(formats):
        bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code)
        if "%" in bare:
            styles[number] = "a percent format: the cell holds a hundredth of what it prints"
        elif _SCALED.search(bare):
            styles[number] = "a scaled number format: the cell holds thousands of times what it prints"
    return styles


def _number_formats(parts: dict[str, Bytes], refuse: Refuse) -> list[str]:
    """The format code of each cell style; built-in formats matter only where they print percent."""
    if "xl/styles.xml" not in parts:
        return []
    codes = {9: "0%", 10: "0.00%"}
    formats = []
    for element in _xml(parts, "xl/styles.xml", refuse).iter():
        if element.tag.endswith("}numFmt"):
            codes[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
        if element.tag.endswith("}cellXfs"):
            formats = [codes.get(int(style.get("numFmtId", "0")), "") for style in element]
    return formats


def refuse_size(xml: Bytes, refuse: Refuse) -> None:
    """A reader makes a full rectangle of the cells: one cell in XFD1048576 would take all memory."""
    if b"<!DOCTYPE" in xml[:4096] or not xml[:4].lstrip(b"\xef\xbb\xbf").startswith(b"<"):
        raise refuse("a sheet is not plain UTF-8 XML")
    if b"<sheetData" in xml and not _NOT_NEAR.search(xml):
        return
    if _NAMELESS.search(xml):
        raise refuse("a sheet has cells without an address")
    last_row = max(map(int, _ROW.findall(xml)), default=0)
    last_column = 26
    for place in _PLACE.finditer(xml):
        last_row = max(last_row, int(place[2]))
        last_column = max(last_column, 1 + _column(place[1].upper()))
    if last_row > ROW_LIMIT:
        raise refuse(f"a sheet has {last_row:,} rows, more than {ROW_LIMIT:,}")
    if last_column > COLUMN_LIMIT:
        raise refuse(f"a sheet has {last_column:,} columns, more than {COLUMN_LIMIT}")
    if last_column > 26 and last_row * last_column > CELL_LIMIT:
        raise refuse(f"a sheet of {last_row:,} x {last_column} cells, more than {CELL_LIMIT:,}")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _xml(parts: dict[str, Bytes], name: str, refuse: Refuse) -> ElementTree.Element:
    content = parts.get(name, b"")
    try:
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise refuse(f"{name} declares entities, which no workbook needs")
        return ElementTree.fromstring(content)  # noqa: S314 - entities were refused above
    except ElementTree.ParseError:
        raise refuse(f"the file is damaged: {name} is not XML") from None
