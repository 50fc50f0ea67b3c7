"""Dollars: monthly rates recomputed from the real data by the standard library, and what they convert."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.catalogue import DATASETS
from ingest.recorded import recorded_folder
from tests.conftest import SHARED, needs_shared, release, run_mtm
from tests.macros import rendered

NINE = Decimal("0.000000001")
BY_COUNTRY = DATASETS["national_bank__money_transfers_by_country"]


def weekdays_of(month: date) -> int:
    days = (month + timedelta(days=number) for number in range(31))
    return sum(day.month == month.month and day.weekday() < 5 for day in days)


def real_rates() -> dict[date, list[Decimal]]:
    path = SHARED / "data" / "nbk" / "nbk_get_rates_usd_kzt_2022-07-04_2023-12-29.csv"
    months: dict[date, list[Decimal]] = defaultdict(list)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            months[date.fromisoformat(row["date"]).replace(day=1)].append(Decimal(row["value"]))
    return months


@needs_shared
def test_every_month_equals_the_mean_of_the_real_data(refreshed: Path) -> None:
    with release(refreshed) as con:
        rows = con.execute(
            "select month_start, mean_rate, conversion_rate, coverage, weekdays_not_fetched"
            " from marts.fct_monthly_exchange_rates where weekdays_known > 0 order by 1"
        ).fetchall()
    expected = []
    for month, rates in sorted(real_rates().items()):
        mean = (sum(rates) / len(rates)).quantize(NINE, ROUND_HALF_UP)
        weekdays = weekdays_of(month)
        rate = mean if len(rates) * 100 >= weekdays * 80 else None
        expected.append((month, mean, rate, f"{len(rates)} of {weekdays}", weekdays - len(rates)))
    assert rows == expected
    assert (rows[0][0], rows[-1][0], len(rows)) == (date(2022, 7, 1), date(2023, 12, 1), 18)


def test_the_quarter_of_the_report_has_no_dollars_and_says_why(refreshed: Path) -> None:
    reason = "no rate for 2023-08: 4 of 23 weekdays known, 19 not fetched"
    with release(refreshed) as con:
        months = con.execute(
            "select coverage from marts.fct_monthly_exchange_rates"
            " where month_start between '2023-07-01' and '2023-09-01' order by month_start"
        ).fetchall()
        rows = con.execute(
            "select first_month_mln_usd is null, second_month_mln_usd is null, third_month_mln_usd is null,"
            " amount_mln_usd, usd_coverage, usd_flag, amount_mln_usd_at_report_rate,"
            " round(amount_mln_kzt / 472.5, 6) from indicators.quarterly_remittances where quarter = '2023Q3'"
        ).fetchall()
    assert months == [("19 of 21",), ("4 of 23",), ("21 of 21",)]
    for row in rows:
        assert row[:6] == (False, True, False, None, "2 of 3", reason)
        assert row[6] == pytest.approx(Decimal(str(row[7])))


def test_a_quarter_in_dollars_is_its_months_each_at_its_own_rate(refreshed: Path) -> None:
    with release(refreshed) as con:
        months = con.execute(
            "select quarter, direction, value, conversion_rate from marts.fct_money_transfers"
            " join marts.fct_monthly_exchange_rates on month_start = period_start"
            " where fct_money_transfers.dataset = 'national_bank__money_transfers'"
            " and transfer_system = 'total'"
        ).fetchall()
        quarters = con.execute(
            "select quarter, direction, value from indicators.quarterly_indicator where unit = 'mln USD'"
            " and dataset = 'national_bank__money_transfers'"
        ).fetchall()
    parts: dict[tuple[str, str], list[Decimal | None]] = defaultdict(list)
    for quarter, direction, amount, rate in months:
        parts[quarter, direction].append(rate and (amount / rate).quantize(NINE, ROUND_HALF_UP))
    for quarter, direction, value in quarters:
        known = [part for part in parts[quarter, direction] if part is not None]
        assert value == (sum(known) if len(known) == 3 else None), quarter
    whole = sorted({quarter for quarter, _, value in quarters if value is not None})
    assert whole == ["2022Q3", "2022Q4", "2023Q1", "2023Q2", "2023Q4"]


def test_every_rate_of_a_conversion_is_in_its_lineage(refreshed: Path) -> None:
    with release(refreshed) as con:
        counted = con.execute(
            "select role, count(*) from audit.lineage where quarter = '2022Q4' and measure = 'converted'"
            " and direction = 'sent' and dataset = 'national_bank__money_transfers' group by role order by 1"
        ).fetchall()
        known = con.execute(
            "select sum(weekdays_known) from marts.fct_monthly_exchange_rates"
            " where month_start between '2022-10-01' and '2022-12-01'"
        ).fetchone()
    assert known == (64,)
    assert counted == [("part", 3), ("rate", 64)]


DIVIDE = rendered("{{ divide('n', 'd') }}")
CON = duckdb.connect()


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=9),
    st.decimals(min_value=Decimal("0.001"), max_value=10**6, places=6),
)
def test_division_is_exact_and_rounds_half_away_from_zero(numerator: Decimal, denominator: Decimal) -> None:
    row = CON.execute(
        f"select {DIVIDE} from (select cast('{numerator:f}' as decimal(24, 9)) as n,"
        f" cast('{denominator:f}' as decimal(24, 9)) as d)"
    ).fetchone()
    assert row is not None
    assert row[0] == (numerator / denominator).quantize(NINE, ROUND_HALF_UP)


def test_division_by_nought_is_empty() -> None:
    assert CON.execute(f"select {DIVIDE} from (select 1 as n, 0 as d)").fetchone() == (None,)


@pytest.mark.proof
def test_dollars_are_known_from_the_day_of_the_later_of_amount_and_rate(
    refreshed: Path, tmp_path: Path
) -> None:
    """A letter dated before any rate was read: the amount is known then, its dollars are not."""
    home, letter = tmp_path / "data", tmp_path / "of 2023Q1.xlsx"
    shutil.copytree(refreshed, home, symlinks=True)
    letter.write_bytes((recorded_folder(BY_COUNTRY) / "2023Q1.xlsx").read_bytes())
    added = run_mtm(
        home, "inbox", "add", str(letter), "--dataset", BY_COUNTRY.name, "--published-on", "2023-05-02"
    )
    assert added.returncode == 0, added.stderr
    assert run_mtm(home, "refresh").returncode == 0
    with release(home) as con:
        history = con.execute(
            "select measure, round(value, 6), split_part(flag, ':', 1), known_from < today(),"
            " known_to is null"
            " from indicators.indicator_history where quarter = '2023Q1' and indicator = 'money_transfers'"
            " and geography_code = 'RU' and direction = 'received' and measure in ('value', 'converted')"
            f" and dataset = '{BY_COUNTRY.name}' order by measure desc, known_from"
        ).fetchall()
    assert history == [
        ("value", Decimal("33900.000000"), None, True, True),
        ("converted", None, "no rate for 2023-01", True, False),
        ("converted", Decimal("74.463649"), None, False, True),
    ]
