"""docs/operations.md is followed to the letter: each of its commands is run, in the order of the page.

What is real, substituted and imitated stands at the top of tests/imitated_server.py. The first refresh meets
a home that was refreshed before. Units are also checked by `systemd-analyze verify` where that is installed.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from publish.release import Releases
from tests.conftest import ROOT
from tests.imitated_server import Server, commands
from tests.servers import LOOPBACK
from tests.test_postgres import PROGRAMS, as_postgres

NAME = "mtm.example.org"
TOOLS = ("nginx", "htpasswd", "openssl", "curl", "git", "make")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None] + ["postgresql"] * (PROGRAMS is None)


@pytest.fixture
def server(refreshed: Path, tmp_path: Path) -> Iterator[Server]:
    # make setup would otherwise set up the .venv anew that this test runs in
    is_ready = subprocess.run(["make", "-q", "-C", ROOT, ".venv/ready"], check=False).returncode == 0
    assert is_ready, "run `make setup` first"
    server = Server(tmp_path)
    shutil.copytree(refreshed, server.home, symlinks=True)
    try:
        yield server
    finally:
        server.end()


@pytest.mark.proof
@pytest.mark.skipif(
    bool(MISSING), reason=f"not here: {MISSING}; apt-get install nginx-light apache2-utils curl postgresql"
)
def test_the_commands_of_the_page(server: Server) -> None:
    server.run_section("Install")
    server.run_section("Two services")
    check_units(server)
    printed = server.run_section("The way in: nginx with TLS and a password")
    assert printed[next(command for command in printed if command.startswith("curl"))] == "401\n"
    password = printed[next(command for command in printed if command.startswith("openssl rand"))].split()[0]
    server.wait_for_ui()
    check_the_way_in(server, password)
    with postgresql() as socket_folder:
        server.postgresql = socket_folder
        server.run_section("PostgreSQL in place of SQLite")
        server.run_section("Backup")
        lose_the_home_and_restore(server)
        server.run_section("Upgrade")
        check_postgresql(server)
        server.run_section("What is removed")
        shown = server.run_section("When something goes wrong")
        assert "Dagster" in shown["journalctl --unit mtm-daemon --lines 50"]
        titles = [title for title, lines in commands().items() if lines]
        assert server.done == titles, "each section with commands is run, in the order of the page"


@contextmanager
def postgresql() -> Iterator[Path]:
    """A PostgreSQL that lets everybody in at a socket in the folder, as Debian's lets `mtm` in at its own."""
    with TemporaryDirectory(prefix="mtm-postgres-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        cluster = f"{folder}/cluster"
        as_postgres("initdb", "-D", cluster, "-N", "-U", "postgres", "-A", "trust")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        as_postgres("pg_ctl", "-D", cluster, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield Path(folder)
        finally:
            as_postgres("pg_ctl", "-D", cluster, "-w", "-m", "immediate", "stop")


QUERY = "select status from runs where pipeline_name = 'refresh'"


def check_postgresql(server: Server) -> None:
    """The refreshes since the switch are there, and the webserver reads them from there."""
    server.wait_for_ui()
    query = {"query": "{ runsOrError { ... on Runs { results { jobName status } } } }"}
    answer = httpx.post(f"http://{LOOPBACK}:{server.ui}/graphql", json=query, trust_env=False).json()
    runs = answer["data"]["runsOrError"]["results"]
    # Automation is on: the daemon may have begun a run of its own.
    refreshes = [run["status"] for run in runs if run["jobName"] == "refresh"]
    after = ("PostgreSQL", "Restore", "Upgrade")
    assert refreshes == ["SUCCESS"] * len(after), "the first stays in SQLite"
    listed = subprocess.run(
        ["psql", "-h", server.postgresql, "-U", "mtm", "-Atc", QUERY, "mtm_dagster"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert listed.stdout.split() == refreshes


def check_units(server: Server) -> None:
    """The units as systemd reads them, and that the webserver listens on loopback alone."""
    server.wait_for_ui()
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    addresses = {
        line.split()[1] for line in listening.splitlines() if f":{server.ui:04X} " in line.split(" 0", 2)[0]
    }
    assert {address.split(":")[0] for address in addresses} <= {"0100007F"}, addresses
    if shutil.which("systemd-analyze"):
        units = sorted((server.folder / "etc/systemd/system").glob("*.service"))
        assert [unit.name for unit in units] == ["mtm-daemon.service", "mtm-webserver.service"]
        verified = subprocess.run(
            ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
        )
        assert (verified.returncode, verified.stderr) == (0, "")


def check_the_way_in(server: Server, password: str) -> None:
    """Without a password nothing; with it the page, GraphQL and the websocket; nothing for another site."""
    trust = ssl.create_default_context(cafile=server.folder / "etc/ssl/mtm/mtm.crt")
    site = f"{NAME}:{server.https}"
    query = {"query": "{ assetNodes { id } }"}
    with httpx.Client(
        base_url=f"https://{LOOPBACK}:{server.https}", verify=trust, headers={"Host": site}, trust_env=False
    ) as client:

        def ask(method: str, path: str, **more: object) -> httpx.Response:
            return client.request(method, path, extensions={"sni_hostname": NAME}, **more)  # type: ignore[arg-type]

        user = ("aigerim", password)
        for path in ("/", "/graphql", "/server_info"):
            assert ask("GET", path).status_code == 401
        assert ask("POST", "/graphql", json=query).status_code == 401
        assert ask("GET", "/", auth=("aigerim", "guessed")).status_code == 401
        page = ask("GET", "/", auth=user)
        assert page.status_code == 200
        assert "Dagster" in page.text
        answer = ask("POST", "/graphql", json=query, auth=user, headers={"Origin": f"https://{site}"})
        assert len(answer.json()["data"]["assetNodes"]) > 100
        elsewhere = {"Origin": "https://elsewhere.example"}
        assert ask("POST", "/graphql", json=query, auth=user, headers=elsewhere).status_code == 403
    plain = httpx.get(f"http://{LOOPBACK}:{server.http}/runs", headers={"Host": NAME}, trust_env=False)
    assert (plain.status_code, plain.headers["location"]) == (301, f"https://{NAME}:{server.https}/runs")
    basic = base64.b64encode(f"aigerim:{password}".encode()).decode()
    assert websocket_says(server, trust, {"Authorization": f"Basic {basic}"}) == "connection_ack"
    with pytest.raises(InvalidStatus, match="401"):
        websocket_says(server, trust, {})


def websocket_says(server: Server, trust: ssl.SSLContext, headers: dict[str, str]) -> str:
    """The answer of Dagster to the first message of its pages."""
    uri = f"wss://{NAME}:{server.https}/graphql"
    protocol = Subprotocol("graphql-ws")
    with connect(
        uri,
        address=(LOOPBACK, server.https),
        ssl=trust,
        subprotocols=[protocol],
        additional_headers=headers,
        proxy=None,
    ) as websocket:
        websocket.send(json.dumps({"type": "connection_init", "payload": {}}))
        return str(json.loads(websocket.recv(timeout=10))["type"])


def lose_the_home_and_restore(server: Server) -> None:
    """The content of the release after a restore is that of the release that was lost."""
    before = content(server.home)
    server.run("systemctl stop mtm-webserver mtm-daemon")
    shutil.rmtree(server.home)
    server.home.mkdir()
    server.run_section("Restore")
    assert content(server.home) == before
    server.wait_for_ui()


def content(home: Path) -> str:
    releases = Releases(home)
    current = releases.current()
    assert current
    return str(releases.manifest(current)["content_sha256"])
