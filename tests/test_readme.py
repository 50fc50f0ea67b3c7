"""What the README prints is what its commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.conftest import ROOT, release, run_mtm

README = (ROOT / "README.md").read_text("utf-8")
LINES = [line.strip() for line in README.splitlines() if line.startswith("    ")]


def command(beginning: str) -> list[str]:
    return shlex.split(next(line for line in LINES if line.startswith(beginning)))


def test_the_query_gives_the_printed_answer(refreshed: Path) -> None:
    shown = run_mtm(refreshed, *command(".venv/bin/mtm sql")[1:])
    assert shown.returncode == 0, shown.stderr
    answer = lines_of(shown.stdout)
    first = next(number for number, line in enumerate(LINES) if line.startswith("quarter "))
    assert lines_of("\n".join(LINES[first:]))[: len(answer)] == answer
    assert len(answer) == 5


def test_the_other_commands_do_what_they_say(refreshed: Path) -> None:
    assert run_mtm(refreshed, *command(".venv/bin/mtm trace")[1:]).returncode == 0
    query = re.search(r'con.execute\("(.*)"\)', README)
    assert query is not None
    with release(refreshed) as con:
        assert len(con.execute(command("duckdb -readonly")[-1]).fetchall()) == 5
        assert con.execute(query[1]).fetchall()


def test_every_document_that_it_names_is_there() -> None:
    for target in re.findall(r"\]\((.*?)\)", README):
        assert (ROOT / target).exists(), target


def lines_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip(" ─")]
