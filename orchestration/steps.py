"""The main job as plain functions: fetch, land, build, audit, publish, each on one MTM_HOME.

The Dagster assets call these and so do single `mtm` verbs and tests. Each step looks at what is
there and does what is missing, so that a step repeated after a kill completes the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import duckdb

from audit import reports, tables
from audit.claims import ClaimsError
from audit.tables import Judged
from ingest.catalogue import DATASETS
from ingest.client import Client
from ingest.dataset import Dataset, Resource
from ingest.errors import SourceError
from ingest.fetch import Fetched, Fetcher
from ingest.land import Landing, land
from ingest.recorded import RecordedTransport, recorded_provenance
from ingest.register.landing import synthetic_files
from orchestration import contract, dbt, ledger
from orchestration.due import due_resources, failed_inbox, resources_of_months, stray_entries
from orchestration.finished_build import finished_build
from orchestration.ledger import Entry, Run
from orchestration.settings import LOGGER, Settings
from publish.folder import inputs_hash
from publish.release import Acceptance, Published, build_inputs
from publish.tables import PublishError, TableName, content_hash, write_tables

MESSAGE_LIMIT = 600
UNMATCHED = "unmatched_label_is_empty"
EXCHANGE_RATES = next(dataset for dataset in DATASETS.values() if dataset.resource_of_month)
UNCHANGED = "nothing changed since the last published build"


@dataclass(frozen=True)
class Build:
    """What a build came to. `problems` names every node that failed or was skipped."""

    outcome: Literal["built", "unchanged", "nothing landed"]
    results: list[dbt.NodeResult] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def fetch_datasets(
    settings: Settings, names: Iterable[str], months: Sequence[date] = (), run: Run | None = None
) -> dict[str, list[Fetched]]:
    """Ask for every resource of the named datasets that is due; a failure stops only its resource.

    months: first days of months whose exchange rates are asked for as well, due or not.
    """
    datasets = [DATASETS[name] for name in names]
    with _at_work(settings, run, "fetch") as (con, entry):
        settings.refuse_other_mode()
        if stray := stray_entries(settings):
            LOGGER.warning("%s: no dataset takes letters by this name: %s", settings.inbox, ", ".join(stray))
        asked_again = {EXCHANGE_RATES.name: resources_of_months(settings, EXCHANGE_RATES, months)}
        if months and EXCHANGE_RATES not in datasets:
            raise SourceError(EXCHANGE_RATES.name, "months are asked for, and the dataset is not selected")
        plan = [(each, _plan(settings, con, each, asked_again.get(each.name, []))) for each in datasets]
        entry.expected = sum(1 if isinstance(due, Fetched) else len(due) for _, due in plan)
        fetcher = _fetcher(settings, datasets)
        fetched = {
            each.name: [due] if isinstance(due, Fetched) else fetcher.fetch(each, due) for each, due in plan
        }
        _count(entry, [answer for answers in fetched.values() for answer in answers])
        return fetched


def fetch_months(settings: Settings, months: Sequence[date], run: Run | None = None) -> list[Fetched]:
    """Ask for the exchange rates of past months, by their first days, whether they are due or not."""
    with _at_work(settings, run, "fetch_months") as (_, entry):
        settings.refuse_other_mode()
        resources = resources_of_months(settings, EXCHANGE_RATES, months)
        entry.expected = len(resources)
        fetched = _fetcher(settings, [EXCHANGE_RATES]).fetch(EXCHANGE_RATES, resources)
        _count(entry, fetched)
        return fetched


def _plan(
    settings: Settings, con: duckdb.DuckDBPyConnection, dataset: Dataset, asked_again: list[Resource]
) -> list[Resource] | Fetched:
    try:
        due = due_resources(settings, con, dataset)
    except SourceError as error:
        return failed_inbox(settings, dataset, error)
    names = {resource.name for resource in due}
    return due + [resource for resource in asked_again if resource.name not in names]


def _fetcher(settings: Settings, datasets: list[Dataset]) -> Fetcher:
    is_recorded = settings.sources == "recorded"
    bundle = str(settings.ca_bundle) if settings.ca_bundle else None
    client = Client(settings.sources, RecordedTransport(datasets) if is_recorded else None, bundle)
    origins = recorded_provenance(datasets) if is_recorded else {}
    return Fetcher(client, settings.archive, settings.log, LOGGER.info, origins)


def _count(entry: Entry, fetched: list[Fetched]) -> None:
    entry.failed = sum(answer.error is not None for answer in fetched)
    entry.done = len(fetched) - entry.failed
    entry.skipped = entry.expected - len(fetched)


@contextmanager
def _at_work(
    settings: Settings, run: Run | None, step: str
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Entry]]:
    """The writer's place, the build database and the ledger's entry of a step."""
    run = run or Run.by_hand(step)
    with settings.writing(), settings.build_connection() as con, ledger.entry_of(con, run, step) as entry:
        yield con, entry


def land_answers(settings: Settings, run: Run | None = None) -> list[Landing]:
    """Land what the log holds and the raw tables do not."""
    with _at_work(settings, run, "land") as (con, entry):
        landings = land(con, list(DATASETS.values()), settings.archive, settings.log, LOGGER.info)
        entry.expected = len(landings)
        entry.failed = sum(landing.outcome == "refused" for landing in landings)
        entry.done = entry.expected - entry.failed
        return landings


def build(settings: Settings, even_if_unchanged: bool = False, run: Run | None = None) -> Build:
    """Run dbt, unless these inputs are built and published; the ledger says whether all nodes were done."""
    run = run or Run.by_hand("build")
    with settings.writing():
        with settings.build_connection() as con:
            inputs = _inputs(con)
            digest = inputs_hash(inputs)
            last = ledger.last_build(con)
            ledger.begin(con, run, "build")
            if not any(dataset["files"] for dataset in inputs["datasets"]):
                problem = "no dataset has ever landed: see `mtm status`"
                ledger.end(con, run, "build", Entry(state="failed", reason=problem))
                return Build("nothing landed", problems=[problem])
            is_built = last is not None and last.is_whole and last.inputs_sha256 == digest
            if is_built and settings.releases.holds(digest) and not even_if_unchanged:
                ledger.end(con, run, "build", Entry(state="skipped", reason=UNCHANGED))
                ledger.skip_rest(con, run, UNCHANGED)
                return Build("unchanged")
            tables.drop(con)
        entry = Entry(expected=len(dbt.expected_nodes()), state="failed", inputs_sha256=digest)
        LOGGER.info("dbt: building %d seeds, models and tests", entry.expected)
        try:
            contract.refuse_broken()
            results = dbt.build(settings.home, settings.build)
        except dbt.BuildError as error:
            entry.reason = str(error)
            with settings.build_connection() as con:
                ledger.end(con, run, "build", entry)
            raise
        with settings.build_connection() as con:
            problems = _problems(con, results)
            done = {result.unique_id for result in results if result.is_good}
            failed = {result.unique_id for result in results if not result.is_good and not result.is_skipped}
            entry.done, entry.failed = len(done), len(failed)
            entry.skipped = entry.expected - entry.done - entry.failed
            entry.state, entry.reason = ("failed", "; ".join(problems)) if problems else ("done", None)
            ledger.end(con, run, "build", entry)
        return Build("built", results, problems)


def audit(settings: Settings, run: Run | None = None) -> tuple[list[Judged], list[ClaimsError]]:
    """Judge the claims of every report against the build and write what was found beside its tables."""
    with _at_work(settings, run, "judge") as (con, entry):
        judged, errors = _audit(con)
        entry.expected, entry.done, entry.failed = len(judged) + len(errors), len(judged), len(errors)
        return judged, errors


def _audit(con: duckdb.DuckDBPyConnection) -> tuple[list[Judged], list[ClaimsError]]:
    judged, errors = reports.judge_all(con)
    tables.write(con, judged)
    for report, checks in ((each.report, each.checks) for each in judged):
        LOGGER.info("audit: %s, %d claims, %d checks", report.name, len(report.claims), len(checks))
    for problem in (f"{error.path.name}, {line}" for error in errors for line in error.problems):
        LOGGER.warning("audit: %s", problem)
    return judged, errors


def published_tables() -> list[TableName]:
    """The tables of a release: models of marts, indicators and audit, and what the audit writes."""
    return sorted([*dbt.published_tables(), *(TableName("audit", table.name) for table in tables.TABLES)])


def publish(
    settings: Settings,
    unpin: bool = False,
    acceptance: Acceptance | None = None,
    run: Run | None = None,
) -> Published:
    """Publish the last build; raises PublishError when it is not whole or not of the landed inputs."""
    if not settings.build.exists():
        raise PublishError(f"{settings.home} has no build yet: run `mtm refresh`")
    run, names = run or Run.by_hand("release"), published_tables()
    with settings.writing():
        with settings.build_connection() as con:
            ledger.begin(con, run, "release")
            inputs = _inputs(con)
            problem = _why_not_published(con, inputs_hash(inputs))
            if problem is None and not tables.are_written(con):
                _audit(con)
            finished = finished_build(settings, con, inputs, names) if problem is None else None
            entry = Entry(expected=len(names), state="failed", reason=problem)
            if problem:
                ledger.end(con, run, "release", entry)
        if finished is None:
            raise PublishError(problem)
        try:
            published = settings.releases.publish(finished, unpin, acceptance)
        except Exception as error:
            entry.reason = str(error)
            with settings.build_connection() as con:
                ledger.end(con, run, "release", entry)
            raise
        with settings.build_connection() as con:
            is_left_out = published.outcome in ("pinned", "held")
            entry.state = "skipped" if is_left_out else "done"
            entry.done = 0 if is_left_out else len(names)
            entry.skipped, entry.reason = entry.expected - entry.done, published.reason or None
            ledger.end(con, run, "release", entry)
        LOGGER.info("release %s: %s", published.release_id, published.reason or published.outcome)
        return published


def _why_not_published(con: duckdb.DuckDBPyConnection, digest: str) -> str | None:
    """What stands against publishing the build: a node that was not done, inputs that changed since."""
    last = ledger.last_build(con)
    if last is None or last.inputs_sha256 != digest:
        return "the last build is not of the landed rows: run `mtm refresh`"
    if not last.is_whole:
        return f"the last build is not whole ({last.reason or 'it was interrupted'}): run `mtm refresh`"
    if synthetic := synthetic_files(con):
        name, dataset = synthetic[0]
        return (
            f"{len(synthetic)} file(s) hold generated rows, such as {name}, and a release holds none:"
            f" `mtm inbox withdraw {name} --dataset {dataset} --why ...` for each, then `mtm refresh`"
        )
    return None


def _inputs(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    return build_inputs(con, dbt.project_sha256(), reports.sha256())


def _problems(con: duckdb.DuckDBPyConnection, results: list[dbt.NodeResult]) -> list[str]:
    """A line for each node that failed, with offending rows, and one for those that were not run."""
    failed = [each for each in results if not each.is_good and not each.is_skipped]
    problems = [f"{each.kind} {each.name}: {_reason(con, each)}" for each in failed]
    done = {each.unique_id for each in results if not each.is_skipped}
    if not_run := dbt.expected_nodes() - done:
        problems.append(f"{len(not_run)} of {len(dbt.expected_nodes())} nodes were not run")
    if any(each.name == UNMATCHED for each in failed):
        problems.append("run `mtm unmatched`")
    return problems


def _reason(con: duckdb.DuckDBPyConnection, result: dbt.NodeResult) -> str:
    if not (result.failures and result.compiled_code):
        return " ".join(result.message.split())[:MESSAGE_LIMIT]
    answer = con.execute(f"select * from ({result.compiled_code}) limit 3")
    columns = [column[0] for column in answer.description or []]
    rows = [zip(columns, row, strict=True) for row in answer.fetchall()]
    shown = ["; ".join(f"{name} {value}" for name, value in row) for row in rows]
    return f"{result.failures} row(s), such as " + " | ".join(shown)[:MESSAGE_LIMIT]


def build_content(settings: Settings) -> str:
    """SHA-256 over the rows of every table that a release of the present build would hold."""
    with settings.writing(), TemporaryDirectory(dir=settings.home) as folder:
        (Path(folder) / "parquet").mkdir()
        return content_hash(write_tables(settings.build, Path(folder), published_tables()))
