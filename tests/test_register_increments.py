"""Tables of the register that only gain what is new: the same as if all of it were made at once."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pytest

from ingest.catalogue import DATASETS
from orchestration import dbt, due, steps
from orchestration.settings import Settings
from tests.register_files import NAME, Post, rows_of, text

TABLES = (
    "intermediate.crossing_register_count",
    "marts.fct_crossing_register",
    "indicators.quarterly_crossing_register",
)
LABELS = [
    f"{place},{way},{country},{why},road,31"
    for place in ("Korday", "Кордай")
    for way in ("arrival", "departure")
    for country in ("KGZ", "RUS")
    for why in ("private", "work", "")
]


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path / "data")


def month(name: str, seed: int, late_of: str = "") -> bytes:
    """Rows of a month with labels drawn by chance, some late ones of another month among them."""
    chance = random.Random(seed)
    months = [name] * 40 + ([late_of] * 5 if late_of else [])
    return text(
        [row for each in months for row in rows_of(each, chance.randrange(1, 4), chance.choice(LABELS))]
    )


def tables(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """What the register's tables hold after a build."""
    results = dbt.build(settings.home, settings.build, "+quarterly_crossing_register")
    assert not [result.name for result in results if not result.is_good]
    with settings.reading() as con:
        return {table: con.execute(f"from {table} order by all").fetchall() for table in TABLES}


def forget_what_was_built(settings: Settings) -> None:
    with settings.build_connection() as con:
        for table in (*TABLES, "staging.stg_border_service__crossing_register"):
            con.execute(f"drop table {table}")


def test_months_added_corrected_and_withdrawn_are_as_if_made_at_once(post: Post) -> None:
    settings = post.settings

    def same_as_made_at_once() -> dict[str, list[tuple[object, ...]]]:
        added = tables(settings)
        forget_what_was_built(settings)
        assert tables(settings) == added
        return added

    post.take("crossings 2023-06.csv", month("2023-06", 1))
    post.take("crossings 2023-07.csv", month("2023-07", 2, late_of="2023-06"))
    first = same_as_made_at_once()
    # Rows of August without a file of its own, and a July that another file replaces.
    post.take("crossings 2023-09.csv", month("2023-09", 3, late_of="2023-08"))
    post.take("corrected 2023-07.csv", month("2023-07", 4, late_of="2023-06"))
    corrected = same_as_made_at_once()
    assert corrected != first
    post.take("crossings 2023-08.csv", month("2023-08", 5, late_of="2023-07"))
    assert len(same_as_made_at_once()[TABLES[1]]) > len(corrected[TABLES[1]])
    # A month goes whole, and with it late rows of another; July is again what it was.
    for name in ("crossings 2023-09.csv", "corrected 2023-07.csv", "crossings 2023-08.csv"):
        due.withdraw(settings, DATASETS[NAME], name, "a test")
    steps.land_answers(settings)
    assert tables(settings)[TABLES[1]] == first[TABLES[1]]
    assert same_as_made_at_once()[TABLES[2]] == first[TABLES[2]]


def test_other_models_or_seeds_make_all_of_it_anew(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.take("crossings 2023-07.csv", month("2023-07", 1))
    good = tables(post.settings)
    with duckdb.connect(str(post.settings.build)) as con:
        con.execute("update marts.fct_crossing_register set crossings = 0")
    assert tables(post.settings)[TABLES[1]] != good[TABLES[1]], "what other builds made is kept"
    monkeypatch.setattr(dbt, "project_sha256", lambda: "of another alias seed")
    monkeypatch.setattr(dbt, "prepare", lambda: None)
    assert tables(post.settings) == good


def test_what_was_made_half_anew_is_made_anew_once_more(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.take("crossings 2023-07.csv", month("2023-07", 1))
    good = tables(post.settings)
    with post.settings.build_connection() as con:
        con.execute(f"alter table raw.{NAME} rename to kept")
    today = dbt.project_sha256()
    monkeypatch.setattr(dbt, "prepare", lambda: None)
    monkeypatch.setattr(dbt, "project_sha256", lambda: "of another alias seed")
    dbt.build(post.home, post.settings.build, "+quarterly_crossing_register")
    monkeypatch.setattr(dbt, "project_sha256", lambda: today)
    with post.settings.build_connection() as con:
        assert con.execute("from ops.increments").fetchall() == []
        con.execute(f"alter table raw.kept rename to {NAME}")
        con.execute("update marts.fct_crossing_register set crossings = 0")
    assert tables(post.settings) == good


def test_a_file_that_is_counted_twice_is_seen(post: Post) -> None:
    post.take("crossings 2023-07.csv", month("2023-07", 1))
    tables(post.settings)
    with post.settings.build_connection() as con:
        con.execute(
            "insert into staging.stg_border_service__crossing_register"
            " from staging.stg_border_service__crossing_register"
        )
    results = dbt.build(post.home, post.settings.build, "+quarterly_crossing_register")
    assert [result.name for result in results if result.status == "fail"] == [
        "stg_border_service__crossing_register_counts_each_row"
    ]
    tables(post.settings)  # made anew, and good
