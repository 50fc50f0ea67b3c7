"""Claims files that cannot be judged: every error is told, with row and column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audit.claims import COLUMNS, ClaimsError, read_claims
from audit.judge import judge
from tests.conftest import ROOT

INDICATORS = {"border_crossings": "persons", "money_transfers": "mln KZT"}
GOOD = {
    "claim_id": "C1", "section": "2", "indicator": "border_crossings", "measure": "value",
    "direction": "arrival", "period": "2023Q3", "geography": "TOTAL", "value": "1000", "unit": "persons",
    "printed_decimals": "0", "stated_as": "exact", "agency": "Border Service", "kind": "source",
}  # fmt: skip


def claims_file(folder: Path, *rows: dict[str, str]) -> Path:
    lines = [",".join(COLUMNS)]
    lines += [",".join(f'"{(GOOD | row).get(column, "")}"' for column in COLUMNS) for row in rows]
    path = folder / "report.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def problems_of(path: Path) -> list[str]:
    with pytest.raises(ClaimsError) as raised:
        read_claims(path, INDICATORS)
    for problem in raised.value.problems:
        assert problem in str(raised.value)
    return raised.value.problems


@pytest.mark.parametrize(
    ("derivation", "told"),
    [
        ("C1*1e400", "is no arithmetic of claims and numbers"),
        ("C1*0x10", "is no arithmetic of claims and numbers"),
        ("C1*1_0", "is no arithmetic of claims and numbers"),
        ("C1+" * 1500 + "C1", "has more than 300 operations"),
        ("-" * 1500 + "C1", "has more than 300 operations"),
        ("(" * 5000 + "C1" + ")" * 5000, "is no arithmetic of claims and numbers"),
        ("C1+C3", "adds bn KZT and persons"),
    ],
)
def test_a_derivation_that_cannot_be_computed_is_refused(tmp_path: Path, derivation: str, told: str) -> None:
    tenge = {"claim_id": "C3", "indicator": "money_transfers", "unit": "bn KZT", "value": "5"}
    derived = {"claim_id": "C2", "kind": "derived", "derivation": derivation}
    (problem,) = problems_of(claims_file(tmp_path, {}, derived, tenge))
    assert problem.startswith("row 3, derivation: ")
    assert told in problem
    assert len(problem) < 200


@pytest.mark.parametrize(
    ("indicator", "unit"),
    [("border_crossings", "bn KZT"), ("border_crossings", ""), ("money_transfers", "persons")],
)
def test_a_unit_that_does_not_fit_the_indicator_is_refused(tmp_path: Path, indicator: str, unit: str) -> None:
    (problem,) = problems_of(claims_file(tmp_path, {"indicator": indicator, "unit": unit}))
    assert problem.startswith(f"row 2, unit: {unit!r} does not fit value of {indicator}")


def test_a_field_without_an_end_is_told_by_its_row(tmp_path: Path) -> None:
    assert "row " in problems_of(claims_file(tmp_path, {"agency": "a" * 200_000}))[0]


def test_rows_are_the_lines_of_the_file(tmp_path: Path) -> None:
    path = claims_file(tmp_path, {"agency": "two\nlines"}, {"claim_id": "C2", "value": "1 000"})
    path.write_text(path.read_text("utf-8").replace('\n"C2', '\n\n"C2'), "utf-8")
    assert problems_of(path) == ["row 5, value: '1 000' is not a number with a point and no blanks or commas"]


NO_ARITHMETIC = (
    "__import__('os')", "C1 if C1 else C1", "C1**9", "C1.value", "[C1]", "C1+", "'C1'", "True", "C1(2)",
    "C1//2", "lambda: C1", "C1;C1", "9" * 5000,
)  # fmt: skip
BAD_ROWS = [
    (
        {"indicator": "tourists"},
        "indicator",
        "'tourists' is unknown; known: border_crossings, money_transfers",
    ),
    ({"indicator": ""}, "indicator", "is empty"),
    ({"derivation": "C1*2"}, "derivation", "a circle: C1 from C1"),
    ({"derivation": "C7*2"}, "derivation", "C7 is no claim of this file"),
    ({"unit": "percent", "measure": "multiple"}, "unit", "'percent' does not fit multiple"),
    (
        {"unit": "persons", "measure": "share_of_total"},
        "unit",
        "does not fit share_of_total of border_crossings: percent",
    ),
    ({"value": "10.5", "printed_decimals": "1"}, "unit", "persons are counted, and 10.5 is no whole number"),
    ({"value": "1,000"}, "value", "'1,000' is not a number with a point and no blanks or commas"),
    ({"value": "1 000"}, "value", "'1 000' is not a number"),
    ({"value": "1\u00a0000"}, "value", "is not a number"),
    ({"value": "١٠٠٠"}, "value", "is not a number"),
    ({"value": "1e3"}, "value", "is not a number"),
    ({"value": ""}, "value", "is not a number"),
    ({"value": " 1000"}, "value", "blanks around '1000'"),
    ({"value": "1" * 16}, "value", "is not a number"),
    ({"printed_decimals": ""}, "printed_decimals", "is empty beside a figure"),
    ({"printed_decimals": "two"}, "printed_decimals", "'two' is not a whole number"),
    ({"printed_decimals": "-3", "value": "1500"}, "printed_decimals", "1500 has more than -3 decimals"),
    ({"period": "3rd quarter"}, "period", "'3rd quarter' is not 2023, 2023Q3"),
    ({"period": "2023-13"}, "period", "is not 2023"),
    ({"period": "2023-02-30"}, "period", "is not 2023"),
    ({"period": "0000-01"}, "period", "is not 2023"),
    ({"period": "2023-09..2023-01"}, "period", "is not 2023"),
    ({"period": "2023Q5"}, "period", "is not 2023"),
    ({"kind": "guess"}, "kind", "'guess' is none of source, derived, context, qualitative"),
    ({"claim_id": "1"}, "claim_id", "'1' is not a letter"),
    *(({"derivation": text}, "derivation", "is no arithmetic") for text in NO_ARITHMETIC),
]


@pytest.mark.parametrize(("row", "column", "message"), BAD_ROWS)
def test_a_bad_cell_is_named_by_row_and_column(
    tmp_path: Path, row: dict[str, str], column: str, message: str
) -> None:
    problems = problems_of(claims_file(tmp_path, row))
    assert any(each.startswith(f"row 2, {column}: ") and message in each for each in problems), problems


def test_all_errors_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = claims_file(
        tmp_path,
        {"indicator": "tourists", "value": "1,000", "kind": "guess"},
        {"claim_id": "C2", "derivation": "C9", "unit": "rows", "measure": "share_of_group"},
        {"value": "12.34", "unit": "mln USD", "printed_decimals": "1"},
    )
    expected = (
        "row 2, kind", "row 2, indicator", "row 3, unit", "row 3, derivation", "row 4, printed_decimals",
        "row 4, claim_id: C1 is already the claim of row 2",
    )  # fmt: skip
    problems = problems_of(path)
    for each in expected:
        assert any(problem.startswith(each) for problem in problems), (each, problems)


def test_a_circle_of_several_claims_is_told_in_its_order(tmp_path: Path) -> None:
    path = claims_file(
        tmp_path,
        {"derivation": "C2"},
        {"claim_id": "C2", "derivation": "C3+1"},
        {"claim_id": "C3", "derivation": "C1*2"},
    )
    (problem,) = problems_of(path)
    assert re.match(r"row \d, derivation: a circle: C", problem)
    assert [problem.count(name) for name in ("C1", "C2", "C3")].count(1) == 2


def test_an_operand_without_a_figure_is_missing(tmp_path: Path) -> None:
    path = claims_file(
        tmp_path,
        {"derivation": "C2*2"},
        {"claim_id": "C2", "kind": "qualitative", "value": "", "unit": "", "stated_as": "positive"},
    )
    assert problems_of(path) == ["row 2, derivation: C2 (row 3) has no figure"]


def test_duplicate_ids_name_both_rows(tmp_path: Path) -> None:
    assert problems_of(claims_file(tmp_path, {}, {})) == ["row 3, claim_id: C1 is already the claim of row 2"]


def test_a_row_with_more_or_fewer_fields_is_named(tmp_path: Path) -> None:
    path = claims_file(tmp_path, {})
    path.write_text(path.read_text("utf-8") + "C2,2\n" + "," * 20 + "x\n", "utf-8")
    problems = problems_of(path)
    assert "row 3, claim_id: the row has more or fewer fields than the header" in problems
    assert "row 4, claim_id: the row has more or fewer fields than the header" in problems


HEADER = ",".join(COLUMNS)
BAD_FILES = [
    (b"", "row 1: the file is empty"),
    (b"\n\n", "row 1"),
    (HEADER.encode(), "row 2: no claim below the header"),
    (b"C1,2,border_crossings\n", "row 1: claim_id: a column is missing"),
    (HEADER.replace("unit", "units").encode() + b"\n", "row 1: units: an unknown column"),
    (f"{HEADER},unit\n".encode(), "row 1: unit: the column is there twice"),
    (HEADER.encode("utf-16"), "cannot be read as UTF-8"),
    (HEADER.encode() + b"\n\xcf\xf0\xe8\n", "cannot be read as UTF-8"),
]


@pytest.mark.parametrize(("content", "message"), BAD_FILES)
def test_a_file_that_is_no_claims_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(content)
    assert any(message in problem for problem in problems_of(path))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path)


def test_the_example_of_the_page_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "claims.md").read_text("utf-8")
    (example,) = re.findall(r"```csv\n(.*?)```", page, re.S)
    path = tmp_path / "report.csv"
    path.write_text(example, "utf-8")
    report = read_claims(path, INDICATORS)
    assert list(report.claims) == ["C1", "C2", "C3", "C4", "C5"]
    assert {check.verdict for check in judge(report, None)} <= {"match", "not_checkable"}
    assert str(report.published_on) == "2023-12-31"
    assert all(f"| {column} |" in page for column in COLUMNS)
