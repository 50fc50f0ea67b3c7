"""Doing the work: `mtm refresh`, `mtm backfill`, `mtm build`, `mtm rebuild`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

import typer

from ingest.errors import SourceError
from orchestration.alerts import failure_reason
from orchestration.cli.tables import console, errors, open_release, print_table
from orchestration.settings import Settings
from publish.tables import DATABASE

if TYPE_CHECKING:
    import dagster as dg

EXAMPLE = (
    "select quarter, direction, amount_mln_kzt, coverage from indicators.quarterly_remittances"
    " where quarter = '2023Q3' order by direction desc"
)

# Lateness is no fault of a run: it is said in a line of its own.
LATENESS = ("on_time", "all_due_arrived")


def add_to(app: typer.Typer) -> None:
    app.command()(refresh)
    app.command()(backfill)
    app.command()(build)
    app.command()(rebuild)


def refresh() -> None:
    """Run the main job: fetch, archive, land, build, check, publish what is due.

    The run is a Dagster run: `mtm ui` shows it with its assets and checks.
    """
    settings = Settings()
    settings.refuse_other_mode()
    _show_progress()
    console.print(f"refresh of {settings.home}, {settings.sources} sources", highlight=False, soft_wrap=True)
    result = _run_job(settings)
    _print_summary(result)
    _print_release(settings)
    raise typer.Exit(0 if result.success else 1)


def backfill(
    first: Annotated[str, typer.Argument(help="First month, YYYY-MM")],
    last: Annotated[str, typer.Argument(help="Last month; without it the first alone")] = "",
) -> None:
    """Ask the National Bank for exchange rates of past months again, then land, build, check and publish.

    For a month that was mended after it was closed. Recorded sources have some months only: a month without
    an answer is named, and nothing is asked for.
    """
    settings = Settings()
    settings.refuse_other_mode()
    from orchestration.assets.exchange_rate_months import MonthsError, months_between

    try:
        months = months_between(first, last or first)
    except MonthsError as error:
        errors.print(f"mtm: {error}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    _show_progress()
    console.print(f"backfill of {len(months)} month(s), {settings.sources} sources", highlight=False)
    tags = {"dagster/asset_partition_range_start": months[0], "dagster/asset_partition_range_end": months[-1]}
    result = _run_job(settings, "backfill_exchange_rates", tags)
    _print_summary(result)
    _print_release(settings)
    raise typer.Exit(0 if result.success else 1)


def build(
    target: Annotated[Literal["duckdb", "spark"], typer.Option(help="Who makes the tables")] = "duckdb",
) -> None:
    """Make and check all tables of the landed rows; nothing is fetched, landed or published.

    With `--target spark` by Spark on MTM_SPARK_MASTER (this machine alone unless set), as Parquet in the lake
    MTM_LAKE, a folder or bucket.
    """
    settings = Settings()
    _show_progress()
    if target == "spark":
        from orchestration import spark_build

        problems, place = spark_build.build(settings)
    else:
        from orchestration import steps

        problems, place = steps.build(settings, even_if_unchanged=True).problems, str(settings.build)
        if not problems:
            steps.audit(settings)
    for problem in problems:
        console.print(problem, style="red", highlight=False, markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)
    console.print(f"built: {place}", highlight=False, soft_wrap=True)


def rebuild() -> None:
    """Make everything again from archive and log, and compare it with the current release."""
    from orchestration import steps

    settings = Settings()
    _show_progress()
    before = settings.releases.current()
    aside = settings.build.with_name("build.before.duckdb")
    with settings.writing():
        if settings.build.exists():
            settings.build.replace(aside)
        settings.build.with_name("build.duckdb.wal").unlink(missing_ok=True)
    try:
        steps.land_answers(settings)
    except SourceError:
        with settings.writing():
            settings.build.unlink(missing_ok=True)
            if aside.exists():
                aside.replace(settings.build)
        raise
    aside.unlink(missing_ok=True)
    built = steps.build(settings, even_if_unchanged=True)
    for problem in built.problems:
        console.print(problem, style="red", highlight=False, markup=False, soft_wrap=True)
    if built.problems:
        raise typer.Exit(1)
    steps.audit(settings)
    content = steps.build_content(settings)
    console.print(f"rebuilt: content {content}", highlight=False, soft_wrap=True)
    if before and settings.releases.manifest(before)["content_sha256"] == content:
        console.print(f"equal to release {before}, table by table", highlight=False)
        return
    console.print(f"differs from release {before}: `mtm publish` publishes it", highlight=False)
    raise typer.Exit(1 if before else 0)


def _show_progress() -> None:
    """Print what the steps report as it happens, and keep Dagster's own log out of the terminal."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("mtm")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.propagate = False
    logging.getLogger("dagster").addHandler(logging.NullHandler())
    logging.getLogger("dagster").propagate = False


def _run_job(
    settings: Settings, job: str = "refresh", tags: dict[str, str] | None = None
) -> dg.ExecuteInProcessResult:
    from orchestration.definitions import defs
    from orchestration.instance import dagster_instance
    from orchestration.runs import fail_lost_runs, turn

    os.environ["MTM_HOME"] = str(settings.home)
    run_id = str(uuid4())
    with dagster_instance(settings) as instance, turn(instance, run_id):
        fail_lost_runs(instance)
        return defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            run_id=run_id,
            tags=tags,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


def _print_summary(result: dg.ExecuteInProcessResult) -> None:
    """The short table: what was fetched, landed, built, checked and published, and what failed."""
    materialised = {
        "/".join(event.materialization.asset_key.path): {
            name: value.value for name, value in event.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }
    checks = result.get_asset_check_evaluations()
    evaluations = [check for check in checks if check.check_name not in LATENESS]
    late = [check for check in checks if check.check_name == "on_time" and not check.passed]
    passed = sum(evaluation.passed for evaluation in evaluations)
    sources = [data for data in materialised.values() if "resources" in data]
    raw = [data for data in materialised.values() if "rows_landed" in data]
    not_models = ("source_file", "raw", "ops", "release")
    models = [key for key in materialised if key.split("/")[0] not in not_models]
    published = materialised.get("release", {}).get("release")
    failures = {event.step_key: failure_reason(event) for event in result.all_events if event.is_step_failure}
    broken = len(failures.keys() - {"ops__stale_datasets"})
    nothing = "nothing" if broken else "nothing new"
    rows = [
        (
            "fetched",
            f"{_sum(sources, 'files')} files, {_sum(sources, 'bytes'):,} bytes",
            _sum(sources, "failed"),
        ),
        ("landed", f"{_sum(raw, 'rows_landed'):,} new rows", _sum(raw, "refused")),
        ("built", f"{len(models)} tables" if models else nothing, int("build" in failures)),
        ("checked", f"{passed} of {len(evaluations)} checks passed", len(evaluations) - passed),
        ("published", published or nothing, int("release" in failures)),
    ]
    console.print()
    print_table("", ("step", "result", "failed"), rows)
    for evaluation in evaluations:
        if not evaluation.passed and evaluation.severity.value == "WARN":
            found = evaluation.metadata["failing_rows"].value
            table = ".".join(evaluation.asset_key.path)
            said = f"warning: {evaluation.check_name}: {found} row(s) of {table} say otherwise"
            console.print(said, style="yellow", highlight=False, soft_wrap=True, markup=False)
    if late:
        said = f"late by the release calendar: {len(late)} datasets; see `mtm status`"
        console.print(said, style="yellow", highlight=False, soft_wrap=True)
    for step, reason in failures.items():
        console.print(f"{step} failed: {reason}", style="red", highlight=False, soft_wrap=True, markup=False)


def _print_release(settings: Settings) -> None:
    if not settings.releases.current():
        console.print("There is no release yet.")
        return
    if pin := settings.releases.pinned():
        console.print(f"[yellow]{pin} is pinned by a rollback; `mtm publish` lets it go[/yellow]")
    console.print(f"release  {settings.home / 'current' / DATABASE}", highlight=False, soft_wrap=True)
    console.print(f'try      {_command()} sql "{EXAMPLE}"', highlight=False, soft_wrap=True)
    with open_release(settings) as con:
        answer = con.execute(EXAMPLE)
        columns = [column[0] for column in answer.description or []]
        print_table("", columns, answer.fetchall())


def _command() -> str:
    """How the user called `mtm`, so that a printed command works when it is pasted."""
    path = Path(sys.argv[0]).absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name


def _sum(records: Sequence[Mapping[str, object]], name: str) -> int:
    return sum(int(str(record.get(name, 0))) for record in records)
