"""Alerts: lines of log/alerts.jsonl that tell a person what happened while nobody looked.

Written by the sensors, shown by `mtm status`; mail or chat can be hooked onto the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ingest.archive import append_line, read_lines
from ingest.clock import now_text
from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

# What a run of this job does holds all that any other job does.
WHOLE_JOB = "refresh"

Alert = dict[str, Any]


def alert(settings: Settings, kind: Literal["run failure", "revision"], **what: Any) -> None:
    """Append one line: the time, the kind and what is told."""
    now = now_text()
    append_line(settings.home / "log" / "alerts.jsonl", {"alerted_at": now, "kind": kind, **what})


def failure_reason(event: dg.DagsterEvent) -> str:
    """Why a step failed, in the words of the error that stopped it."""
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error.cause if data.error and data.error.cause else data.error
    if data.error and data.error.cls_name == "DagsterExecutionInterruptedError":
        return "interrupted; the next `mtm refresh` completes it"
    return error.message.strip() if error else "unknown"


def open_alerts(settings: Settings) -> list[Alert]:
    """Alerts that still say something, oldest first.

    A failure stands until a run of the same job, or of refresh, succeeds; a revision while the release that
    brought it is current.
    """
    alerts = list(read_lines(settings.home / "log" / "alerts.jsonl"))
    if not alerts:
        return []
    current = settings.releases.current()
    succeeded = _last_successes(settings, {each["job"] for each in alerts if "job" in each})
    return [
        each
        for each in alerts
        if (
            each["ended"] > succeeded[each["job"]]
            if each["kind"] == "run failure"
            else each["release"] == current
        )
    ]


def _last_successes(settings: Settings, jobs: set[str]) -> dict[str, float]:
    """By job, when a run of it or of refresh last succeeded, as a timestamp; nought for never."""
    import dagster as dg

    from orchestration.instance import dagster_instance

    ends: dict[str, float] = {}
    with dagster_instance(settings) as instance:
        for job in {WHOLE_JOB, *jobs}:
            wanted = dg.RunsFilter(job_name=job, statuses=[dg.DagsterRunStatus.SUCCESS])
            records = instance.get_run_records(wanted, limit=1)
            ends[job] = (records[0].end_time or 0) if records else 0
    return {job: max(end, ends[WHOLE_JOB]) for job, end in ends.items()}
