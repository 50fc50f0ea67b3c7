"""The main job as plain functions: fetch, land, build, audit, publish, each on one MTM_HOME.

The Dagster assets call these and so do single `mtm` verbs and tests. Each step looks at what is
there and does what is missing, so that a step repeated after a kill completes the work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
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
from orchestration import dbt
from orchestration.due import due_resources, failed_inbox, stray_entries
from orchestration.settings import LOGGER, Settings
from publish.release import Published, build_inputs, inputs_hash
from publish.tables import PublishError, TableName, content_hash, write_tables

PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "httpx", "pandas")
MESSAGE_LIMIT = 600
UNMATCHED = "unmatched_label_is_empty"
BUILD_LOG = """
create table if not exists ops.build (
    started_at timestamp, inputs_sha256 varchar, state varchar, nodes_expected integer,
    nodes_good integer, problem varchar
)
"""


@dataclass(frozen=True)
class Build:
    """What a build came to. `problems` names every node that failed or was skipped."""

    outcome: Literal["built", "unchanged", "nothing landed"]
    results: list[dbt.NodeResult] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def fetch_datasets(settings: Settings, names: Iterable[str]) -> dict[str, list[Fetched]]:
    """Ask for every resource of the named datasets that is due; a failure stops only its resource."""
    with settings.writing():
        settings.refuse_other_mode()
        datasets = [DATASETS[name] for name in names]
        if stray := stray_entries(settings):
            LOGGER.warning("%s: no dataset takes letters by this name: %s", settings.inbox, ", ".join(stray))
        transport = RecordedTransport(datasets) if settings.sources == "recorded" else None
        bundle = str(settings.ca_bundle) if settings.ca_bundle else None
        client = Client(settings.sources, transport, bundle)
        origins = recorded_provenance(datasets) if settings.sources == "recorded" else {}
        fetcher = Fetcher(client, settings.archive, settings.log, LOGGER.info, origins)
        with settings.build_connection() as con:
            plan = [(each, _plan(settings, con, each)) for each in datasets]
        return {
            each.name: [due] if isinstance(due, Fetched) else fetcher.fetch(each, due) for each, due in plan
        }


def _plan(settings: Settings, con: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[Resource] | Fetched:
    try:
        return due_resources(settings, con, dataset)
    except SourceError as error:
        return failed_inbox(settings, dataset, error)


def land_answers(settings: Settings) -> list[Landing]:
    """Land what the log holds and the raw tables do not."""
    with settings.writing(), settings.build_connection() as con:
        return land(con, list(DATASETS.values()), settings.archive, settings.log, LOGGER.info)


def build(settings: Settings, even_if_unchanged: bool = False) -> Build:
    """Run dbt, unless these inputs are built and published; records the outcome in ops.build."""
    with settings.writing():
        with settings.build_connection() as con:
            inputs = _inputs(con)
            digest = inputs_hash(inputs)
            if not any(dataset["files"] for dataset in inputs["datasets"]):
                return Build("nothing landed", problems=["no dataset has ever landed: see `mtm status`"])
            is_whole = _last_build(con) == (digest, "whole")
            if is_whole and settings.releases.holds(digest) and not even_if_unchanged:
                return Build("unchanged")
            tables.drop(con)
            started = datetime.now(UTC).replace(tzinfo=None)
            con.execute(
                "insert into ops.build values (?, ?, 'running', ?, 0, null)",
                [started, digest, len(dbt.expected_nodes())],
            )
        LOGGER.info("dbt: building %d seeds, models and tests", len(dbt.expected_nodes()))
        results = dbt.build(settings.home, settings.build)
        good = {result.unique_id for result in results if result.is_good}
        with settings.build_connection() as con:
            problems = _problems(con, results)
            con.execute(
                "update ops.build set state = ?, nodes_good = ?, problem = ? where started_at = ?",
                ["broken" if problems else "whole", len(good), "; ".join(problems) or None, started],
            )
        return Build("built", results, problems)


def audit(settings: Settings) -> tuple[list[Judged], list[ClaimsError]]:
    """Judge the claims of every report against the build and write what was found beside its tables."""
    with settings.writing(), settings.build_connection() as con:
        return _audit(con)


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


def last_problem(con: duckdb.DuckDBPyConnection) -> str | None:
    """Why the last build is not whole, None when it is or when there was none."""
    con.execute(f"create schema if not exists ops; {BUILD_LOG}")
    rows = con.execute("select state, problem from ops.build order by started_at desc limit 1").fetchall()
    return None if not rows or rows[0][0] == "whole" else rows[0][1] or "it was interrupted"


def publish(settings: Settings, unpin: bool = False) -> Published:
    """Publish the last build; raises PublishError when it is not whole or not of the landed inputs."""
    if not settings.build.exists():
        raise PublishError(f"{settings.home} has no build yet: run `mtm refresh`")
    with settings.writing():
        with settings.build_connection() as con:
            inputs = _inputs(con)
            if _last_build(con) != (inputs_hash(inputs), "whole"):
                raise PublishError(
                    "the last build is not whole or older than the landed rows: run `mtm refresh`"
                )
            if not tables.are_written(con):
                _audit(con)
        versions = {package: version(package) for package in PACKAGES}
        published = settings.releases.publish(settings.build, inputs, published_tables(), versions, unpin)
        LOGGER.info("release %s: %s", published.release_id, published.reason or published.outcome)
        return published


def _inputs(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    return build_inputs(con, dbt.project_sha256(), reports.sha256())


def _last_build(con: duckdb.DuckDBPyConnection) -> tuple[str, str] | None:
    con.execute(f"create schema if not exists ops; {BUILD_LOG}")
    row = con.execute(
        "select inputs_sha256, state from ops.build order by started_at desc limit 1"
    ).fetchone()
    return (row[0], row[1]) if row else None


def _problems(con: duckdb.DuckDBPyConnection, results: list[dbt.NodeResult]) -> list[str]:
    """A line for each node that failed, with offending rows, and one for those that were not run."""
    failed = [each for each in results if not each.is_good and each.status != "skipped"]
    problems = [f"{each.kind} {each.name}: {_reason(con, each)}" for each in failed]
    done = {each.unique_id for each in results if each.status != "skipped"}
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
