"""What is built without anybody asking: when something landed and all that is due has arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingest import clock
from orchestration.assets.sources import keys_of
from orchestration.definitions import defs
from orchestration.instance import dagster_instance
from orchestration.settings import Settings
from tests.border_workbook import ROWS, Shape

BORDER = "interior_ministry__border_crossings"
QUIET = date(2040, 1, 1)
RELEASE = dg.AssetKey("release")
CORRECTED = (("", "Всего", 4482000, 4533933, 12), *ROWS[1:])


class Automation:
    """Ticks of the sensor on the instance of a home, on days that the test sets."""

    def __init__(self, home: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self.instance, self._monkeypatch = home, instance, monkeypatch
        self._cursor: object = None

    def look_at_the_calendar(self, today: date) -> None:
        self._monkeypatch.setattr(clock, "today", lambda: today)
        assert defs.resolve_job_def("lateness").execute_in_process(instance=self.instance).success

    def letter_comes(self, name: str, content: bytes) -> None:
        folder = self.home / "inbox" / BORDER
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        job = defs.resolve_job_def("collect")
        assert job.execute_in_process(instance=self.instance, asset_selection=keys_of([BORDER])).success

    def tick(self) -> set[dg.AssetKey]:
        """The assets that a tick asks for."""
        result = dg.evaluate_automation_conditions(defs, self.instance, cursor=self._cursor)  # type: ignore[arg-type]
        self._cursor = result.cursor
        keys = defs.resolve_asset_graph().get_all_asset_keys()
        return {key for key in keys if result.get_num_requested(key)}


@pytest.fixture
def automation(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Automation]:
    monkeypatch.setenv("MTM_HOME", str(home))
    with dagster_instance(Settings()) as instance:
        yield Automation(home, instance, monkeypatch)


@pytest.mark.proof
def test_it_waits_for_what_is_due_then_builds_all_and_publishes(automation: Automation) -> None:
    home = automation.home
    automation.look_at_the_calendar(QUIET)
    assert automation.tick() == set()
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        (expected_on,) = con.execute(
            "select expected_on from marts.dim_dataset where dataset = 'national_bank__money_transfers'"
        ).fetchall()[0]
    automation.look_at_the_calendar(expected_on)
    automation.letter_comes("a.xlsx", Shape(rows=CORRECTED).xlsx())
    assert automation.tick() == set(), "the transfers are due and have not come"
    automation.look_at_the_calendar(expected_on + timedelta(days=3))
    assert automation.tick() == set()
    automation.look_at_the_calendar(expected_on + timedelta(days=4))
    asked = automation.tick()
    models = {key for key in defs.resolve_asset_graph().get_all_asset_keys() if key.path[0] == "indicators"}
    assert models | {RELEASE, dg.AssetKey(["audit", "claim"])} <= asked
    assert not any(key.path[0] in ("raw", "source_file", "seeds") for key in asked)
    assert automation.tick() == set(), "asked for once"

    before = Settings().releases.ids()
    job = defs.resolve_implicit_global_asset_job_def()
    tags = {"dagster/from_automation_condition": "true"}
    assert job.execute_in_process(
        instance=automation.instance, asset_selection=sorted(asked), tags=tags
    ).success
    assert len(Settings().releases.ids()) == len(before) + 1
    assert automation.tick() == set()


@pytest.mark.proof
def test_a_new_history_of_runs_is_built_once_more(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTM_HOME", str(home))
    with dg.DagsterInstance.ephemeral() as instance:
        automation = Automation(home, instance, monkeypatch)
        automation.tick()
        assert defs.resolve_job_def("collect").execute_in_process(instance=instance).success
        automation.look_at_the_calendar(QUIET)
        asked = automation.tick()
        assert RELEASE in asked
        job = defs.resolve_implicit_global_asset_job_def()
        tags = {"dagster/from_automation_condition": "true"}
        assert job.execute_in_process(instance=instance, asset_selection=sorted(asked), tags=tags).success
        assert instance.get_latest_materialization_event(RELEASE)
        assert automation.tick() == set()


def test_a_run_for_a_dataset_is_red_when_that_one_is_stale(automation: Automation) -> None:
    collect = defs.resolve_job_def("collect")
    with pytest.raises(dg.Failure, match=f"{BORDER}: .*bad.xlsx"):
        automation.letter_comes("bad.xlsx", b"no workbook")
    others = keys_of(["national_bank__money_transfers"])
    assert collect.execute_in_process(instance=automation.instance, asset_selection=others).success


def test_it_is_off_unless_it_is_switched_on() -> None:
    repository = defs.get_repository_def()
    assert not any(each.default_status.value == "RUNNING" for each in repository.schedule_defs)
    assert not any(each.default_status.value == "RUNNING" for each in repository.sensor_defs)
