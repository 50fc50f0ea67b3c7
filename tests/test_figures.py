"""The figures of the release, recomputed from the real data by the standard library alone."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from tests.conftest import SHARED, needs_shared, release, run_mtm


def shared_months(direction: str) -> dict[str, Decimal]:
    path = SHARED / "data" / "nbk" / f"nbk_form408_remittances_{direction}_total_mln_kzt.csv"
    with path.open(encoding="utf-8") as file:
        return {row["date"]: Decimal(row["value"]) for row in csv.DictReader(file)}


def quarter_of(month: str) -> str:
    return f"{month[:4]}Q{(int(month[5:7]) + 2) // 3}"


@needs_shared
def test_every_quarter_is_the_sum_of_its_months_in_the_real_data(refreshed: Path) -> None:
    expected = {}
    for direction in ("sent", "received"):
        months: dict[str, list[Decimal]] = defaultdict(list)
        for month, value in shared_months(direction).items():
            months[quarter_of(month)].append(value)
        for quarter, values in months.items():
            expected[quarter, direction] = (sum(values) if len(values) == 3 else None, f"{len(values)} of 3")
    with release(refreshed) as con:
        rows = con.execute(
            "select quarter, direction, value, coverage from indicators.quarterly_indicator"
            " where indicator = 'money_transfers' and geography_kind = 'total' and breakdown is null"
            " and unit = 'mln KZT' and measure = 'value' and dataset = 'national_bank__money_transfers'"
        ).fetchall()
    assert {(row[0], row[1]): (row[2], row[3]) for row in rows} == expected
    whole = sorted({quarter for (quarter, _), (value, _) in expected.items() if value is not None})
    assert (whole[0], whole[-1], len(whole)) == ("2021Q4", "2026Q2", 19)


def test_the_quarter_of_the_report_to_the_printed_digit(refreshed: Path) -> None:
    with release(refreshed) as con:
        rows = con.execute(
            "select direction, first_month_mln_kzt, second_month_mln_kzt, third_month_mln_kzt, amount_mln_kzt"
            " from indicators.quarterly_remittances where quarter = '2023Q3' order by direction desc"
        ).fetchall()
    assert [(row[0], str(row[4])) for row in rows] == [
        ("sent", "281076.929424307"),
        ("received", "70992.776597585"),
    ]
    assert all(row[1] + row[2] + row[3] == row[4] for row in rows)


@needs_shared
def test_months_stand_as_in_the_real_data(refreshed: Path) -> None:
    with release(refreshed) as con:
        rows = con.execute(
            "select direction, cast(period_start as varchar), value from marts.fct_money_transfers"
            " where dataset = 'national_bank__money_transfers'"
        ).fetchall()
    for direction in ("sent", "received"):
        landed = {month: value for of, month, value in rows if of == direction}
        assert landed == shared_months(direction)


def test_trace_prints_three_cells(refreshed: Path) -> None:
    shown = run_mtm(refreshed, "trace", "2023Q3", "money_transfers", "--direction", "sent")
    assert shown.returncode == 0, shown.stderr
    cells = [line for line in shown.stdout.splitlines() if "$.rows[" in line]
    assert len(cells) == 3
    for printed in ("88804.51659105", "99054.860802557", "93217.5520307"):
        assert sum(printed in line for line in cells) == 1


def test_sql_gives_the_same_rows_as_table_csv_and_json(refreshed: Path) -> None:
    query = "select quarter, amount_mln_kzt from indicators.quarterly_remittances where quarter = '2023Q3'"
    shown = run_mtm(refreshed, "sql", query)
    assert "281,076.929424307" in shown.stdout
    assert shown.stderr == ""
    lines = run_mtm(refreshed, "sql", query, "--format", "csv").stdout.splitlines()
    records = json.loads(run_mtm(refreshed, "sql", query, "--format", "json").stdout)
    assert lines[0] == "quarter,amount_mln_kzt"
    assert sorted(lines[1:]) == sorted(f"{r['quarter']},{r['amount_mln_kzt']}" for r in records)
