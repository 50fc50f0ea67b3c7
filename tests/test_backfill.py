"""Exchange rates of past months asked for again: by `mtm backfill`, by the months of a refresh."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
import pytest

from ingest.archive import AttemptLog
from orchestration.assets.exchange_rate_months import KEY
from orchestration.definitions import defs
from orchestration.instance import dagster_instance
from orchestration.settings import Settings
from tests.agencies import NBK, Agencies, Fault
from tests.conftest import run_mtm
from tests.house import RATES

RECORDED = {f"2022-{month:02d}" for month in range(7, 13)} | {f"2023-{month:02d}" for month in range(1, 13)}


def months_noted(home: Path) -> set[str]:
    with dagster_instance(Settings(home=home)) as instance:
        return set(instance.get_materialized_partitions(KEY))


def attempts(home: Path) -> list[str]:
    log = AttemptLog(home / "log" / "attempts.jsonl")
    return [each.resource for each in log if each.dataset == "national_bank__exchange_rates"]


def test_a_refresh_notes_the_months_that_it_asked_for(refreshed: Path) -> None:
    assert months_noted(refreshed) == RECORDED


def test_a_range_of_months_is_asked_for_again_and_the_rest_follows(home: Path) -> None:
    before = attempts(home)
    done = run_mtm(home, "backfill", "2022-08", "2022-10")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "backfill of 3 month(s), recorded sources" in done.stdout
    assert attempts(home)[len(before) :] == ["USD 2022-07-04 to 2022-12-19"]
    with dagster_instance(Settings(home=home)) as instance:
        (run,) = instance.get_runs(dg.RunsFilter(job_name="backfill_exchange_rates"))
        records = instance.fetch_materializations(KEY, limit=3).records
    assert {record.run_id for record in records} == {run.run_id}
    assert {record.partition_key for record in records} == {"2022-08", "2022-09", "2022-10"}


def test_a_single_month_is_one_too(home: Path) -> None:
    before = attempts(home)
    done = run_mtm(home, "backfill", "2023-08")
    assert done.returncode == 0, done.stdout + done.stderr
    # Two of the recorded answers hold days of that August.
    assert attempts(home)[len(before) :] == ["USD 2023-08-22 to 2023-08-22", "USD 2023-08-29 to 2023-12-29"]


@pytest.mark.parametrize(
    ("months", "said"),
    [
        (["2019-01"], "'2019-01' is not a month of national_bank__exchange_rates_by_month: from 2021-09 to"),
        (["2022-8"], "'2022-8' is not a month"),
        (["2022-07-01"], "'2022-07-01' is not a month"),
        (["2099-01"], "'2099-01' is not a month"),
        (["2022-10", "2022-08"], "the first month, 2022-10, lies after the last, 2022-08"),
    ],
)
def test_an_unknown_month_is_wrong_use(tmp_path: Path, months: list[str], said: str) -> None:
    done = run_mtm(tmp_path / "data", "backfill", *months)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_range_without_a_source_is_refused_before_anything_is_asked(home: Path) -> None:
    before = attempts(home)
    done = run_mtm(home, "backfill", "2023-11", "2024-02")
    assert done.returncode == 1
    assert "no recorded answer for 2024-01, 2024-02; nothing was asked for" in done.stdout
    assert "Recorded are 2022-07 to 2023-12" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert attempts(home) == before
    assert run_mtm(home, "status").returncode == 0


@pytest.mark.proof
def test_refresh_takes_months_as_configuration(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTM_HOME", str(home))
    before = attempts(home)
    config = {"ops": {"fetch": {"config": {"first_month": "2022-08", "last_month": "2022-09"}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_job_def("refresh")
        assert job.partitions_def is None
        assert job.execute_in_process(instance=instance, run_config=config).success
        assert "2022-08" in instance.get_materialized_partitions(KEY)
    assert "USD 2022-07-04 to 2022-12-19" in attempts(home)[len(before) :]


@pytest.mark.proof
def test_live_a_month_that_fails_is_not_noted_and_fails_the_run(tmp_path: Path, agencies: Agencies) -> None:
    home = tmp_path / "data"
    first = RATES.resources(date(2026, 11, 3))
    path = urlsplit(next(each for each in first if each.name == "USD 2022-08").first.url).path
    agencies.fail(NBK, path, Fault(times=1, status=404))
    done = run_mtm(home, "backfill", "2022-08", "2022-10", MTM_SOURCES="live", **agencies.settings)
    assert done.returncode == 1
    assert "Not all months were answered: USD 2022-08" in done.stdout
    assert months_noted(home) == {"2022-09", "2022-10"}
    assert [seen.path for seen in agencies.seen] == [path] * 3
    done = run_mtm(home, "backfill", "2022-08", MTM_SOURCES="live", **agencies.settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert months_noted(home) == {"2022-08", "2022-09", "2022-10"}
