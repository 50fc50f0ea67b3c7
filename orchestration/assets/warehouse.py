"""dbt models and seeds, with their tests as asset checks; the release."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
from dagster._core.storage.tags import AUTOMATION_CONDITION_TAG

from orchestration import dbt, steps
from orchestration.assets.dbt_specs import asset_specs, check_specs
from orchestration.assets.sources import markdown
from orchestration.ledger import Run
from orchestration.settings import LOGGER, Settings

OFFENDING_ROWS = 10
ASSETS = asset_specs()
CHECKS = check_specs()

Event = dg.MaterializeResult[None] | dg.AssetCheckResult


@dg.multi_asset(name="build", specs=list(ASSETS.values()), check_specs=list(CHECKS.values()), can_subset=True)
def build(context: dg.AssetExecutionContext) -> Iterator[Event]:
    """Build and test the whole dbt project, when the landed rows or the project changed."""
    settings = Settings()
    built = steps.build(settings, even_if_unchanged=_is_asked_by_hand(context), run=Run.of(context))
    if built.outcome == "unchanged":
        LOGGER.info(f"dbt: {steps.UNCHANGED}; build and release skipped")
        return
    with settings.reading() as con:
        events = list(_events(con, built.results, context))
    yield from events
    if built.problems:
        raise dg.Failure("The build is not whole, nothing is published: " + "; ".join(built.problems))


def _is_asked_by_hand(context: dg.AssetExecutionContext) -> bool:
    """Whether somebody selected these tables: then they are built, changed or not."""
    is_automatic = context.run.tags.get(AUTOMATION_CONDITION_TAG) == "true"
    return context.job_name not in ("refresh", "backfill_exchange_rates") and not is_automatic


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
    deps=[dg.AssetKey([name.schema, name.table]) for name in steps.published_tables()],
    group_name="release",
    kinds={"duckdb", "parquet"},
    output_required=False,
    description="Immutable folder with warehouse.duckdb, Parquet and manifest; `current` points to the last.",
)
def release(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Publish the build, unless a rollback pins an older release."""
    settings = Settings()
    published = steps.publish(settings, run=Run.of(context))
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
