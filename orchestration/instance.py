"""The Dagster instance of an MTM_HOME: where runs, events and schedules are kept, how runs queue.

SQLite under `<home>/dagster`, or PostgreSQL when MTM_DAGSTER_POSTGRES_URL names one. dagster.yaml holds the
name of that variable, never its value.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

import dagster as dg
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from orchestration.settings import LOGGER, POSTGRES_URL, InstanceError, Settings

CONNECT_SECONDS = 5
DAGSTER_YAML = """\
# Written by mtm.
telemetry: {enabled: false}
nux: {enabled: false}
python_logs:
  managed_python_loggers: [mtm]
  python_log_level: INFO
retention:
  schedule: {purge_after_days: 90}
  sensor: {purge_after_days: {skipped: 7, success: 90, failure: 90, started: 90}}
  auto_materialize: {purge_after_days: {skipped: 7, success: 90, failure: 90, started: 90}}
# The steps that write share one pool: a second run is queued until the first has ended.
concurrency:
  pools: {default_limit: 1, granularity: run}
run_launcher:
  module: orchestration.runs
  class: WatchedRunLauncher
run_monitoring: {enabled: true, poll_interval_seconds: 5}
"""
SQLITE = """\
event_log_storage:
  module: orchestration.event_log
  class: OneConnectionEventLogStorage
  config: {base_dir: "BASE_DIR"}
"""
POSTGRES = f"""\
storage:
  postgres:
    postgres_url: {{env: {POSTGRES_URL}}}
"""


@contextmanager
def dagster_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance of this home, made when it is new; raises InstanceError when PostgreSQL fails."""
    folder = settings.home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    with _postgres_answers(settings):
        # Two processes that make the tables of a new instance at once would break each other's migration.
        with (folder / ".making").open("w") as file:
            flock(file, LOCK_EX)
            _write_dagster_yaml(folder, is_postgres=settings.dagster_postgres_url is not None)
            instance = dg.DagsterInstance.from_config(str(folder))
        with instance:
            yield instance


def _write_dagster_yaml(folder: Path, is_postgres: bool) -> None:
    storage = POSTGRES if is_postgres else SQLITE.replace("BASE_DIR", str(folder / "history" / "runs"))
    content, file = DAGSTER_YAML + storage, folder / "dagster.yaml"
    known = file.read_text("utf-8") if file.exists() else content
    if (POSTGRES in known) != is_postgres:
        before, now = ("SQLite", "PostgreSQL") if is_postgres else ("PostgreSQL", "SQLite")
        LOGGER.warning("%s: runs were kept in %s until now and are in %s from now on", file, before, now)
    if known != content or not file.exists():
        file.write_text(content, "utf-8")


@contextmanager
def _postgres_answers(settings: Settings) -> Iterator[None]:
    """Ask PostgreSQL before it is used, and tell in one message when it fails, now or later."""
    if settings.dagster_postgres_url is None:
        yield
        return
    from dagster_postgres.utils import DagsterPostgresException

    url = make_url(settings.dagster_postgres_url.get_secret_value())
    try:
        engine = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
        engine.connect().close()
        engine.dispose()
        yield
    except (SQLAlchemyError, DagsterPostgresException) as error:
        host = url.host or url.query.get("host") or "the local socket"
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise InstanceError(
            f"{POSTGRES_URL}: PostgreSQL at host {host}, port {url.port or 5432}, database {url.database},"
            f" does not serve Dagster: {reason}\nStart the server or mend the address, then run the same"
            " command again. Without the variable runs are kept in SQLite."
        ) from error
