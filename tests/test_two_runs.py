"""Runs of one home side by side and runs that are killed, with the processes of a server: webserver, daemon.

What the kills leave is seen as a user sees it: the status and log of the run in the UI, and the release.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest

from tests.conftest import run_mtm
from tests.servers import Server, Web
from tests.test_refresh import content, release_ids, start_refresh

BUILDING = "dbt: building"
GONE = "process of this run ended before the run did"


class Servers:
    """`mtm webserver` and `mtm daemon` on one home, which can be killed and started again."""

    def __init__(self, home: Path, logs: Path) -> None:
        self.home, self._logs = home, logs
        self._started: list[Server] = []

    def start(self) -> None:
        self.daemon = Server(self.home, self._logs / "daemon.log", "daemon")
        self.web = Web(self.home, self._logs / "webserver.log", "webserver")
        self._started += [self.daemon, self.web]
        self.web.wait_until_ready()

    def kill(self) -> None:
        for server in self._started:
            server.kill()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("servers")
    servers = Servers(folder / "data", folder)
    servers.start()
    try:
        yield servers
    finally:
        servers.kill()


def has_work(home: Path) -> None:
    """Take the build away, so that the next run lands and builds everything."""
    (home / "build.duckdb").unlink(missing_ok=True)


def kill_run(log: str) -> None:
    """SIGKILL to the process that executes a run, whose number is in the run's log."""
    found = re.search(r"Executing steps in process \(pid: (\d+)\)", log)
    assert found, log
    os.kill(int(found[1]), signal.SIGKILL)


def killed_refresh(home: Path) -> str:
    """Start `mtm refresh` and kill it while it builds; its run id."""
    known = set((home / "dagster" / "running").glob("*"))
    process = start_refresh(home)
    assert process.stdout is not None
    assert any(BUILDING in line for line in process.stdout)
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=30) == -signal.SIGKILL
    (run,) = set((home / "dagster" / "running").iterdir()) - known
    return run.name


@pytest.mark.proof
def test_from_the_ui_and_by_mtm_in_the_same_second_both_end_well(refreshed: Path, servers: Servers) -> None:
    with ThreadPoolExecutor() as pool:
        launched = pool.submit(servers.web.launch)
        done = pool.submit(run_mtm, servers.home, "refresh").result()
    log = servers.web.wait_for_run(launched.result(), "SUCCESS")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lock" not in (done.stderr + log).lower()
    assert content(servers.home) == content(refreshed)
    assert len(release_ids(servers.home)) == 1


def test_a_killed_run_of_the_ui_is_shown_as_failed(servers: Servers) -> None:
    has_work(servers.home)
    run = servers.web.launch()
    kill_run(servers.web.wait_for_run(run, "STARTED", BUILDING))
    assert "SIGKILL" in servers.web.wait_for_run(run, "FAILURE")


@pytest.mark.proof
def test_after_a_killed_refresh_the_queue_goes_on_even_when_the_servers_are_killed(
    refreshed: Path, servers: Servers
) -> None:
    has_work(servers.home)
    killed = killed_refresh(servers.home)
    run = servers.web.launch()
    servers.web.wait_for_run(killed, "FAILURE", GONE)
    servers.web.wait_for_run(run, "STARTED", BUILDING)
    servers.web.kill_first()
    servers.daemon.kill_first()
    servers.start()
    servers.web.wait_for_run(run, "SUCCESS")
    assert content(servers.home) == content(refreshed)
    assert len(release_ids(servers.home)) == 1


@pytest.mark.proof
def test_after_everything_is_killed_the_next_refresh_completes(refreshed: Path, servers: Servers) -> None:
    has_work(servers.home)
    run = servers.web.launch()
    servers.web.wait_for_run(run, "STARTED", BUILDING)
    servers.kill()
    assert content(servers.home) == content(refreshed)
    done = run_mtm(servers.home, "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert content(servers.home) == content(refreshed)
    with dg.DagsterInstance.from_config(str(servers.home / "dagster")) as instance:
        lost = instance.get_run_by_id(run)
        assert lost is not None
        assert lost.status == dg.DagsterRunStatus.FAILURE
        assert GONE in "".join(event.message for event in instance.all_logs(run))
