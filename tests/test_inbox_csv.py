"""CSV files of the inbox, policy events and UN net migration: read strictly, every value at its place."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.dataset import Dataset
from ingest.recorded import recorded_folder
from ingest.sources.policy_register import events
from ingest.sources.un_desa import net_migration
from tests.conftest import SHARED, needs_shared
from tests.house import House
from tests.inbox_files import put, refused

EVENTS, NET = events.DATASET, net_migration.DATASET
HEADER = net_migration.HEADER
EVENT = "2023-07-01,day,Government of Kazakhstan,policy,New rules,Новые правила,,,a report"
YEAR = "1950.0,KAZ,93000.0"


def event(**changes: str) -> str:
    row = dict(zip(events.HEADER, EVENT.split(","), strict=True)) | {"title_en": "Other rules"} | changes
    return "\n".join([",".join(events.HEADER), EVENT, ",".join(row.values())])


def years(*lines: str, header: str = ",".join(HEADER)) -> str:
    return "\n".join([header, *lines])


@pytest.mark.parametrize(("dataset", "rows", "figures"), [(EVENTS, 18, 8), (NET, 450, 450)])
def test_every_landed_value_of_a_recorded_file_stands_at_its_place(
    house: House, dataset: Dataset, rows: int, figures: int
) -> None:
    (path,) = recorded_folder(dataset).glob("*.csv")
    landing = put(house, dataset, path.read_bytes(), path.name)
    assert (landing.outcome, landing.rows, landing.error) == ("landed", rows, None)
    with path.open(encoding="utf-8", newline="") as file:
        printed = list(csv.reader(file))
    value = "net_migrants" if dataset is NET else "figure"
    landed = house.query(f"select {value}, source_cell, raw_text from raw.{dataset.name}")
    for amount, cell, raw in landed:
        number, column = re.fullmatch(r"row (\d+), column (.+)", cell).groups()
        assert printed[int(number) - 1][printed[0].index(column)] == raw
        assert amount is None or Decimal(raw) == amount
    assert sum(amount is not None for amount, _, _ in landed) == figures


@needs_shared
def test_un_figures_are_those_of_the_real_data() -> None:
    (ours,) = recorded_folder(NET).glob("*.csv")
    (real,) = (SHARED / "data/intl").glob("UN_WPP_2024_net_migration*.csv")
    with ours.open(encoding="utf-8") as file, real.open(encoding="utf-8") as other:
        assert list(csv.reader(file)) == [line[1:] for line in csv.reader(other)]


@needs_shared
def test_figures_of_events_are_those_of_the_report() -> None:
    (path,) = recorded_folder(EVENTS).glob("*.csv")
    with path.open(encoding="utf-8") as file:
        figures = {row["figure"]: row["reference"] for row in csv.DictReader(file) if row["figure"]}
    with (SHARED / "reference/report_2023q3_claims.csv").open(encoding="utf-8") as file:
        notes = {
            row["value"]: row["footnote_callout"] for row in csv.DictReader(file) if row["section"] == "1"
        }
    for figure in ("76", "1.3", "5000000", "10", "50"):
        assert figures.pop(figure).endswith(f"section 1, note {notes[figure]}")
    text = (SHARED / "reference/report_2023q3.txt").read_text("utf-8")
    for words in ("three flights per week", "14-day visa-free stay", "devaluation by more than 20 per cent"):
        assert words in text
    assert sorted(figures) == ["14", "20", "3"]


def test_an_index_column_and_a_byte_order_mark_are_no_content(house: House) -> None:
    plain = years(YEAR, "1951.0,TKM,-0.0", "1952,TKM,12")
    indexed = years(
        f"7,{YEAR}",
        "446,1951.0,TKM,-0.0",
        "9,1952,TKM,12",
        header=f",{net_migration.YEAR},Country ISO,Net Number of Migrants",
    )
    assert put(house, NET, plain, "a.csv").outcome == "landed"
    assert put(house, NET, "\ufeff" + indexed.replace("\n", "\r\n"), "b.csv").rows == 3
    found = house.query(f"select distinct year::int, net_migrants::int from raw.{NET.name} order by all")
    assert found == [(1950, 93000), (1951, 0), (1952, 12)]


@pytest.mark.parametrize(
    ("dataset", "content", "words"),
    [
        (EVENTS, event(kind="rumour"), "row 3, column kind: kind: does not match"),
        (EVENTS, event(event_date="2023-02-30"), "row 3, column event_date: event_date: not a date"),
        (EVENTS, event(event_date="30.06.2023"), "row 3, column event_date: event_date: not a date"),
        (EVENTS, event(event_date="2093-01-01"), "event_date: a period in the future"),
        (EVENTS, event(date_precision="quarter", event_date="2023-08-01"), "not the first day of a quarter"),
        (EVENTS, event(date_precision="decade"), "row 3, column date_precision: "),
        (EVENTS, event(figure="76"), "row 3, column unit: a figure without a unit"),
        (EVENTS, event(unit="persons"), "row 3, column figure: a unit without a figure"),
        (EVENTS, event(figure="1 000", unit="persons"), "row 3, column figure: figure: not a number"),
        (EVENTS, event(reference=" "), "row 3, column reference: reference: a value is required"),
        (EVENTS, event(title_en="New rules"), "the same event_date, agency, title_en twice; 2 cells in all"),
        (EVENTS, event(title_en="New  Rules", title_ru="Другие правила"), "twice; 4 cells in all"),
        (EVENTS, event(title_en="new rules", agency="government of  Kazakhstan"), "twice"),
        (EVENTS, event(agency="a, b"), "row 3: 10 fields where the header has 9"),
        (EVENTS, event(title_en='"not closed'), "row 3: not whole CSV"),
        (EVENTS, years(YEAR), "row 1: the header is not event_date,"),
        (EVENTS, "", "row 1: the header is not event_date,"),
        (EVENTS, event().encode("utf-16"), "byte 0: not UTF-8 text"),
        (NET, years(), "0 rows, at least 1 are expected"),
        (NET, years(YEAR, header="Year,Country,Migrants"), "row 1: the header is not Year,"),
        (NET, years(YEAR, YEAR), "the same year, country twice"),
        (NET, years(YEAR, "1951.5,KAZ,1"), "row 3, column Year: year: does not match"),
        (NET, years(YEAR, "1951,Kazakhstan,1"), "row 3, column Country ISO: country: does not match"),
        (NET, years(YEAR, "1951,KAZ,"), "row 3, column Net Number of Migrants"),
        (NET, years(YEAR, "1951,KAZ,1e3"), "row 3, column Net Number of Migrants"),
    ],
    ids=lambda value: value.name if isinstance(value, Dataset) else None,
)  # fmt: skip
def test_bad_files_are_refused(house: House, dataset: Dataset, content: bytes | str, words: str) -> None:
    error = refused(house, dataset, content, "file.csv")
    assert words in error
    assert "Next: " in error


def test_events_are_a_mart_and_un_figures_observations(refreshed: Path) -> None:
    with duckdb.connect(str(refreshed / "build.duckdb"), read_only=True) as con:
        events_of = con.execute(
            "select date_precision, quarter, count(*), count(value) from marts.fct_policy_events"
            " group by all order by all"
        ).fetchall()
        years_of = con.execute(
            "select counterpart_kind, counterpart_code, count(*), max(period_end)::varchar"
            " from intermediate.observation where indicator = 'net_migration_un' group by all order by all"
        ).fetchall()
    assert events_of == [
        ("day", "2023Q2", 1, 0),
        ("day", "2023Q3", 1, 0),
        ("month", "2023Q2", 1, 0),
        ("month", "2023Q3", 1, 1),
        ("quarter", "2023Q3", 11, 5),
        ("year", None, 3, 2),
    ]
    assert years_of == [
        *(("country", code, 75, "2024-12-31") for code in ("KG", "RU", "TJ", "TM", "UZ")),
        (None, None, 75, "2024-12-31"),
    ]
