"""Bad workbooks dropped into the inbox: each refused with its reason, nothing lost, the others go on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.border_workbook import ROWS, Shape
from tests.conftest import release, run_mtm
from tests.test_sheets import encrypted, lying_zip, saved, with_far_cell, with_part

BORDER = "interior_ministry__border_crossings"
LOOK_ALIKE = tuple((n, "Poссия" if "Росс" in str(label) else label, *rest) for n, label, *rest in ROWS)
BAD = {
    "password.xlsx": (encrypted(), "password-protected"),
    "truncated.xlsx": (Shape().xlsx()[:3000], "cut or damaged"),
    "empty.xlsx": (b"", "empty"),
    "blank.xlsx": (saved(openpyxl.Workbook()), "no visible sheet holds anything"),
    "ref.xlsx": (Shape(rows=(ROWS[0], ("", "Узбекистан", "#REF!", 1, 2))).xlsx(), "an error cell, #REF!"),
    "macro.xlsx": (with_part("xl/vbaProject.bin", b"x"), "the workbook has macros"),
    "bomb.xlsx": (with_part("xl/worksheets/big.xml", b"\0" * 301_000_000), "the file unpacks to"),
    "lying.xlsx": (lying_zip(), "cut or damaged"),
    "million_rows.xlsx": (with_far_cell("A1048576"), "a sheet has 1,048,576 rows"),
    "wrong_dataset.xlsx": (
        Shape(title=("Сведения о выданных разрешениях", "за III квартал 2023 года")).xlsx(),
        "title",
    ),
    "sum.xlsx": (Shape(rows=(("", "Всего", 100, 200, "-"), *ROWS[1:])).xlsx(), "the total"),
}


@pytest.fixture(scope="module")
def refused(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A home after a refresh with all bad letters in its inbox, and what was said of each."""
    home = tmp_path_factory.mktemp("bad") / "data"
    shutil.copytree(refreshed, home, symlinks=True)
    folder = home / "inbox" / BORDER
    folder.mkdir(parents=True)
    for name, (content, _) in BAD.items():
        (folder / name).write_bytes(content)
    (folder / "look_alike.xlsx").write_bytes(Shape(rows=LOOK_ALIKE).xlsx())
    done = run_mtm(home, "refresh")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        errors = con.execute(
            "select resource, coalesce(landing.error, fetch_log.error) from raw.fetch_log"
            " left join raw.landing using (fetch_id, resource) where fetch_log.url like 'inbox:%'"
            " and coalesce(landing.error, fetch_log.error) is not null"
        ).fetchall()
    return home, dict(errors)


@pytest.mark.parametrize("name", BAD)
def test_each_bad_letter_is_refused_with_its_reason(name: str, refused: tuple[Path, dict[str, str]]) -> None:
    _, errors = refused
    assert BAD[name][1] in errors[name]
    assert "Next: " in errors[name]


def test_nothing_else_is_stopped(refreshed: Path, refused: tuple[Path, dict[str, str]]) -> None:
    home, errors = refused
    assert set(errors) == set(BAD)
    with release(home) as con:
        states = con.execute("select dataset, reason from marts.dim_dataset where state = 'stale'").fetchall()
    assert [dataset for dataset, _ in states] == [BORDER]
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as after:
        values = after.execute(
            "select count(*) from intermediate.observation where known_to is null and indicator ="
            " 'border_crossings' and period_end = '2023-09-30' and counterpart_code = 'RU'"
        ).fetchone()
    assert values is not None
    assert values[0] >= 2
    shown = run_mtm(home, "status")
    assert shown.returncode == 1
    said = " ".join(shown.stdout.split())
    assert re.search(r"And 10 more: \w+\.xlsx, \w+\.xlsx, \w+\.xlsx and others\.", states[0][1])
    assert "And 10 more" in said
