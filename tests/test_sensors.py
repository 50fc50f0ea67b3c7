"""The sensors as Dagster evaluates them: real files in a real inbox, real runs, real releases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from ingest import arrivals
from ingest.catalogue import DATASETS
from ingest.clock import today
from orchestration import steps
from orchestration.definitions import defs
from orchestration.instance import dagster_instance
from orchestration.settings import Settings
from tests.border_workbook import ROWS, Shape
from tests.conftest import release, run_mtm

BORDER = "interior_ministry__border_crossings"
LETTER = "письмо III квартал.xlsx"
CORRECTED = (("", "Всего", 4482000, 4533933, 12), *ROWS[1:])
BROKEN_CELL = Shape(rows=(ROWS[0], ("", "Узбекистан", "#REF!", 1, 2))).xlsx()


@dataclass
class Watch:
    """The sensors of one home, tick after tick, each with the cursor that its last tick left."""

    home: Path
    instance: dg.DagsterInstance
    cursors: dict[str, str | None] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.home / "inbox" / BORDER

    @property
    def rejected(self) -> Path:
        return self.home / "inbox" / "rejected" / BORDER

    def put(self, content: bytes, name: str = LETTER) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def tick(self, sensor: str = "inbox") -> Any:
        context = dg.build_sensor_context(self.instance, self.cursors.get(sensor), definitions=defs)
        with context:
            answer = defs.resolve_sensor_def(sensor).evaluate_tick(context)
        self.cursors[sensor] = answer.cursor or self.cursors.get(sensor)
        return answer

    def said(self) -> str:
        """What the second of two ticks says, by which every file has rested."""
        self.tick()
        answer = self.tick()
        assert not answer.run_requests
        return str(answer.skip_message)

    def run(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        job = defs.resolve_job_def("collect")
        selection = list(request.asset_selection or [])
        return job.execute_in_process(instance=self.instance, asset_selection=selection, raise_on_error=False)

    def logged(self, name: str) -> list[dict[str, Any]]:
        path = self.home / "log" / name
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@contextmanager
def watched(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """A home with the Dagster instance that `mtm` and the daemon use there."""
    monkeypatch.setenv("MTM_HOME", str(home))
    monkeypatch.setenv("MTM_SOURCES", "recorded")
    with dagster_instance(Settings(home=home)) as instance:
        yield Watch(home, instance)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """An empty home; ticks alone need no instance that lasts."""
    monkeypatch.setenv("MTM_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("MTM_SOURCES", "recorded")
    with dg.DagsterInstance.ephemeral() as instance:
        yield Watch(tmp_path / "data", instance)


def test_a_file_is_left_until_it_rests_and_asked_for_once(watch: Watch) -> None:
    whole = Shape().xlsx()
    for size in (1000, 2000, len(whole)):
        watch.put(whole[:size])
        answer = watch.tick()
        assert not answer.run_requests
        assert f"{LETTER}: waits for the next tick" in answer.skip_message
    (request,) = watch.tick().run_requests
    assert request.job_name == "collect"
    keys = {key.to_user_string() for key in request.asset_selection}
    assert {f"source_file/{BORDER}", f"raw/{BORDER}"} <= keys
    assert not {key for key in keys if "national_bank" in key}
    again = watch.tick()
    assert (again.run_requests, again.skip_message) == ([], "nothing new in the inbox")
    # A tick that was lost with its cursor asks under the same key, which Dagster answers with nothing new.
    watch.cursors.clear()
    watch.tick()
    assert watch.tick().run_requests[0].run_key == request.run_key
    watch.put(Shape(rows=CORRECTED).xlsx())
    assert not watch.tick().run_requests
    assert watch.tick().run_requests[0].run_key != request.run_key


def test_a_file_whose_run_never_took_it_is_asked_for_again_the_day_after(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.put(Shape().xlsx())
    watch.tick()
    (first,) = watch.tick().run_requests
    assert not watch.tick().run_requests
    monkeypatch.setattr("orchestration.sensors.today", lambda: today() + timedelta(days=1))
    (second,) = watch.tick().run_requests
    assert second.run_key != first.run_key
    assert second.asset_selection == first.asset_selection


def test_a_file_that_was_taken_by_other_ways_is_not_asked_for(watch: Watch) -> None:
    path = watch.put(Shape().xlsx())
    steps.fetch_datasets(Settings(home=watch.home), [BORDER])
    assert watch.said() == "nothing new in the inbox"
    # Another provenance is news: the file counts as not taken.
    index = {"letters": [{"file": LETTER, "published_on": "2023-11-09", "published_basis": "stated"}]}
    path.with_name("letters.yml").write_text(yaml.safe_dump(index, allow_unicode=True), "utf-8")
    watch.tick()
    assert len(watch.tick().run_requests) == 1


def test_a_refused_file_goes_to_rejected_with_a_report(watch: Watch) -> None:
    good = watch.put(Shape().xlsx(), "good.xlsx")
    watch.put(BROKEN_CELL)
    lines = [{"file": LETTER, "publisher": "https://example.kz/1"}, {"file": "good.xlsx", "publisher": "x"}]
    good.with_name("letters.yml").write_text(yaml.safe_dump({"letters": lines}, allow_unicode=True), "utf-8")
    watch.tick()
    assert len(watch.tick().run_requests) == 1, "the good one goes on"
    assert sorted(path.name for path in watch.folder.iterdir()) == ["good.xlsx", "letters.yml"]
    assert yaml.safe_load(good.with_name("letters.yml").read_text("utf-8"))["letters"] == lines[1:]
    assert (watch.rejected / LETTER).read_bytes() == BROKEN_CELL
    report = yaml.safe_load((watch.rejected / f"{LETTER}.report.txt").read_text("utf-8"))
    assert "an error cell" in report["rule"]
    assert (report["cell"], report["as printed"]) == ("Лист1!C8", "#REF!")
    assert len(report["sha256"]) == 64
    assert report["line of letters.yml"]["publisher"] == "https://example.kz/1"
    assert f"mtm inbox add FILE --dataset {BORDER}" in report["then"]
    (decision,) = watch.logged("decisions.jsonl")
    assert (decision["decision"], decision["dataset"], decision["file"]) == ("reject", BORDER, LETTER)
    # The same name once more overwrites nothing.
    watch.put(b"")
    said = watch.said()
    assert "the file is empty, 0 bytes" in said
    assert (watch.rejected / LETTER).read_bytes() == BROKEN_CELL
    assert (watch.rejected / "письмо III квартал (2).xlsx").read_bytes() == b""
    assert (watch.rejected / "письмо III квартал (2).xlsx.report.txt").exists()
    assert steps.stray_entries(Settings(home=watch.home)) == []


def test_a_long_name_is_cut_where_the_report_has_no_room(watch: Watch) -> None:
    name = "п" * 125 + ".xlsx"
    watch.put(b"", name)
    assert "is rejected" in watch.said()
    kept = sorted(path.name for path in watch.rejected.iterdir())
    assert [len(each.encode()) <= 255 for each in kept] == [True, True]
    assert kept[1] == f"{kept[0]}.report.txt"


def test_a_refused_file_waits_while_another_process_writes(watch: Watch) -> None:
    path = watch.put(BROKEN_CELL)
    with Settings(home=watch.home).writing():
        assert "to be moved later: another process is at work" in watch.said()
        assert path.exists()
    assert "is rejected" in watch.tick().skip_message
    assert not path.exists()


def test_a_link_is_never_followed(watch: Watch, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = tmp_path / "secret.xlsx"
    content = Shape().xlsx()
    secret.write_bytes(content)
    link = watch.put(b"", "x").with_name("link.xlsx")
    (watch.folder / "x").unlink()
    link.symlink_to(secret)
    settings = Settings(home=watch.home)
    fetched = steps.fetch_datasets(settings, [BORDER])[BORDER]
    assert "link.xlsx" not in [each.resource for each in fetched]
    assert "link.xlsx is not read: a symbolic link" in caplog.text
    said = watch.tick().skip_message
    assert "is rejected" in said
    assert "a symbolic link" in said
    assert (watch.rejected / "link.xlsx").is_symlink()
    report = yaml.safe_load((watch.rejected / "link.xlsx.report.txt").read_text("utf-8"))
    assert report["sha256"] == "none: a link is not followed"
    assert secret.read_bytes() == content
    # A folder of a dataset that leads elsewhere is not entered.
    watch.folder.rmdir()
    watch.folder.symlink_to(tmp_path)
    assert f"{BORDER}: no dataset takes letters by this name" in watch.said()
    assert secret.exists()


LEFT = {
    "a folder": (lambda folder: (folder / "2023").mkdir(), "2023 is not read: a folder"),
    "a pipe": (lambda folder: os.mkfifo(folder / "pipe"), "pipe is not read: neither a file nor a folder"),
    "an editor's file": (lambda folder: (folder / "~$a.xlsx").touch(), "~$a.xlsx is not read: by its name"),
    "a copy under way": (lambda folder: (folder / "a.xlsx.part").touch(), "a.xlsx.part is not read: by its"),
    "no UTF-8": (
        lambda folder: Path(os.fsdecode(bytes(folder) + b"/\xef\xe8\xf1.xlsx")).touch(),
        r"\udcef\udce8\udcf1.xlsx is not read: its name is not UTF-8",
    ),
    "a broken index": (
        lambda folder: (folder / "letters.yml").write_text("letters: [1"),
        "letters.yml: not readable as YAML",
    ),
    "a lost file": (
        lambda folder: (folder / "letters.yml").write_text("letters: [{file: lost.xlsx}]"),
        "lost.xlsx: letters.yml names a file that is not there",
    ),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_no_letter_is_left_and_named_by_tick_and_refresh(
    name: str, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    make, said = LEFT[name]
    watch.folder.mkdir(parents=True)
    make(watch.folder)
    before = sorted(watch.folder.iterdir())
    assert said in watch.said()
    assert sorted(watch.folder.iterdir()) == before
    caplog.clear()
    fetched = steps.fetch_datasets(Settings(home=watch.home), [BORDER])[BORDER]
    assert said in caplog.text + " ".join(str(each.error) for each in fetched)
    assert not watch.rejected.exists()


def test_what_lies_beside_the_folders_is_left_and_named_and_hidden_files_are_nobodys(watch: Watch) -> None:
    inbox = watch.home / "inbox"
    (inbox / "national_bank__exchange_rates").mkdir(parents=True)
    (inbox / "national_bank__exchange_rates" / "rates.xlsx").write_bytes(b"x")
    (inbox / "letter.xlsx").write_bytes(b"x")
    watch.put(b"", ".DS_Store")
    said = watch.said()
    assert "letter.xlsx: no dataset takes letters by this name" in said
    assert "national_bank__exchange_rates: no dataset takes letters by this name" in said
    assert "DS_Store" not in said
    assert (watch.folder / ".DS_Store").exists()


def test_an_unreadable_file_is_left_and_stops_nothing_else(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = watch.put(Shape().xlsx())
    opened = Path.open

    def refuse(file: Path, *arguments: Any, **options: Any) -> Any:
        # The tests may run as root, whom no rights stop.
        if file == path:
            raise PermissionError(13, "Permission denied")
        return opened(file, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    assert f"{LETTER} cannot be read: Permission denied. Check its rights." in watch.said()
    assert path.exists()
    fetched = steps.fetch_datasets(Settings(home=watch.home), [BORDER])[BORDER]
    errors = [str(each.error) for each in fetched if each.error]
    assert len(errors) == 1
    assert "the file cannot be read: Permission denied" in errors[0]
    monkeypatch.setattr(Path, "open", opened)
    assert len(watch.tick().run_requests) == 1


def test_a_reader_that_breaks_is_named_and_stops_nothing_else(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.put(Shape().xlsx())
    checked = arrivals.check_letter

    def breaks(dataset: Any, file: Any, today: Any) -> Any:
        if file.name == LETTER:
            raise KeyError("a defect")
        return checked(dataset, file, today)

    monkeypatch.setattr(arrivals, "check_letter", breaks)
    watch.put(Shape(rows=CORRECTED).xlsx(), "good.xlsx")
    watch.tick()
    answer = watch.tick()
    assert len(answer.run_requests) == 1
    assert "broke on it; see the log, report it" in watch.tick().skip_message
    assert (watch.folder / LETTER).exists()


@pytest.mark.parametrize("dataset", [each for each in DATASETS.values() if each.takes_letters])
def test_an_empty_file_is_refused_by_every_dataset(dataset: Any, watch: Watch) -> None:
    folder = watch.home / "inbox" / dataset.name
    folder.mkdir(parents=True)
    (folder / "empty").touch()
    assert "the file is empty, 0 bytes" in watch.said()
    assert not (folder / "empty").exists()


def test_sensors_are_on_only_with_automation(tmp_path: Path) -> None:
    code = (
        "from orchestration.sensors import inbox, revision, run_failure\n"
        "print({each.default_status.value for each in (inbox, revision, run_failure)})"
    )
    for value, status in (("off", "{'STOPPED'}"), ("on", "{'RUNNING'}")):
        environment = {**os.environ, "MTM_HOME": str(tmp_path), "MTM_AUTOMATION": value}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == status


@pytest.mark.proof
def test_a_dropped_letter_is_landed_published_and_its_revision_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watched(home, monkeypatch) as watch:
        assert "counts as seen" in watch.tick("revision").skip_message
        watch.tick("run_failure")
        path = watch.put(Shape(rows=CORRECTED).xlsx())
        index = {"letters": [{"file": LETTER, "obtained_via": "agency file", "published_on": "2023-10-20"}]}
        path.with_name("letters.yml").write_text(yaml.safe_dump(index, allow_unicode=True), "utf-8")
        watch.tick()
        (request,) = watch.tick().run_requests
        ran = watch.run(request)
        assert ran.success
        assert all(check.passed for check in ran.get_asset_check_evaluations())
        assert watch.said() == "nothing new in the inbox"
        done = run_mtm(home, "refresh")
        assert done.returncode == 0, done.stdout + done.stderr
        with release(home) as con:
            (value,) = con.execute(
                "select cast(value as integer) from indicators.quarterly_indicator where quarter = '2023Q3'"
                " and indicator = 'border_crossings' and direction = 'arrival' and measure = 'value'"
                f" and geography_kind = 'total' and dataset = '{BORDER}'"
            ).fetchone() or (None,)
        assert value == 4482000
        told = watch.tick("revision")
        (observation,) = told.asset_events
        assert observation.asset_key == dg.AssetKey(["audit", "revision"])
        assert "4482427" in observation.metadata["table"].value
        (alert,) = watch.logged("alerts.jsonl")
        assert (alert["kind"], alert["release"]) == ("revision", watch.cursors["revision"])
        assert alert["count"] == observation.metadata["new_revisions"].value == 1
        # Of ten figures that both state, one differs; that of the agency itself stands.
        (total,) = alert["revisions"]
        assert (float(total["old_value"]), float(total["new_value"])) == (4482427, 4482000)
        assert (total["dataset"], total["direction"]) == (BORDER, "arrival")
        assert total["period"] == "2023-07-01 to 2023-09-30"
        assert (total["known_from"], total["source_cell"]) == ("2023-10-20", "Лист1!C7")
        assert "no release since" in watch.tick("revision").skip_message
        status = run_mtm(home, "status")
        assert status.returncode == 0
        assert f"release {alert['release']} states {alert['count']} figure(s) anew" in status.stdout
        # After a rollback nothing is new, and after its end neither.
        assert run_mtm(home, "rollback").returncode == 0
        assert "no release since" in watch.tick("revision").skip_message
        assert "anew" not in run_mtm(home, "status").stdout


def test_a_failed_run_is_told_until_one_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = dg.RunRequest(
        asset_selection=[dg.AssetKey(["source_file", BORDER]), dg.AssetKey(["raw", BORDER])]
    )
    with watched(tmp_path / "data", monkeypatch) as watch:
        assert watch.run(request).success
        watch.tick("run_failure")
        monkeypatch.setenv("MTM_SOURCES", "live")
        failed = watch.run(request)
        assert not failed.success
        watch.tick("run_failure")
        (alert,) = watch.logged("alerts.jsonl")
        assert (alert["kind"], alert["job"], alert["run_id"]) == ("run failure", "collect", failed.run_id)
        assert (alert["next"], alert["failed"][0]["step"]) == ("mtm status", "fetch")
        assert "a home keeps one mode for its whole life" in alert["failed"][0]["reason"]
        status = run_mtm(watch.home, "status")
        assert status.returncode == 1
        assert f"collect failed, run {failed.run_id[:8]}; next: `mtm status`" in status.stdout
        assert "fetch: " in status.stdout
        watch.tick("run_failure")
        assert len(watch.logged("alerts.jsonl")) == 1
        monkeypatch.setenv("MTM_SOURCES", "recorded")
        assert watch.run(request).success
        status = run_mtm(watch.home, "status")
        assert (status.returncode, "alerts" in status.stdout) == (0, False)
