"""What tests share: the `mtm` command in its own process, and a home that was refreshed once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import duckdb
import pytest

from ingest import client
from tests.agencies import Agencies
from tests.house import House

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

# Months of the money transfers that the recorded answers hold, by direction.
TRANSFERS = "select count(*) from marts.fct_money_transfers where dataset = 'national_bank__money_transfers'"

# Files whose tests wait for servers more than they compute: begun first, so that others fill the waiting.
WAITING = ("test_ui", "test_two_runs", "test_postgres", "test_failures_end_to_end")

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real data is not here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: WAITING.index(item.path.stem) if item.path.stem in WAITING else len(WAITING))


def run_mtm(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `mtm` as a user does, on the given home; recorded sources unless MTM_SOURCES is given."""
    command = [str(Path(sys.executable).with_name("mtm")), *arguments]
    settings = {"MTM_HOME": str(home), "MTM_SOURCES": "recorded", **environment}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MTM_")}
    return subprocess.run(
        command, env={**inherited, **settings}, capture_output=True, text=True, timeout=180, check=False
    )


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one `mtm refresh`, made once for all workers; tests read it and leave it as it is."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "refreshed" / "data"
    home.parent.mkdir(exist_ok=True)
    with (home.parent / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (home / "current").exists():
            done = run_mtm(home, "refresh")
            assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture
def home(refreshed: Path, tmp_path: Path) -> Path:
    """A copy of the refreshed home that a test may change."""
    copy = tmp_path / "data"
    shutil.copytree(refreshed, copy, symlinks=True)
    return copy


def release(home: Path) -> duckdb.DuckDBPyConnection:
    """The current release of a home, opened as an analyst opens it."""
    return duckdb.connect(str(home / "current" / "warehouse.duckdb"), read_only=True)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes an environment of its own for the locks of tests/clients that are named."""

    def make(*locks: str) -> Path:
        folder = tmp_path_factory.mktemp("-".join(locks)) / "env"
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", folder], check=True)
        files = [str(ROOT / "tests" / "clients" / f"{lock}.lock") for lock in locks]
        required = [argument for file in files for argument in ("-r", file)]
        python = folder / "bin" / "python"
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", *required], check=True
        )
        return folder

    return make


@pytest.fixture
def agencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agencies]:
    """The imitation of the agencies, to which HTTPS_PROXY leads while the test runs."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with Agencies(tmp_path) as running:
        for name, value in running.settings.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An empty raw database; the waits between tries are short, unless the server asks for more."""
    monkeypatch.setattr(client, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(client, "WAIT_JITTER", 0.05)
    warehouse = House(tmp_path)
    yield warehouse
    warehouse.con.close()
