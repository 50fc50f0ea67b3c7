"""Exchange rates from the endpoint to the raw table: what lands, and the parsers under any damage."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.archive import Archive, AttemptLog
from ingest.catalogue import DATASETS
from ingest.client import Client
from ingest.dataset import Resource, SourceFile
from ingest.errors import NothingPublishedError, SourceError
from ingest.fetch import Fetcher
from ingest.land import land
from ingest.nbk_rates import day_request, range_request
from ingest.recorded import RecordedTransport, recorded_resources
from ingest.sources.national_bank import exchange_rates
from tests.agencies import NBK, SHARED, Fault, Item, day_xml, sheet, table
from tests.conftest import needs_shared
from tests.house import RATES, day, month
from tools import record_exchange_rates

REPORT = "/en/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/report"
MONDAY = date(2026, 6, 1)
USD = Item("USD", "478.77", "1", "-2.77", "ДОЛЛАР США")
AMD = Item("AMD", "12.72", "10", "+0.08", "АРМЯНСКИЙ ДРАМ")
RAW = f"raw.{RATES.name}"
HEADER = ["Date", "quantity", "USD"]


# What lands


@needs_shared
def test_real_days_land_whole_and_the_change_leads_back_to_the_day_before(agencies, house):
    for text in ("2026-04-01", "2026-04-02"):
        assert house.refresh(RATES, day(text)).rows == 39
    sql = f"""
        select count(*), count(*) filter (after.rate - after.change = before.rate)
        from {RAW} as after join {RAW} as before
        on after.currency = before.currency and after.rate_date = before.rate_date + 1"""
    assert house.query(sql) == [(39, 39)]
    sql = f"select currency, quant, rate, change, source_cell, raw_text from {RAW} where rate_date ="
    assert house.query(f"{sql} '2026-04-01' and currency in ('AMD', 'JPY') order by 1") == [
        ("AMD", 10, Decimal("12.72"), Decimal("-0.08"), "/rates/item[3]/description", "12.72"),
        ("JPY", 1, 3, Decimal("-0.02"), "/rates/item[39]/description", "3"),
    ]


@needs_shared
def test_recorded_exchanges_are_replayed(agencies, house):
    exchanges = yaml.safe_load((SHARED / "get_rates_exchanges.yml").read_text("utf-8"))
    for exchange in exchanges:
        _, _, text = exchange["request"].rpartition("=")
        month_first = date.fromisoformat("-".join(reversed(text.split("."))))
        assert f"GET {day_request(month_first).url}" == exchange["request"]
        house.fetch(RATES, [day(str(month_first))])
        attempt = house.log[-1]
        body = (SHARED / exchange["body"]).read_bytes()
        assert (attempt.http_status, attempt.bytes) == (exchange["status"], len(body))
        assert attempt.headers["content-type"] == exchange["headers"]["Content-Type"]
        assert (house.root / "archive" / attempt.path).read_bytes() == body
        assert attempt.path.endswith(".xml")


def test_a_month_lands_by_html_with_the_cell_of_each_rate(agencies, house):
    assert house.refresh(RATES, month(7)).rows == 20
    sql = f"select rate_date, currency, quant, rate, change, source_cell from {RAW} order by 1 limit 1"
    first = (date(2022, 7, 4), "USD", 1, Decimal("466.44"), None, "table[2]/tr[2]/td[3]")
    assert house.query(sql) == [first]


@pytest.mark.parametrize("serial_dates", [False, True], ids=["text dates", "day numbers"])
def test_a_month_lands_by_xlsx_with_the_same_values(agencies, house, serial_dates):
    first, last = date(2022, 7, 1), date(2022, 7, 31)
    resource = Resource("USD 2022-07 xlsx", range_request("USD", first, last, is_excel=True))
    rows = [HEADER, *([str(d), "1", rate] for d, rate in agencies.bank.usd.items() if first <= d <= last)]
    if serial_dates:
        agencies.fail(NBK, f"{REPORT}/excel", Fault(body=lambda _: sheet(rows, serial_dates=True)))
    assert house.refresh(RATES, resource).rows == 20
    assert house.log[0].path.endswith(".xlsx")
    sql = f"select rate_date, quant, rate, source_cell from {RAW} order by 1"
    landed = house.query(sql)
    assert landed[0] == (date(2022, 7, 4), 1, Decimal("466.44"), "Sheet!C2")
    assert [(str(d), str(rate)) for d, _, rate, _ in landed] == [
        (d, str(Decimal(rate).quantize(Decimal("1e-9")))) for d, _, rate in rows[1:]
    ]


def test_numbers_of_a_sheet_never_pass_through_a_float():
    cells = {"466.44": "466.44", "4.6644E2": "466.44", "9007199254740993.1": "9007199254740993.1"}
    for token, text in cells.items():
        frame = parse(month(7), sheet([HEADER, ["2022-07-04", "1", token]]))
        assert frame["rate"].to_list() == [text]


def test_weekend_repeats_land_as_printed(agencies, house):
    for number in range(5, 9):  # Friday to Monday
        at = date(2026, 6, number)
        agencies.bank.days[at] = [USD if number == 6 else Item("USD", "478.77", "1", "0.00", "ДОЛЛАР США")]
        assert house.refresh(RATES, day(str(at))).rows == 1
    assert house.query(f"select count(*), count(distinct rate) from {RAW}") == [(4, 1)]


def test_a_day_without_rates_is_empty_and_not_stale(agencies, house):
    house.refresh(RATES, month(7))
    landing = house.refresh(RATES, day("2022-12-20"))
    assert (landing.outcome, landing.rows, landing.error) == ("empty", 0, None)
    assert house.state(RATES) == ("current", None)
    assert house.query(f"select count(*) from {RAW}") == [(20,)]
    # What was not published yet lands as soon as it is.
    agencies.bank.days[date(2022, 12, 20)] = [USD]
    assert house.refresh(RATES, day("2022-12-20")).outcome == "landed"


def test_a_day_that_had_rates_and_has_none_now_is_refused(agencies, house):
    agencies.bank.days[MONDAY] = [USD]
    house.refresh(RATES, day("2026-06-01"))
    agencies.bank.days[MONDAY] = []
    landing = house.refresh(RATES, day("2026-06-01"))
    assert landing.outcome == "refused"
    assert "says now that it has none" in landing.error
    assert house.state(RATES)[0] == "stale"
    assert house.query(f"select count(*) from {RAW}") == [(1,)]


def test_only_empty_answers_leave_the_dataset_absent(agencies, house):
    house.refresh(RATES, day("2022-12-20"))
    assert house.state(RATES) == ("absent", None)


def test_landing_again_changes_nothing_and_a_revision_adds(agencies, house):
    agencies.bank.days[MONDAY] = [USD, AMD]
    assert house.refresh(RATES, day("2026-06-01")).outcome == "landed"
    assert house.refresh(RATES, day("2026-06-01")).outcome == "unchanged"
    agencies.bank.days[MONDAY] = [USD, Item("AMD", "12.73", "10", "+0.09", "АРМЯНСКИЙ ДРАМ")]
    assert house.refresh(RATES, day("2026-06-01")).outcome == "landed"
    assert house.query(f"select count(*), count(distinct source_file) from {RAW}") == [(4, 2)]


# What is recorded


def test_recorded_files_are_reproduced_byte_for_byte(tmp_path):
    record_exchange_rates.main(tmp_path)
    kept = record_exchange_rates.recorded_folder(RATES)
    assert sorted(f.name for f in tmp_path.iterdir()) == sorted(f.name for f in kept.iterdir())
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (kept / file.name).read_bytes()


@needs_shared
def test_recorded_figures_are_those_of_the_public_pipeline(tmp_path):
    with (SHARED / "nbk_get_rates_usd_kzt_2022-07-04_2023-12-29.csv").open() as file:
        figures = [(date.fromisoformat(row["date"]), row["value"]) for row in csv.DictReader(file)]
    log, archive = AttemptLog(tmp_path / "log.jsonl"), Archive(tmp_path)
    client = Client("recorded", RecordedTransport(list(DATASETS.values())))
    resources = recorded_resources(RATES)
    assert [r.name.removeprefix("USD ") for r in resources] == [
        "2022-07-04 to 2022-12-19",
        "2022-12-21 to 2023-07-27",
        "2023-08-22 to 2023-08-22",
        "2023-08-29 to 2023-12-29",
    ]
    assert all(not r.is_due(date.today()) for r in resources)
    Fetcher(client, archive, log, str).fetch(RATES, resources)
    con = duckdb.connect()
    land(con, [RATES], archive, log, str)
    rows = con.execute(f"select rate_date, raw_text from {RAW} order by 1").fetchall()
    assert rows == figures
    unknown = date(2023, 8, 1), date(2022, 12, 20)
    assert not {d for d, _ in rows} & set(unknown)
    assert not any(d.weekday() > 4 for d, _ in rows)


# Any answer: rows, or a SourceError


def parse(resource: Resource, content: bytes) -> pd.DataFrame:
    file = SourceFile("0" * 64, "some/file", content)
    exchange_rates.next_page(resource, [file])
    return exchange_rates.parse(resource, [file])


ROWS = [HEADER, ["2022-07-01", "1", "470.34"], ["2022-07-02", "1", "466.44"]]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 4000), st.binary(max_size=8), st.sampled_from("xhs"))
def test_no_damage_ends_in_anything_but_rows_or_a_source_error(start, length, instead, kind):
    whole = {"x": day_xml(MONDAY, [USD, AMD]), "h": table(ROWS), "s": sheet(ROWS)}[kind]
    start %= len(whole)
    damaged = whole[:start] + instead + whole[start + length % 64 :]
    try:
        frame = parse(day("2026-06-01") if kind == "x" else month(7), damaged)
    except (SourceError, NothingPublishedError):
        return
    assert frame["source_cell"].notna().all()


printed_rates = st.decimals(Decimal("0.01"), Decimal("99999.99"), places=2).map(str)


@settings(max_examples=100, deadline=None)
@given(st.lists(printed_rates, min_size=1, max_size=31), st.booleans(), st.booleans())
def test_every_printed_rate_comes_back_as_printed(rates, is_excel, serial_dates):
    days = [str(date(2022, 7, 1) + timedelta(days=number)) for number in range(len(rates))]
    printed = [HEADER, *([d, "1", rate] for d, rate in zip(days, rates, strict=True))]
    frame = parse(month(7), sheet(printed, serial_dates) if is_excel else table(printed))
    assert frame["rate_date"].to_list() == days
    assert frame["rate"].to_list() == rates
