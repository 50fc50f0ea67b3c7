"""The Dagster instance of an MTM_HOME: runs, events and schedules under `<home>/dagster`."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from orchestration.settings import Settings

DAGSTER_YAML = """\
# Written by mtm. Runs and events are kept in SQLite beside this file.
telemetry: {enabled: false}
nux: {enabled: false}
python_logs:
  managed_python_loggers: [mtm]
  python_log_level: INFO
event_log_storage:
  module: orchestration.event_log
  class: OneConnectionEventLogStorage
  config: {base_dir: "BASE_DIR"}
"""


def dagster_home(settings: Settings) -> Path:
    """The folder that DAGSTER_HOME must name, with its dagster.yaml."""
    folder = settings.home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dagster.yaml"
    content = DAGSTER_YAML.replace("BASE_DIR", str(folder / "history" / "runs"))
    if not file.exists() or file.read_text("utf-8") != content:
        file.write_text(content, "utf-8")
    return folder


def dagster_instance(settings: Settings) -> dg.DagsterInstance:
    # Two processes that make the SQLite files of a new home at once would break each other's first migration.
    with settings.writing():
        return dg.DagsterInstance.from_config(str(dagster_home(settings)))
