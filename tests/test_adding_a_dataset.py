"""docs/adding_a_dataset.md, followed to the letter in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.conftest import ROOT

DATASET = "tourism_committee__visitors"
PAGE = (ROOT / "docs" / "adding_a_dataset.md").read_text("utf-8")
COPIED = ("audit", "ingest", "orchestration", "publish", "dbt_project")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with the files and lines of the page."""
    copy = tmp_path / "project"
    for folder in COPIED:
        ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    for path, content in re.findall(r"\n`([\w/.]+)`\n\n```\w+\n(.*?)```\n", PAGE, re.S):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(content, "utf-8")
    below = re.findall(r"in `(dbt_project/[\w/.]+)`[^`]*:\n\n```\w+\n(.*?)```\n", PAGE, re.S)
    assert len(below) == 4
    for path, content in below:
        _insert(copy / path, content)
    return copy


def _insert(path: Path, lines: str) -> None:
    """Below the last macro call of a union, or at the end of a seed."""
    text = path.read_text("utf-8")
    calls = list(re.finditer(r"\{\{ (?:statements_of|labels_of)\(.*?\) \}\}\n", text, re.S))
    at = calls[-1].end() if calls else len(text)
    path.write_text(text[:at] + lines + text[at:], "utf-8")


def _letter(path: Path) -> None:
    """The workbook that the page shows, read from the page."""
    table = re.findall(r"^\| \d \| (.*) \|$", PAGE, re.M)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row, line in enumerate(table, 1):
        for column, text in enumerate(line.split("|"), 1):
            if text.strip():
                sheet.cell(row, column, text.strip())
    book.save(path)


def test_the_page_leads_from_a_letter_to_observations(project: Path, tmp_path: Path) -> None:
    letter = tmp_path / "visitors.xlsx"
    _letter(letter)
    home = tmp_path / "home"
    environment = {**os.environ, "PYTHONPATH": str(project), "MTM_HOME": str(home), "MTM_SOURCES": "recorded"}

    def mtm(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=180, check=False, cwd=tmp_path
        )

    seen = mtm("inbox", "preview", str(letter))
    assert seen.returncode == 0, seen.stdout + seen.stderr
    assert f"{DATASET}: would land 6 rows" in seen.stdout
    added = mtm("inbox", "add", str(letter), "--dataset", DATASET)
    assert added.returncode == 0, added.stdout + added.stderr
    refreshed = mtm("refresh")
    assert refreshed.returncode == 0, refreshed.stdout + refreshed.stderr
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select counterpart_code, breakdown_code, value, source_cell, raw_text"
            f" from intermediate.observation where dataset = '{DATASET}' order by source_cell"
        ).fetchall()
    assert [(*row[:2], int(row[2]), *row[3:]) for row in rows] == [
        (None, None, 1250, "Sheet!B5", "1 250"),
        ("UZ", None, 700, "Sheet!B6", "700"),
        ("DE", None, 300, "Sheet!B7", "300"),
        (None, "business", 400, "Sheet!C5", "400"),
        ("UZ", "business", 250, "Sheet!C6", "250"),
    ]
    assert mtm("unmatched").returncode == 0
