"""Sensors: files of the inbox, runs that failed, figures that were revised. On with MTM_AUTOMATION=on.

A tick never waits for a writer and never meets a lock: it reads folders, logs and releases.
"""

import hashlib
import json
from time import time

import dagster as dg
import duckdb
from tabulate import tabulate

from ingest.arrivals import Arrivals, look, reject
from ingest.catalogue import DATASETS
from ingest.clock import now_text, today
from ingest.inbox import printable
from orchestration.alerts import alert, failure_reason
from orchestration.assets.sources import keys_of
from orchestration.due import stray_entries
from orchestration.settings import BusyError, Settings
from publish.revisions import new_revisions

LISTED_REVISIONS = 20
STATUS = dg.DefaultSensorStatus.RUNNING if Settings().automation == "on" else dg.DefaultSensorStatus.STOPPED


@dg.sensor(
    name="inbox",
    job_name="collect",
    minimum_interval_seconds=45,
    default_status=STATUS,
    description="Takes files of inbox/<dataset>/ once they are whole; refused ones go to inbox/rejected/.",
)
def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Ask for a run of `collect` for each dataset with new files; put refused files aside."""
    settings = Settings()
    seen = {key: (mark, settled) for key, (mark, settled) in json.loads(context.cursor or "{}").items()}
    found = look(settings.inbox, DATASETS.values(), settings.log, seen, today())
    for path, fault in found.faults:
        context.log.error(f"the reader broke on {path}", exc_info=fault)
    said = [f"{name}: asked for {len(files)} file(s)" for name, files in found.good.items()]
    said += _put_aside(settings, found)
    said += [f"{path}: waits for the next tick, until it rests" for path in found.waiting]
    said += found.left
    said += [
        f"{settings.inbox / name}: no dataset takes letters by this name" for name in stray_entries(settings)
    ]
    for line in said:
        context.log.info(line)
    requests = [
        dg.RunRequest(
            run_key=f"{name} {today()} {hashlib.sha256(json.dumps(files).encode()).hexdigest()}",
            job_name="collect",
            asset_selection=keys_of([name]),
            tags={"mtm/inbox": name},
        )
        for name, files in found.good.items()
    ]
    skip = None if requests else "; ".join(said) or "nothing new in the inbox"
    return dg.SensorResult(run_requests=requests, skip_reason=skip, cursor=json.dumps(found.seen))


def _put_aside(settings: Settings, found: Arrivals) -> list[str]:
    """Move refused files to inbox/rejected/, unless another process is at work: then at a later tick."""
    if not found.refused:
        return []
    now = now_text()
    said = []
    try:
        with settings.writing(wait=False):
            for refusal in found.refused:
                name = printable(refusal.path)
                try:
                    target = reject(settings.inbox, refusal, now)
                except OSError as fault:
                    said.append(f"{name} is refused and cannot be moved: {fault.strerror}. {refusal.error}")
                    continue
                settings.releases.note_rejection(refusal.dataset.name, target.name, str(refusal.error))
                said.append(f"{name} is rejected, its report is {target}.report.txt: {refusal.error}")
    except BusyError as busy:
        said += [f"{printable(each.path)} is refused, to be moved later: {busy}" for each in found.refused]
    return said


@dg.run_failure_sensor(
    name="run_failure",
    # Runs of `mtm refresh` too, which belong to no code location.
    monitor_all_code_locations=True,
    default_status=STATUS,
    description="Writes a line to log/alerts.jsonl for every run that failed.",
)
def run_failure(context: dg.RunFailureSensorContext) -> None:
    """Tell which steps failed and why, in plain words, and what to do next."""
    run = context.dagster_run
    failed = [
        {"step": event.step_key, "reason": failure_reason(event)}
        for event in context.get_step_failure_events()
    ]
    # Without a failed step the run was killed or never started.
    failed = failed or [{"step": None, "reason": context.failure_event.message or "no reason was given"}]
    following = "mtm status" if failed[0]["step"] else "mtm refresh"
    record = context.instance.get_run_record_by_id(run.run_id)
    ended = record.end_time if record else None
    alert(
        Settings(),
        "run failure",
        job=run.job_name,
        run_id=run.run_id,
        ended=ended or time(),
        failed=failed,
        next=following,
    )
    reasons = "; ".join(f"{each['step'] or 'the run'}: {each['reason']}" for each in failed)
    context.log.error(f"{run.job_name} failed: {reasons}. Next: `{following}`")


@dg.sensor(
    name="revision",
    minimum_interval_seconds=60,
    default_status=STATUS,
    description="Tells which figures a new release states anew: log/alerts.jsonl and audit/revision.",
)
def revision(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Hold audit.revision of the current release against that of the release seen last (the cursor)."""
    releases = Settings().releases
    current, seen = releases.current(), context.cursor
    if not current:
        return dg.SkipReason("there is no release yet")
    if not seen:
        context.update_cursor(current)
        return dg.SkipReason(f"first look: what release {current} holds counts as seen")
    # An older one is current after a rollback: nothing in it is new.
    if current <= seen:
        return dg.SkipReason(f"no release since {seen}")
    earlier = min(each for each in releases.ids() if each >= seen)
    if earlier == current:
        context.update_cursor(current)
        return dg.SkipReason(f"release {seen} is no longer kept: what {current} holds counts as seen")
    try:
        found = new_revisions(releases, earlier, current)
    except duckdb.Error as error:
        context.update_cursor(current)
        return dg.SkipReason(f"release {earlier} cannot be compared with {current}: {error}")
    compared = f"release {current} against {earlier}"
    if earlier != seen:
        compared += f" (the one seen last, {seen}, is no longer kept)"
    if not found:
        return dg.SensorResult(skip_reason=f"{compared}: no figure was revised", cursor=current)
    listed = found[:LISTED_REVISIONS]
    alert(Settings(), "revision", release=current, count=len(found), revisions=listed)
    said = f"{compared}: {len(found)} figure(s) revised"
    context.log.warning(said)
    observation = dg.AssetObservation(
        asset_key=["audit", "revision"],
        description=said,
        metadata={
            "new_revisions": len(found),
            "table": dg.MetadataValue.md(
                tabulate(listed, headers="keys", tablefmt="github", disable_numparse=True)
            ),
        },
    )
    return dg.SensorResult(asset_events=[observation], skip_reason=said, cursor=current)
