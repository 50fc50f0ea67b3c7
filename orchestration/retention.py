"""What is removed, and when: the job `clean_up`. Nothing else of a home is ever removed by a job.

Runs of the Dagster instance, releases and dbt's artefacts go after 90 days, what killed writers left in the
archive after a day. Which releases stay for good is a rule of publish/release.py. The ticks of schedules and
sensors go by Dagster's own `retention` in dagster.yaml (orchestration/instance.py).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration import dbt
from orchestration.assets.exchange_rate_months import KEY as MONTHS
from orchestration.runs import WRITER_POOL
from orchestration.settings import Settings

KEPT_DAYS = 90


def removals(
    settings: Settings, instance: dg.DagsterInstance, now: datetime
) -> Iterator[tuple[str, list[str]]]:
    """Remove what is too old, one kind after another: yields the kind and the names of what went."""
    with settings.writing():
        yield "releases", settings.releases.prune(now)
        yield "partial files of the archive", settings.archive.remove_partials(now)
        yield "files of dbt", dbt.remove_artefacts(settings.home, now, KEPT_DAYS)
    yield "runs", _delete_runs(instance, now - timedelta(days=KEPT_DAYS))


def _delete_runs(instance: dg.DagsterInstance, limit: datetime) -> list[str]:
    """Delete finished runs with their logs, except those in which an asset or a month was last materialised.

    Without these an asset that is quiet for months would look as if it had never been made.
    """
    kept = {
        event.run_id
        for record in instance.get_asset_records()
        if (event := record.asset_entry.last_materialization)
    }
    last = instance.event_log_storage.get_latest_storage_id_by_partition(
        MONTHS, dg.DagsterEventType.ASSET_MATERIALIZATION
    )
    if last:
        months = dg.AssetRecordsFilter(MONTHS, storage_ids=list(last.values()))
        kept |= {each.run_id for each in instance.fetch_materializations(months, limit=len(last)).records}
    old = instance.get_runs(filters=dg.RunsFilter(created_before=limit))
    removed = [run.run_id for run in old if run.is_finished and run.run_id not in kept]
    for run_id in removed:
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
    return removed


@dg.op(pool=WRITER_POOL)
def remove_what_is_old(context: dg.OpExecutionContext) -> None:
    """Remove what is too old; the log and the metadata of the output say what went."""
    for kind, names in removals(Settings(), context.instance, datetime.now(UTC)):
        context.log.info(f"{kind}: {len(names)} removed{': ' * bool(names)}{', '.join(names)}")
        context.add_output_metadata({kind: names})


@dg.job(description="Remove old runs, releases, artefacts of dbt and what killed writers left.")
def clean_up() -> None:
    remove_what_is_old()


weekly_clean_up = dg.ScheduleDefinition(
    name="weekly_clean_up",
    job=clean_up,
    cron_schedule="0 4 * * 0",
    execution_timezone="Asia/Almaty",
    default_status=dg.DefaultScheduleStatus.RUNNING
    if Settings().automation == "on"
    else dg.DefaultScheduleStatus.STOPPED,
    description="Every Sunday before dawn. On where MTM_AUTOMATION is `on`.",
)
