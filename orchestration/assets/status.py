"""How things stand at the end of a run: the ledger of its steps, what is stale, what is late.

Each of these depends on landing alone and has the lowest priority, so that it runs last whatever became of
the build.
"""

from collections.abc import Iterator, Mapping
from datetime import date

import dagster as dg

from ingest import clock
from ingest.catalogue import DATASETS
from orchestration.assets import metadata
from orchestration.assets.sources import RUN_LEDGER, STALE_DATASETS, raw_key, source_file_key
from orchestration.calendar import WAITED_FOR_DAYS, Expected, expected
from orchestration.ledger import COLUMNS
from orchestration.runs import WRITER_POOL
from orchestration.settings import Settings

CheckResult = tuple[dg.AssetCheckKey, dg.AssetCheckResult]
LAST = {"dagster/priority": "-1"}
SHOWN = "step, state, expected, done, skipped, failed, reason"


@dg.multi_asset_check(
    name="look_at_the_calendar",
    specs=[
        *(
            dg.AssetCheckSpec(
                "on_time",
                asset=source_file_key(name),
                description="The figures that are expected by today have come, by the release calendar.",
            )
            for name, dataset in DATASETS.items()
            if dataset.published_after_days is not None
        ),
        dg.AssetCheckSpec(
            "all_due_arrived",
            asset=raw_key("dataset"),
            description="No dataset is waited for: what was expected by today came, or is late by more than "
            f"{WAITED_FOR_DAYS} days. The automatic build waits for this.",
        ),
    ],
    can_subset=True,
    op_tags=LAST,
    pool=WRITER_POOL,
)
def look_at_the_calendar(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Late against the expected day, not by the age of a file."""
    settings, today = Settings(), clock.today()
    calendar: list[Expected] = []
    if settings.build.exists():
        with settings.reading() as con:
            calendar = expected(con)
    results = [*_on_time(calendar, today), _all_due_arrived(calendar, today)]
    selected = context.selected_asset_check_keys
    yield from (result for key, result in results if key in selected)


def _on_time(calendar: list[Expected], today: date) -> Iterator[CheckResult]:
    for each in calendar:
        if each.expected_on is None:
            continue
        shown: dict[str, str | int] = {
            "expected_on": each.expected_on.isoformat(),
            "days_late": each.days_late(today),
            "last_period_end": str(each.last_period_end or "none"),
        }
        if each.days_late(today) and each.how_to_ask:
            shown["how_to_ask"] = each.how_to_ask
        key = dg.AssetCheckKey(source_file_key(each.dataset), "on_time")
        yield key, _warning(key, each.days_late(today) == 0, shown)


def _all_due_arrived(calendar: list[Expected], today: date) -> CheckResult:
    waited_for = {
        each.dataset: f"expected on {each.expected_on}" for each in calendar if each.is_waited_for(today)
    }
    key = dg.AssetCheckKey(raw_key("dataset"), "all_due_arrived")
    return key, _warning(key, not waited_for, waited_for)


def _warning(key: dg.AssetCheckKey, passed: bool, shown: Mapping[str, str | int]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed,
        asset_key=key.asset_key,
        check_name=key.name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=shown,
    )


@dg.asset(
    key=RUN_LEDGER,
    deps=[raw_key("dataset")],
    group_name="bookkeeping",
    kinds={"duckdb"},
    op_tags=LAST,
    pool=WRITER_POOL,
    description="What each run was to do and what it did, skipped and failed, step by step. What is not done "
    "of a build is not published, also when the run is green.",
    check_specs=[
        dg.AssetCheckSpec(
            "expected_against_done",
            asset=RUN_LEDGER,
            description="Every step of this run did all that it was to do.",
        )
    ],
    metadata={
        "dagster/column_schema": dg.TableSchema(
            [dg.TableColumn(name, description=text) for name, text in COLUMNS.items()]
        ),
        "dagster/table_name": "ops.run_ledger",
        **metadata.code("orchestration/ledger.py"),
    },
    owners=metadata.ENGINEERING,
    tags={"layer": "ops"},
)
def run_ledger(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Show the steps of this run, and fail the check when one did less than expected."""
    steps = f"from ops.run_ledger where run_id = '{context.run_id}'"
    short = (
        f"{steps} and (state not in ('done', 'skipped') or (state = 'done' and (failed > 0 or skipped > 0)))"
    )
    with Settings().reading() as con:
        shown = metadata.answer(con, f"select {SHOWN} {steps} order by step_number")
        offending = metadata.answer(con, f"select {SHOWN} {short} order by step_number")
        rows = con.execute(f"select count(*) {short}").fetchone()
    failing = rows[0] if rows else 0
    check = dg.AssetCheckResult(
        passed=not failing,
        check_name="expected_against_done",
        metadata={"failing_rows": failing, "offending_rows": offending},
    )
    yield dg.MaterializeResult(metadata={"steps": shown}, check_results=[check])


@dg.asset(
    key=STALE_DATASETS,
    deps=[raw_key("dataset")],
    group_name="bookkeeping",
    kinds={"duckdb"},
    op_tags=LAST,
    pool=WRITER_POOL,
    owners=metadata.ENGINEERING,
    tags={"layer": "ops"},
    metadata=metadata.code("ingest/states.py"),
    description="The stale datasets. Fails when one of those that the run was for is stale, so that nobody "
    "misses it.",
)
def stale_datasets(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Make a stale dataset fail the run: its last good rows are published, but nobody must miss it."""
    with Settings().reading() as con:
        states = con.execute("select dataset, state, reason from raw.dataset order by dataset").fetchall()
    selected = {key.path[-1] for key in context.run.asset_selection or ()}
    stale = [
        f"{name}: {reason}"
        for name, state, reason in states
        if state == "stale" and (name in selected or not selected)
    ]
    if stale:
        raise dg.Failure("Stale, last good rows stand: " + "; ".join(stale))
    return dg.MaterializeResult(metadata={name: state for name, state, _ in states})
