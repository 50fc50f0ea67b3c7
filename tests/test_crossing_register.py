"""The register of crossings at the door and on its way into the raw table: real files, a real DuckDB."""

from __future__ import annotations

import gzip
import resource
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import fetch
from ingest.errors import SourceError
from ingest.land import Landing
from ingest.register import reading
from ingest.register.declaration import FORMATS
from ingest.register.packed import is_whole
from orchestration import steps
from tests.conftest import run_mtm
from tests.register_files import HEADER, NAME, ROW, Post, packed, rows_of, text

GOOD = rows_of("2023-07", 60)
LANDED = "select crossed_at, checkpoint, direction::varchar, citizenship, purpose from register order by all"
QUARANTINE = (
    "select source_cell, rule, raw_text from raw.quarantine order by length(source_cell), source_cell"
)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path / "data")


@pytest.mark.parametrize("extension", FORMATS)
def test_every_kind_of_file_lands_the_same_rows(post: Post, tmp_path: Path, extension: str) -> None:
    landing = post.take(f"crossings_2023-07.{extension}", packed(text([ROW, *GOOD]), extension, tmp_path))
    assert isinstance(landing, Landing)
    assert (landing.outcome, landing.rows) == ("landed", 61)
    assert str(post.rows(LANDED)[60]) == (
        "(datetime.datetime(2023, 7, 14, 13, 22, 11), 'Korday', 'arrival', 'KGZ', 'private')"
    )


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (
            "region,purpose,crossed_at,direction,transport,checkpoint,citizenship",
            "31,,{at},въезд,road,Кордай,Россия",
        ),
        (
            "Пункт пропуска;Дата и время;Направление;Гражданство;Цель поездки;Вид транспорта;Регион",
            "Кордай;{at};въезд;Россия;;road;31",
        ),
        ('"crossed_at","checkpoint","direction","citizenship","purpose","transport","region"',
         '"{at}","Кордай","въезд","Россия",,"road","31"'),
    ],
)  # fmt: skip
def test_columns_are_found_by_their_headers(post: Post, header: str, row: str) -> None:
    rows = [row.format(at=f"2023-07-02 10:{minute:02}:00") for minute in range(30)]
    assert isinstance(post.take("crossings_2023-07.csv", text(rows, header)), Landing)
    found = post.rows(
        "select distinct checkpoint, direction::varchar, citizenship, purpose, region from register "
    )
    assert found == [("Кордай", "въезд", "Россия", None, "31")]


@pytest.mark.parametrize(
    "column",
    [
        "surname",
        "full_name",
        "Фамилия",
        "Имя",
        "passport_no",
        "Номер документа",
        "ИИН",
        "date_of_birth",
        "тегі",
    ],
)
def test_a_personal_column_is_refused_and_no_byte_of_it_is_kept(
    post: Post, tmp_path: Path, column: str
) -> None:
    content = text([f"{row},x" for row in GOOD], f"{HEADER},{column}")
    said = post.take("crossings_2023-07.csv", content)
    assert "looks like a name, document or birth date: no personal data are taken" in str(said)
    assert post.archived() == []
    file = tmp_path / "crossings_2023-07.csv"
    file.write_bytes(content)
    done = run_mtm(tmp_path / "other", "inbox", "add", str(file), "--dataset", NAME)
    assert done.returncode == 1
    assert "no personal data are taken" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "other" / "inbox").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            text(GOOD, HEADER.replace("purpose", "vehicle")),
            "column 5, 'vehicle' is no column of this register",
        ),
        (text(["900101300123," + row for row in GOOD], "note," + HEADER), "column 1, 'note' is no column"),
        (text([row.replace("private", "900101300123") for row in GOOD]), "purpose, line 2: 12 digits"),
        (text(GOOD[:1], GOOD[0]), "column 1 is no column"),
        (
            text([row.rpartition(",")[0] for row in GOOD], HEADER.rpartition(",")[0]),
            "column region is missing",
        ),
        (text(GOOD, HEADER.replace("region", "purpose")), "two columns are purpose"),
        (
            text([row.replace("2023-07", "July") for row in GOOD]),
            "no time of a form such as 2023-07-31 23:59:59",
        ),
        (text([]), "no row below the header"),
        (b"", "no row below the header"),
        (b"PK\x03\x04" + bytes(range(256)), "cannot be read as csv, csv.gz, csv.zst, parquet: not UTF-8"),
    ],
)
def test_what_is_no_register_does_not_come_in(post: Post, content: bytes, said: str) -> None:
    refusal = post.take("crossings_2023-07.csv", content)
    assert isinstance(refusal, str)
    assert said in refusal
    assert "Next: " in refusal
    assert "900101300123" not in refusal
    assert post.archived() == []


@pytest.mark.parametrize(
    "name", ["crossings.csv", "crossings_2023-13.csv", "2023-07_2023-08.csv", "20230715.csv"]
)
def test_a_file_names_its_month(post: Post, name: str) -> None:
    assert "has its month, as in crossings_2023-07.csv.gz" in str(post.take(name, text(GOOD)))


def test_a_broken_row_goes_to_quarantine_with_its_line_and_the_rest_lands(post: Post) -> None:
    broken = {
        5: (
            "no time",
            "not a time,Korday,arrival,KGZ,private,road,31",
            "crossed_at: not a value of this column",
        ),
        9: ("direction", ROW.replace("arrival", "sideways"), "direction: not a value of this column"),
        14: ("column missing", ROW.rpartition(",")[0], "region: columns are missing"),
        20: ("column too many", f"{ROW},x", "more columns than the header has"),
        27: ("no checkpoint", ROW.replace("Korday", ""), "checkpoint: a value is required"),
        33: (
            "next month",
            ROW.replace("2023-07-14", "2023-08-01"),
            "crossed_at: after the month of the file",
        ),
        37: ("quote", ROW.replace("Korday", '"Korday'), "a quote in a file without quotes"),
        41: ("long ago", ROW.replace("2023-07", "2022-06"), "crossed_at: over 12 months before the file"),
    }
    rows = rows_of("2023-07", 300)
    for line, (_, row, _) in broken.items():
        rows.insert(line - 2, row)
    landing = post.take("crossings_2023-07.csv", text(rows))
    assert isinstance(landing, Landing), landing
    assert landing.rows == 300
    quarantined = post.rows(QUARANTINE)
    assert [(cell, raw) for cell, _, raw in quarantined] == [
        (f"line {line}", row) for line, (_, row, _) in sorted(broken.items())
    ]
    for (_, rule, _), (_, _, said) in zip(quarantined, broken.values(), strict=True):
        assert said in str(rule)


BROKEN_ROWS = st.sampled_from(
    [
        "",
        "x",
        "Korday",
        ROW.replace("arrival", "in"),
        ROW.replace("13:22:11", "24:00:00"),
        f"{ROW},,x",
        "2023-07-01",
    ]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.dictionaries(st.integers(0, 199), BROKEN_ROWS, min_size=1, max_size=9))
def test_no_row_is_lost_wherever_the_broken_ones_stand(
    tmp_path_factory: pytest.TempPathFactory, places: dict[int, str]
) -> None:
    post = Post(tmp_path_factory.mktemp("post"))
    rows = rows_of("2023-07", 200)
    for place, row in places.items():
        rows[place] = row
    landing = post.take("crossings_2023-07.csv", text(rows))
    assert isinstance(landing, Landing), landing
    expected = {place: row for place, row in places.items() if row}
    lines = {str(cell) for cell, _, _ in post.rows(QUARANTINE)}
    assert lines == {f"line {place + 2}" for place in expected}
    assert landing.rows == 200 - len(places)


def test_a_quote_that_is_not_closed_is_told_with_every_line_that_it_swallowed(post: Post) -> None:
    rows = [",".join(f'"{value}"' for value in row.split(",")) for row in rows_of("2023-07", 300)]
    rows[100] = rows[100].replace('"Korday"', '"Korday')
    landing = post.take("crossings_2023-07.csv", text(rows))
    assert isinstance(landing, Landing), landing
    quarantined = [raw for _, _, raw in post.rows(QUARANTINE)]
    assert rows[100] in quarantined
    assert landing.rows + len(quarantined) == 300
    assert set(quarantined) <= set(rows)


def test_one_row_in_twenty_may_be_broken_and_no_more(post: Post) -> None:
    rows = rows_of("2023-07", 95)
    assert isinstance(post.take("crossings_2023-07.csv", text(rows + ["x"] * 5)), Landing)
    refused = post.take("crossings_2023-06.csv", text(rows_of("2023-06", 94) + ["x"] * 6))
    assert isinstance(refused, Landing)
    assert refused.outcome == "refused"
    assert "6 of 100 rows break a rule, at most 5% may; the first:" in str(refused.error)
    assert "line 96" in str(refused.error)
    assert post.rows("select count(*) from register ") == [(95,)]
    assert post.rows("select count(*) from raw.quarantine") == [(11,)]
    many = post.take("crossings_2023-05.csv", text(rows_of("2023-05", 50) + ["x"] * 50))
    assert isinstance(many, Landing)
    status = run_mtm(post.home, "status")
    assert status.returncode == 1
    assert "quarantine, 20 of 61" in status.stdout


def test_a_file_of_another_month_is_refused(post: Post) -> None:
    assert isinstance(post.take("crossings_2023-07.csv", text(GOOD)), Landing)
    refused = post.take("crossings_2023-08.csv", text(GOOD))
    assert isinstance(refused, Landing)
    assert "60 of 60 rows lie before 2023-08: the file of another month?" in str(refused.error)
    assert post.rows("select count(*) from register ") == [(60,)]


def test_the_right_name_beside_a_wrong_one_lands(post: Post) -> None:
    post.inbox.mkdir(parents=True)
    for name in ("crossings_2023-07.csv", "a_crossings_2023-08.csv"):
        (post.inbox / name).write_bytes(text(GOOD))
    steps.fetch_datasets(post.settings, [NAME])
    outcomes = {each.resource: (each.outcome, each.rows) for each in steps.land_answers(post.settings)}
    assert outcomes == {"a_crossings_2023-08.csv": ("refused", 0), "crossings_2023-07.csv": ("landed", 60)}


def test_a_file_without_a_month_is_given_one(tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_bytes(text(GOOD))
    add = ("inbox", "add", str(file), "--dataset", NAME)
    assert "has its month" in run_mtm(tmp_path / "data", *add).stderr
    done = run_mtm(tmp_path / "data", *add, "--name", "register_2023-07.csv")
    assert done.returncode == 0, done.stderr
    assert "register_2023-07.csv: landed, 60 rows" in done.stdout


def test_a_month_file_twice_is_one(post: Post) -> None:
    assert isinstance(post.take("crossings_2023-07.csv", text(GOOD)), Landing)
    again = post.take("copy of crossings 2023-07.csv", text(GOOD))
    assert isinstance(again, Landing)
    assert (again.outcome, again.rows) == ("landed", 60)
    assert post.rows("select count(*) from register ") == [(60,)]


def test_what_a_killed_process_left_is_read_anew(post: Post) -> None:
    assert isinstance(post.take("crossings_2023-07.csv", text([*GOOD, "x"])), Landing)
    with post.settings.build_connection() as con:
        con.execute("delete from raw.register_file; delete from raw.landing")
    (landing,) = steps.land_answers(post.settings)
    assert (landing.outcome, landing.rows) == ("landed", 60)
    assert post.rows("select count(*) from register ") == [(60,)]
    assert post.rows("select count(*) from raw.quarantine") == [(1,)]


def test_a_file_that_landed_is_refused_under_the_name_of_an_earlier_month(post: Post) -> None:
    content = text(rows_of("2023-08", 60))
    assert isinstance(post.take("crossings_2023-08.csv", content), Landing)
    second = post.take("other_2023-07.csv", content)
    assert isinstance(second, Landing)
    assert second.outcome == "refused"
    assert "60 of 60 rows lie after 2023-07: the file of another month?" in str(second.error)
    assert post.rows("select count(*) from raw.register_file") == [(1,)]
    assert post.rows("select count(*) from register ") == [(60,)]


def test_a_file_that_is_gone_before_it_is_read_is_told(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> object:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(fetch, "admit", gone)
    assert "could not be read: No such file or directory" in str(post.take("a_2023-07.csv", text(GOOD)))


def test_a_disk_that_is_full_at_the_end_of_a_reading_is_told(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    take_out = reading.take_out

    def and_fill_the_disk(*arguments: Any) -> None:
        take_out(*arguments)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, most))

    monkeypatch.setattr(reading, "take_out", and_fill_the_disk)
    try:
        with pytest.raises(SourceError, match=r"could not take it.*Make room on the disk"):
            post.take("crossings_2023-07.csv", text(GOOD))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    monkeypatch.undo()
    assert [landing.rows for landing in steps.land_answers(post.settings)] == [60]


def test_a_file_under_two_names_is_of_the_month_that_came_first(post: Post) -> None:
    post.inbox.mkdir(parents=True)
    content = text([*rows_of("2023-07", 60), *rows_of("2023-08", 2)])
    for name in ("crossings_2023-07.csv", "crossings_2023-08.csv"):
        (post.inbox / name).write_bytes(content)
    steps.fetch_datasets(post.settings, [NAME])
    first, second = steps.land_answers(post.settings)
    assert (first.resource, first.outcome, first.rows) == ("crossings_2023-07.csv", "landed", 60)
    assert (second.outcome, post.rows("select count(*) from register ")) == ("refused", [(60,)])


OLDER = (
    "alter table raw.register_file drop column file_key;"
    f"alter table raw.{NAME} drop column file_key; alter table raw.{NAME} add column source_file varchar"
)


def test_a_home_of_an_older_version(post: Post) -> None:
    steps.land_answers(post.settings)
    with post.settings.build_connection() as con:
        con.execute(OLDER)
    landing = post.take("crossings_2023-07.csv", text(GOOD))
    assert isinstance(landing, Landing), "no register has landed: nobody has to do anything"
    assert landing.rows == 60
    with post.settings.build_connection() as con:
        con.execute(OLDER)
    with pytest.raises(SourceError, match=r"an older version.*`mtm rebuild`"):
        steps.land_answers(post.settings)


def test_files_that_are_read_together_keep_their_rows_apart(post: Post) -> None:
    post.inbox.mkdir(parents=True)
    for month in range(1, 12):
        rows = [*rows_of(f"2023-{month:02}", 40 + month), *["x"] * (month % 3)]
        (post.inbox / f"crossings_2023-{month:02}.csv").write_bytes(text(rows))
    other = text(rows_of("2023-12", 52, "Korday;arrival;KGZ;private;road;31"), HEADER.replace(",", ";"))
    (post.inbox / "crossings_2023-12.csv").write_bytes(other.replace(b":00,", b":00;"))
    steps.fetch_datasets(post.settings, [NAME])
    landings = {each.resource: each.rows for each in steps.land_answers(post.settings)}
    assert landings == {f"crossings_2023-{month:02}.csv": 40 + month for month in range(1, 13)}
    counted = post.rows("select month::text, row_count, reject_count from raw.register_file order by all")
    assert counted == [
        (f"2023-{month:02}-01", 40 + month, month % 3 if month < 12 else 0) for month in range(1, 13)
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), extension=st.sampled_from(["csv.gz", "csv.zst"]))
def test_a_file_that_was_cut_short_is_never_whole(
    tmp_path: Path, data: st.DataObject, extension: str
) -> None:
    content = packed(text(rows_of("2023-07", 2000)), extension, tmp_path)
    file = tmp_path / f"file.{extension}"
    file.write_bytes(content)
    assert is_whole(file, extension)
    file.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    assert not is_whole(file, extension)


@pytest.mark.parametrize("extension", ["csv.gz", "csv.zst"])
def test_a_file_that_was_cut_short_does_not_come_in(post: Post, tmp_path: Path, extension: str) -> None:
    content = packed(text(rows_of("2023-07", 2000)), extension, tmp_path)
    said = post.take(f"crossings_2023-07.{extension}", content[: len(content) // 2])
    assert "the compressed file is cut short or damaged" in str(said)
    assert post.archived() == []


def test_a_gzip_file_with_a_wrong_byte_does_not_come_in(post: Post) -> None:
    content = bytearray(gzip.compress(text(rows_of("2023-07", 2000))))
    content[-6] ^= 1
    assert "cut short or damaged" in str(post.take("crossings_2023-07.csv.gz", bytes(content)))


@pytest.mark.parametrize(
    ("stamp", "local"),
    [
        ("2024-02-29 23:59:59", "2024-02-29 23:59:59"),
        ("2024-02-29T23:59:59", "2024-02-29 23:59:59"),
        ("29.02.2024 23:59", "2024-02-29 23:59:00"),
        # Six hours before the first of March 2024, five since: the hour before midnight comes twice.
        ("2024-02-29 17:59:59+00:00", "2024-02-29 23:59:59"),
        ("2024-02-29 18:30:00+00:00", "2024-02-29 23:30:00"),
        ("2024-02-29 18:59:59+00:00", "2024-02-29 23:59:59"),
        ("2024-02-29 23:30:00+06:00", "2024-02-29 23:30:00"),
        ("2024-02-29 23:30:00+05:00", "2024-02-29 23:30:00"),
    ],
)
def test_a_time_is_local_time_of_almaty(post: Post, stamp: str, local: str) -> None:
    row = ROW.replace("2023-07-14 13:22:11", stamp)
    assert isinstance(post.take("crossings_2024-02.csv", text([row] * 30)), Landing)
    assert post.rows("select distinct crossed_at::varchar from register ") == [(local,)]


@pytest.mark.parametrize(
    ("stamp", "month", "is_in"),
    [
        ("2023-09-30 23:59:59", "2023-09", True),
        ("2023-10-01 00:00:00", "2023-09", False),
        ("2023-10-01 00:00:00", "2023-10", True),
        ("2024-02-29 18:59:59+00:00", "2024-02", True),
        ("2024-02-29 19:00:00+00:00", "2024-02", False),
        ("2024-02-29 19:00:00+00:00", "2024-03", True),
    ],
)
def test_the_last_second_of_a_month_belongs_to_it(post: Post, stamp: str, month: str, is_in: bool) -> None:
    offset = stamp[19:]
    good = [row.replace(":00,", f":00{offset},", 1) for row in rows_of(month, 40)]
    landing = post.take(f"crossings_{month}.csv", text([*good, ROW.replace("2023-07-14 13:22:11", stamp)]))
    assert isinstance(landing, Landing), landing
    assert landing.rows == 40 + is_in


def test_times_in_two_forms_are_not_guessed(post: Post) -> None:
    landing = post.take("crossings_2023-07.csv", text([*GOOD, ROW.replace("2023-07-14", "14.07.2023")]))
    assert isinstance(landing, Landing)
    assert landing.rows == 60
    assert [rule for _, rule, _ in post.rows(QUARANTINE)] == ["crossed_at: not a value of this column"]


def test_a_parquet_file_with_broken_values_names_their_rows(post: Post, tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(
            "copy (select case i when 7 then 'never' else '2023-07-05 10:00:00' end as crossed_at,"
            " 'Korday' as checkpoint, case i when 9 then 'up' else 'departure' end as direction,"
            " 'RUS' as citizenship, null::varchar as purpose, 'road' as transport, 31 as region"
            f" from range(100) t (i)) to '{tmp_path}/f' (format parquet)"
        )
    landing = post.take("crossings_2023-07.parquet", (tmp_path / "f").read_bytes())
    assert isinstance(landing, Landing), landing
    assert landing.rows == 98
    assert [(cell, rule) for cell, rule, _ in post.rows(QUARANTINE)] == [
        ("row 8", "crossed_at: a value is required"),
        ("row 10", "direction: a value is required"),
    ]


def test_landing_again_changes_nothing_and_an_altered_archive_is_told(post: Post) -> None:
    assert isinstance(post.take("crossings_2023-07.csv", text(GOOD)), Landing)
    (archived,) = post.archived()
    archived.chmod(0o644)
    archived.write_bytes(text(GOOD[:-1]))
    post.settings.build.unlink()
    done = run_mtm(post.home, "refresh")
    assert done.returncode == 1
    assert "the archived file was altered" in done.stdout + done.stderr
