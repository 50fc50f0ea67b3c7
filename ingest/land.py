"""From archived answers to raw tables, in bulk; what breaks a rule goes to quarantine.

An answer lands whole or not at all: one bad cell and the dataset keeps its last good rows. Landing
is driven by the attempt log alone, so the raw tables can be rebuilt from archive and log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from ingest.archive import Archive, Attempt, AttemptLog
from ingest.checks import broken_cells, folded, refuse_short
from ingest.dataset import Dataset, Request, Resource, SourceFile
from ingest.errors import NothingPublishedError, SourceError, shorten
from ingest.fetch import Report
from ingest.raw_tables import SQL_TYPES, TABLES, copy_log, create_tables
from ingest.register.door import RegisterFile, look
from ingest.register.landing import is_counted, land_register
from ingest.register.reading import READ_TOGETHER, read_files
from ingest.states import describe_datasets

if TYPE_CHECKING:
    import pandas as pd

# empty: the agency said that it has nothing for this resource; nothing landed, nothing is wrong.
# withdrawn: landed once, then taken back; also the outcome of the line of the log that says so.
Outcome = Literal["landed", "unchanged", "empty", "refused", "withdrawn"]

RAW_TEXT_LIMIT = 1000


@dataclass(frozen=True)
class Landing:
    """What became of one fetched answer; `rows` counts the rows that are new in the raw table."""

    dataset: str
    resource: str
    outcome: Outcome
    rows: int
    error: str | None = None


def land(
    con: duckdb.DuckDBPyConnection,
    datasets: Sequence[Dataset],
    archive: Archive,
    log: AttemptLog,
    report: Report,
) -> list[Landing]:
    """Land every whole answer of the log that was not landed before, in the order of the log.

    A withdrawal in the log makes the earlier landings of its inbox file count no longer.
    """
    create_tables(con, datasets)
    attempts = list(log)
    copy_log(con, attempts)
    by_name = {dataset.name: dataset for dataset in datasets}
    seen = {row[0] for row in con.execute("select fetch_id from raw.landing").fetchall()}
    landings = []
    answers = [
        pages
        for pages in _whole_answers(attempts)
        if pages[0].fetch_id not in seen and pages[0].dataset in by_name
    ]
    read: set[str] = set()
    for place, pages in enumerate(answers):
        dataset = by_name[pages[0].dataset]
        is_withdrawal = pages[0].status == "withdrawn"
        if dataset.register and not is_withdrawal and pages[0].sha256 not in read:
            read |= _read_ahead(con, dataset, answers[place:], archive)
        landing = _withdraw(con, pages[0]) if is_withdrawal else _land(con, dataset, pages, archive)
        report(f"{landing.dataset}, {landing.resource}: {landing.outcome}, {landing.rows} rows")
        landings.append(landing)
        if landing.outcome == "refused":
            read.discard(pages[0].sha256 or "")
    describe_datasets(con, datasets)
    return landings


def landed_resources(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> dict[str, date]:
    """Resources of which the last answer landed, with the day on which it was fetched.

    An empty answer is not among them: what is not published today may be tomorrow.
    """
    con.execute(TABLES)
    rows = con.execute(
        "select landing.resource, max(cast(left(fetched_at, 10) as date)) from raw.landing"
        " join raw.fetch_log using (fetch_id) where landing.dataset = ? group by all"
        " having arg_max(outcome, landing_number) in ('landed', 'unchanged')",
        [dataset.name],
    ).fetchall()
    return dict(rows)


@cache
def parser_sha256() -> str:
    """SHA-256 over this package's code: says by which parsers an answer was landed."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _whole_answers(attempts: Iterable[Attempt]) -> list[list[Attempt]]:
    answers: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        if attempt.status == "ok" or (attempt.status == "withdrawn" and attempt.is_last):
            answers.setdefault(attempt.fetch_id, []).append(attempt)
    return [pages for pages in answers.values() if pages[-1].is_last]


def _land(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, pages: list[Attempt], archive: Archive
) -> Landing:
    """Land one answer in one transaction, so that a killed process leaves it landed or not.

    An answer that breaks a rule is refused; a lost or altered archive file raises and stops the landing.
    """
    get = archive.get_file if dataset.register else archive.get
    files = [get(dataset.name, page.sha256 or "", page.path or "") for page in pages]
    outcome: Outcome = "refused"
    rows, content, error = 0, None, None
    con.execute("begin")
    try:
        last_files, last_origins, last_content = _last_landed(con, dataset, pages[-1].resource)
        origins = [_origin(page) for page in pages]
        if (last_files, last_origins) == ([page.sha256 for page in pages], origins):
            outcome, content = "unchanged", last_content
        elif dataset.register:
            place, page = archive.root / files[0].path, pages[0]
            rows = land_register(con, dataset, place, page.resource, files[0].sha256, page.fetch_id)
            outcome, content = "landed", files[0].sha256
        else:
            rows = _stage(con, dataset, pages, files)
            content = _content_hash(con, dataset)
            is_same = content == last_content and set(origins) == set(last_origins)
            outcome = "unchanged" if is_same else "landed"
            if outcome == "landed":
                _insert(con, dataset)
    except NothingPublishedError as answer:
        outcome, error = _empty(con, dataset, pages, answer)
    except SourceError as refusal:
        error = str(refusal)
    except BaseException:
        con.execute("rollback")
        raise
    con.execute(
        "insert into raw.landing select count(*) + 1, ?, ?, ?, ?, ?, ?, ?, ? from raw.landing",
        [
            pages[-1].fetch_id,
            dataset.name,
            pages[-1].resource,
            outcome,
            rows,
            content,
            parser_sha256(),
            error,
        ],
    )
    con.execute("commit")
    return Landing(dataset.name, pages[-1].resource, outcome, rows if outcome == "landed" else 0, error)


def _read_ahead(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, answers: list[list[Attempt]], archive: Archive
) -> set[str]:
    """Read the first answer of a register with those of its shape that come next; returns their SHA-256.

    A register may be larger than the disk: then SourceError, and nothing of these files has landed.
    """
    files: dict[str, tuple[Path, RegisterFile]] = {}
    for page in (pages[0] for pages in answers if pages[0].dataset == dataset.name):
        if len(files) == READ_TOGETHER or page.status == "withdrawn" or is_counted(con, page.sha256 or ""):
            break
        path = archive.root / (page.path or "")
        try:
            file = look(dataset, path, page.resource)
        except SourceError:  # Told when its turn comes.
            break
        if any(file.shape != other.shape or file.extension == "parquet" for _, other in files.values()):
            break
        # Of a file that came under two names the first one says which month it is of.
        files.setdefault(page.sha256 or "", (path, file))
    if files:
        try:
            read_files(con, dataset, files)
        except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException) as fault:
            rule = f"the build database could not take it: {shorten(' '.join(str(fault).split()), 200)}"
            step = "Make room on the disk of MTM_HOME, then `mtm refresh`."
            raise SourceError(dataset.name, rule, answers[0][0].resource, next_step=step) from fault
    return set(files)


def _withdraw(con: duckdb.DuckDBPyConnection, attempt: Attempt) -> Landing:
    """Forget what landed of an inbox file before this line of the log; its rows stay in the raw table."""
    con.execute("begin")
    con.execute(
        "update raw.landing set outcome = 'withdrawn'"
        " where dataset = ? and resource = ? and outcome in ('landed', 'unchanged')",
        [attempt.dataset, attempt.resource],
    )
    con.execute(
        "insert into raw.landing"
        " select count(*) + 1, ?, ?, ?, 'withdrawn', 0, null, ?, null from raw.landing",
        [attempt.fetch_id, attempt.dataset, attempt.resource, parser_sha256()],
    )
    con.execute("commit")
    return Landing(attempt.dataset, attempt.resource, "withdrawn", 0)


def _stage(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, pages: list[Attempt], files: list[SourceFile]
) -> int:
    """Parse and check an answer into the table `frame`; returns its rows, raises when a cell is bad."""
    frame = _parse(dataset, pages, files)
    con.register("parsed", frame)
    # A table: each rule would convert the objects of a pandas view anew.
    con.execute("create or replace temp table frame as select columns(*)::varchar from parsed")
    broken = broken_cells(con, dataset, "frame", date.fromisoformat(pages[-1].fetched_at[:10]))
    if len(broken):
        _quarantine(con, dataset, broken)
        raise _refusal(dataset, pages, broken)
    return len(frame)


def _parse(dataset: Dataset, pages: list[Attempt], files: list[SourceFile]) -> pd.DataFrame:
    resource = Resource(pages[0].resource, Request(pages[0].url))
    frame = dataset.parse(resource, files)
    refuse_short(dataset, frame, files[0].path)
    return frame


def _empty(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, pages: list[Attempt], answer: NothingPublishedError
) -> tuple[Outcome, str | None]:
    """An empty answer is in order, unless the same resource gave rows before."""
    if _last_landed(con, dataset, pages[-1].resource)[0] is None:
        return "empty", None
    rule = "the agency gave rows for this resource before, and says now that it has none"
    step = "The earlier rows stay; ask the agency whether it withdrew them."
    return "refused", str(SourceError(dataset.name, rule, pages[-1].path or "", "", step, str(answer)))


def _quarantine(con: duckdb.DuckDBPyConnection, dataset: Dataset, broken: pd.DataFrame) -> None:
    con.register("broken", broken)
    con.execute(
        "insert into raw.quarantine select ?, source_file, source_cell, rule,"
        f" left(raw_text, {RAW_TEXT_LIMIT}) from broken"
        " except select * from raw.quarantine",
        [dataset.name],
    )


def _refusal(dataset: Dataset, pages: list[Attempt], broken: pd.DataFrame) -> SourceError:
    first = broken.iloc[0]
    path = next(page.path for page in pages if page.sha256 == first["source_file"])
    more = f"; {len(broken)} cells in all" if len(broken) > 1 else ""
    return SourceError(
        dataset.name,
        f"{first['rule']}{more}",
        path or "",
        first["source_cell"],
        "See raw.quarantine or `mtm status`; ask the agency, then `mtm refresh`.",
        shorten(first["raw_text"] if isinstance(first["raw_text"], str) else ""),
    )


def _content_hash(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> str:
    """SHA-256 of the answer's rows whatever their order, the case and blanks of their labels."""
    parts = ", ".join(folded(column) for column in dataset.columns)
    row = con.execute(
        f"select sha256(string_agg(line, chr(10) order by line)) from"
        f" (select concat_ws(chr(31), {parts}) as line from frame)"
    ).fetchone()
    assert row is not None
    return str(row[0])


def _last_landed(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, resource: str
) -> tuple[list[str] | None, list[tuple[str | None, ...]], str | None]:
    """Files, their origins and the content hash of the last answer of a resource that landed."""
    rows = con.execute(
        "select sha256, obtained_via, cast(published_on as varchar), published_basis, publisher,"
        " content_sha256 from raw.landing"
        " join raw.fetch_log using (fetch_id) where landing_number = (select max(landing_number)"
        " from raw.landing where dataset = ? and resource = ? and outcome = 'landed') order by page",
        [dataset.name, resource],
    ).fetchall()
    if not rows:
        return None, [], None
    return [row[0] for row in rows], [row[1:5] for row in rows], rows[0][5]


def _origin(page: Attempt) -> tuple[str | None, ...]:
    return page.obtained_via, page.published_on, page.published_basis, page.publisher


def _insert(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Add the rows of files that are not in the raw table yet."""
    columns = "".join(f"cast({c.name} as {SQL_TYPES[c.kind]}), " for c in dataset.columns)
    con.execute(
        f"insert into raw.{dataset.name} select {columns} source_file, source_cell, raw_text,"
        f" now() at time zone 'UTC' from frame"
        f" where source_file not in (select source_file from raw.{dataset.name})"
    )
