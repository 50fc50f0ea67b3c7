"""The National Bank's open data API: how a form is asked for, page by page, and checked.

`GET /api/v1/data?formId=&page=&pageSize=`, pages from 0 until totalRows rows are collected. Rows
are flat objects whose keys are absent, not null, where they do not apply.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.dataset import Request, Resource, SourceFile
from ingest.errors import SourceError
from ingest.printed import NumberToken, read_json

HOST = "data.nationalbank.kz"
PAGE_SIZE = 500


def form_request(form_id: int, page: int) -> Request:
    return Request(
        f"https://{HOST}/api/v1/data",
        (("formId", str(form_id)), ("page", str(page)), ("pageSize", str(PAGE_SIZE))),
    )


def form_rows(dataset: str, file: SourceFile) -> list[dict[str, object]]:
    """The rows of one page; raises SourceError when the envelope is not the API's."""
    envelope = read_json(dataset, file)
    rows = envelope.get("rows") if isinstance(envelope, dict) else None
    if not isinstance(rows, list):
        raise SourceError(dataset, "the answer has no list of rows", file.path, "$.rows")
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise SourceError(dataset, "a row is not an object", file.path, f"$.rows[{number}]")
    return rows


def next_form_page(dataset: str, form_id: int, pages: Sequence[SourceFile]) -> Request | None:
    """The request after `pages`, None when totalRows rows are there; raises when pages contradict."""
    last = pages[-1]
    rows = form_rows(dataset, last)
    total = _total_rows(dataset, last)
    again = "Run `mtm refresh` again; if it repeats, ask the National Bank about the form."
    if total != _total_rows(dataset, pages[0]):
        raise SourceError(
            dataset, "totalRows changed between pages", last.path, "$.totalRows", again, str(total)
        )
    if not rows:
        rule = f"totalRows says {total}, but page {len(pages) - 1} is empty"
        raise SourceError(dataset, rule, last.path, "$.rows", again)
    if any(rows == form_rows(dataset, page) for page in pages[:-1]):
        raise SourceError(dataset, "the page repeats an earlier page", last.path, "$.rows", again)
    collected = sum(len(form_rows(dataset, page)) for page in pages)
    if collected > total:
        rule = f"totalRows says {total}, but {collected} rows came"
        raise SourceError(dataset, rule, last.path, "$.totalRows", again)
    return form_request(form_id, len(pages)) if collected < total else None


def form_resource(form_id: int) -> Resource:
    return Resource(f"form {form_id}", form_request(form_id, 0))


def _total_rows(dataset: str, file: SourceFile) -> int:
    envelope = read_json(dataset, file)
    total = envelope.get("totalRows") if isinstance(envelope, dict) else None
    if not isinstance(total, NumberToken) or not total.isdecimal() or len(total) > 9:
        raise SourceError(dataset, "totalRows is not a count", file.path, "$.totalRows", raw_text=str(total))
    return int(total)
