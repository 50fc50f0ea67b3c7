"""`mtm refresh` when something is wrong: what is published, what is marked stale, what a user is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.agencies import BNS, DATA_NBK, NBK, TALDAU, Agencies, Item
from tests.conftest import TRANSFERS, release, run_mtm

STALE = "select dataset from marts.dim_dataset where state = 'stale'"
UNKNOWN_SYSTEM = (
    '{"report_date": "2026-06-01", "amount": 12.5, "imts": "New System", '
    '"money_transfer_sign": "money transfers sent"}'
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agencies]:
    with Agencies(tmp_path_factory.mktemp("agencies")) as agencies:
        yield agencies


def refresh(home: Path, agencies: Agencies) -> Any:
    done = run_mtm(home, "refresh", MTM_SOURCES="live", **agencies.settings)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def live(running: Agencies, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one good live refresh."""
    home = tmp_path_factory.mktemp("live") / "data"
    done = refresh(home, running)
    assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture
def home(live: Path, running: Agencies, tmp_path: Path) -> Iterator[Path]:
    copy = tmp_path / "data"
    shutil.copytree(live, copy, symlinks=True)
    good = running.bank.transfers
    yield copy
    running.bank.transfers = good
    running.mend()


def manifest(home: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((home / "current" / "manifest.json").read_text("utf-8"))
    return content


def test_live_gives_the_same_quarter_as_recorded(live: Path, refreshed: Path) -> None:
    query = (
        "select quarter, direction, value, coverage from indicators.quarterly_indicator"
        " where dataset = 'national_bank__money_transfers' and unit = 'mln KZT' and measure = 'value'"
        " order by all"
    )
    with release(live) as con_live, release(refreshed) as con_recorded:
        assert con_live.execute(query).fetchall() == con_recorded.execute(query).fetchall()
        modes = con_live.execute("select distinct mode from marts.dim_source_file").fetchall()
    assert modes == [("live",)]


def test_averages_of_form_33_replace_the_mean_and_leave_no_quarter_empty_without_a_reason(live: Path) -> None:
    with release(live) as con:
        august = con.execute(
            "select conversion_rate, conversion_basis, coverage from marts.fct_monthly_exchange_rates"
            " where month_start = '2023-08-01' and currency = 'USD'"
        ).fetchall()
        quarter = con.execute(
            "select cast(value as integer), flag from indicators.quarterly_indicator"
            " where indicator = 'exchange_rate_average' and quarter = '2023Q3' and breakdown_code = 'USD'"
            " and is_headline"
        ).fetchall()
        cells = con.execute(
            "select count(*) from audit.lineage"
            " where indicator = 'exchange_rate_average' and quarter = '2023Q3' and breakdown_code = 'USD'"
            " and dataset = 'national_bank__average_exchange_rates'"
        ).fetchall()
    assert august == [(1008, "average stated in form 33", "4 of 23")]
    assert quarter == [(1008, "mean of months, some stated in form 33")]
    assert cells == [(3,)]


@pytest.mark.proof
def test_a_rate_that_jumps_blocks_publication(home: Path, running: Agencies) -> None:
    before = manifest(home)["release"]
    today = datetime.now(ZoneInfo("Asia/Almaty")).date()
    if today.day == 1:
        pytest.skip("on the first of a month no day before it is asked for by day")
    running.bank.days[today - timedelta(days=1)] = [Item("USD", "464.08")]
    running.bank.days[today] = [Item("USD", "4640.77", change="-2.00")]
    done = refresh(home, running)
    running.bank.days.clear()
    assert done.returncode == 1
    assert "a_rate_is_near_the_day_before: 1 row(s)" in done.stdout
    assert manifest(home)["release"] == before
    told = run_mtm(home, "status", MTM_SOURCES="live")
    assert told.returncode == 1
    assert "a_rate_is_near_the_day_before" in told.stdout


@pytest.mark.proof
def test_a_refused_answer_is_stale_published_and_told_until_it_is_mended(
    home: Path, running: Agencies
) -> None:
    before = manifest(home)["release"]
    good = running.bank.transfers
    running.bank.transfers = [good[0].replace("97265", "-97265"), *good[1:]]
    done = refresh(home, running)
    assert done.returncode == 1
    assert "$.rows[0].amount" in done.stdout
    assert manifest(home)["release"] != before
    assert manifest(home)["stale"] == ["national_bank__money_transfers"]
    with release(home) as con:
        assert con.execute(STALE).fetchall() == [("national_bank__money_transfers",)]
        assert con.execute(TRANSFERS).fetchone() == (116,)
    told = run_mtm(home, "status", MTM_SOURCES="live")
    assert told.returncode == 1
    assert "a negative number" in told.stdout
    assert "Next: " in told.stdout
    marked = manifest(home)["release"]
    assert refresh(home, running).returncode == 1
    assert manifest(home)["release"] == marked, "nothing changed, nothing new is published"
    running.bank.transfers = good
    assert refresh(home, running).returncode == 0
    assert manifest(home)["stale"] == []
    assert run_mtm(home, "status", MTM_SOURCES="live").returncode == 0


@pytest.mark.proof
def test_a_dead_endpoint_leaves_the_others_fetched_built_and_published(home: Path, running: Agencies) -> None:
    running.kill(NBK)
    rows = running.bank.transfers
    running.bank.transfers = [*rows[:-1], rows[-1].replace("18330.809294514", "18330.9")]
    done = refresh(home, running)
    assert done.returncode == 1
    assert manifest(home)["stale"] == ["national_bank__exchange_rates"]
    with release(home) as con:
        newest = con.execute(
            "select value from marts.fct_money_transfers"
            " where period_start = '2026-06-01' and direction = 'received'"
        ).fetchone()
        rates = con.execute("select count(*) > 300 from marts.fct_exchange_rates").fetchone()
    assert str(newest[0]) == "18330.900000000"  # type: ignore[index]
    assert rates == (True,)
    told = run_mtm(home, "status", MTM_SOURCES="live")
    assert told.returncode == 1
    assert "national_bank__exchange_rates is stale" in told.stdout
    assert "Try again later" in told.stdout


@pytest.mark.proof
def test_an_unknown_label_blocks_publication_and_names_the_line_to_add(home: Path, running: Agencies) -> None:
    before = manifest(home)["release"]
    known = run_mtm(home, "unmatched", MTM_SOURCES="live")
    assert (known.returncode, known.stdout) == (0, "every printed label has a code\n")
    running.bank.transfers = [
        *running.bank.transfers,
        UNKNOWN_SYSTEM,
        UNKNOWN_SYSTEM.replace("New System", "Golden\u00a0Crowns ¹"),
        UNKNOWN_SYSTEM.replace("New System", 'Fast, \\"safe\\" money'),
    ]
    done = refresh(home, running)
    assert done.returncode == 1
    line = "dbt_project/seeds/alias.csv: add the line transfer_system,,"
    assert line in done.stdout
    assert "run `mtm unmatched`" in " ".join(done.stdout.split())
    assert manifest(home)["release"] == before
    refused = run_mtm(home, "publish", MTM_SOURCES="live")
    assert refused.returncode == 1
    assert "mtm refresh" in refused.stderr
    told = run_mtm(home, "unmatched", MTM_SOURCES="live")
    assert told.returncode == 1
    assert "$.rows[116].amount" in told.stdout
    assert f"{line}new system,<code>\n" in told.stdout
    assert f"{line}golden crowns,<code>\n  near it: golden crown -> golden_crown" in told.stdout
    assert f'{line}"fast, ""safe"" money",<code>\n  near it: nothing' in told.stdout


def test_a_home_without_a_build_has_no_labels_to_show(tmp_path: Path) -> None:
    told = run_mtm(tmp_path / "data", "unmatched")
    assert told.returncode == 0
    assert "run `mtm refresh`" in told.stdout


@pytest.mark.proof
def test_a_first_refresh_that_gets_nothing_has_no_figure(tmp_path: Path, running: Agencies) -> None:
    """The register that is kept in the repository is all that there is; every agency is told to be stale."""
    for host in (DATA_NBK, NBK, BNS, TALDAU):
        running.kill(host)
    home = tmp_path / "data"
    done = refresh(home, running)
    running.mend()
    assert done.returncode == 1
    with release(home) as con:
        assert con.execute("select count(*) from indicators.quarterly_indicator").fetchone() == (0,)
        states = dict(con.execute("select dataset, state from marts.dim_dataset").fetchall())
    assert {name for name, state in states.items() if state == "current"} == {"policy_register__events"}
    assert states["national_bank__money_transfers"] == "stale"
