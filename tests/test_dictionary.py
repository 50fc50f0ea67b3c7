"""`marts.dictionary`: every table and column of a release, with the comments that the database holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT, release
from tools.write_dictionary import dictionary


def test_the_committed_page_is_that_of_a_refresh(refreshed: Path) -> None:
    page = (ROOT / "docs" / "dictionary.md").read_text("utf-8")
    assert dictionary(refreshed / "current" / "warehouse.duckdb") == page, "run `make dictionary`"


def test_every_column_of_the_release_is_in_it_with_type_place_and_comment(refreshed: Path) -> None:
    with release(refreshed) as con:
        held = con.execute(
            "select schema_name, table_name, column_name, column_index,"
            " lower(replace(data_type, ' ', '')), comment from duckdb_columns() where not internal order by all"
        ).fetchall()
        explained = con.execute(
            "select schema_name, table_name, column_name, column_position, data_type,"
            " case when unit <> 'none' then concat(definition, ' Unit: ', unit, '.') else definition end"
            " from marts.dictionary where kind = 'column' order by all"
        ).fetchall()
    assert explained == held


def test_every_table_of_the_release_is_in_it_with_its_comment(refreshed: Path) -> None:
    with release(refreshed) as con:
        held = con.execute(
            "select schema_name, table_name, comment from duckdb_tables() order by all"
        ).fetchall()
        explained = con.execute(
            "select schema_name, table_name, definition from marts.dictionary where kind = 'table' order by all"
        ).fetchall()
    assert explained == held


@pytest.mark.parametrize(
    ("column", "comment"),
    [
        ("quarterly_remittances.amount_mln_kzt", "Unit: mln KZT."),
        ("quarterly_headline.kzt_per_usd", "Unit: KZT per USD."),
        ("quarterly_indicator.value", "Unit: as in column unit."),
    ],
)
def test_the_comment_on_a_figure_says_its_unit(refreshed: Path, column: str, comment: str) -> None:
    with release(refreshed) as con:
        row = con.execute(
            "select comment from duckdb_columns() where schema_name = 'indicators'"
            " and concat(table_name, '.', column_name) = ?",
            [column],
        ).fetchone()
    assert row is not None
    assert row[0].endswith(comment)


def test_indicators_agencies_and_datasets_are_in_it_as_their_tables_have_them(refreshed: Path) -> None:
    pairs = (
        ("indicator", "marts.dim_indicator", "indicator, unit, name_ru, name_kk, definition, caveat, agency"),
        ("agency", "marts.dim_agency", "agency, null, name_ru, name_kk, 'Publishes: ' || publishes || '.', null, agency"),
        ("dataset", "marts.dim_dataset", "dataset, null, licence, source_page, null, null, agency"),
    )  # fmt: skip
    with release(refreshed) as con:
        for kind, table, columns in pairs:
            own = "licence, web_page, null" if kind == "dataset" else "label_ru, label_kk, definition"
            told = con.execute(
                f"select name, unit, {own}, caveat, agency from marts.dictionary where kind = '{kind}' order by all"
            ).fetchall()
            assert told == con.execute(f"select {columns} from {table} order by all").fetchall()
            assert told


def test_the_licences_of_an_agency_are_those_of_its_datasets(refreshed: Path) -> None:
    with release(refreshed) as con:
        told = con.execute(
            "select distinct name, unnest(string_split(licence, '; ')) from marts.dictionary where kind = 'agency'"
        ).fetchall()
        of_datasets = con.execute(
            "select distinct agency, unnest(string_split(licence, '; ')) from marts.dim_dataset"
        ).fetchall()
    assert sorted(told) == sorted(of_datasets)


def test_every_unit_that_the_indicators_use_is_explained(refreshed: Path) -> None:
    with release(refreshed) as con:
        used = con.execute(
            "select unit from indicators.quarterly_indicator union select figure_unit"
            " from indicators.quarterly_indicator union select unit from marts.dim_indicator"
        ).fetchall()
        explained = con.execute("select name from marts.dictionary where kind = 'unit'").fetchall()
    assert set(used) <= set(explained)


def test_a_column_named_for_its_unit_has_it(refreshed: Path) -> None:
    named = {"mln_kzt": "mln KZT", "mln_usd": "mln USD", "kzt_per_usd": "KZT per USD", "rank": "none"}
    with release(refreshed) as con:
        rows = con.execute(
            "select column_name, unit from marts.dictionary where unit is not null and kind = 'column'"
            " and column_name not like '%percent%'"
        ).fetchall()
    for ending, unit in named.items():
        found = {row for row in rows if ending in row[0]}
        assert found
        assert {row[1] for row in found} - {"mln USD" if ending == "kzt_per_usd" else unit} <= {unit}, ending
