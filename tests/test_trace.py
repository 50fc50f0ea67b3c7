"""`mtm trace` as a user asks it: names, formats, other days of the quarter, what is said if nothing does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import run_mtm


def test_json_holds_the_figure_and_its_cells(refreshed: Path) -> None:
    shown = run_mtm(
        refreshed, "trace", "2023Q3", "money_transfers", "--country", "uzbekistan", "--format", "json"
    )
    found = json.loads(shown.stdout)
    assert [(each["direction"], each["value"], each["unit"]) for each in found["figures"]] == [
        ("received", "8300.000000000", "mln KZT"),
        ("sent", "94900.000000000", "mln KZT"),
    ]
    assert [(cell["raw_text"], cell["input_value"]) for cell in found["cells"]] == [
        ("8.3", "8300.000000000"),
        ("94,9", "94900.000000000"),
    ]
    assert all(Path(cell["file"]).is_file() and cell["url"] for cell in found["cells"])


def test_a_stock_of_another_day_is_shown_beside_that_of_the_quarter(refreshed: Path) -> None:
    shown = run_mtm(refreshed, "trace", "2023Q3", "foreign_labour_permit_holders", "--format", "json")
    found = json.loads(shown.stdout)
    assert [each["value"] for each in found["figures"]] == ["14534.000000000"]
    within = {each["stated_on"]: each["raw_text"] for each in found["stated_within_quarter"]}
    assert within["2023-09-01"].split() == ["14", "571"]
    quota = run_mtm(refreshed, "trace", "2023Q3", "foreign_labour_quota")
    assert quota.returncode == 0
    assert "22,200" in quota.stdout


def test_a_figure_since_january_is_shown_where_the_quarter_has_none(refreshed: Path) -> None:
    shown = run_mtm(
        refreshed, "trace", "2023Q3", "permanent_migration", "--country", "CIS", "--direction", "arrival"
    )
    assert "16,833" in shown.stdout
    assert "only since January" in shown.stdout.replace("\n", " ") or "since January" in shown.stdout


@pytest.mark.parametrize("output", ["md", "csv", "table", "json"])
def test_every_format_names_the_cell(refreshed: Path, output: str) -> None:
    shown = run_mtm(
        refreshed, "trace", "2023Q3", "money_transfers", "--direction", "sent", "--format", output
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.count("$[") == 3 or shown.stdout.count(".amount") == 3


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("2023Q3", "nothing"), "nothing is no indicator; indicators: border_crossings"),
        (("2023Q3", "money_transfers", "--country", "XX"), "XX is no country or group"),
        (("2023Q3", "border_crossings", "--region", "nowhere"), "nowhere is no region"),
        (("1999Q1", "money_transfers"), "no money_transfers is known of 1999Q1"),
        (("2023Q3", "money_transfers", "--breakdown", "none"), "by country: CN KR RU TR US UZ"),
        (("2023Q5", "money_transfers"), "2023Q5 is not a quarter"),
        (("2023Q3", "money_transfers", "--format", "xml"), "--format is one of table, csv, json, md"),
    ],
)
def test_what_does_not_answer_says_why_on_the_error_channel(
    refreshed: Path, asked: tuple[str, ...], told: str
) -> None:
    shown = run_mtm(refreshed, "trace", *asked)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert told in shown.stderr.replace("\n", " ")


def test_an_average_rate_is_that_of_the_dollar_unless_asked(refreshed: Path) -> None:
    assert "467.98" in run_mtm(refreshed, "trace", "2022Q4", "exchange_rate_average").stdout
