"""What the README prints is what its commands print."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

from tests.conftest import ROOT, release, run_mtm

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = [textwrap.dedent(block) for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", README, re.MULTILINE)]


def test_the_query_gives_the_printed_answer(refreshed: Path) -> None:
    command, printed = next(block for block in BLOCKS if "mtm sql" in block).split("\n", 1)
    shown = run_mtm(refreshed, *shlex.split(command)[1:])
    assert shown.returncode == 0, shown.stderr
    assert lines_of(shown.stdout) == lines_of(printed)


def test_the_other_commands_do_what_they_say(refreshed: Path) -> None:
    trace = next(block for block in BLOCKS if "mtm trace" in block)
    assert run_mtm(refreshed, *shlex.split(trace)[1:]).returncode == 0
    with release(refreshed) as con:
        duckdb_cli = next(block for block in BLOCKS if block.startswith("duckdb"))
        assert len(con.execute(shlex.split(duckdb_cli)[-1]).fetchall()) == 5
        python = next(block for block in BLOCKS if "import duckdb" in block)
        query = re.search(r'execute\("(.*)"\)', python)
        assert query is not None
        assert con.execute(query[1]).fetchall()


def test_every_document_that_it_names_is_there() -> None:
    for target in re.findall(r"\]\((.*?)\)", README):
        assert (ROOT / target).exists(), target


def lines_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip(" ─")]
