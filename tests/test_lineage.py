"""Every figure of the long table is made again from the cells that its lineage names."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import release
from tests.test_independent_reader import READERS

KEY = (
    "quarter, indicator, measure, direction, geography_kind, geography_code, breakdown, breakdown_code,"
    " denominator, unit, figure_unit, dataset"
)
SAME = " and ".join(
    f"value.{name.strip()} is not distinct from cell.{name.strip()}" for name in KEY.split(",")
)

CONVERTED = "(value.measure = 'converted' or value.indicator = 'exchange_rate_average')"


def rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("1e-9"), ROUND_HALF_UP)


def asked(home: Path, query: str) -> list[tuple[Any, ...]]:
    with release(home) as con:
        return con.execute(query).fetchall()


def test_every_row_has_a_cell(refreshed: Path) -> None:
    without = asked(
        refreshed,
        f"select {KEY} from indicators.quarterly_indicator as value"
        f" where not exists (select 1 from audit.lineage as cell where {SAME})",
    )
    assert without == []


def test_every_value_is_made_of_its_cells(refreshed: Path) -> None:
    """Sums and differences to the last digit; shares by the decimal arithmetic of Python."""
    rows = asked(
        refreshed,
        f"select {', '.join('value.' + name.strip() for name in KEY.split(','))}, value.value,"
        " sum(sign * input_value) filter (role in ('part', 'subtrahend')),"
        " sum(sign * input_value) filter (role = 'numerator'),"
        " sum(sign * input_value) filter (role = 'denominator')"
        f" from indicators.quarterly_indicator as value inner join audit.lineage as cell on {SAME}"
        f" where value.value is not null and not {CONVERTED}"
        " group by all",
    )
    assert len(rows) > 500
    for _, _, measure, *_, value, total, numerator, denominator in rows:
        if measure.startswith("share"):
            made = (100 * numerator / denominator).quantize(Decimal("1e-9"), ROUND_HALF_UP)
            assert abs(made - value) <= Decimal("1e-9"), (measure, value, numerator, denominator)
        else:
            assert total == value, measure


def test_dollars_and_average_rates_are_made_of_their_cells(refreshed: Path) -> None:
    """Each month at the mean of its own weekdays, a stated quarter at the mean of all of them."""
    rows = asked(
        refreshed,
        f"select {', '.join('value.' + name.strip() for name in KEY.split(','))}, method, value.value,"
        " list((date_trunc('month', period_start), role, input_value))"
        f" from indicators.quarterly_indicator as value inner join audit.lineage as cell on {SAME}"
        f" where value.value is not null and {CONVERTED}"
        " group by all",
    )
    methods = set()
    for *_, method, value, cells in rows:
        methods.add(method)
        amounts = {month: amount for month, role, amount in cells if role == "part"}
        rates = [(month, rate) for month, role, rate in cells if role == "rate"]
        if method == "months converted":
            of_month = {m: [rate for month, rate in rates if month == m] for m in amounts}
            made = sum(rounded(amount * len(of_month[m]) / sum(of_month[m])) for m, amount in amounts.items())
            assert len(amounts) == 3
        elif method == "quarter converted":
            mean = rounded(sum(rate for _, rate in rates) / len(rates))
            made = rounded(*(amount / mean for amount in amounts.values()))
        else:
            parts = [amount for _, _, amount in cells]
            made = rounded(sum(parts) / len(parts))
        assert made == pytest.approx(value, abs=Decimal("2e-9")), method
    assert methods == {"months converted", "quarter converted", "mean of weekdays"}


def test_every_cell_of_the_lineage_gives_its_text(refreshed: Path) -> None:
    rows = asked(refreshed, "select distinct archive_path, source_cell, raw_text from audit.lineage")
    assert len(rows) > 1000
    for path, cell, text in rows:
        reader = next(read for pattern, read in READERS.items() if re.fullmatch(pattern, cell))
        found = reader((refreshed / "archive" / path).read_bytes(), cell)
        assert found == text or float(found) == float(text), (path, cell)


@pytest.mark.parametrize("indicator", ["permanent_migration", "border_crossings", "money_transfers"])
def test_a_value_and_its_lineage_name_the_same_ways(refreshed: Path, indicator: str) -> None:
    with duckdb.connect(str(refreshed / "build.duckdb"), read_only=True) as con:
        ways = con.execute(
            "select distinct obtained_via from indicators.quarterly_indicator where indicator = ?",
            [indicator],
        ).fetchall()
    assert {way for (ways_of_value,) in ways for way in ways_of_value.split(" and ")} <= {
        "agency file",
        "agency page",
        "press reprint",
        "IOM report",
    }
