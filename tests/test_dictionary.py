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
            " lower(replace(data_type, ' ', '')), comment"
            " from duckdb_columns() where table_oid in (select table_oid from duckdb_tables()) order by all"
        ).fetchall()
        explained = con.execute(
            "select schema_name, table_name, column_name, column_position, data_type,"
            " case when unit <> 'none' then concat(definition, ' Unit: ', unit, '.') else definition end"
            " from marts.dictionary where kind = 'column' order by all"
        ).fetchall()
    assert explained == held


def test_every_table_of_the_release_is_in_it_with_its_comment(refreshed: Path) -> None:
    with release(refreshed) as con:
        held = con.execute("select schema_name, table_name, comment from duckdb_tables()").fetchall()
        explained = con.execute(
            "select schema_name, table_name, definition from marts.dictionary where kind = 'table'"
        ).fetchall()
    assert sorted(explained) == sorted(held)


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


@pytest.mark.parametrize(
    ("kind", "told", "of_their_table"),
    [
        (
            "indicator",
            "name, unit, label_en, label_ru, label_kk, definition, caveat, agency",
            "select indicator, unit, name_en, name_ru, name_kk, definition, caveat, agency"
            " from marts.dim_indicator",
        ),
        (
            "agency",
            "name, label_en, label_ru, label_kk, web_page",
            "select agency, name_en, name_ru, name_kk, site from marts.dim_agency",
        ),
        (
            "dataset",
            "name, label_en, agency, licence, web_page",
            "select dataset, title, agency, licence, source_page from marts.dim_dataset",
        ),
    ],
)  # fmt: skip
def test_what_a_table_says_of_a_thing_it_says_too(
    refreshed: Path, kind: str, told: str, of_their_table: str
) -> None:
    with release(refreshed) as con:
        known = con.execute(f"{of_their_table} order by all").fetchall()
        query = f"select {told} from marts.dictionary where kind = ? order by all"
        assert con.execute(query, [kind]).fetchall() == known
    assert known


def test_the_licences_of_an_agency_are_those_of_its_datasets(refreshed: Path) -> None:
    query = (
        "select distinct agency, unnest(string_split(licence, ' / ')) from marts.dictionary where kind = ?"
    )
    with release(refreshed) as con:
        of_agencies, of_datasets = (
            set(con.execute(query, [kind]).fetchall()) for kind in ("agency", "dataset")
        )
    assert of_agencies == of_datasets


def test_every_unit_that_the_indicators_use_is_explained(refreshed: Path) -> None:
    with release(refreshed) as con:
        used = con.execute(
            "select unit from indicators.quarterly_indicator union select figure_unit"
            " from indicators.quarterly_indicator union select unit from marts.dim_indicator"
        ).fetchall()
        explained = con.execute("select name from marts.dictionary where kind = 'unit'").fetchall()
    assert set(used) <= set(explained)


@pytest.mark.parametrize(
    ("word", "unit"),
    [
        ("mln_kzt", "mln KZT"),
        ("mln_usd", "mln USD"),
        ("kzt_per_usd", "KZT per USD"),
        ("rank", "none"),
        ("percent_change", "percent"),
        ("share_of", "percent"),
    ],
)
def test_a_column_that_is_named_for_its_unit_has_it(refreshed: Path, word: str, unit: str) -> None:
    with release(refreshed) as con:
        rows = con.execute(
            "select distinct unit from marts.dictionary where kind = 'column' and unit is not null"
            " and column_name like concat('%', $word, '%')"
            " and (column_name not like '%percent%' or $word like '%percent%')",
            {"word": word},
        ).fetchall()
    assert rows == [(unit,)]
