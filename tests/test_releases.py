"""Releases: what they hold, rollback and pin."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from publish.folder import FinishedBuild
from publish.release import Releases
from publish.tables import DATABASE, PublishError, TableName
from tests.conftest import release, run_mtm


def test_the_manifest_says_what_the_release_holds(refreshed: Path) -> None:
    folder = (refreshed / "current").resolve()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["release"] == folder.name
    assert folder.name.endswith(manifest["inputs_sha256"][:12])
    assert manifest["stale"] == []
    assert manifest["versions"]["duckdb"] == duckdb.__version__
    with release(refreshed) as con:
        for table in manifest["tables"]:
            name = f"{table['schema']}.{table['table']}"
            assert con.execute(f"select count(*) from {name}").fetchone() == (table["rows"],)
            parquet = folder / "parquet" / f"{name}.parquet"
            assert con.execute(f"select count(*) from '{parquet}'").fetchone() == (table["rows"],)
        undescribed = con.execute(
            "select table_name, column_name from duckdb_columns() where comment is null and not internal"
        ).fetchall()
    assert undescribed == []
    assert len(manifest["tables"]) == len(list((folder / "parquet").iterdir()))
    assert (folder / DATABASE).stat().st_mode & 0o222 == 0


def make_release(home: Path, number: int, build: Path) -> str:
    current = Releases(home).current()
    datasets = Releases(home).manifest(current)["inputs"]["datasets"] if current else []
    inputs = {"datasets": datasets, "project_sha256": str(number)}
    published = Releases(home).publish(FinishedBuild(build, inputs, [TableName("marts", "dim_quarter")]))
    assert published.outcome == "published"
    return published.release_id


@pytest.fixture
def build(tmp_path: Path) -> Path:
    path = tmp_path / "build.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts; create table marts.dim_quarter as select '2023Q3' as quarter")
    return path


def test_a_dataset_that_came_out_empty_is_not_published(home: Path) -> None:
    current = Releases(home).current()
    inputs = {"datasets": [], "project_sha256": "lost"}
    finished = FinishedBuild(home / "build.duckdb", inputs, [TableName("marts", "dim_quarter")])
    with pytest.raises(PublishError, match=r"national_bank__money_transfers, .*: all figures are lost"):
        Releases(home).publish(finished)
    assert Releases(home).current() == current


def test_a_reader_keeps_its_release_while_current_flips(tmp_path: Path, build: Path) -> None:
    make_release(tmp_path, 1, build)
    with duckdb.connect(str(tmp_path / "current" / DATABASE), read_only=True) as reader:
        make_release(tmp_path, 2, build)
        assert reader.execute("select * from marts.dim_quarter").fetchall() == [("2023Q3",)]


def test_rollback_pins_until_publish(home: Path) -> None:
    releases = Releases(home)
    first = releases.current()
    assert first is not None
    second = make_release(home, 2, home / "build.duckdb")
    back = run_mtm(home, "rollback")
    assert back.returncode == 0, back.stderr
    assert releases.current() == first
    refreshed = run_mtm(home, "refresh")
    assert refreshed.returncode == 0, refreshed.stdout + refreshed.stderr
    assert "pinned" in refreshed.stdout
    assert releases.current() == first
    assert run_mtm(home, "publish").returncode == 0
    assert releases.pinned() is None
    assert releases.current() not in (None, second), "the inputs of the build are those of the first release"
    assert run_mtm(home, "rollback").returncode == 1, "there is nothing before the first"


def test_rollback_to_nowhere_is_refused(home: Path) -> None:
    refused = run_mtm(home, "rollback", "20200101T000000Z-000000000000")
    assert refused.returncode == 1
    assert "mtm releases" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_current_replaced_by_a_folder_is_named(home: Path) -> None:
    whole = (home / "current").resolve()
    (home / "current").unlink()
    shutil.copytree(whole, home / "current")
    for verb in (
        ["publish"],
        ["sql", "select 1"],
        ["releases"],
        ["diff"],
        ["release", "verify"],
        ["rollback"],
    ):
        refused = run_mtm(home, *verb)
        assert refused.returncode == 1, verb
        assert "is not a link" in refused.stderr
    shutil.rmtree(home / "current")
    assert run_mtm(home, "refresh").returncode == 0
    assert (home / "current").resolve() == whole


def test_a_release_of_an_older_version_is_listed_compared_and_rolled_back_to(home: Path) -> None:
    first = (home / "current").resolve()
    make_release(home, 2, home / "build.duckdb")
    manifest = json.loads((first / "manifest.json").read_text("utf-8"))
    for entry in ("accepted", "checks", "contract_version", "files", "span"):
        manifest.pop(entry, None)
    (first / "manifest.json").chmod(0o644)
    (first / "manifest.json").write_text(json.dumps(manifest))
    (first / "release.lock").unlink()
    (home / "log" / "decisions.jsonl").unlink()
    for verb in (["releases"], ["diff"], ["rollback"]):
        assert run_mtm(home, *verb).returncode == 0, verb
    unproved = run_mtm(home, "release", "verify")
    assert unproved.returncode == 1
    assert "has no release.lock" in unproved.stderr
