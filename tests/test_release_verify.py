"""`mtm release verify`: a release is whole, and archive and log give it again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.archive import append_line
from publish.folder import manifest_hash
from publish.release import Releases
from publish.tables import DATABASE
from tests.conftest import run_mtm
from tests.test_releases import make_release


def folder_of(home: Path) -> Path:
    return (home / "current").resolve()


def refused(home: Path, *words: str) -> None:
    done = run_mtm(home, "release", "verify")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    for word in words:
        assert word in said


def change_lock(home: Path, **entries: object) -> None:
    """Alter release.lock, and the manifest so that nothing but the lock is different."""
    path = folder_of(home) / "release.lock"
    rewrite(path, json.dumps(json.loads(path.read_text("utf-8")) | entries))
    seal_again(home, "release.lock")


def seal_again(home: Path, name: str) -> None:
    """As if the release had been published with this file."""
    path = folder_of(home) / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["files"][name]["sha256"] = hashlib.sha256((folder_of(home) / name).read_bytes()).hexdigest()
    rewrite(path, json.dumps(manifest))
    noted = {"decision": "release", "release": folder_of(home).name}
    append_line(Releases(home).decisions, noted | {"manifest_sha256": manifest_hash(folder_of(home))})


def rewrite(path: Path, text: str) -> None:
    path.chmod(0o644)
    path.write_text(text, "utf-8")


def test_a_release_made_two_builds_ago_is_equal_to_what_archive_and_log_give(home: Path) -> None:
    first = Releases(home).current()
    assert first is not None
    for number in (1, 2):
        make_release(home, number, home / "build.duckdb")
    shutil.rmtree(home / "dbt")
    (home / "build.duckdb").unlink()
    done = run_mtm(home, "release", "verify", first)
    assert done.returncode == 0, done.stdout + done.stderr
    manifest = Releases(home).manifest(first)
    rows = sum(table["rows"] for table in manifest["tables"])
    assert f"{len(manifest['tables'])} tables, {rows:,} rows, all equal" in done.stdout


@pytest.mark.proof
def test_a_figure_that_archive_and_log_do_not_give_is_found(home: Path) -> None:
    database = folder_of(home) / DATABASE
    database.chmod(0o644)
    with duckdb.connect(str(database)) as con:
        newest = "(select max(event_date) from marts.fct_policy_events)"
        con.execute(f"update marts.fct_policy_events set title_en = 'planted' where event_date = {newest}")
    seal_again(home, DATABASE)
    refused(home, "marts.fct_policy_events", "planted", "1 of ")


def test_missing_altered_and_foreign_files_are_named(home: Path) -> None:
    folder = folder_of(home)
    (folder / "parquet" / "marts.dim_quarter.parquet").unlink()
    rewrite(folder / "RELEASE_NOTES.md", "another story")
    (folder / "figures.xlsx").write_text("mine")
    refused(
        home,
        "parquet/marts.dim_quarter.parquet is missing",
        "RELEASE_NOTES.md was altered",
        "figures.xlsx is not of this release",
        "mtm rollback",
    )


def test_an_altered_or_torn_manifest_is_named(home: Path) -> None:
    path = folder_of(home) / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["tables"][0]["sha256"] = "0" * 64
    rewrite(path, json.dumps(manifest))
    refused(home, "manifest.json was altered")
    rewrite(path, '{"release": ')
    refused(home, "manifest.json was altered")
    path.unlink()
    assert "manifest.json is missing" in run_mtm(home, "release", "verify", folder_of(home).name).stderr


def test_a_lock_of_another_version_is_refused(home: Path) -> None:
    change_lock(home, lock_version=7)
    refused(home, "a lock of version 7", "reads version 1")


def test_another_revision_is_refused_with_the_command_that_checks_it_out(home: Path) -> None:
    code = {"revision": "1" * 40, "is_modified": False, "sha256": "0" * 64}
    change_lock(home, code=code)
    refused(home, f"git checkout {'1' * 40} && make setup", "Its files are whole")
    change_lock(home, code=code | {"is_modified": True})
    refused(home, "never committed")


def test_a_log_that_lost_lines_is_told(home: Path) -> None:
    log = home / "log" / "attempts.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-1]))
    refused(home, "attempts.jsonl has", "backup")
    log.write_bytes(b"".join([lines[0].replace(b"ok", b"no"), *lines[1:]]))
    refused(home, "attempts.jsonl was altered")


def test_a_rollback_to_a_damaged_release_is_refused(home: Path) -> None:
    first, second = Releases(home).current(), make_release(home, 2, home / "build.duckdb")
    assert first is not None
    (home / "releases" / first / "release.lock").unlink()
    done = run_mtm(home, "rollback", first)
    assert done.returncode == 1
    assert "release.lock is missing" in done.stderr
    assert Releases(home).current() == second


@pytest.fixture
def read_only(home: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("a read-only mount needs root")
    command = ["mount", "--bind", "-o", "ro", home, home]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"mount: {mounted.stderr}")
    subprocess.run(["mount", "-o", "remount,bind,ro", home], check=True)
    yield home
    subprocess.run(["umount", home], check=True)


@pytest.mark.proof
def test_a_read_only_home_is_read_and_verified_and_nothing_is_written(
    read_only: Path,
) -> None:
    for verb in (["sql", "select 1"], ["releases"], ["release", "verify"]):
        done = run_mtm(read_only, *verb)
        assert done.returncode == 0, done.stdout + done.stderr
    for verb in (["refresh"], ["publish"], ["rollback"], ["status"]):
        done = run_mtm(read_only, *verb)
        assert done.returncode == 1, verb
        assert "Read-only file system" in done.stderr
        assert "Traceback" not in done.stderr
