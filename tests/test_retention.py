"""Retention: what the job `clean_up` removes from a real home and instance, and what it leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration.assets import exchange_rate_months
from orchestration.definitions import defs
from orchestration.instance import dagster_instance
from orchestration.retention import removals
from orchestration.settings import Settings
from tests.conftest import run_mtm

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=91)


def snapshot(folder: Path) -> set[str]:
    """Every path below a folder; the write-ahead files of SQLite come and go."""
    paths = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    return {path for path in paths if not path.endswith(("-wal", "-shm"))}


def add_release(settings: Settings, made_at: datetime) -> str:
    """A copy of the current release under the id that it would have had at that time."""
    current = settings.releases.current()
    assert current
    release_id = f"{made_at:%Y%m%dT%H%M%SZ}-{current[-12:]}"
    shutil.copytree(settings.releases.folder / current, settings.releases.folder / release_id)
    return release_id


def removed(settings: Settings, now: datetime) -> dict[str, list[str]]:
    with dagster_instance(settings) as instance:
        return dict(removals(settings, instance, now))


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


def test_a_fresh_home_is_left_as_it_is(settings: Settings) -> None:
    before = snapshot(settings.home)
    assert not any(removed(settings, NOW).values())
    assert snapshot(settings.home) == before


def test_of_old_releases_the_last_of_a_month_stays(settings: Settings) -> None:
    first, last = (add_release(settings, datetime(2025, 3, day, 23, tzinfo=UTC)) for day in (2, 31))
    other = add_release(settings, datetime(2025, 4, 1, tzinfo=UTC))
    recent = [add_release(settings, NOW - timedelta(days=days)) for days in (89, 88)]
    foreign = settings.releases.folder / "20250301-by-hand"
    shutil.copytree(settings.releases.folder / first, foreign)
    assert removed(settings, NOW)["releases"] == [first]
    assert set(settings.releases.ids()) == {last, other, *recent, foreign.name, settings.releases.current()}
    assert run_mtm(settings.home, "sql", "from marts.dim_quarter limit 1").returncode == 0


def test_the_current_and_the_pinned_release_stay(settings: Settings) -> None:
    march = [add_release(settings, datetime(2025, 3, day, tzinfo=UTC)) for day in (2, 3, 4, 31)]
    assert run_mtm(settings.home, "rollback", march[1]).returncode == 0
    (settings.home / "current").unlink()
    (settings.home / "current").symlink_to(Path("releases") / march[2])
    assert removed(settings, NOW)["releases"] == [march[0]]


def test_half_written_files_go_after_a_day_and_archived_ones_never(settings: Settings) -> None:
    archived = next((settings.home / "archive").glob("*/*"))
    half, young = (archived.with_suffix(f".{pid}.partial") for pid in (17, 18))
    for path in (half, young):
        path.write_bytes(b"half")
    two_days_ago = (NOW - timedelta(days=2)).timestamp()
    for path in (archived, half):
        os.utime(path, (two_days_ago, two_days_ago))
    kinds = removed(settings, NOW)
    assert kinds["partial files of the archive"] == [f"{half.parent.name}/{half.name}"]
    assert archived.exists()
    assert young.exists()


def test_the_sql_of_a_model_that_is_gone_goes(settings: Settings) -> None:
    compiled = settings.home / "dbt" / "compiled" / "mobility_tracking_matrix"
    gone = compiled / "models" / "marts" / "gone.sql"
    gone.parent.mkdir(parents=True, exist_ok=True)
    gone.write_text("select 1")
    long_ago = (NOW - timedelta(days=91)).timestamp()
    os.utime(gone, (long_ago, long_ago))
    assert removed(settings, NOW)["files of dbt"] == [str(gone.relative_to(settings.home))]


def test_old_runs_go_but_not_one_in_progress_or_the_last_of_an_asset(settings: Settings) -> None:
    @dg.asset(name="quiet")
    def quiet() -> None:
        print("a line of the step's output")  # noqa: T201

    with dagster_instance(settings) as instance:
        (refresh,) = instance.get_run_ids()
        first, last = (dg.materialize([quiet], instance=instance).run_id for _ in range(2))
        running = instance.create_run_for_job(
            defs.resolve_job_def("clean_up"), status=dg.DagsterRunStatus.STARTED
        )
        before = snapshot(settings.home / "dagster")
        kinds = dict(removals(settings, instance, LATER))
        assert kinds["runs"] == [first]
        assert set(instance.get_run_ids()) == {refresh, last, running.run_id}
        materialised = instance.get_latest_materialization_event(dg.AssetKey("quiet"))
        assert materialised
        assert materialised.run_id == last
        left = before - snapshot(settings.home / "dagster")
        assert f"history/runs/{first}.db" in left
        assert all(first in path for path in left), "files of that run alone"
        assert not any(first in path for path in snapshot(settings.home / "dagster"))


def test_the_run_that_last_noted_a_month_stays(settings: Settings) -> None:
    @dg.asset(key=exchange_rate_months.KEY, partitions_def=exchange_rate_months.MONTHS)
    def months() -> None: ...

    asked = ("2021-10", "2021-10", "2021-11")
    with dagster_instance(settings) as instance:
        known = instance.get_materialized_partitions(exchange_rate_months.KEY) | set(asked)
        runs = [dg.materialize([months], partition_key=month, instance=instance).run_id for month in asked]
        assert dict(removals(settings, instance, LATER))["runs"] == runs[:1]
        assert instance.get_materialized_partitions(exchange_rate_months.KEY) == known


def test_the_job_says_what_it_removed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTM_HOME", str(settings.home))
    old = [add_release(settings, datetime(2025, 3, day, tzinfo=UTC)) for day in (2, 31)]
    with dagster_instance(settings) as instance:
        result = defs.resolve_job_def("clean_up").execute_in_process(instance=instance)
        metadata = next(event for event in result.all_events if event.is_successful_output)
        logged = [record.user_message for record in instance.all_logs(result.run_id)]
    assert metadata.step_output_data.metadata["releases"].value == old[:1]
    assert f"releases: 1 removed: {old[0]}" in logged
    assert "runs: 0 removed" in logged


def test_mtm_clean_does_the_same(settings: Settings) -> None:
    old = [add_release(settings, datetime(2025, 3, day, tzinfo=UTC)) for day in (2, 31)]
    done = run_mtm(settings.home, "clean")
    assert done.returncode == 0, done.stderr
    assert "releases: 1 removed" in done.stdout
    assert old[0] not in settings.releases.ids()


@pytest.mark.parametrize(("automation", "status"), [("off", "STOPPED"), ("on", "RUNNING")])
def test_the_schedule_runs_where_automation_is_on(tmp_path: Path, automation: str, status: str) -> None:
    ask = "from orchestration.retention import weekly_clean_up as it; print(it.default_status.value)"
    settings = {"MTM_AUTOMATION": automation, "MTM_HOME": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", ask],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == status


def test_ticks_are_kept_for_ninety_days(settings: Settings) -> None:
    from dagster._core.definitions.run_request import InstigatorType

    with dagster_instance(settings) as instance:
        for kind in (InstigatorType.SCHEDULE, InstigatorType.SENSOR, InstigatorType.AUTO_MATERIALIZE):
            days = {status.value: kept for status, kept in instance.get_tick_retention_settings(kind).items()}
            assert days["SUCCESS"] == days["FAILURE"] == 90
            assert 0 < days["SKIPPED"] <= 90
