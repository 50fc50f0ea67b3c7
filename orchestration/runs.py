"""Runs and their processes: one run at a time, and no run that seems to go on when its process is gone.

The process of a run holds two locked files under `<home>/dagster`. The kernel lets go of them however the
process ends, so that no number of a process that was given out anew can deceive:

- `running/<run id>`, until the process ends: whoever finds it unlocked knows that the process is gone;
- `turn`, while steps are executed. Runs of the daemon wait in the queue already (the pool in dagster.yaml);
  this is for `mtm refresh`, which does not pass through the queue.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.errors import raise_execution_interrupts
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.in_process import InProcessExecutor
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._time import get_current_timestamp

from orchestration.settings import LOGGER

if TYPE_CHECKING:
    from dagster._core.execution.context.system import PlanOrchestrationContext
    from dagster._core.execution.plan.plan import ExecutionPlan

# Ops that write to the home take this pool.
WRITER_POOL = "duckdb_writer"
PROCESS_IS_GONE = "The process of this run ended before the run did, killed or with its machine."
# From the start of a run to its locked file pass milliseconds.
SECONDS_TO_LOCK = 60

_held: list[object] = []


@contextmanager
def turn(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Show that the process of this run lives, and wait until no other run executes steps."""
    _show_process(instance, run_id)
    with (Path(instance.root_directory) / "turn").open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            LOGGER.warning("another run is at work: waiting for its end")
            flock(file, LOCK_EX)
        yield


def fail_lost_runs(instance: dg.DagsterInstance) -> None:
    """Mark as failed every run whose process is gone, and forget the files of ended ones."""
    for file in _running(instance).glob("[!.]*"):
        if not _is_locked(file):
            run = instance.get_run_by_id(file.name)
            if run and not run.is_finished:
                instance.report_run_failed(run, PROCESS_IS_GONE)
            file.unlink(missing_ok=True)


class WatchedRunLauncher(DefaultRunLauncher):
    """The default launcher, which can tell the daemon's run monitoring whether a process lives."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        file = _running(self._instance) / run.run_id
        if not file.exists():
            record = self._instance.get_run_record_by_id(run.run_id)
            started = record.start_time if record else None
            is_alive = started is None or get_current_timestamp() - started < SECONDS_TO_LOCK
        else:
            is_alive = _is_locked(file)
        if is_alive:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, PROCESS_IS_GONE)


class _OneAtATime(InProcessExecutor):
    def execute(self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan) -> Any:
        with ExitStack() as stack:
            with raise_execution_interrupts():  # a run that waits can be canceled
                stack.enter_context(turn(plan_context.instance, plan_context.run_id))
            yield from super().execute(plan_context, execution_plan)


@dg.executor(name="one_at_a_time")
def one_at_a_time(_: dg.InitExecutorContext) -> dg.Executor:
    """All steps in the process of the run, while no other run executes steps."""
    return _OneAtATime(RetryMode.ENABLED)


def _running(instance: dg.DagsterInstance) -> Path:
    return Path(instance.root_directory) / "running"


def _show_process(instance: dg.DagsterInstance, run_id: str) -> None:
    folder = _running(instance)
    folder.mkdir(exist_ok=True)
    unnamed = folder / f".{run_id}"
    file = unnamed.open("w")
    flock(file, LOCK_EX)
    unnamed.rename(folder / run_id)
    _held.append(file)


def _is_locked(path: Path) -> bool:
    try:
        with path.open() as file:
            flock(file, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False
