"""Corrections as data: constructed lines in a copy of the project, the figures of the agencies have none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT, release

Refresh = Callable[..., "subprocess.CompletedProcess[str]"]

JULY = (
    "national_bank__money_transfers,money_transfers,sent,,,2023-07-01,2023-07-31,mln KZT,"
    "88804.51659105,88000,a constructed error,nobody,2026-01-31"
)
GERMANY = (
    "interior_ministry__border_crossings,border_crossings,arrival,DE,,2023-07-01,2023-09-30,persons,"
    "18321,18123,two digits changed places,nobody,2026-01-31"
)


@pytest.fixture
def refresh(home: Path, tmp_path: Path) -> Refresh:
    """`mtm refresh` by a copy of the project whose seed `correction` has these lines."""
    copy = tmp_path / "project"
    for folder in ("ingest", "orchestration", "publish", "dbt_project"):
        ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    seed = copy / "dbt_project" / "seeds" / "correction.csv"
    environment = {**os.environ, "PYTHONPATH": str(copy), "MTM_HOME": str(home), "MTM_SOURCES": "recorded"}

    def run(*lines: str) -> subprocess.CompletedProcess[str]:
        header = seed.read_text("utf-8").splitlines()[0]
        seed.write_text("\n".join([header, *lines, ""]), "utf-8")
        command = [sys.executable, "-c", "from orchestration.cli import main; main()", "refresh"]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=180, check=False, cwd=tmp_path
        )

    return run


def test_no_figure_of_the_agencies_is_corrected(refreshed: Path) -> None:
    with release(refreshed) as con:
        assert con.execute("select count(*) from audit.correction").fetchall() == [(0,)]


def test_a_corrected_value_goes_to_the_indicators_with_its_flag(home: Path, refresh: Refresh) -> None:
    with release(home) as con:
        before = con.execute(
            "select amount_mln_kzt from indicators.quarterly_remittances"
            " where quarter = '2023Q3' and direction = 'sent'"
        ).fetchall()[0][0]
    done = refresh(JULY, GERMANY)
    assert done.returncode == 0, done.stdout + done.stderr
    with release(home) as con:
        asked = [
            "select value, flag, raw_text from marts.fct_money_transfers where direction = 'sent'"
            " and period_start = '2023-07-01' and dataset = 'national_bank__money_transfers'",
            "select value, flag from indicators.quarterly_indicator where quarter = '2023Q3'"
            " and dataset = 'national_bank__money_transfers' and measure = 'value' and direction = 'sent'",
            "select amount_mln_kzt, flag, usd_flag from indicators.quarterly_remittances"
            " where quarter = '2023Q3' and direction = 'sent'",
            "select arrivals, arrivals_flag, arrivals_share_of_stated_total_flag"
            " from indicators.quarterly_border_crossings_by_country"
            " where quarter = '2023Q3' and country_code = 'DE'",
            "select arrivals_flag, arrivals_residual_flag from indicators.quarterly_border_crossings_by_group"
            " where quarter = '2023Q3' and group_code = 'NON_CIS'",
            "select distinct input_value, raw_text from audit.lineage where quarter = '2023Q3'"
            " and measure = 'value' and direction = 'sent' and period_start = '2023-07-01'"
            " and dataset = 'national_bank__money_transfers'",
            "select state, expect, stated_value, corrected_value, raw_text from audit.correction"
            " order by dataset",
        ]
        found = [con.execute(query).fetchall() for query in asked]
    told = "corrected: a constructed error"
    quarter = before - Decimal("804.516591050")
    assert found[0] == [(Decimal(88000), told, "88804.51659105")]
    assert found[1] == [(quarter, told)]
    assert found[2][0][:2] == (quarter, told)
    assert str(found[2][0][2]).endswith(told)
    assert found[3] == [(Decimal(18123), *["corrected: two digits changed places"] * 2)]
    flag, residual_flag = found[4][0]
    assert flag == "imputed by the publisher"
    assert "corrected: two digits changed places" in residual_flag
    assert found[5] == [(Decimal(88000), "88804.51659105")]
    assert found[6] == [
        ("in force", Decimal(18321), Decimal(18321), Decimal(18123), "18\xa0321"),
        ("in force", Decimal("88804.51659105"), Decimal("88804.51659105"), Decimal(88000), "88804.51659105"),
    ]


@pytest.mark.proof
def test_lines_that_their_sources_left_behind_stop_publication(home: Path, refresh: Refresh) -> None:
    published = (home / "current").resolve()
    mended = GERMANY.replace("18321", "18300")
    rate = "national_bank__exchange_rates,exchange_rate,,,USD,2023-07-03,2023-07-03,KZT,1,2,x,nobody,"
    done = refresh(mended, GERMANY.replace(",DE,", ",AT,"), rate)
    assert done.returncode == 1, done.stdout + done.stderr
    printed = " ".join(done.stdout.split())
    assert "test the_source_still_states_it: 3 row(s), such as state " in printed
    assert "dataset interior_ministry__border_crossings; indicator border_crossings" in printed
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as con:
        states = con.execute("select geography_code, stated_value, state from audit.correction").fetchall()
        value = con.execute(
            "select value, flag from intermediate.observation where counterpart_code = 'DE'"
            " and direction = 'arrival' and dataset = 'interior_ministry__border_crossings'"
        ).fetchall()
    assert {row[:2]: str(row[2]).partition(":")[0] for row in states} == {
        ("DE", Decimal(18321)): "the source now states another value",
        ("AT", None): "no such figure is known",
        (None, None): "a rate goes into averages that have no flag for it",
    }
    assert value == [(Decimal(18321), None)]
    assert (home / "current").resolve() == published
