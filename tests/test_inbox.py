"""Files that agencies send: looked at, taken in, refused, taken away; as a user does it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from tests.border_workbook import ROWS, Shape
from tests.conftest import run_mtm

BORDER = "interior_ministry__border_crossings"
CORRECTED = (("", "Всего", 4482000, 4533933, "-"), *ROWS[1:])


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "письмо III квартал.xlsx"
    path.write_bytes(Shape().xlsx())
    return path


def build(home: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def test_a_letter_is_looked_at_and_its_dataset_found(home: Path, letter: Path) -> None:
    seen = run_mtm(home, "inbox", "preview", str(letter))
    assert seen.returncode == 0, seen.stderr
    assert "Узбекистан" in seen.stdout
    assert f"{BORDER}: would land 15 rows" in seen.stdout
    assert not (home / "inbox").exists()


def test_a_letter_is_taken_in_with_its_provenance(home: Path, letter: Path) -> None:
    options = ["--dataset", BORDER, "--published-on", "2023-11-09", "--via", "press reprint"]
    added = run_mtm(home, "inbox", "add", str(letter), *options, "--publisher", "https://example.kz/1")
    assert added.returncode == 0, added.stdout + added.stderr
    assert f"{letter.name}: landed, 15 rows" in added.stdout
    index = yaml.safe_load((home / "inbox" / BORDER / "letters.yml").read_text("utf-8"))
    assert [entry["file"] for entry in index["letters"]] == [letter.name]
    assert run_mtm(home, "refresh").returncode == 0
    known = build(
        home,
        "select obtained_via, published_on::varchar, published_basis, publisher, known_from::varchar"
        f" from staging.landed_file where resource = '{letter.name}'",
    )
    assert known == [("press reprint", "2023-11-09", "stated", "https://example.kz/1", "2023-11-09")]
    again = run_mtm(home, "inbox", "add", str(letter), *options, "--publisher", "https://example.kz/1")
    assert again.returncode == 0
    assert "landed before, nothing is new" in again.stdout


def test_two_letters_that_disagree_are_both_kept_and_the_difference_is_shown(
    home: Path, letter: Path, tmp_path: Path
) -> None:
    assert run_mtm(home, "inbox", "add", str(letter), "--dataset", BORDER).returncode == 0
    corrected = tmp_path / "corrected.xlsx"
    corrected.write_bytes(Shape(rows=CORRECTED).xlsx())
    added = run_mtm(home, "inbox", "add", str(corrected), "--dataset", BORDER)
    assert added.returncode == 0, added.stderr
    assert "differ from what is known" in added.stdout
    assert "4,482,427" in added.stdout
    assert "4,482,000" in added.stdout
    rows = build(home, f"select count(distinct source_file) from raw.{BORDER} where citizenship = 'Всего'")
    assert rows == [(3,)]


def test_the_letter_published_later_is_the_known_value_from_its_day(
    home: Path, letter: Path, tmp_path: Path
) -> None:
    other = "за IV квартал 2023 года"
    for name, rows, day in (("a.xlsx", ROWS, "2024-01-20"), ("b.xlsx", CORRECTED, "2024-03-05")):
        path = tmp_path / name
        path.write_bytes(Shape(rows=rows, title=("Въезд и выезд иностранцев", other)).xlsx())
        options = ["--dataset", BORDER, "--published-on", day]
        assert run_mtm(home, "inbox", "add", str(path), *options).returncode == 0
    assert run_mtm(home, "refresh").returncode == 0
    known = build(
        home,
        "select value::integer, known_from::varchar, known_to::varchar from intermediate.observation"
        " where period_end = '2023-12-31' and indicator = 'border_crossings' and direction = 'arrival'"
        f" and counterpart_code is null and dataset = '{BORDER}' order by known_from",
    )
    assert known == [(4482427, "2024-01-20", "2024-03-05"), (4482000, "2024-03-05", None)]


def test_the_agency_itself_goes_before_a_reprint_that_was_read_later(home: Path, tmp_path: Path) -> None:
    letter = tmp_path / "own.xlsx"
    letter.write_bytes(Shape(rows=CORRECTED).xlsx())
    options = ["--dataset", BORDER, "--published-on", "2023-10-20", "--via", "agency file"]
    assert run_mtm(home, "inbox", "add", str(letter), *options).returncode == 0
    assert run_mtm(home, "refresh").returncode == 0
    stated = build(
        home,
        "select value::integer, obtained_via, known_from::varchar, known_to is null"
        " from intermediate.observation where period_end = '2023-09-30' and direction = 'arrival'"
        f" and counterpart_code is null and dataset = '{BORDER}' order by known_to nulls first",
    )
    assert stated[0] == (4482000, "agency file", "2023-10-20", True)
    assert [row[:2] for row in stated[1:]] == [(4482427, "IOM report")]


def test_a_bad_letter_is_not_added(home: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(Shape(rows=(("", "Всего", "#REF!", 1, 2),)).xlsx())
    refused = run_mtm(home, "inbox", "add", str(bad), "--dataset", BORDER)
    assert refused.returncode == 1
    assert "bad.xlsx" in refused.stderr
    assert "C8" in refused.stderr or "C7" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (home / "inbox" / BORDER).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dataset", "national_bank__money_transfers"], "is fetched, it takes no files"),
        (["--dataset", "nobody__nothing"], "is not a dataset"),
        (["--dataset", BORDER, "--via", "rumour"], "--via is one of"),
        (["--dataset", BORDER, "--published-on", "9.11.2023"], "is not a day"),
        (["--dataset", BORDER, "--published-on", "2199-01-01"], "lies in the future"),
    ],
)
def test_wrong_use_is_told(home: Path, letter: Path, arguments: list[str], said: str) -> None:
    done = run_mtm(home, "inbox", "add", str(letter), *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_bad_file_in_the_inbox_stops_its_dataset_alone_until_it_is_taken_away(home: Path) -> None:
    folder = home / "inbox" / BORDER
    folder.mkdir(parents=True)
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 cut")
    (folder / "good.xlsx").write_bytes(Shape(rows=CORRECTED).xlsx())
    done = run_mtm(home, "refresh")
    assert done.returncode == 1
    assert "broken.xlsx" in done.stdout + done.stderr or BORDER in done.stdout + done.stderr
    states = dict(build(home, "select dataset, state from raw.dataset where state = 'stale'"))
    assert set(states) == {BORDER}
    assert build(home, f"select count(*) from raw.{BORDER} where raw_text = '4482000'") == [(1,)]
    (folder / "broken.xlsx").unlink()
    assert run_mtm(home, "refresh").returncode == 0
    assert run_mtm(home, "status").returncode == 0


def test_an_index_that_names_a_lost_file_is_told(home: Path, letter: Path) -> None:
    assert run_mtm(home, "inbox", "add", str(letter), "--dataset", BORDER).returncode == 0
    (home / "inbox" / BORDER / letter.name).unlink()
    done = run_mtm(home, "refresh")
    assert done.returncode == 1
    assert letter.name in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert build(home, "select dataset from raw.dataset where state = 'stale'") == [(BORDER,)]
    (home / "inbox" / BORDER / "letters.yml").unlink()
    assert run_mtm(home, "refresh").returncode == 0
