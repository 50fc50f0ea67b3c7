"""Every comparison of every wide quarterly table is there, or says why it is not."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.conftest import release
from tests.test_quarterly_tables import TABLES, place, rounded, row_of

WIDE = """
    select table_name, column_name from information_schema.columns
    where table_schema = 'indicators' and table_name like 'quarterly!_%' escape '!'
        and table_name <> 'quarterly_indicator'
        and not regexp_matches(column_name, 'share_of|rank|sum_of|residual')
    order by table_name, ordinal_position
"""
# The column that says why another one is empty.
REASONS = {
    r"(.*?)(?:percent_)?change_on_previous_quarter(?:_mln_[a-z]+)?": r"\1previous_quarter_reason",
    r"(.*?)(?:percent_)?change_on_year(?:_mln_[a-z]+)?": r"\1year_before_reason",
    r"(.*?)since_january(?:_mln_[a-z]+)?": r"\1since_january_reason",
}
# What may be told of a comparison that is there: all else is why there is none.
TOLD = r"break in series: .*|the value to compare with is (zero|negative)"


def reasons(con: Any) -> list[tuple[str, str, str]]:
    """Every comparison of every wide table: table, column, the column of its reason."""
    return [
        (table, column, re.sub(f"^{pattern}$", reason, column))
        for table, column in con.execute(WIDE).fetchall()
        for pattern, reason in REASONS.items()
        if re.fullmatch(pattern, column)
    ]


def test_a_comparison_is_there_or_its_reason_is(refreshed: Path) -> None:
    with release(refreshed) as con:
        found = reasons(con)
        for table, column, reason in found:
            rows = con.execute(f"select quarter, {column}, {reason} from indicators.{table}").fetchall()
            for quarter, value, why in rows:
                assert value is not None or why, (table, column, quarter)
                for part in (why or "").split("; ") if value is not None else ():
                    assert re.fullmatch(TOLD, part) or not part, (table, column, quarter, why)
    compared_tables = {table for table, _, _ in found}
    assert {f"quarterly_{table}" for table in TABLES} | {"quarterly_headline"} == compared_tables
    assert len(found) > 100


def test_every_figure_is_compared_both_ways(refreshed: Path) -> None:
    """What is held against the quarter before is held against the year before, in per cent if it can be."""
    with release(refreshed) as con:
        columns = con.execute(WIDE).fetchall()
    changes = [
        (table, column)
        for table, column in columns
        if re.search("(?<!percent_)change_on_", column) and not table.startswith("quarterly_remittances")
    ]
    for table, column in changes:
        other = "year" if column.endswith("previous_quarter") else "previous_quarter"
        assert (table, re.sub("previous_quarter|year", other, column)) in columns, (table, column)
        in_percent = (table, column.replace("change_on", "percent_change_on")) in columns
        assert in_percent != bool(re.search("net_|printed_share", column)), (table, column)
    assert len(changes) > 60


def test_an_empty_figure_has_a_flag(refreshed: Path) -> None:
    with release(refreshed) as con:
        columns = con.execute(WIDE).fetchall()
        flagged = [
            (table, column)
            for table, column in columns
            if (table, f"{column}_flag") in columns and not column.endswith("residual")
        ]
        for table, column in flagged:
            empty = f"from indicators.{table} where {column} is null and {column}_flag is null"
            assert con.execute(empty).fetchall() == [], (table, column)
    assert len(flagged) > 15


def test_the_comparisons_of_the_third_quarter_of_2023(refreshed: Path) -> None:
    with release(refreshed) as con:
        headline = row_of(con, "from indicators.quarterly_headline where quarter = '2023Q3'")
        fourth = row_of(con, "from indicators.quarterly_headline where quarter = '2023Q4'")
        empty = row_of(con, "from indicators.quarterly_headline where quarter = '2023Q2'")
        russia, uzbekistan = (
            row_of(con, f"from {place({'geography': name}, 'permanent_migration')}")
            for name in ("Russian Federation", "Uzbekistan")
        )
        construction = row_of(
            con,
            "from indicators.quarterly_foreign_labour_by_activity"
            " where quarter = '2023Q3' and is_end_of_quarter and activity_code = 'F'",
        )
    # 14,534 holders of permits after 14,762; 5,484 who came to live after 5,972, and 3,708 a year before.
    assert headline["permit_holders_change_on_previous_quarter"] == -228
    assert headline["permit_holders_year_before_reason"] == "quarter of the year before not known"
    assert headline["permanent_arrivals_change_on_previous_quarter"] == 5484 - 5972
    assert headline["permanent_arrivals_change_on_year"] == 5484 - 3708
    assert rounded(headline["permanent_arrivals_percent_change_on_year"], "0.1") == Decimal("47.9")
    assert rounded(headline["sent_mln_kzt_percent_change_on_year"], "0.01") == Decimal("-1.02")
    assert headline["arrivals_change_on_previous_quarter"] is None
    assert headline["arrivals_previous_quarter_reason"] == "quarter before not known"
    assert headline["arrivals_since_january_reason"] == "a quarter of the year is missing from this dataset"
    assert fourth["arrivals_change_on_previous_quarter"] == 3405102 - 4482427
    assert fourth["arrivals_previous_quarter_reason"].startswith("break in series: two publishers")
    # One reason of several figures is told once.
    assert headline["transfers_usd_flag"].startswith("sent, received: no rate for 2023-08")
    assert empty["border_crossings_flag"] == "arrivals, departures, net: no figure known"
    # Of most countries the report prints the nine months alone.
    assert (russia["arrivals"], russia["arrivals_change_on_year"]) == (2494, 2494 - 1251)
    assert (russia["arrivals_rank_since_january"], uzbekistan["arrivals_rank_since_january"]) == (1, 2)
    assert uzbekistan["group_code"] == "CIS"
    assert uzbekistan["departures_flag"] == "no figure known"
    assert uzbekistan["departures_year_before_reason"] == "no value of this quarter"
    assert construction["change_on_previous_quarter"] == -317
    assert rounded(construction["percent_change_on_previous_quarter"], "0.1") == Decimal("-6.1")
