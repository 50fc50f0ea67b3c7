"""Files that agencies send: looked at, taken in, refused, taken away; as a user does it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from ingest.archive import append_line
from ingest.catalogue import DATASETS
from ingest.errors import SourceError
from ingest.recorded import recorded_folder
from orchestration import steps
from orchestration.cli import app
from orchestration.settings import Settings
from publish.release import Releases
from tests.border_workbook import ROWS, Shape
from tests.conftest import run_mtm

BORDER = "interior_ministry__border_crossings"
CORRECTED = (("", "Всего", 4482000, 4533933, 12), *ROWS[1:])


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


@pytest.mark.proof
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


@pytest.mark.proof
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
        (["--dataset", BORDER, "--name", "../../evil.xlsx"], "is not the plain name of a file"),
        (["--dataset", BORDER, "--name", ".hidden.xlsx"], "is not the plain name of a file"),
        (["--dataset", BORDER, "--name", ""], "is not the plain name of a file"),
        (["--dataset", BORDER, "--name", "letters.yml"], "is the index of the inbox"),
    ],
)
def test_wrong_use_is_told(home: Path, letter: Path, arguments: list[str], said: str) -> None:
    done = run_mtm(home, "inbox", "add", str(letter), *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (home / "inbox").exists()
    assert not (home / "evil.xlsx").exists()


@pytest.mark.proof
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


@pytest.mark.proof
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


def test_nothing_is_added_to_an_inbox_that_cannot_be_listed(home: Path, letter: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    other.write_bytes(Shape(rows=CORRECTED).xlsx())
    folder = home / "inbox" / BORDER
    folder.mkdir(parents=True)
    for index, said in (
        ("letters:\n- file: lost.xlsx\n", "lost.xlsx"),
        ("letters: [1", "not readable as YAML"),
    ):
        (folder / "letters.yml").write_text(index)
        done = run_mtm(home, "inbox", "add", str(other), "--dataset", BORDER)
        assert done.returncode == 1
        assert said in done.stderr
        assert "landed before" not in done.stdout
        assert [path.name for path in folder.iterdir()] == ["letters.yml"]
    (folder / "letters.yml").unlink()
    assert run_mtm(home, "inbox", "add", str(other), "--dataset", BORDER).returncode == 0
    (folder / other.name).unlink()
    assert run_mtm(home, "inbox", "add", str(letter), "--dataset", BORDER).returncode == 1
    put_back = run_mtm(home, "inbox", "add", str(other), "--dataset", BORDER)
    assert put_back.returncode == 0, put_back.stderr
    assert "landed before, nothing is new" in put_back.stdout


def test_a_fetch_that_fails_is_told_by_its_error(home: Path, letter: Path) -> None:
    folder = home / "inbox" / BORDER
    folder.mkdir(parents=True)
    with (folder / "huge.xlsx").open("wb") as file:
        file.truncate(200_000_001)
    done = run_mtm(home, "inbox", "add", str(letter), "--dataset", BORDER)
    assert done.returncode == 1
    assert "200,000,001 bytes" in done.stderr


RECORDED = [
    (dataset.name, path)
    for dataset in DATASETS.values()
    if not dataset.hosts or dataset.layout
    for path in sorted(recorded_folder(dataset).glob("*"))
    if path.suffix in (".xlsx", ".csv", ".txt")
]


@pytest.mark.parametrize(("dataset", "path"), RECORDED, ids=[path.name for _, path in RECORDED])
def test_the_one_right_dataset_is_found_for_every_recorded_letter(
    dataset: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MTM_HOME", str(tmp_path))
    seen = CliRunner().invoke(app, ["inbox", "preview", str(path)], env={"COLUMNS": "200"})
    assert seen.exit_code == 0, seen.output
    assert f"{dataset}: would land" in seen.output


def test_the_border_services_letter_is_not_the_ministrys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MTM_HOME", str(tmp_path / "data"))
    subject = "Сведения о пересечении границы иностранными гражданами"
    quarter = "за III квартал 2023 года"
    for title in (
        ("Пограничная служба Комитета национальной безопасности", subject, quarter),
        ("Шекара қызметі", "Шетел азаматтарының келуі мен кетуі", "2023 жылғы ІІІ тоқсан"),
        ("Border Service of the National Security Committee", "Arrivals of foreigners", "Q3 2023"),
    ):
        path = tmp_path / "service.xlsx"
        path.write_bytes(Shape(title=title).xlsx())
        done = CliRunner().invoke(app, ["inbox", "add", str(path), "--dataset", BORDER])
        assert isinstance(done.exception, SourceError)
        assert "which the layout refuses" in done.exception.rule


@pytest.mark.proof
def test_a_letter_is_withdrawn_forgotten_and_may_come_again(home: Path, letter: Path) -> None:
    known = (
        "select value::integer from intermediate.observation where period_end = '2023-12-31'"
        f" and indicator = 'border_crossings' and direction = 'arrival' and dataset = '{BORDER}'"
        " and counterpart_code is null and known_to is null"
    )
    letter.write_bytes(Shape(title=("Въезд и выезд иностранцев", "за IV квартал 2023 года")).xlsx())
    add = ["inbox", "add", str(letter), "--dataset", BORDER, "--published-on", "2024-01-20"]
    take_back = ["inbox", "withdraw", letter.name, "--dataset", BORDER, "--why", "sent by mistake"]
    assert run_mtm(home, *add).returncode == 0
    assert run_mtm(home, "refresh").returncode == 0
    assert build(home, known) == [(4482427,)]
    done = run_mtm(home, *take_back)
    assert done.returncode == 0, done.stderr
    assert list((home / "inbox" / BORDER).iterdir()) == []
    decision = json.loads((home / "log/decisions.jsonl").read_text("utf-8").splitlines()[-1])
    assert (decision["decision"], decision["file"], decision["why"]) == (
        "withdraw", letter.name, "sent by mistake"
    )  # fmt: skip
    assert run_mtm(home, "refresh").returncode == 0
    assert build(home, known) == []
    rebuilt = run_mtm(home, "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert build(home, known) == []
    again = run_mtm(home, *take_back)
    assert again.returncode == 2
    assert "has no letter" in again.stderr
    added = run_mtm(home, *add)
    assert added.returncode == 0, added.stdout + added.stderr
    assert f"{letter.name}: landed, 15 rows" in added.stdout


@pytest.mark.parametrize(
    ("file", "dataset", "said"),
    [
        ("2023Q3.xlsx", BORDER, "is a recorded file, part of the project"),
        ("nothing.xlsx", BORDER, "has no letter nothing.xlsx"),
        ("../2023Q3.xlsx", BORDER, "is not the plain name"),
        ("2023Q3.xlsx", "nobody__nothing", "is not a dataset"),
    ],
)
def test_what_cannot_be_withdrawn_is_told(refreshed: Path, file: str, dataset: str, said: str) -> None:
    done = run_mtm(refreshed, "inbox", "withdraw", file, "--dataset", dataset, "--why", "x")
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def test_a_withdrawal_leaves_a_rollback_pinned_and_may_empty_a_dataset(tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    append_line(releases.decisions, {"decision": "rollback", "release": "20260101T000000Z-0"})
    releases.note_withdrawal(BORDER, "a.xlsx", "why")
    assert releases.pinned() == "20260101T000000Z-0"


def test_what_lies_beside_the_folders_of_the_inbox_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (BORDER, "interior_ministry__crossings", "national_bank__money_transfers"):
        (tmp_path / "inbox" / name).mkdir(parents=True)
    (tmp_path / "inbox" / "letter.xlsx").write_bytes(b"x")
    steps.fetch_datasets(Settings(home=tmp_path), [BORDER])
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said.endswith(": interior_ministry__crossings, letter.xlsx, national_bank__money_transfers")


def test_an_inbox_that_cannot_be_listed_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "inbox" / BORDER).mkdir(parents=True)
    (tmp_path / "inbox" / BORDER / "letters.yml").write_text("letters: [1")
    steps.fetch_datasets(Settings(home=tmp_path), [BORDER])
    steps.land_answers(Settings(home=tmp_path))
    ((reason,),) = build(tmp_path, f"select reason from raw.dataset where dataset = '{BORDER}'")
    assert str(reason).startswith("the inbox: ")


def test_the_register_that_is_kept_here_lands_in_live_mode(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, sources="live")
    name = "policy_register__events"
    (fetched,) = steps.fetch_datasets(settings, [name])[name]
    assert fetched.error is None
    assert [landing.outcome for landing in steps.land_answers(settings)] == ["landed"]
    assert steps.fetch_datasets(settings, [name]) == {name: []}
