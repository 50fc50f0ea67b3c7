"""What analysts rely on while releases come and go: readers without pause, kills, a full disk."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from bench.synthetic_register import Format, Register, write
from orchestration.verification import compared
from publish.folder import FinishedBuild, damage
from publish.release import Releases
from publish.tables import DATABASE, TableName
from tests.conftest import ROOT, run_mtm
from tests.register_files import NAME, Post
from tests.test_releases import make_release
from tests.two_releases import ARRIVALS

READERS, PUBLICATIONS, ROLLBACKS, KILLS, KILLED_ACCEPTANCES = 20, 100, 10, 50, 20
CLIENTS = Path(__file__).parent / "clients"
TABLES = [TableName("marts", "dim_quarter"), TableName("indicators", "quarterly_indicator")]

pytestmark = pytest.mark.proof


def publish_number(home: Path, number: int) -> None:
    """Publish a build of two tables in which each row holds the number."""
    build = home / f"build-{number}.duckdb"
    with duckdb.connect(str(build)) as con:
        for name in TABLES:
            con.execute(f"create schema if not exists {name.schema}")
            con.execute(f"create table {name} as select {number} as number, i from range(1000) as r (i)")
    inputs = {"datasets": [], "project_sha256": str(number)}
    assert Releases(home).publish(FinishedBuild(build, inputs, TABLES), unpin=True).outcome == "published"
    build.unlink()


def test_readers_never_meet_a_lock_or_two_releases_in_one_answer(tmp_path: Path) -> None:
    publish_number(tmp_path, 0)
    command = [sys.executable, str(CLIENTS / "reader.py"), str(tmp_path)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
    for number in range(1, PUBLICATIONS + 1):
        publish_number(tmp_path, number)
        if number % (PUBLICATIONS // ROLLBACKS) == 0:
            Releases(tmp_path).rollback(None)
    (tmp_path / "stop").touch()
    answers = [json.loads(reader.communicate(timeout=60)[0]) for reader in readers]
    assert [answer["failures"] for answer in answers] == [[]] * READERS
    assert min(answer["answers"] for answer in answers) > 0
    seen = {number for answer in answers for number in answer["seen"]}
    assert len(seen) > PUBLICATIONS / 2, "the readers read while releases came and went"
    count = sum(answer["answers"] for answer in answers)
    sys.stdout.write(f"{count:,} answers of {len(seen)} releases, none failed\n")


def test_a_reader_of_a_pruned_release_reads_on(tmp_path: Path) -> None:
    publish_number(tmp_path, 0)
    first = Releases(tmp_path).path(str(Releases(tmp_path).current()))
    with duckdb.connect(str(first / DATABASE), read_only=True) as reader:
        publish_number(tmp_path, 1)
        shutil.rmtree(first)
        assert reader.execute("select distinct number from marts.dim_quarter").fetchall() == [(0,)]


def test_current_is_a_whole_release_whenever_a_publication_is_killed(home: Path) -> None:
    command = [sys.executable, str(CLIENTS / "publisher.py"), str(home)]
    releases, random_moment = Releases(home), random.Random(7)

    def begin(number: int) -> subprocess.Popen[str]:
        process = subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        assert process.stdout.readline() == "begin\n"
        return process

    process, started = begin(0), time.perf_counter()
    assert process.wait() == 0
    seconds = time.perf_counter() - started
    finished = 0
    for number in range(1, KILLS + 1):
        before = releases.current()
        process = begin(number)
        time.sleep(random_moment.uniform(0, 2 * seconds))
        process.kill()
        process.wait()
        current = releases.current()
        assert current is not None
        finished += current != before
        folder = releases.path(current)
        assert list(damage(folder)) == []
        assert [
            each for each in compared(folder / DATABASE, home / "build.duckdb") if not each.is_equal
        ] == []
    assert 0 < finished < KILLS, "some were killed before the flip, some after"
    assert begin(KILLS + 1).wait() == 0
    assert sorted(path.name for path in releases.folder.iterdir()) == releases.ids(), "nothing half is left"
    sys.stdout.write(f"killed {KILLS} times within {2 * seconds:.1f} s, {finished} had published\n")


def test_an_acceptance_that_is_killed_is_completed_by_the_next(home: Path) -> None:
    build, releases, random_moment = home / "changed.duckdb", Releases(home), random.Random(8)
    shutil.copy(home / "build.duckdb", build)

    def begin(number: int, step: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(CLIENTS / "accepter.py"), str(home), str(build), str(number), step]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        assert process.stdout.readline() == "begin\n"
        return process

    seconds, completed = 1.0, 0
    for number in range(KILLED_ACCEPTANCES + 1):
        with duckdb.connect(str(build)) as con:
            con.execute(f"update indicators.quarterly_indicator set value = value * 2 where {ARRIVALS}")
        before = releases.current()
        assert begin(number, "hold").communicate()[0] == "held\n"
        assert releases.current() == before
        process, started = begin(number, "accept"), time.perf_counter()
        if number:
            time.sleep(random_moment.uniform(0, 1.5 * seconds))
            process.kill()
        process.wait()
        seconds = seconds if number else time.perf_counter() - started
        current = str(releases.current())
        assert releases.damage(current) == []
        completed += current != before
        assert begin(number, "accept").communicate()[0] in ("published\n", "flipped\n", "unchanged\n")
        current = str(releases.current())
        assert current != before
        assert releases.damage(current) == []
        assert releases.manifest(current)["accepted"]["reason"] == "made up"
        assert [path.name for path in releases.folder.iterdir() if path.name not in releases.ids()] == []
        for old in releases.ids()[:-1]:
            shutil.rmtree(releases.path(old))
    assert 1 < completed <= KILLED_ACCEPTANCES, "some were killed before the flip, some after"
    sys.stdout.write(
        f"{KILLED_ACCEPTANCES} acceptances killed within {1.5 * seconds:.1f} s, {completed - 1} flipped\n"
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 160 MB, in a file that is mounted."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system needs root")
    image, folder = tmp_path / "disk.img", tmp_path / "disk"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(160 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    mounted = subprocess.run(
        ["mount", "-o", "loop", image, folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mount: {mounted.stderr}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_and_the_old_release_stays(refreshed: Path, small_disk: Path) -> None:
    home = small_disk / "data"
    shutil.copytree(refreshed, home, symlinks=True)
    releases = Releases(home)
    first = str(releases.current())
    before = make_release(home, 1, home / "build.duckdb")
    shutil.rmtree(releases.path(first))
    for kept in (1 << 20, 5 << 20, 10 << 20):
        filler = small_disk / "filler"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(small_disk).free - kept)
        refused = run_mtm(home, "publish")
        assert refused.returncode == 1, refused.stdout
        assert f"{before} stays current" in refused.stderr, refused.stderr
        assert "No space left" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert releases.current() == before
        assert list(damage(releases.path(before))) == []
        filler.unlink()
    assert run_mtm(home, "publish").returncode == 0
    assert releases.current() != before


def test_a_register_larger_than_the_disk_is_told_and_lands_once_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    post, filler = Post(small_disk / "data"), small_disk / "filler"
    (file,) = write(Register(2_000_000, date(2023, 7, 1), 1, Format.CSV_ZST), tmp_path)
    size = file.path.stat().st_size
    add = ("inbox", "add", str(file.path), "--dataset", NAME)
    for kept, said in (
        (size // 2, "could not be copied into the inbox"),
        (3 * size // 2, "the file could not be kept"),
        (2 * size, "the build database could not take it"),
    ):
        shutil.rmtree(post.home, ignore_errors=True)
        with filler.open("wb") as full:
            os.posix_fallocate(full.fileno(), 0, shutil.disk_usage(small_disk).free - kept - (4 << 20))
        refused = run_mtm(post.home, *add)
        assert refused.returncode == 1, refused.stdout
        assert said in refused.stdout + refused.stderr, refused.stdout + refused.stderr
        assert "Make room on the disk of MTM_HOME" in refused.stdout + refused.stderr
        assert "Traceback" not in refused.stderr
        filler.unlink()
    assert run_mtm(post.home, *add).returncode == 0
    assert post.rows("select count(*) from register ") == [(2_000_000,)]
