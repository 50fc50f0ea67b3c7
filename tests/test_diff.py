"""What differs between two releases, with the file behind it; thresholds and release notes."""

from __future__ import annotations

import csv
import json
import tempfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration import dbt
from publish.cause import Side
from publish.diff import TableDiff, differences, side_of
from publish.release import Releases
from publish.release_notes import release_notes
from publish.tables import DATABASE, TableName
from publish.thresholds import KEY, threshold_breaches
from tests.border_workbook import ROWS, Shape
from tests.conftest import release, run_mtm
from tests.two_releases import ARRIVALS, BORDER, publish

COUNTRIES = TableName("marts", "dim_country")
FIGURES = TableName("indicators", "quarterly_indicator")


def by_table(found: list[TableDiff]) -> dict[str, TableDiff]:
    return {str(each.table): each for each in found}


def counts(found: TableDiff) -> tuple[int, int, int]:
    return found.added, found.removed, found.changed


def test_rows_are_added_removed_and_changed(home: Path) -> None:
    before, after = publish(
        home,
        "update marts.dim_country set name_en = 'Usbekistan', memberships = null where country_code = 'UZ'",
        "insert into marts.dim_country (country_code, iso3, name_en, name_ru, name_kk, is_cis, is_eaeu,"
        " is_central_asia) values ('XX', 'XXX', 'X', 'X', 'X', false, false, false)",
        "delete from marts.dim_country where country_code = 'KG'",
    )
    (found,) = differences(before, after)
    assert found.table == COUNTRIES
    assert counts(found) == (1, 1, 1)
    changed, added, removed = found.changes
    assert (changed.kind, changed.key) == ("changed", {"country_code": "UZ"})
    assert [(value.column, value.old, value.new) for value in changed.values] == [
        ("name_en", "Uzbekistan", "Usbekistan"),
        ("memberships", "CENTRAL_ASIA; CIS from 1991-12-21", None),
    ]
    assert (added.kind, added.key) == ("added", {"country_code": "XX"})
    assert (removed.kind, removed.key) == ("removed", {"country_code": "KG"})
    assert changed.cause.reason == "no source file changed"
    assert changed.cause.files == ()
    assert counts(differences(after, before)[0]) == (1, 1, 1)
    (few,) = differences(before, after, limit=2)
    assert counts(few) == (1, 1, 1)
    assert few.changes == found.changes[:2]
    assert few.not_shown == 1


def test_tables_and_columns_of_one_side_are_said(home: Path) -> None:
    before, after = publish(
        home,
        "alter table marts.dim_group add column founded integer",
        "update marts.dim_group set founded = 1991 where group_code = 'CIS'",
        without="marts.dim_agency",
    )
    found = by_table(differences(before, after))
    assert set(found) == {"marts.dim_agency", "marts.dim_group"}
    assert found["marts.dim_group"].said == ("new column founded",)
    assert counts(found["marts.dim_group"]) == (0, 0, 0)
    gone = found["marts.dim_agency"]
    assert gone.said == ("the table is no more",)
    with release(home) as con:
        assert con.execute("from duckdb_tables() where table_name = 'dim_agency'").fetchall() == []
    assert gone.removed == next(t["rows"] for t in before.manifest["tables"] if t["table"] == "dim_agency")
    back = by_table(differences(after, before))
    assert back["marts.dim_agency"].said == ("a new table",)
    assert back["marts.dim_group"].said == ("column founded is no more",)


def test_a_table_without_a_key_is_compared_by_whole_rows(home: Path) -> None:
    value = f"update indicators.quarterly_indicator set value = value + 1 where {ARRIVALS}"
    before, after = publish(home, value)
    (known,) = differences(before, after)
    assert counts(known) == (0, 0, 1)
    for side in (before, after):
        for table in side.manifest["tables"]:
            table.pop("grain", None)
    (unknown,) = differences(before, after)
    assert counts(unknown) == (1, 1, 0)
    assert "no key is known" in unknown.said[0]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, "no source file changed"),
        ({"project_sha256": "other"}, "models or seeds changed"),
        ({"audit_sha256": "other"}, "claims or rules of the audit changed"),
    ],
)
def test_where_no_file_is_behind_it_the_cause_says_so(
    home: Path, changed: dict[str, str], reason: str
) -> None:
    update = f"update indicators.quarterly_indicator set value = value + 1 where {ARRIVALS}"
    (found,) = differences(*publish(home, update, changed=changed))
    (change,) = found.changes
    assert change.cause.reason == reason
    assert change.cause.files == ()


def test_a_file_that_is_no_longer_read_is_named(home: Path) -> None:
    releases = Releases(home)
    current = releases.current()
    assert current is not None
    inputs = releases.manifest(current)["inputs"]
    dataset = next(each for each in inputs["datasets"] if each["dataset"] == BORDER)
    (file,) = dataset["files"]
    dataset["files"] = [file | {"sha256": "f" * 64, "resource": "other.xlsx"}]
    before, after = publish(
        home,
        f"delete from marts.fct_border_crossings where dataset = '{BORDER}' and geography_code = 'UZ'",
        changed=inputs,
    )
    (found,) = differences(before, after)
    assert found.removed == 2
    for change in found.changes:
        assert change.cause.reason == "file no longer read"
        assert [(each.sha256, each.resource) for each in change.cause.files] == [
            (file["sha256"], file["resource"])
        ]


def test_every_published_table_has_a_key(refreshed: Path) -> None:
    with release(refreshed) as con:
        tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        keyed = con.execute(
            "select schema_name, table_name from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
        ).fetchall()
    keys = dbt.declared_keys()
    assert {TableName(*each) for each in tables} == {TableName(*each) for each in keyed} | set(keys)
    assert [str(name) for name, key in keys.items() if not key] == []
    assert {*KEY, "measure", "denominator"} == set(keys[FIGURES])


def test_the_command_compares_previous_and_current(home: Path) -> None:
    before, after = publish(
        home, f"update indicators.quarterly_indicator set value = value + 1 where {ARRIVALS}"
    )
    ids = [side.manifest["release"] for side in (before, after)]
    shown = run_mtm(home, "diff")
    assert shown.returncode == 0, shown.stderr
    assert f"{ids[0]} and {ids[1]}" in shown.stdout
    for word in ("indicators.quarterly_indicator", "4482427", "4482428", "no source file changed"):
        assert word in shown.stdout
    assert run_mtm(home, "diff", *ids).stdout == shown.stdout
    assert run_mtm(home, "diff", str(home / "releases" / ids[0])).stdout == shown.stdout
    rows = list(csv.DictReader(StringIO(run_mtm(home, "diff", "--format", "csv").stdout)))
    assert [
        (row["table"], row["change"], row["column"], row["old_value"], row["new_value"]) for row in rows
    ] == [("indicators.quarterly_indicator", "changed", "value", "4482427", "4482428")]
    markdown = run_mtm(home, "diff", "--format", "md").stdout
    assert "## indicators.quarterly_indicator" in markdown
    none_shown = run_mtm(home, "diff", "--limit", "0")
    assert "mtm diff previous current --table indicators.quarterly_indicator --limit 1`" in none_shown.stderr


def test_equal_releases_and_wrong_use_are_told(home: Path) -> None:
    equal = run_mtm(home, "diff", "current", "current")
    assert (equal.returncode, equal.stderr) == (0, "")
    assert "equal: all tables" in equal.stdout
    alone = run_mtm(home, "diff")
    assert alone.returncode == 1
    assert "mtm releases" in alone.stderr
    unknown = run_mtm(home, "diff", "1999", "current")
    assert unknown.returncode == 1
    assert "mtm releases" in unknown.stderr
    no_table = run_mtm(home, "diff", "current", "current", "--table", "marts.dim_moon")
    assert no_table.returncode == 2
    assert "marts.dim_country" in no_table.stderr
    assert run_mtm(home, "diff", "current", "current", "--format", "xml").returncode == 2


def test_a_letter_that_differs_is_held_and_the_cause_of_what_changed(home: Path, tmp_path: Path) -> None:
    letter = tmp_path / "corrected letter.xlsx"
    letter.write_bytes(Shape(rows=(("", "Всего", 4982427, 4533933, 12), *ROWS[1:])).xlsx())
    options = ("--dataset", BORDER, "--published-on", "2023-12-01", "--via", "agency file")
    assert run_mtm(home, "inbox", "add", str(letter), *options).returncode == 0
    refreshed = run_mtm(home, "refresh")
    assert refreshed.returncode == 1
    for said in (refreshed.stdout, run_mtm(home, "publish").stdout):
        assert "4,482,427 persons before, 4,982,427 now, +11.2 per cent" in said
        assert "mtm publish --accept" in said
    releases = Releases(home)
    held, before_it = releases.held(), releases.current()
    assert held is not None
    assert [before_it] == releases.ids()
    assert f"{held.name.removeprefix('.held-')} is held" in run_mtm(home, "releases").stdout
    assert "4982427" in run_mtm(home, "diff", "current", "held", "--format", "csv").stdout
    assert run_mtm(home, "publish", "--accept", " ").returncode == 2
    accepted = run_mtm(home, "publish", "--accept", "the agency corrected its letter")
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert "the agency corrected its letter" in (home / "log" / "decisions.jsonl").read_text("utf-8")
    assert "the agency corrected its letter" in run_mtm(home, "releases").stdout
    assert "Accepted by" in (home / "current" / "RELEASE_NOTES.md").read_text("utf-8")
    ids = Releases(home).ids()
    assert ids[1] == held.name.removeprefix(".held-")
    before, after = (side_of(home / "releases" / each) for each in ids)
    found = by_table(differences(before, after))
    wanted = {
        "quarter": "2023Q3", "measure": "value", "direction": "arrival", "geography_kind": "total",
        "indicator": "border_crossings", "dataset": BORDER,
    }  # fmt: skip
    (figure,) = [each for each in found[str(FIGURES)].changes if wanted.items() <= dict(each.key).items()]
    assert ("value", "4482427", "4982427") in [(each.column, each.old, each.new) for each in figure.values]
    assert figure.cause.reason == "new file"
    assert [(each.resource, each.dataset) for each in figure.cause.files] == [(letter.name, BORDER)]
    headline = {each.key["quarter"]: each for each in found["indicators.quarterly_headline"].changes}
    assert headline["2023Q4"].cause.reason == "new file of a quarter compared with"
    cell = next(
        each
        for each in found["marts.fct_border_crossings"].changes
        if each.key["geography_code"] == "TOTAL" and each.key["direction"] == "arrival"
    )
    assert cell.source_cell == "Лист1!C7"
    assert {each.cause.files for table in found.values() for each in table.changes} == {figure.cause.files}
    shown = run_mtm(home, "diff", "--table", "marts.fct_border_crossings", "--limit", "100")
    assert "4982427" in shown.stdout
    assert letter.name in shown.stdout
    notes = release_notes(after, before)
    assert f"- {BORDER}: {letter.name} ({figure.cause.files[0].sha256[:12]})" in notes
    assert "4,482,427 persons before, 4,982,427 now, +11.2 per cent, above the threshold" in notes
    assert [each.of for each in threshold_breaches(before, after)] == ["arrival, total"]


Row = tuple[int | None, str | None, int | None, str | None]
ROW = st.tuples(
    st.none() | st.integers(0, 3),
    st.none() | st.sampled_from(["", "a", "ä'"]),
    st.none() | st.integers(0, 2),
    st.none() | st.sampled_from(["x", "y"]),
)
# Names that a query of the comparison might use itself.
COLUMNS = 'kind integer, number varchar, is_there integer, "it\'s" varchar'
TABLE = st.lists(ROW, max_size=12, unique_by=lambda row: row[:2])


@given(TABLE, TABLE)
@settings(max_examples=25, deadline=timedelta(seconds=20))
def test_the_counts_are_those_of_plain_dictionaries(old: list[Row], new: list[Row]) -> None:
    before, after = ({row[:2]: row[2:] for row in rows} for rows in (old, new))
    with tempfile.TemporaryDirectory() as folder:
        found = differences(*(_side(Path(folder) / name, rows) for name, rows in (("a", old), ("b", new))))
    expected = (
        len(after.keys() - before.keys()),
        len(before.keys() - after.keys()),
        sum(before[key] != after[key] for key in before.keys() & after.keys()),
    )
    assert [counts(each) for each in found] == ([expected] if any(expected) else [])
    for change in found[0].changes if found else ():
        key = (None if change.key["kind"] is None else int(change.key["kind"]), change.key["number"])
        if change.kind == "changed":
            pairs = zip(("is_there", "it's"), before[key], after[key], strict=True)
            wanted = [(name, *_as_text(old, new)) for name, old, new in pairs if old != new]
            assert [(each.column, each.old, each.new) for each in change.values] == wanted
        else:
            assert (key in after, key in before) == (change.kind == "added", change.kind == "removed")


def _as_text(*values: object) -> list[str | None]:
    return [None if value is None else str(value) for value in values]


def _side(folder: Path, rows: list[Row]) -> Side:
    folder.mkdir()
    with duckdb.connect(str(folder / DATABASE)) as con:
        con.execute(f"create schema marts; create table marts.t ({COLUMNS})")
        if rows:
            con.executemany("insert into marts.t values (?, ?, ?, ?)", rows)
    content = json.dumps(sorted(rows, key=repr))
    table = {
        "schema": "marts",
        "table": "t",
        "rows": len(rows),
        "sha256": content,
        "grain": ["kind", "number"],
    }
    return Side(folder / DATABASE, {"tables": [table], "inputs": {"datasets": [], "project_sha256": ""}})
