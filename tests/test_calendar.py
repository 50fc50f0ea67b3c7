"""The release calendar: every schedule ticks on its day in Almaty, and lateness appears the day after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from ingest import clock
from ingest.catalogue import DATASETS
from ingest.release_calendar import expected_days
from orchestration.assets.sources import source_file_key
from orchestration.calendar import WAITED_FOR_DAYS
from orchestration.definitions import defs
from orchestration.schedules import SCHEDULES
from tests.border_workbook import Shape
from tests.conftest import run_mtm

FIRST, LAST = date(2024, 1, 1), date(2024, 6, 30)
# Counted by hand for the first half of 2024, a leap year.
BY_HAND = {
    "interior_ministry__border_crossings": "02-14 05-15",
    "labour_ministry__foreign_labour": "01-30 03-01 03-30 04-30 05-30 06-30",
    "national_bank__average_exchange_rates": "01-15 02-15 03-15 04-15 05-15 06-15",
    "national_bank__money_transfers": "01-14 02-14 03-16 04-14 05-15 06-14",
    "statistics_bureau__external_migration": "03-30",
    "statistics_bureau__internal_migration": "01-29 02-28 03-30 04-30 05-29 06-29",
}
BORDER = "interior_ministry__border_crossings"
LATE = "select dataset, expected_on from marts.dim_dataset where expected_on is not null"


def ticks(schedule: dg.ScheduleDefinition, first: date, last: date) -> Iterator[datetime]:
    """The times at which the daemon would evaluate a schedule, as Dagster computes them, in UTC."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=6)
    zone = schedule.execution_timezone
    for tick in schedule_execution_time_iterator(start.timestamp(), schedule.cron_schedule, zone):
        if tick.astimezone(clock.ALMATY).date() > last:
            return
        yield tick.astimezone(UTC)


def requests(schedule: dg.ScheduleDefinition, first: date, last: date) -> dict[datetime, list[dg.RunRequest]]:
    """What a schedule asks for, by the time of its tick."""
    asked = {}
    with dg.DagsterInstance.ephemeral() as instance:
        for tick in ticks(schedule, first, last):
            context = dg.build_schedule_context(instance, scheduled_execution_time=tick)
            data = schedule.evaluate_tick(context)
            if data.run_requests:
                asked[tick] = list(data.run_requests)
    return asked


OF_DATASETS = [each for each in SCHEDULES if each.name.removesuffix("_expected") in DATASETS]


@pytest.mark.parametrize("schedule", OF_DATASETS, ids=lambda each: str(each.name))
def test_each_dataset_is_asked_for_on_the_evenings_when_it_is_expected(
    schedule: dg.ScheduleDefinition,
) -> None:
    name = schedule.name.removesuffix("_expected")
    asked = requests(schedule, FIRST, LAST)
    days = [tick.astimezone(clock.ALMATY).date() for tick in asked]
    assert days == expected_days(DATASETS[name], FIRST, LAST)
    if name in BY_HAND:
        assert " ".join(f"{day:%m-%d}" for day in days) == BY_HAND[name]
    # Kazakhstan went from UTC+6 to UTC+5 on 1 March 2024.
    assert {tick.hour for tick in asked if tick.date() < date(2024, 3, 1)} <= {12}
    assert {tick.hour for tick in asked if tick.date() >= date(2024, 3, 1)} <= {13}
    for run_requests in asked.values():
        (request,) = run_requests
        assert source_file_key(name) in (request.asset_selection or [])
        assert schedule.job_name == "collect"


def test_every_dataset_with_a_calendar_has_a_schedule() -> None:
    names = {schedule.name for schedule in SCHEDULES}
    calendar = {each.name for each in DATASETS.values() if each.published_after_days is not None}
    assert {f"{name}_expected" for name in calendar} <= names


def test_a_common_year_and_a_leap_year_differ_and_each_day_is_right() -> None:
    schedule = next(
        each for each in SCHEDULES if each.name == "statistics_bureau__external_migration_expected"
    )
    asked = requests(schedule, date(2023, 1, 1), date(2025, 12, 31))
    days = [tick.astimezone(clock.ALMATY).date() for tick in asked]
    assert days == [date(2023, 3, 31), date(2024, 3, 30), date(2025, 3, 31)]


def test_the_quarter_is_published_when_the_last_of_its_figures_are_expected() -> None:
    schedule = next(each for each in SCHEDULES if each.name == "quarterly_publication")
    asked = requests(schedule, FIRST, date(2024, 12, 31))
    days = [tick.astimezone(clock.ALMATY).date() for tick in asked]
    slowest = max(each.published_after_days or 0 for each in DATASETS.values() if each.period != "year")
    ends = [date(2023, 12, 31), date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30)]
    assert days == [end + timedelta(days=slowest) for end in ends]
    assert schedule.job_name == "refresh"


@pytest.fixture
def in_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MTM_HOME", str(home))
    return home


def lateness(day: date, monkeypatch: pytest.MonkeyPatch) -> dict[str, dg.AssetCheckEvaluation]:
    """The checks of lateness as a run on that day gives them, by dataset."""
    monkeypatch.setattr(clock, "today", lambda: day)
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("lateness").execute_in_process(instance=instance)
    return {
        "all" if check.check_name == "all_due_arrived" else check.asset_key.path[-1]: check
        for check in result.get_asset_check_evaluations()
    }


def test_lateness_appears_the_day_after_and_not_before(
    in_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(in_home / "build.duckdb"), read_only=True) as con:
        expected = dict(con.execute(LATE).fetchall())
    assert len(expected) >= 10
    for day in sorted({day + timedelta(days=late) for day in expected.values() for late in (0, 1)}):
        checks = lateness(day, monkeypatch)
        for name, expected_on in expected.items():
            days_late = max((day - expected_on).days, 0)
            assert checks[name].passed == (days_late == 0), (name, day)
            assert checks[name].metadata["days_late"].value == days_late
            assert checks[name].metadata["expected_on"].value == expected_on.isoformat()
            assert checks[name].severity == dg.AssetCheckSeverity.WARN
        waited_for = {
            name for name, on in expected.items() if on <= day <= on + timedelta(days=WAITED_FOR_DAYS)
        }
        assert set(checks["all"].metadata) == waited_for
        assert checks["all"].passed == (not waited_for)


def test_every_morning_what_is_late_is_asked_for_again(in_home: Path) -> None:
    with duckdb.connect(str(in_home / "build.duckdb"), read_only=True) as con:
        expected = dict(con.execute(LATE).fetchall())
    (schedule,) = (each for each in SCHEDULES if each.name == "every_morning")
    earliest, latest = min(expected.values()), max(expected.values()) + timedelta(days=1)
    assert requests(schedule, earliest, earliest) == {}
    ((request,),) = requests(schedule, latest, latest).values()
    assert {source_file_key(name) for name in expected} <= set(request.asset_selection or [])
    assert dg.AssetKey(["source_file", "un_desa__net_migration"]) in (request.asset_selection or [])


def test_a_letter_that_landed_is_late_no_more(
    in_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(in_home / "build.duckdb"), read_only=True) as con:
        day = dict(con.execute(LATE).fetchall())[BORDER] + timedelta(days=1)
    assert not lateness(day, monkeypatch)[BORDER].passed
    letter = tmp_path / "letter.xlsx"
    letter.write_bytes(Shape().xlsx())
    assert run_mtm(in_home, "inbox", "add", str(letter), "--dataset", BORDER).returncode == 0
    checks = lateness(day, monkeypatch)
    assert checks[BORDER].passed
    assert BORDER not in checks["all"].metadata


def test_the_calendar_in_python_and_in_sql_are_one(in_home: Path) -> None:
    query = (
        "select dataset, last_period_end, expected_on from marts.dim_dataset where expected_on is not null"
    )
    with duckdb.connect(str(in_home / "build.duckdb"), read_only=True) as con:
        for name, period_end, expected_on in con.execute(query).fetchall():
            dataset = DATASETS[name]
            delay = timedelta(days=dataset.published_after_days or 0)
            following = expected_days(dataset, period_end + delay + timedelta(days=1), expected_on)
            assert following == [expected_on], name
