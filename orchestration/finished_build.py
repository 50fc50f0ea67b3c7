"""A finished build with all that its release says of itself: checks, span, saved queries, lock."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

import duckdb

from orchestration import dbt, saved
from orchestration.code_revision import code
from orchestration.settings import Settings
from publish.folder import FinishedBuild
from publish.lock import Lock, first_lines, sha256_of
from publish.tables import TableName

PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "httpx", "pandas")
# First and last quarter of which an indicator has a value.
SPAN = "select min(quarter), max(quarter) from indicators.quarterly_indicator where value is not null"


def packages() -> dict[str, str]:
    """Versions of Python and of the packages that figures are made by."""
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}


def finished_build(
    settings: Settings, con: duckdb.DuckDBPyConnection, inputs: dict[str, Any], names: list[TableName]
) -> FinishedBuild:
    """The build with all that its release says of itself."""
    lines = con.execute("select coalesce(max(log_line), 0) from raw.fetch_log").fetchone()
    span = con.execute(SPAN).fetchone()
    assert lines is not None
    assert span is not None
    lock = Lock(
        code=code(),
        dbt_manifest_sha256=dbt.manifest_sha256(),
        packages=packages(),
        log_lines=lines[0],
        log_sha256=sha256_of([first_lines(settings.log.path, lines[0])]),
        sources=[
            {"dataset": dataset["dataset"], "resource": file["resource"], "sha256": file["sha256"]}
            for dataset in inputs["datasets"]
            for file in dataset["files"]
        ],
    )
    facts = {
        "versions": packages(),
        "contract_version": dbt.contract_version(),
        "checks": dbt.checks(settings.home),
        "span": span,
    }
    return FinishedBuild(settings.build, inputs, names, saved.views(), dbt.declared_keys(), facts, lock)
