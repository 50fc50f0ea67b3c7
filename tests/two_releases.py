"""A second release beside the one of a refreshed home, made in a second: figures changed by SQL, no dbt."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

from orchestration import dbt
from publish.cause import Side
from publish.diff import side_of
from publish.folder import FinishedBuild, read_manifest
from publish.release import Acceptance, Releases
from publish.tables import DATABASE, HASH_OF_ROWS, TableName

BORDER = "interior_ministry__border_crossings"
ARRIVALS = (
    f"indicator = 'border_crossings' and dataset = '{BORDER}' and quarter = '2023Q3' and measure = 'value'"
    " and direction = 'arrival' and geography_kind = 'total'"
)


def publish(
    home: Path, *statements: str, without: str = "", changed: dict[str, Any] | None = None
) -> tuple[Side, Side]:
    """The current release, and one made now of the build after these statements, without one table."""
    releases = Releases(home)
    current = releases.current()
    assert current is not None
    manifest = releases.manifest(current)
    build = home / "changed.duckdb"
    shutil.copy(home / "build.duckdb", build)
    with duckdb.connect(str(build)) as con:
        for statement in statements:
            con.execute(statement)
    names = [TableName(each["schema"], each["table"]) for each in manifest["tables"]]
    inputs = manifest["inputs"] | {"made_again": len(releases.ids())} | (changed or {})
    names = [name for name in names if str(name) != without]
    finished = FinishedBuild(build, inputs, names, grains=dbt.declared_keys())
    published = releases.publish(finished, acceptance=Acceptance("a test", "made up", "2024-01-02"))
    assert published.outcome == "published"
    return side_of(releases.folder / current), side_of(releases.folder / published.release_id)


def altered(home: Path, *statements: str) -> tuple[Side, Side]:
    """The current release, and a copy of it after these statements, with the hashes of its own tables."""
    current, copy = (home / "current").resolve(), home / "altered"
    shutil.copytree(current, copy)
    (copy / DATABASE).chmod(0o644)
    manifest = read_manifest(copy)
    with duckdb.connect(str(copy / DATABASE)) as con:
        for statement in statements:
            con.execute(statement)
        for table in manifest["tables"]:
            hashed = con.execute(f"select {HASH_OF_ROWS} from {table['schema']}.{table['table']} as t")
            (table["sha256"],) = hashed.fetchall()[0]
    return side_of(current), Side(copy / DATABASE, manifest)
