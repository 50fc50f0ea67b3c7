"""docs/querying.md is followed to the letter: each fenced block is run as printed, in the order of the page.

`sh` is run by bash, `sql` by the shell `duckdb`, `python` by this Python, in a folder where `data` is a home
and `.venv` that of the checkout. `text` is what the block before it printed. The shell and its extension
httpfs come from the package index, by their locks in tests/clients. The one substitution is the port 8000.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.servers import LOOPBACK, free_port

PAGE = (ROOT / "docs" / "querying.md").read_text("utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


class Desk:
    """The folder in which the blocks are run; what is left running ends with it."""

    def __init__(self, folder: Path, home: Path, environment: Path) -> None:
        self.folder, self.programs = folder, environment / "bin"
        self.port = free_port()
        self.groups: list[int] = []
        (folder / "data").symlink_to(home)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        extension = next(environment.rglob("httpfs.duckdb_extension"))
        self.run("sql", f"install '{extension}'")

    def run(self, kind: str, block: str) -> str:
        """What the block printed; a failure fails the test."""
        block = block.replace(":8000/", f":{self.port}/").replace("server 8000", f"server {self.port}")
        commands = {
            "sh": ["bash", "-eo", "pipefail", "-c", block],
            "sql": ["duckdb", "-bail", "-c", block],
            "python": [sys.executable, "-c", block],
        }
        outside = {name: value for name, value in os.environ.items() if not name.startswith("MTM_")}
        path = f"{self.programs}:{os.environ['PATH']}"
        settings = {"PATH": path, "HOME": str(self.folder), "MTM_HOME": str(self.folder / "data")}
        printed, told = self.folder / "stdout", self.folder / "stderr"
        # Files, not pipes: a server that stays would hold a pipe open.
        with printed.open("w") as out, told.open("w") as err:
            process = subprocess.Popen(
                commands[kind],
                cwd=self.folder,
                env={**outside, **settings},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            self.groups.append(process.pid)
            code = process.wait(timeout=120)
        assert code == 0, f"{block}\n{printed.read_text()}{told.read_text()}"
        if "http.server" in block:
            self._wait_for_server()
        return printed.read_text("utf-8")

    def _wait_for_server(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                httpx.get(f"http://{LOOPBACK}:{self.port}/manifest.json", trust_env=False).raise_for_status()
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server of files does not answer")

    def end(self) -> None:
        for group in self.groups:
            try:
                os.killpg(group, signal.SIGTERM)
            except ProcessLookupError:
                continue


@pytest.fixture
def desk(refreshed: Path, environment: Callable[..., Path], tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path, refreshed, environment("duckdb_cli", "duckdb_httpfs"))
    try:
        yield desk
    finally:
        desk.end()


def test_the_blocks_of_the_page(desk: Desk) -> None:
    shown = ""
    for kind, block in BLOCKS:
        if kind == "text":
            assert shown.split("\n") == block.split("\n")
        else:
            shown = desk.run(kind, block)
            assert shown.strip() or "http.server" in block, f"nothing is printed by\n{block}"
    assert {kind for kind, _ in BLOCKS} == {"sh", "sql", "python", "text"}
    assert 2 * len(BLOCKS) == PAGE.count("```")


def test_the_page_tells_of_a_quarter_that_was_not_known_yet(desk: Desk) -> None:
    before, after = next(block for _, block in BLOCKS if "2023-11-01" in block).splitlines()
    earlier, later = desk.run("sh", before).splitlines(), desk.run("sh", after).splitlines()
    assert later[: len(earlier)] == earlier
    assert [line.split(",")[0] for line in later[len(earlier) :]] == ["2023Q3"]
