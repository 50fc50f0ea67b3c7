"""dbt models and seeds, with their tests as asset checks; the release; the status of datasets."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb

from orchestration import dbt, steps
from orchestration.assets.dbt_specs import asset_specs, check_specs
from orchestration.assets.sources import markdown, raw_key
from orchestration.runs import WRITER_POOL
from orchestration.settings import LOGGER, Settings

OFFENDING_ROWS = 10
ASSETS = asset_specs()
CHECKS = check_specs()

Event = dg.MaterializeResult[None] | dg.AssetCheckResult


@dg.multi_asset(
    name="build",
    pool=WRITER_POOL,
    specs=list(ASSETS.values()),
    check_specs=list(CHECKS.values()),
    can_subset=True,
)
def build(context: dg.AssetExecutionContext) -> Iterator[Event]:
    """Build and test the whole dbt project, when the landed rows or the project changed."""
    settings = Settings()
    asked_by_hand = context.job_name != "refresh"
    built = steps.build(settings, even_if_unchanged=asked_by_hand)
    if built.outcome == "unchanged":
        LOGGER.info("dbt: nothing changed since the last published build; build and release skipped")
        return
    with settings.reading() as con:
        events = list(_events(con, built.results, context))
    yield from events
    if built.problems:
        raise dg.Failure("The build is not whole, nothing is published: " + "; ".join(built.problems))


def _events(
    con: duckdb.DuckDBPyConnection, results: list[dbt.NodeResult], context: dg.AssetExecutionContext
) -> Iterator[Event]:
    """Materialisations and check results of what dbt did, for the selected assets and checks."""
    for result in results:
        if result.unique_id in ASSETS and result.is_good:
            key = ASSETS[result.unique_id].key
            if key in context.selected_asset_keys:
                rows = con.execute(f"select count(*) from {'.'.join(key.path)}").fetchone()
                metadata = {
                    "dagster/row_count": rows[0] if rows else 0,
                    "seconds": round(result.seconds, 2),
                }
                yield dg.MaterializeResult(key, metadata=metadata)
        elif result.unique_id in CHECKS and result.status != "skipped":
            check = CHECKS[result.unique_id].key
            if check in context.selected_asset_check_keys:
                yield _check_result(con, check, result)


def _check_result(
    con: duckdb.DuckDBPyConnection, check: dg.AssetCheckKey, result: dbt.NodeResult
) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {"failing_rows": result.failures or 0, "seconds": round(result.seconds, 2)}
    if result.message:
        metadata["message"] = result.message
    if result.failures and result.compiled_code:
        metadata["offending_rows"] = dg.MetadataValue.md(
            markdown(con, f"select * from ({result.compiled_code}) limit {OFFENDING_ROWS}")
        )
    return dg.AssetCheckResult(
        passed=result.status == "pass",
        asset_key=check.asset_key,
        check_name=check.name,
        severity=dg.AssetCheckSeverity.WARN if result.status == "warn" else dg.AssetCheckSeverity.ERROR,
        metadata=metadata,
    )


@dg.asset(
    key="release",
    pool=WRITER_POOL,
    deps=[dg.AssetKey([name.schema, name.table]) for name in steps.published_tables()],
    group_name="release",
    kinds={"duckdb", "parquet"},
    output_required=False,
    description="Immutable folder with warehouse.duckdb, Parquet and manifest; `current` points to the last.",
)
def release(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Publish the build, unless a rollback pins an older release."""
    settings = Settings()
    published = steps.publish(settings)
    if published.outcome == "pinned":
        context.log.warning(f"Not published: {published.release_id} is pinned; `mtm publish` lets it go.")
        return
    manifest = settings.releases.manifest(published.release_id)
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(manifest["content_sha256"]),
        metadata={
            "release": published.release_id,
            "outcome": published.outcome,
            "folder": dg.MetadataValue.path(str(settings.releases.folder / published.release_id)),
            "tables": len(manifest["tables"]),
            "rows": sum(table["rows"] for table in manifest["tables"]),
            "stale_datasets": ", ".join(manifest["stale"]) or "none",
        },
    )


@dg.asset(
    key=["ops", "stale_datasets"],
    deps=[raw_key("dataset")],
    group_name="bookkeeping",
    kinds={"duckdb"},
    description="The stale datasets. Fails when there is one, so that nobody misses it.",
)
def stale_datasets(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Make a stale dataset fail the run: its last good rows are published, but nobody must miss it."""
    with Settings().reading() as con:
        states = con.execute("select dataset, state, reason from raw.dataset order by dataset").fetchall()
    stale = [f"{name}: {reason}" for name, state, reason in states if state == "stale"]
    if stale:
        raise dg.Failure("Stale, last good rows stand: " + "; ".join(stale))
    return dg.MaterializeResult(metadata={name: state for name, state, _ in states})
