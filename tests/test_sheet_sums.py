"""Figures of one sheet against one another: totals and their parts, shares, months of the title's year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest.dataset import SourceFile
from ingest.errors import SourceError
from ingest.sheets.labels import Labels
from ingest.sheets.layout import Layout
from ingest.sheets.sums import rounding
from ingest.sheets.table import read_table

MONTHS = {"whole": ["всего"], "1": ["январь"], "2": ["февраль"], "3": ["март"]}


def layout(parts: str = "some", unit: str = "persons", whole: bool = True) -> Layout:
    return Layout.model_validate(
        {
            "rows": {"labels": {"place": ["Место"]}, "total": ["Всего"], "group": ["Группа"], "parts": parts},
            "columns": {"month": {"default": "whole", "optional": list("123"), "values": MONTHS}},
            "unit": unit,
            "period": ["flow", "cumulative", "stock"],
            "figures": {"whole": whole},
        }
    )


def read(
    rows: list[tuple[Any, ...]],
    known: Layout,
    title: str = "за I квартал 2024 года",
    header: tuple[str, ...] = ("Место", "всего"),
) -> pd.DataFrame:
    lines = [(title,), header, *rows]
    text = "\n".join(";".join(map(str, line)) for line in lines)
    return read_table("sums", SourceFile("sha", "sums.csv", text.encode()), known)


def refusal(*arguments: Any, **named: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(*arguments, **named)
    assert caught.value.file == "sums.csv"
    assert caught.value.next_step
    return caught.value


def test_parts_above_the_total_are_refused_with_the_cell_of_the_total() -> None:
    error = refusal([("А", 60), ("Б", 57), ("Всего", 101)], layout())
    assert error.rule == "the rows add up to 117, more than the total row, 101"
    assert (error.cell, error.raw_text) == ("row 5, column 2", "101")


@pytest.mark.parametrize("parts", ["some", "all"])
def test_groups_are_not_counted_twice(parts: str) -> None:
    rows = [("Всего", 103), ("Группа", 103), ("А", 51), ("Б", 52)]
    assert len(read(rows, layout(parts))) == 4


def test_all_parts_must_add_up_in_every_column() -> None:
    header = ("Место", "всего", "январь", "февраль")
    rows = [("Всего", 103, 51, 52), ("А", 50, 25, 25), ("Б", 53, 26, 26)]
    error = refusal(rows, layout("all"), header=header)
    assert error.rule == "the rows add up to 51, the total row says 52"
    assert error.cell == "row 3, column 4"
    assert len(read(rows, layout("some"), header=header)) == 9


def test_a_part_without_a_figure_is_not_judged_but_nil_is_nought() -> None:
    assert len(read([("Всего", 103), ("А", "…"), ("Б", 52)], layout("all"))) == 3
    assert "more than" in refusal([("Всего", 103), ("А", "…"), ("Б", 152)], layout("all")).rule
    assert "add up to 52" in refusal([("Всего", 103), ("А", "-"), ("Б", 52)], layout("all")).rule


def test_a_total_without_a_figure_is_not_judged() -> None:
    assert len(read([("Всего", "…"), ("А", 51), ("Б", 52)], layout("all"))) == 3


def test_a_net_figure_may_exceed_its_total() -> None:
    assert len(read([("Всего", -7), ("А", 51), ("Б", -53)], layout("some"))) == 3
    assert "add up to -2" in refusal([("Всего", -7), ("А", 51), ("Б", -53)], layout("all")).rule


@pytest.mark.parametrize(
    ("printed", "whole", "flag", "expected"),
    [("453000", True, "rounded", "500"), ("2700000", True, "rounded", "50000"), ("453000", True, None, "0"),
     ("41986", True, "rounded", "0"), ("357", False, None, "0.5"), ("2700", False, None, "0.5"),
     ("2700", False, "rounded", "50"), ("12.5", False, None, "0.05"), ("22.12", False, "rounded", "0.005"),
     ("0", True, None, "0"), ("0", False, None, "0.5"), ("0", False, "nil", "0"),
     ("-930", True, "rounded", "5"), ("20.0", False, None, "0.05")],
)  # fmt: skip
def test_how_far_a_printed_figure_may_be_off(
    printed: str, whole: bool, flag: str | None, expected: str
) -> None:
    assert rounding(printed, whole, flag) == Decimal(expected)


def test_rounded_figures_may_miss_by_their_rounding() -> None:
    known, note = layout("all"), ("* округлено",)
    known = known.model_copy(update={"rows": known.rows.model_copy(update={"footnote": Labels(["/[*].*/"])})})
    rounded = [("А", 1753689), ("Б", "960000*"), ("Всего", "2700000*"), note]
    assert len(read(rounded, known)) == 3
    assert "add up to 2713689" in refusal([("А", 1753689), ("Б", 960000), ("Всего", 2700000)], known).rule
    assert "add up to 2766034" in refusal([("А", 1753689), ("Б", 1012345), *rounded[2:]], known).rule
    assert len(read([("А", "24,1"), ("Б", "22,12"), ("В", "24,4"), ("Всего", "70,7")],
                    layout("all", "mln KZT", whole=False))) == 4  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 10**9).map(lambda n: n * 10 + 1), min_size=1, max_size=8), st.integers(1, 10**6)
)
def test_any_whole_parts_and_their_sum(parts: list[int], off: int) -> None:
    rows = [(f"Место {n}", part) for n, part in enumerate(parts)]
    assert len(read([*rows, ("Всего", sum(parts))], layout("all"))) == len(parts) + 1
    more, less = [*rows, ("Всего", sum(parts) * 10 + 10 * off + 1)], [*rows, ("Всего", sum(parts) - 10**12)]
    assert len(read(more, layout("some"))) == len(parts) + 1
    assert "the total row says" in refusal(more, layout("all")).rule
    assert len(read(less, layout("some"))) == len(parts) + 1
    if len(parts) > 1:
        short = [*rows, ("Всего", max(parts[:-1]))]
        if sum(parts) - max(parts[:-1]) > rounding(str(max(parts[:-1])), whole=True):
            assert "more than the total row" in refusal(short, layout("some")).rule


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=8), st.integers(0, 3))
def test_parts_rounded_for_print_still_add_up(parts: list[Decimal], places: int) -> None:
    def printed(number: Decimal) -> str:
        return f"{number:.{places}f}".replace(".", ",")

    rows = [(f"Место {n}", printed(part)) for n, part in enumerate(parts)]
    for rule in ("all", "some"):
        read([*rows, ("Всего", printed(sum(parts, Decimal(0))))], layout(rule, "mln KZT", whole=False))


@pytest.mark.parametrize("parts", ["some", "all"])
def test_noughts_at_the_end_are_no_rounding_by_themselves(parts: str) -> None:
    assert "add up to 1100" in refusal([("Всего", 1000), ("А", 800), ("Б", 300)], layout(parts)).rule


def test_shares_of_a_column_are_parts_of_one_whole() -> None:
    known = layout("some", "percent", whole=False)
    assert len(read([("Всего", 100), ("А", "50,05"), ("Б", "49,96"), ("В", "-")], known)) == 4
    error = refusal([("Всего", "…"), ("А", "60,0"), ("Б", "40,2")], known)
    assert error.rule == "the shares of the column add up to 100.2, more than 100"
    assert error.cell == "row 5, column 2"


@pytest.mark.parametrize(
    ("share", "is_read"), [("100", True), ("99,95", True), ("100,1", False), ("175", False)]
)
def test_a_share_above_100_is_refused(share: str, is_read: bool) -> None:
    rows = [("Всего", "…"), ("А", share)]
    if is_read:
        assert len(read(rows, layout("some", "percent", whole=False))) == 2
    else:
        error = refusal(rows, layout("some", "percent", whole=False))
        assert (error.rule, error.cell) == ("a share above 100", "row 4, column 2")


def test_a_column_may_state_a_month_of_the_titles_year() -> None:
    header = ("Место", "всего", "январь", "февраль", "март")
    frame = read([("Всего", 6, 1, 2, 3)], layout(), "за январь-март 2024 года", header).astype(str)
    assert frame[["month", "period_start", "period_end", "measurement", "amount"]].to_numpy().tolist() == [
        ["whole", "2024-01-01", "2024-03-31", "cumulative", "6"],
        ["1", "2024-01-01", "2024-01-31", "flow", "1"],
        ["2", "2024-02-01", "2024-02-29", "flow", "2"],
        ["3", "2024-03-01", "2024-03-31", "flow", "3"],
    ]


@pytest.mark.parametrize(
    "title", ["за II квартал 2024 года", "на 1 апреля 2024 года", "с 1 февраля по 10 марта 2024 года"]
)
def test_a_month_outside_the_titles_period_is_refused(title: str) -> None:
    error = refusal([("Всего", 6)], layout(), title, ("Место", "март"))
    assert "a column of month 3, which is not within" in error.rule
    assert error.cell == "row 2, column 2"


def test_months_need_numbers_and_a_period() -> None:
    written: dict[str, Any] = {
        "rows": {"labels": {"place": ["Место"]}},
        "columns": {"month": {"values": {"13": ["тринадцатый"]}}},
        "unit": "persons",
        "period": ["flow"],
    }
    with pytest.raises(ValidationError, match="'13' is neither '1' to '12' nor 'whole'"):
        Layout.model_validate(written)
    written["columns"] = {"month": {"values": {"1": ["январь"]}}}
    with pytest.raises(ValidationError, match="needs `period`"):
        Layout.model_validate(written | {"period": []})


@pytest.mark.parametrize(
    ("title", "length"),
    [("за август 2024 года", "1 month(s)"), ("за 2024 год", "12 month(s)"),
     ("с 2 июля по 30 сентября 2024 года", "no whole months")],
)  # fmt: skip
def test_a_period_of_another_length_is_refused_with_both(title: str, length: str) -> None:
    quarterly = layout().model_copy(update={"period_months": (3,)})
    assert len(read([("Всего", 6)], quarterly)) == 1
    error = refusal([("Всего", 6)], quarterly, title)
    assert length in error.rule
    assert "3 month(s) are expected" in error.rule
