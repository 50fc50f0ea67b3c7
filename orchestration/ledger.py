"""ops.run_ledger: what each step of each run was to do, and what it did, skipped and failed.

A run is green in Dagster when none of its steps failed, also when some never ran. What may be published is
decided here: the last build must have done all that was expected of it. The table lives in the build
database and stays out of releases, since it depends on the clock; `mtm rebuild` begins it anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import duckdb

if TYPE_CHECKING:
    import dagster as dg

# The steps that are counted, in their order, by their names in Dagster.
STEPS = ("fetch", "fetch_months", "land", "build", "judge", "release")
State = Literal["not begun", "running", "done", "skipped", "failed", "interrupted"]
TABLE = """
create schema if not exists ops;
create table if not exists ops.run_ledger (
    run_id varchar, job varchar, step varchar, step_number integer, state varchar,
    started_at timestamp, ended_at timestamp,
    expected integer, done integer, skipped integer, failed integer,
    inputs_sha256 varchar, reason varchar
);
"""
COLUMNS = {
    "run_id": "Run in Dagster, or an id of its own for a step that a verb did alone.",
    "job": "Job in Dagster, or mtm for a step that a verb did alone.",
    "step": "Step of the run.",
    "step_number": "Place of the step in the order of the run.",
    "state": "not begun, running, done, skipped (nothing to do), failed, interrupted (its process ended).",
    "started_at": "When the step began, in UTC; empty where it never did.",
    "ended_at": "When it ended, in UTC.",
    "expected": "How many things it was to do: resources, answers, dbt nodes, claims files, tables.",
    "done": "How many of them were done.",
    "skipped": "How many were left out.",
    "failed": "How many failed.",
    "inputs_sha256": "Of a build: the landed files and the code that it was made from.",
    "reason": "Why it failed or was skipped.",
}


@dataclass(frozen=True)
class Run:
    """A run and the steps that it is to do."""

    run_id: str
    job: str
    steps: tuple[str, ...]

    @classmethod
    def of(cls, context: dg.AssetExecutionContext) -> Run:
        """The run of a step in Dagster, with those of its job's steps that are counted."""
        names = {node.name for node in context.job_def.nodes}
        return cls(context.run.run_id, context.job_name, tuple(step for step in STEPS if step in names))

    @classmethod
    def by_hand(cls, step: str) -> Run:
        """A single step outside Dagster."""
        return cls(uuid.uuid4().hex, "mtm", (step,))


@dataclass
class Entry:
    """What a step came to; filled in while it works."""

    expected: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    state: State = "done"
    inputs_sha256: str | None = None
    reason: str | None = None


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table where it is not there."""
    con.execute(TABLE)


def begin(con: duckdb.DuckDBPyConnection, run: Run, step: str) -> None:
    """Note that a step begins; the caller holds the writer's place, so that no other step is at work."""
    create(con)
    con.execute("update ops.run_ledger set state = 'interrupted' where state = 'running'")
    for number, name in enumerate(STEPS):
        if name in run.steps:
            con.execute(
                "insert into ops.run_ledger (run_id, job, step, step_number, state)"
                " select $1, $2, $3, $4, 'not begun'"
                " where not exists (from ops.run_ledger where run_id = $1 and step = $3)",
                [run.run_id, run.job, name, number],
            )
    con.execute(
        "update ops.run_ledger set state = 'running', started_at = ? where run_id = ? and step = ?",
        [_now(), run.run_id, step],
    )


def end(con: duckdb.DuckDBPyConnection, run: Run, step: str, entry: Entry) -> None:
    """Note what a step came to."""
    con.execute(
        "update ops.run_ledger set state = ?, ended_at = ?, expected = ?, done = ?, skipped = ?, failed = ?,"
        " inputs_sha256 = ?, reason = ? where run_id = ? and step = ?",
        [
            entry.state,
            _now(),
            entry.expected,
            entry.done,
            entry.skipped,
            entry.failed,
            entry.inputs_sha256,
            entry.reason,
            run.run_id,
            step,
        ],
    )


@contextmanager
def entry_of(con: duckdb.DuckDBPyConnection, run: Run, step: str) -> Iterator[Entry]:
    """The entry of a step that works on one connection: written at its end, also when it fails."""
    begin(con, run, step)
    entry = Entry()
    try:
        yield entry
    except BaseException as error:
        entry.state = "interrupted"
        if isinstance(error, Exception):
            entry.state, entry.reason = "failed", str(error)
        # What DuckDB could not write to before takes no entry either.
        with suppress(duckdb.FatalException):
            end(con, run, step, entry)
        raise
    end(con, run, step, entry)


def skip_rest(con: duckdb.DuckDBPyConnection, run: Run, reason: str) -> None:
    """The steps of a run that have not begun are left out on purpose."""
    con.execute(
        "update ops.run_ledger set state = 'skipped', reason = ? where run_id = ? and state = 'not begun'",
        [reason, run.run_id],
    )


@dataclass(frozen=True)
class LastBuild:
    """The newest build that was begun: of which inputs, whether all its nodes were done, why not."""

    inputs_sha256: str | None
    is_whole: bool
    reason: str | None


def last_build(con: duckdb.DuckDBPyConnection) -> LastBuild | None:
    """None when there was none; a build left out because nothing changed does not count."""
    create(con)
    row = con.execute(
        "select inputs_sha256, state = 'done' and done = expected, reason from ops.run_ledger"
        " where step = 'build' and started_at is not null and state <> 'skipped'"
        " order by started_at desc limit 1"
    ).fetchone()
    return LastBuild(*row) if row else None


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
