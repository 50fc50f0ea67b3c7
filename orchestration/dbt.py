"""dbt in this process: the manifest, a build, and what each node came to.

Results come from run_results.json, which dbt documents. Nothing of Dagster here.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from fcntl import LOCK_EX, flock
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from orchestration import increments
from orchestration.dbt_shortcuts import leave_out_idle_work, trust_parsed_settings, warnings_only
from orchestration.settings import ROOT, memory_limit
from publish.tables import TableName

PROJECT = ROOT / "dbt_project"
TARGET = PROJECT / "target"
PUBLISHED_SCHEMAS = frozenset({"marts", "indicators", "audit"})
# What makes a node what it is; the rest differs from one parse of the same files to the next.
MANIFEST_PARTS = ("checksum", "macro_sql", "config", "columns", "description")
BUILD = ("build", "--exclude-resource-type", "unit_test")
GOOD = frozenset({"success", "pass", "warn", "no-op"})
# Of the interpreter's lock, while dbt works in two threads: by default a query of a millisecond waits five.
SWITCH_SECONDS = 0.0005


class BuildError(Exception):
    """dbt could not build; the message names what failed and the next command."""


@dataclass(frozen=True)
class NodeResult:
    """What dbt made of one node: model, seed or test."""

    unique_id: str
    kind: str
    name: str
    status: str
    message: str
    seconds: float
    failures: int | None
    compiled_code: str | None

    @property
    def is_good(self) -> bool:
        return self.status in GOOD

    @property
    def is_skipped(self) -> bool:
        return self.status == "skipped"


@cache
def project_sha256() -> str:
    """SHA-256 over the project's models, seeds, macros, tests and settings."""
    digest = hashlib.sha256()
    for path in sorted(PROJECT.rglob("*")):
        inside = path.relative_to(PROJECT)
        if path.is_file() and inside.parts[0] not in ("target", "logs"):
            digest.update(f"{inside}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def manifest() -> dict[str, Any]:
    """dbt's manifest of the project as it stands, parsed again when a file of it changed."""
    prepare()
    parsed: dict[str, Any] = json.loads((TARGET / "manifest.json").read_text("utf-8"))
    return parsed


def prepare() -> None:
    """Parse the project into dbt_project/target, unless that is done already."""
    marker = TARGET / "project.sha256"
    TARGET.mkdir(exist_ok=True)
    with (TARGET / ".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if marker.exists() and marker.read_text("utf-8") == project_sha256():
            return
        marker.unlink(missing_ok=True)
        _invoke_on_duckdb(["parse"], TARGET, TARGET / "build.duckdb")
        marker.write_text(project_sha256(), "utf-8")


def published_tables() -> list[TableName]:
    """The models of marts, indicators and audit, which a release holds."""
    return [
        TableName(node["schema"], node["alias"])
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in PUBLISHED_SCHEMAS
    ]


def schemas() -> set[str]:
    """The schemas of all models and seeds."""
    nodes = manifest()["nodes"].values()
    return {node["schema"] for node in nodes if node["resource_type"] in ("model", "seed")}


def charted_values() -> dict[TableName, str]:
    """By table, the column that its small chart shows: `meta: {chart: ...}` of the model."""
    return {
        TableName(node["schema"], node["alias"]): node["config"]["meta"]["chart"]
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and "chart" in node["config"]["meta"]
    }


def contract_version() -> int:
    """The version of the published tables' contract: `vars: {contract_version: ...}` of dbt_project.yml."""
    settings = yaml.load((PROJECT / "dbt_project.yml").read_text("utf-8"), yaml.CSafeLoader)
    version = settings.get("vars", {}).get("contract_version")
    if not isinstance(version, int):
        raise BuildError(f"dbt_project/dbt_project.yml: contract_version is a whole number, not {version}.")
    return version


def declared_keys() -> dict[TableName, tuple[str, ...]]:
    """What identifies a row of each published model: its primary key, else the columns of its test grain."""
    nodes = manifest()["nodes"]
    grains = {
        node["attached_node"]: tuple(node["test_metadata"]["kwargs"]["columns"])
        for node in nodes.values()
        if node["resource_type"] == "test" and node.get("test_metadata", {}).get("name") == "grain"
    }
    return {
        TableName(node["schema"], node["alias"]): next(
            (tuple(each["columns"]) for each in node["constraints"] if each["type"] == "primary_key"),
            grains.get(unique_id, ()),
        )
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model" and node["schema"] in PUBLISHED_SCHEMAS
    }


def declared_columns() -> dict[TableName, tuple[tuple[str, str], ...]]:
    """Name and type of the columns of each published model, as its contract has them."""
    return {
        TableName(node["schema"], node["alias"]): tuple(
            (column["name"], column["data_type"]) for column in node["columns"].values()
        )
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in PUBLISHED_SCHEMAS
    }


def manifest_sha256() -> str:
    """SHA-256 of what the nodes, macros and sources of dbt's manifest are."""
    parts = [
        (
            unique_id,
            *(part.get(name) for name in MANIFEST_PARTS),
        )
        for kind in ("nodes", "macros", "sources")
        for unique_id, part in sorted(manifest()[kind].items())
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def checks(home: Path) -> dict[str, int]:
    """How many tests the last build of a home ran, by status: pass, warn and so on."""
    results = json.loads((home / "dbt" / "run_results.json").read_text("utf-8"))["results"]
    return dict(Counter(each["status"] for each in results if each["unique_id"].startswith("test.")))


def expected_nodes(kinds: tuple[str, ...] = ("model", "seed", "test")) -> set[str]:
    """The nodes that a whole build must have done."""
    return {unique_id for unique_id, node in manifest()["nodes"].items() if node["resource_type"] in kinds}


def build(home: Path, database: Path, select: str = "") -> list[NodeResult]:
    """Run `dbt build` without unit tests; raises BuildError when dbt itself could not run.

    Incremental tables are made anew where models, macros or seeds are not those that made them. select: which
    nodes, in dbt's words, with the tests of these alone; all without it.
    """
    prepare()
    target = home / "dbt"
    # dbt would write the manifest a second time with the results.
    command = [*BUILD, "--no-write-json"]
    command += ["--select", select, "--indirect-selection", "cautious"] if select else []
    are_of_today = increments.are_of(database, project_sha256())
    command += [] if are_of_today else ["--full-refresh"]
    results = _results(_invoke_on_duckdb(command, target, database, _parsed_manifest()), target)
    if not _increments_are_sound(results):
        increments.forget(database)
    elif not are_of_today:
        increments.note(database, project_sha256())
    return results


def _increments_are_sound(results: list[NodeResult]) -> bool:
    """Whether each incremental table was made, and no test of one failed."""
    nodes = manifest()["nodes"]
    tables = {name for name, node in nodes.items() if node["config"].get("materialized") == "incremental"}
    bad = {nodes[each.unique_id].get("attached_node") for each in results if not each.is_good}
    return tables <= {each.unique_id for each in results if each.is_good} and not bad & tables


def build_on_spark(home: Path) -> list[NodeResult]:
    """The same build by dbt-spark, in the session of Spark that this process has started."""
    target = home / "dbt_spark"
    return _results(_invoke([*BUILD, "--target", "spark"], target), target)


def remove_artefacts(home: Path, now: datetime, days: int) -> list[str]:
    """Remove what dbt wrote beside a home's build and no build wrote again for so many days.

    That is the SQL of models that exist no longer; the next build writes the rest again.
    """
    limit = (now - timedelta(days=days)).timestamp()
    files = sorted(path for path in (home / "dbt").rglob("*") if path.is_file())
    removed = [path for path in files if path.stat().st_mtime < limit]
    for path in removed:
        path.unlink()
    return [str(path.relative_to(home)) for path in removed]


def _results(outcome: Any, target: Path) -> list[NodeResult]:
    written = target / "run_results.json"
    outcome.write(str(written))
    return [_result(record) for record in json.loads(written.read_text("utf-8"))["results"]]


def _result(record: dict[str, Any]) -> NodeResult:
    node = manifest()["nodes"][record["unique_id"]]
    return NodeResult(
        unique_id=record["unique_id"],
        kind=node["resource_type"],
        name=node["name"],
        status=str(record["status"]),
        message=record["message"] or "",
        seconds=record["execution_time"],
        failures=record["failures"],
        compiled_code=record.get("compiled_code"),
    )


def _parsed_manifest() -> Any:
    """The parsed project, so that dbt does not parse it again for each database."""
    from dbt.contracts.graph.manifest import Manifest

    parsed = Manifest.from_msgpack((TARGET / "partial_parse.msgpack").read_bytes())
    # What models ask of `graph`; dbt makes it only when it parses itself.
    parsed.build_flat_graph()  # type: ignore[no-untyped-call]
    return parsed


def _invoke_on_duckdb(arguments: list[str], target: Path, database: Path, parsed: Any = None) -> Any:
    """Call dbt with this database and let go of its DuckDB connections at the end."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    os.environ |= {"MTM_BUILD_DB": str(database), "MTM_BUILD_MEMORY": memory_limit()}
    try:
        return _invoke(arguments, target, parsed)
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _invoke(arguments: list[str], target: Path, parsed: Any = None) -> Any:
    """Call dbt in this process and return its result."""
    from dbt.cli.main import dbtRunner
    from dbt_common.events.event_manager_client import ctx_set_event_manager

    target.mkdir(parents=True, exist_ok=True)
    (target / "run_results.json").unlink(missing_ok=True)
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    outputs = ["--target-path", str(target), "--log-path", str(target / "logs")]
    quiet = ["--quiet", "--no-use-colors", "--no-print", "--log-level", "none", "--log-level-file", "none"]
    printed = StringIO()
    leave_out_idle_work()
    if parsed:
        trust_parsed_settings()
    ctx_set_event_manager(warnings_only())
    switch_seconds = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with redirect_stdout(printed):
            outcome = dbtRunner(manifest=parsed).invoke([*quiet, *arguments, *places, *outputs])
    finally:
        sys.setswitchinterval(switch_seconds)
    if outcome.exception or (outcome.result is None):
        raise BuildError(
            f"dbt {arguments[0]} could not run: {outcome.exception or printed.getvalue()}"
        ) from outcome.exception
    return outcome.result
