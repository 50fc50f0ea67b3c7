"""The main job as a user runs it: once, again, killed, interrupted, rebuilt."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from tests.conftest import TRANSFERS, release, run_mtm


def release_ids(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "releases").iterdir())


def content(home: Path) -> str:
    """Hash over the rows of all tables of the current release."""
    return str(json.loads((home / "current/manifest.json").read_text("utf-8"))["content_sha256"])


def start_refresh(home: Path) -> subprocess.Popen[str]:
    """`mtm refresh` as a process of its own, what it says in one stream."""
    mtm = str(Path(sys.executable).with_name("mtm"))
    environment = {**os.environ, "MTM_HOME": str(home), "MTM_SOURCES": "recorded"}
    return subprocess.Popen(
        [mtm, "refresh"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def raw_rows(home: Path) -> int:
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        row = con.execute("select count(*) from raw.national_bank__money_transfers").fetchone()
    assert row is not None
    return int(row[0])


def test_the_summary_says_what_was_done_and_gives_a_query_with_its_answer(tmp_path: Path) -> None:
    done = run_mtm(tmp_path / "new home", "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    for step in ("fetched", "landed", "built", "checked", "published", "281,076.929424307", "mtm sql"):
        assert step in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert str(tmp_path / "new home" / "current" / "warehouse.duckdb") in done.stdout


def test_a_second_refresh_lands_nothing_twice_and_publishes_nothing_new(home: Path) -> None:
    before = release_ids(home), raw_rows(home), sorted((home / "archive").rglob("*"))
    again = run_mtm(home, "refresh")
    assert again.returncode == 0, again.stderr
    assert (release_ids(home), raw_rows(home), sorted((home / "archive").rglob("*"))) == before
    assert "nothing new" in again.stdout


def test_rebuild_from_archive_and_log_gives_the_same_release(home: Path) -> None:
    (home / "build.duckdb").unlink()
    rebuilt = run_mtm(home, "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert content(home) in rebuilt.stdout
    assert "equal to release" in rebuilt.stdout
    assert run_mtm(home, "refresh").returncode == 0
    assert len(release_ids(home)) == 1


def test_an_altered_archive_file_is_named_and_the_release_stands(home: Path) -> None:
    file = next((home / "archive").rglob("*.json"))
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"88804.5", b"88805.5"))
    rebuilt = run_mtm(home, "rebuild")
    assert rebuilt.returncode == 1
    assert "was altered" in rebuilt.stderr
    assert "Restore" in rebuilt.stderr
    assert run_mtm(home, "publish").returncode == 0
    with release(home) as con:
        assert con.execute(TRANSFERS).fetchone() == (116,)


# After how many lines of progress, and how many seconds later: while fetching, landing, building.
LATER = [(1, 0.0), (4, 0.0), (6, 0.0), (9, 0.0), (11, 0.0), (11, 1.8)]
MOMENTS = [(11, 1.0), *(pytest.param(*each, marks=pytest.mark.proof) for each in LATER)]


@pytest.mark.proof
@pytest.mark.parametrize(("lines", "seconds"), MOMENTS)
def test_killed_at_any_point_the_next_refresh_completes(
    refreshed: Path, tmp_path: Path, lines: int, seconds: float
) -> None:
    home = tmp_path / "data"
    process = start_refresh(home)
    assert process.stdout is not None
    progress = (line for line in process.stdout if line[:2].isdecimal())
    for _ in range(lines):
        next(progress)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=30) == -signal.SIGKILL
    if (home / "current").exists():
        assert content(home) == content(refreshed)
    done = run_mtm(home, "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert raw_rows(home) == 116
    assert content(home) == content(refreshed)


@pytest.mark.proof
def test_two_at_once_both_end_well(refreshed: Path, tmp_path: Path) -> None:
    home = tmp_path / "data"
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: run_mtm(home, "refresh"), range(2)))
    for done in both:
        assert done.returncode == 0, done.stdout + done.stderr
    assert content(home) == content(refreshed)
    assert len(release_ids(home)) == 1


@pytest.mark.proof
def test_ctrl_c_ends_with_one_message_and_the_next_refresh_completes(tmp_path: Path) -> None:
    process = start_refresh(tmp_path / "data")
    home = tmp_path / "data"
    assert process.stdout is not None
    for line in process.stdout:
        if "dbt: building" in line:
            break
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(timeout=60) == 1
    assert "Traceback" not in rest
    assert "interrupted" in rest
    assert run_mtm(home, "refresh").returncode == 0
    assert raw_rows(home) == 116
