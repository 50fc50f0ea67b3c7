"""Lines of a register's file by their numbers, and the numbers that quarantine tells, of many lines."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.land import Landing
from ingest.register import rejects
from ingest.register.lines import CHUNK, first_lines, lines_at
from orchestration import steps
from tests.register_files import HEADER, NAME, ROW, Post, rows_of, text

PACKED = {"csv": bytes, "csv.gz": gzip.compress, "csv.zst": zstandard.compress}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=9)),
    end=st.sampled_from(["\n", "\r\n"]),
    is_ended=st.booleans(),
    extension=st.sampled_from(list(PACKED)),
    data=st.data(),
)
def test_any_lines_of_any_file(
    tmp_path: Path, rows: list[str], end: str, is_ended: bool, extension: str, data: st.DataObject
) -> None:
    numbers = data.draw(st.lists(st.integers(1, len(rows) + 3)).map(sorted))
    if not is_ended and rows and not rows[-1]:
        rows[-1] = "x"
    file = tmp_path / f"file.{extension}"
    file.write_bytes(PACKED[extension]((end.join(rows) + (end if is_ended and rows else "")).encode()))
    found = lines_at(file, extension, numbers)
    assert found.texts == [rows[number - 1] for number in numbers if number <= len(rows)]
    assert found.total == len(rows)


@pytest.mark.parametrize("extension", PACKED)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_first_lines_end_where_lines_of_a_table_end(tmp_path: Path, extension: str, end: str) -> None:
    rows = ["header", "next line\x85of the same\u2028row", "", "\x0c", *map(str, range(3 * CHUNK // 7))]
    file = tmp_path / "file"
    file.write_bytes(PACKED[extension](end.join(rows).encode()))
    assert first_lines(file, extension, 1000) == rows[:1000]
    assert len(first_lines(file, extension, len(rows) + 1)) == len(rows)


@pytest.mark.parametrize("extension", PACKED)
@pytest.mark.parametrize("first", [b"", b"\n", b"\r\n"])
def test_lines_across_the_chunks_of_a_file(tmp_path: Path, extension: str, first: bytes) -> None:
    content = first + b"".join(b"%d\n" % number for number in range(3 * CHUNK // 7))
    lines = content.decode().split("\n")[:-1]
    file = tmp_path / "file"
    file.write_bytes(PACKED[extension](content))
    numbers = list(range(1, len(lines) + 1, 997))
    found = lines_at(file, extension, numbers)
    assert found.texts == [lines[number - 1].removesuffix("\r") for number in numbers]
    assert found.total == len(lines)


@pytest.mark.parametrize("extension", PACKED)
def test_broken_rows_of_a_large_file_are_numbered_in_one_reading(
    tmp_path: Path, extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {
        3: "x",
        4: ROW.replace("arrival", "in"),
        5: ROW.replace("Korday", ""),
        60_000: ROW.replace("2023-07-14", "2023-08-01"),
        60_001: f"{ROW},x",
        119_999: ROW.replace("KGZ", ""),
    }
    rows = rows_of("2023-07", 30_000) * 4
    for line, row in broken.items():
        rows[line - 2] = row

    def look_for(*_: object) -> None:
        raise AssertionError("the order of the rows gives their numbers")

    monkeypatch.setattr(rejects, "_look_for", look_for)
    landing = (post := Post(tmp_path / "data")).take(
        f"crossings_2023-07.{extension}", PACKED[extension](text(rows))
    )
    assert isinstance(landing, Landing)
    assert (landing.outcome, landing.rows) == ("landed", 120_000 - len(broken))
    found = post.rows("select source_cell, raw_text from raw.quarantine")
    assert sorted(found) == sorted((f"line {line}", row) for line, row in broken.items())


def test_rows_of_many_large_files_are_numbered_though_nobody_asks_for_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_for(*_: object) -> None:
        raise AssertionError("the order of the rows gives their numbers")

    monkeypatch.setattr(rejects, "_look_for", look_for)
    post = Post(tmp_path / "data")
    post.inbox.mkdir(parents=True)
    rows = rows_of("2023-07", 20_000) * 4
    rows[70_000] = ROW.replace("KGZ", "")
    for month in range(1, 7):
        plain = text(rows).replace(b"2023-07", b"2023-%02d" % month)
        (post.inbox / f"crossings_2023-{month:02}.csv.zst").write_bytes(PACKED["csv.zst"](plain))
    steps.fetch_datasets(post.settings, [NAME])
    landings = steps.land_answers(post.settings)
    assert [landing.rows for landing in landings] == [79_999] * 6
    assert set(post.rows("select source_cell from raw.quarantine")) == {("line 70002",)}


def test_an_empty_line_and_a_line_break_in_quotes_are_no_rows(tmp_path: Path) -> None:
    quoted = [",".join(f'"{value}"' for value in row.split(",")) for row in rows_of("2023-07", 100)]
    quoted[10] = quoted[10].replace("private", "pri\nvate")
    quoted[50] = quoted[50].replace("KGZ", "")
    landing = (post := Post(tmp_path / "data")).take("crossings_2023-07.csv", text(quoted, HEADER))
    assert isinstance(landing, Landing)
    assert (landing.outcome, landing.rows) == ("landed", 99)
    assert post.rows("select source_cell, rule from raw.quarantine") == [
        ("line 53", "citizenship: a value is required")
    ]
