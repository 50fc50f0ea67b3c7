"""State that something else has damaged: one message that names it, the right exit code, no traceback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import TRANSFERS, release, run_mtm

VERBS = (["refresh"], ["status"], ["rebuild"], ["publish"], ["releases"], ["sql", "select 1"])


def assert_told(home: Path | str, verb: list[str], expected: str, code: int = 1) -> None:
    done = run_mtm(Path(home), *verb)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert expected in done.stdout + done.stderr


@pytest.mark.proof
def test_a_garbage_build_is_made_again(home: Path) -> None:
    (home / "build.duckdb").write_bytes(b"no database" * 1000)
    for verb in (["status"], ["publish"]):
        assert_told(home, verb, "mtm rebuild")
    assert run_mtm(home, "rebuild").returncode == 0
    assert run_mtm(home, "refresh").returncode == 0


@pytest.mark.proof
def test_a_garbage_line_in_the_log_is_named_and_nothing_is_lost(home: Path) -> None:
    log = home / "log" / "attempts.jsonl"
    good = log.read_text("utf-8")
    for line in ("garbage\n", '{"x": 1}\n'):
        log.write_text(line + good, "utf-8")
        for verb in (["refresh"], ["rebuild"]):
            assert_told(home, verb, "line 1")
    log.write_text(good, "utf-8")
    assert run_mtm(home, "status").returncode == 0
    assert run_mtm(home, "rebuild").returncode == 0


@pytest.mark.proof
def test_a_torn_last_line_is_cut_off(home: Path) -> None:
    log = home / "log" / "attempts.jsonl"
    with log.open("a") as file:
        file.write('{"fetch_id": "to')
    assert run_mtm(home, "refresh").returncode == 0
    assert run_mtm(home, "rebuild").returncode == 0


def test_a_lost_archive_file_never_empties_a_release(home: Path) -> None:
    for file in (home / "archive").rglob("*.json"):
        file.unlink()
    (home / "build.duckdb").unlink()
    assert_told(home, ["rebuild"], "is missing")
    with release(home) as con:
        assert con.execute(TRANSFERS).fetchone() == (116,)


def test_a_damaged_release_is_told(home: Path) -> None:
    file = (home / "current").resolve() / "warehouse.duckdb"
    file.chmod(0o644)
    file.write_bytes(b"no database" * 1000)
    assert_told(home, ["sql", "select 1"], "warehouse.duckdb")
    assert_told(home, ["trace", "2023Q3", "money_transfers"], "warehouse.duckdb")


def test_a_fresh_home_is_told_where_to_begin(tmp_path: Path) -> None:
    assert_told(tmp_path / "none", ["publish"], "run `mtm refresh`")
    assert_told(tmp_path / "none", ["sql", "select 1"], "run `mtm refresh`")
    assert_told(tmp_path / "none", ["status"], "run `mtm refresh`", 0)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_a_home_that_is_a_file_is_told(tmp_path: Path, verb: list[str]) -> None:
    (tmp_path / "file").write_text("")
    done = run_mtm(tmp_path / "file", *verb)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["a?b", "a%20b", 'a"b', "a\\b"])
def test_a_home_that_the_instance_cannot_name_is_wrong_use(tmp_path: Path, name: str) -> None:
    assert_told(tmp_path / name, ["refresh"], "MTM_HOME", 2)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["Мои данные", pytest.param("o'neill #1", marks=pytest.mark.proof)])
def test_other_names_are_fine(refreshed: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(refreshed, tmp_path / name, symlinks=True)
    assert run_mtm(tmp_path / name, "refresh").returncode == 0
    assert run_mtm(tmp_path / name, "rebuild").returncode == 0


@pytest.mark.parametrize("query", ["", ";", "select 1; select 2", "copy (select 1) to 'x.csv'", "selec 1"])
def test_anything_but_one_select_is_wrong_use(refreshed: Path, query: str) -> None:
    assert_told(refreshed, ["sql", query], "mtm:", 2)


def test_text_that_looks_like_markup_is_shown_as_it_is(refreshed: Path) -> None:
    assert_told(refreshed, ["sql", "select '[/]' as a, '[red]x[/red]' as b"], "[red]x[/red]", 0)


def test_a_wrong_bundle_is_wrong_use(refreshed: Path) -> None:
    done = run_mtm(refreshed, "status", MTM_CA_BUNDLE="/nowhere.pem")
    assert done.returncode == 2
    assert "MTM_CA_BUNDLE" in done.stderr
