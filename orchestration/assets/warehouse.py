"""dbt models and seeds, with their tests as asset checks; the release."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
from dagster._core.storage.tags import AUTOMATION_CONDITION_TAG

from orchestration import column_lineage, dbt, steps
from orchestration.assets import metadata
from orchestration.assets.dbt_specs import asset_specs, check_specs
from orchestration.assets.summaries import summaries
from orchestration.contract import declared_columns
from orchestration.ledger import Run
from orchestration.runs import WRITER_POOL
from orchestration.settings import LOGGER, Settings
from publish.contract import differences
from publish.tables import DATABASE, TableName

ASSETS = asset_specs()
CHECKS = check_specs()

RELEASE = dg.AssetKey("release")

# What is shown of a figure that changed above its threshold.
BREACH = ("quarter", "indicator", "of", "unit", "old", "new", "hold_above_percent")

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
    must_build = _is_asked_by_hand(context) or _has_no_history(context)
    built = steps.build(settings, even_if_unchanged=must_build, run=Run.of(context))
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


def _has_no_history(context: dg.AssetExecutionContext) -> bool:
    """Whether nothing was ever made in this history of runs, as after a move to PostgreSQL or a restore."""
    return context.instance.get_latest_materialization_event(RELEASE) is None


def _events(
    con: duckdb.DuckDBPyConnection, results: list[dbt.NodeResult], context: dg.AssetExecutionContext
) -> Iterator[Event]:
    """Materialisations and check results of what dbt did, for the selected assets and checks."""
    keys = {each.unique_id: ASSETS[each.unique_id].key for each in results if each.unique_id in ASSETS}
    names = {unique_id: TableName(*key.path) for unique_id, key in keys.items()}
    known = summaries(
        con, {names[each.unique_id] for each in results if each.is_good and each.unique_id in names}
    )
    lineage = column_lineage.of_build(con, results)
    for result in results:
        if result.unique_id in ASSETS and result.is_good:
            key = keys[result.unique_id]
            if key in context.selected_asset_keys:
                seconds = {"seconds": round(result.seconds, 2)}
                columns = _lineage(lineage.get(result.unique_id, {}))
                yield dg.MaterializeResult(key, metadata=known[names[result.unique_id]] | seconds | columns)
        elif result.unique_id in CHECKS and result.status != "skipped":
            check = CHECKS[result.unique_id].key
            if check in context.selected_asset_check_keys:
                yield _check_result(con, check, result)


def _lineage(origins: column_lineage.Origins) -> dict[str, Any]:
    """Column lineage in Dagster's own form, which the open-source UI does not draw, and as a table.

    Tables of a schema and assets have the same names.
    """
    deps = {
        column: [dg.TableColumnDep(dg.AssetKey([schema, table]), origin) for schema, table, origin in found]
        for column, found in origins.items()
    }
    lines = [(column, ", ".join(map(".".join, found))) for column, found in origins.items()]
    if not deps:
        return {}
    return {
        "dagster/column_lineage": dg.TableColumnLineage(deps),
        "made_from": metadata.table(lines, ("column", "made from"), None),
    }


def _check_result(
    con: duckdb.DuckDBPyConnection, check: dg.AssetCheckKey, result: dbt.NodeResult
) -> dg.AssetCheckResult:
    shown: dict[str, Any] = {"failing_rows": result.failures or 0, "seconds": round(result.seconds, 2)}
    if result.message:
        shown["message"] = result.message
    if result.failures and result.compiled_code:
        query = f"from ({result.compiled_code}) limit {metadata.OFFENDING_ROWS}"
        shown["offending_rows"] = metadata.answer(con, query)
    return dg.AssetCheckResult(
        passed=result.status == "pass",
        asset_key=check.asset_key,
        check_name=check.name,
        severity=dg.AssetCheckSeverity.WARN if result.status == "warn" else dg.AssetCheckSeverity.ERROR,
        metadata=shown,
    )


@dg.asset(
    key=RELEASE,
    pool=WRITER_POOL,
    deps=[dg.AssetKey([name.schema, name.table]) for name in steps.published_tables()],
    group_name="release",
    kinds={"duckdb", "parquet"},
    owners=metadata.ANALYSIS,
    tags={"layer": "release"},
    metadata=metadata.code("publish/release.py"),
    check_specs=[
        dg.AssetCheckSpec(
            "contract",
            asset="release",
            description="Every table has the columns and types that are declared for it, and no others.",
        ),
        dg.AssetCheckSpec(
            "within_thresholds",
            asset="release",
            description="No published figure changed by more than the threshold of its indicator, or a person"
            " accepted it by `mtm publish --accept`; else the release is held.",
        ),
    ],
    output_required=False,
    description="Immutable folder with warehouse.duckdb, Parquet and manifest; `current` points to the last.",
)
def release(context: dg.AssetExecutionContext) -> Iterator[Event]:
    """Publish the build, unless a rollback pins an older release or a figure changed too much."""
    settings = Settings()
    published = steps.publish(settings, run=Run.of(context))
    if published.outcome == "pinned":
        context.log.warning(f"Not published: {published.release_id} is pinned; `mtm publish` lets it go.")
        return
    breaches = [tuple(getattr(each, name) for name in BREACH) for each in published.breaches]
    yield dg.AssetCheckResult(
        passed=not breaches,
        asset_key=RELEASE,
        check_name="within_thresholds",
        metadata=metadata.offending(breaches, BREACH),
    )
    if published.outcome == "held":
        raise dg.Failure(f"The release is held: {published.reason}")
    manifest = settings.releases.manifest(published.release_id)
    folder = settings.releases.path(published.release_id)
    wrong = differences(folder / DATABASE, declared_columns())
    contract = dg.AssetCheckResult(
        passed=not wrong,
        check_name="contract",
        metadata=metadata.offending(wrong, ("table", "column", "declared", "found")),
    )
    yield dg.MaterializeResult(
        check_results=[contract],
        data_version=dg.DataVersion(manifest["content_sha256"]),
        metadata={
            "release": published.release_id,
            "outcome": published.outcome,
            "folder": dg.MetadataValue.path(str(folder)),
            "tables": len(manifest["tables"]),
            "rows": sum(table["rows"] for table in manifest["tables"]),
            "stale_datasets": ", ".join(manifest["stale"]) or "none",
        },
    )
