"""XML that an agency sent, read so that no document can do harm.

What belongs here: UTF-8 XML without a document type (so without entities of its own) to an element
tree. What does not: the meaning of the elements (the dataset's own module).
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.parsers import expat

from ingest.dataset import SourceFile
from ingest.errors import SourceError

DEPTH_LIMIT = 50
AGAIN = "The answer was cut or damaged: run `mtm refresh` again; if it repeats, ask the agency."


class _RefusedError(Exception):
    """Raised inside the parser's handlers; read_xml makes it a SourceError with the place."""


def read_xml(dataset: str, file: SourceFile, content: bytes | None = None) -> ElementTree.Element:
    """The root element; tags without their namespaces. Raises SourceError on anything doubtful.

    content: the XML itself where it is one part of the file (xlsx).
    """
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    builder = ElementTree.TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_LIMIT:
            raise _RefusedError(f"elements nested deeper than {DEPTH_LIMIT}")
        builder.start(_local(tag), {_local(name): value for name, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(tag))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.XmlDeclHandler = _refuse_other_charset
    parser.StartDoctypeDeclHandler = _refuse_document_type
    data = (file.content if content is None else content).removeprefix(b"\xef\xbb\xbf").lstrip()
    read_utf8(dataset, file, data)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise SourceError(dataset, f"not whole XML: {error}", file.path, "/", AGAIN) from None
    except _RefusedError as refusal:
        place = f"line {parser.CurrentLineNumber}"
        raise SourceError(dataset, str(refusal), file.path, place, AGAIN) from None
    return builder.close()


def read_utf8(dataset: str, file: SourceFile, content: bytes | None = None) -> str:
    """The bytes as text; raises SourceError when they are not the UTF-8 that the agency promises."""
    try:
        return (file.content if content is None else content).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        rule = f"not UTF-8: {error.reason}"
        raise SourceError(dataset, rule, file.path, f"byte {error.start}", AGAIN) from None


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def _refuse_other_charset(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding and encoding.lower() != "utf-8":
        raise _RefusedError(f"the charset {encoding!r} is declared in place of utf-8")


def _refuse_document_type(*_declaration: object) -> None:
    raise _RefusedError("a document type is declared, which could define entities")
