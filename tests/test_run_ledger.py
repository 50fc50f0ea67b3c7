"""ops.run_ledger: what each run was to do and did; what is not done of a build is not published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration import dbt, ledger, steps
from orchestration.definitions import defs
from orchestration.instance import dagster_instance
from orchestration.ledger import Run
from orchestration.settings import Settings
from publish.tables import PublishError
from tests.conftest import run_mtm

LAST_RUN = """
select step, state, expected > 0, expected = done, coalesce(skipped + failed, 0), reason
from ops.run_ledger
where run_id = (select arg_max(run_id, started_at) from ops.run_ledger)
order by step_number
"""
UNCHANGED = "nothing changed since the last published build"


def rows(home: Path, query: str = LAST_RUN) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def test_each_step_of_a_refresh_did_what_it_was_to_do(refreshed: Path) -> None:
    assert [row[0] for row in rows(refreshed)] == ["fetch", "land", "build", "judge", "release"]
    assert {row[1:] for row in rows(refreshed)} == {("done", True, True, 0, None)}
    with dagster_instance(Settings(home=refreshed)) as instance:
        key = dg.AssetCheckKey(dg.AssetKey(["ops", "run_ledger"]), "expected_against_done")
        (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
        assert record.event is not None
        evaluation = record.event.dagster_event.asset_check_evaluation_data
        assert evaluation.passed
        event = instance.get_latest_materialization_event(key.asset_key)
        assert event is not None
        assert event.asset_materialization is not None
        shown = str(event.asset_materialization.metadata["steps"].value)
    assert "| build" in shown


def test_a_refresh_with_nothing_to_do_says_what_it_left_out_and_why(home: Path) -> None:
    assert run_mtm(home, "refresh").returncode == 0
    assert [row[:2] for row in rows(home)] == [
        ("fetch", "done"), ("land", "done"),
        ("build", "skipped"), ("judge", "skipped"), ("release", "skipped"),
    ]  # fmt: skip
    assert {row[5] for row in rows(home)[2:]} == {UNCHANGED}


@pytest.mark.proof
def test_a_node_that_was_skipped_blocks_publication_though_nothing_failed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MTM_HOME", str(home))
    settings = Settings()
    before = settings.releases.ids()
    whole_build = dbt.build

    def one_left_out(*arguments: Path) -> list[dbt.NodeResult]:
        *done, last = whole_build(*arguments)
        return [*done, replace(last, status="skipped")]

    monkeypatch.setattr(dbt, "build", one_left_out)
    with dg.DagsterInstance.ephemeral() as instance:
        selection = [dg.AssetKey(["indicators", "quarterly_indicator"])]
        job = defs.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=instance, asset_selection=selection, raise_on_error=False)
    assert not result.success
    assert rows(home)[0][1:5] == ("failed", True, False, 1)
    assert "nodes were not run" in str(rows(home)[0][5])
    with pytest.raises(PublishError, match=r"the last build is not whole .*nodes were not run"):
        steps.publish(settings)
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey("release")], raise_on_error=False
        )
    assert not result.success
    assert settings.releases.ids() == before
    monkeypatch.undo()
    assert run_mtm(home, "refresh").returncode == 0
    assert {row[1] for row in rows(home)} == {"done"}


def test_a_step_that_is_canceled_is_not_done(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "build.duckdb")) as con:
        with (
            pytest.raises(KeyboardInterrupt),
            ledger.entry_of(con, Run("id", "collect", ("fetch",)), "fetch"),
        ):
            raise KeyboardInterrupt
        assert con.execute("select state from ops.run_ledger").fetchall() == [("interrupted",)]


@pytest.mark.proof
def test_a_step_whose_process_was_killed_is_interrupted_and_not_published(home: Path) -> None:
    with duckdb.connect(str(home / "build.duckdb")) as con:
        ledger.begin(con, Run("dead", "refresh", ("build", "release")), "build")
    refused = run_mtm(home, "publish")
    assert refused.returncode == 1
    assert "run `mtm refresh`" in refused.stderr
    assert run_mtm(home, "refresh").returncode == 0
    dead = rows(home, "select step, state from ops.run_ledger where run_id = 'dead' order by step_number")
    assert dead == [("build", "interrupted"), ("release", "not begun")]
