"""Dagster's runs in a real PostgreSQL, that of Debian's package, and what is told when it is away."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import run_mtm
from tests.servers import LOOPBACK, free_port

PROGRAMS = max(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), default=None
)
PASSWORD = "geheim"
URL = "MTM_DAGSTER_POSTGRES_URL"
FORM = "postgresql://user:password@host:5432/database"


def as_postgres(*command: str) -> None:
    """Run a program of PostgreSQL, which refuses to be root, as the user of Debian's package."""
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*user, f"{PROGRAMS}/{command[0]}", *command[1:]],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL that asks for a password."""
    if PROGRAMS is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with TemporaryDirectory(prefix="mtm-postgres-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        cluster, port = f"{folder}/cluster", free_port()
        (Path(folder) / "password").write_text(PASSWORD)
        (Path(folder) / "password").chmod(0o644)
        access = ["-U", "mtm", "-A", "scram-sha-256", f"--pwfile={folder}/password"]
        as_postgres("initdb", "-D", cluster, "-N", *access)
        options = f"-h {LOOPBACK} -p {port} -k {folder} -c fsync=off"
        as_postgres("pg_ctl", "-D", cluster, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://mtm:{PASSWORD}@{LOOPBACK}:{port}/postgres"
        finally:
            as_postgres("pg_ctl", "-D", cluster, "-w", "-m", "immediate", "stop")


@pytest.mark.proof
def test_a_refresh_keeps_its_run_and_events_there_and_the_password_nowhere(home: Path, postgres: str) -> None:
    for file in home.rglob("*.db"):
        file.unlink()
    done = run_mtm(home, "refresh", **{URL: postgres})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "until now and are in PostgreSQL" in done.stderr
    engine = create_engine(postgres)
    with engine.connect() as connection:

        def answer(query: str) -> list[object]:
            return list(connection.execute(text(query)).scalars())

        assert answer("select status from runs") == ["SUCCESS"]
        materialised = answer(
            "select asset_key from event_logs where dagster_event_type = 'ASSET_MATERIALIZATION'"
        )
        assert '["raw", "national_bank__money_transfers"]' in materialised
        passed = answer("select check_name from asset_check_executions where execution_status = 'SUCCEEDED'")
        assert {"answered", "landed"} <= set(passed)
    engine.dispose()
    assert not list(home.rglob("*.db"))
    for file in (home / "dagster").rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("verb", ["refresh", "ui", "daemon"])
def test_postgres_that_is_down_is_told_before_anything_starts(tmp_path: Path, verb: str) -> None:
    port = free_port()
    done = run_mtm(tmp_path / "data", verb, **{URL: f"postgresql://mtm:{PASSWORD}@{LOOPBACK}:{port}/runs"})
    assert done.returncode == 1, done.stdout + done.stderr
    for part in (URL, LOOPBACK, f"port {port}", "database runs", "Start the server"):
        assert part in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert not (tmp_path / "data" / "archive").exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"postgresql://mtm:{PASSWORD}@localhost",
        f"postgresql://mtm:{PASSWORD}@localhost:port/runs",
        f"postgresql://mtm:ge@{PASSWORD}@localhost/runs",
    ],
)
def test_an_address_of_another_form_is_wrong_use(tmp_path: Path, url: str) -> None:
    done = run_mtm(tmp_path / "data", "refresh", **{URL: url})
    assert done.returncode == 2, done.stdout + done.stderr
    assert URL in done.stderr
    assert FORM in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
