"""Exchange rates from the endpoint to the raw table: what lands, and what is refused with which words.

Every bad answer comes over HTTP from the imitation, is archived, and must leave earlier rows as they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
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
from tests.agencies.faults import cp1251, page
from tests.conftest import needs_shared
from tests.house import RATES, day, month
from tools import record_exchange_rates

DAY = "/rss/get_rates.cfm"
REPORT = "/en/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/report"
MONDAY = date(2026, 6, 1)
USD = Item("USD", "478.77", "1", "-2.77", "ДОЛЛАР США")
AMD = Item("AMD", "12.72", "10", "+0.08", "АРМЯНСКИЙ ДРАМ")
RAW = f"raw.{RATES.name}"
HEADER = ["Date", "quantity", "USD"]

Body = Callable[[bytes], bytes]


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
    assert all(r.is_closed for r in resources)
    Fetcher(client, archive, log, str).fetch(RATES, resources)
    con = duckdb.connect()
    land(con, [RATES], archive, log, str)
    rows = con.execute(f"select rate_date, raw_text from {RAW} order by 1").fetchall()
    assert rows == figures
    unknown = date(2023, 8, 1), date(2022, 12, 20)
    assert not {d for d, _ in rows} & set(unknown)
    assert not any(d.weekday() > 4 for d, _ in rows)


# Bad answers for a day


def one_item(**changed: str) -> Body:
    fields = {"fullname": "X", "title": "USD", "description": "478.77", "quant": "1", "change": "0.00"}
    fields |= changed
    inner = "".join(f"<{tag}>{text}</{tag}>" for tag, text in fields.items() if text != "(absent)")
    xml = f"<rates><date>01.06.2026</date><item>{inner}</item></rates>"
    return lambda _: xml.encode()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE rates [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><rates><date>01.06.2026</date><item>&b;</item></rates>"""
TWICE = day_xml(MONDAY, [USD, AMD, USD])
JSON_ERROR = b'{"code":500,"message":"Invalid format date."}'
BAD_DAYS: dict[str, tuple[Body, str, str]] = {
    "cut": (lambda b: b[: len(b) // 2], "/", "not whole XML"),
    "entity bomb": (lambda _: BOMB, "line 1", "a document type is declared"),
    "wrong charset": (cp1251, "byte ", "not UTF-8"),
    "declared charset": (lambda b: cp1251(b).replace(b"utf-8", b"cp1251"), "byte ", "not UTF-8"),
    "other declaration": (lambda b: b.replace(b"utf-8", b"iso-8859-1"), "line 1", "in place of utf-8"),
    "two encodings": (lambda b: b.decode().encode("utf-16"), "byte 0", "expected XML"),
    "nothing": (lambda _: b"", "byte 0", "expected XML"),
    "deep": (lambda _: b"<rates>" + b"<a>" * 10_000, "line 1", "nested deeper"),
    "HTML with 200": (page, "byte 0", "expected XML"),
    "HTML with a declaration": (lambda _: b"<?xml version='1.0'?><html/>", "/", "the root is <html>"),
    "JSON error": (lambda _: JSON_ERROR, "$.message", "error in JSON"),
    "another day": (lambda b: b.replace(b"01.06.2026", b"20.11.2026"), "/rates/date", "of another day"),
    "no day": (lambda b: b.replace(b"<date>01.06.2026</date>", b""), "/rates/date", "of another day"),
    "no items, no info": (lambda _: b"<rates><date>01.06.2026</date></rates>", "/rates", "neither of"),
    "info and items": (lambda b: b.replace(b"<item>", b"<info>x</info><item>", 1), "/rates", "and `<info>`"),
    "unknown column": (one_item(nominal="1"), "/rates/item[1]/nominal", "an unknown column"),
    "part twice": (
        lambda b: b.replace(b"<quant>", b"<quant>1</quant><quant>", 1),
        "/rates/item[1]/quant",
        "stands there twice",
    ),
    "quant 0": (one_item(quant="0"), "/rates/item[1]/quant", "quant: not a positive number"),
    "quant absent": (one_item(quant="(absent)"), "/rates/item[1]/quant", "quant: a value is required"),
    "quant blank": (one_item(quant=" "), "/rates/item[1]/quant", "quant: a value is required"),
    "quant 7": (one_item(quant="7"), "/rates/item[1]/quant", "quant: does not match 0|10*"),
    "rate 0": (one_item(description="0.00"), "/rates/item[1]/description", "rate: not a positive number"),
    "rate absent": (one_item(description="(absent)"), "/rates/item[1]/description", "rate: a value is"),
    "rate negative": (one_item(description="-1"), "/rates/item[1]/description", "rate: not a positive"),
    "rate with comma": (one_item(description="478,77"), "/rates/item[1]/description", "rate: not a number"),
    "rate is a word": (one_item(description="NaN"), "/rates/item[1]/description", "rate: not a number"),
    "rate too long": (one_item(description="9" * 16), "/rates/item[1]/description", "rate: not a number"),
    "change is a word": (one_item(change="++1"), "/rates/item[1]/change", "change: not a number"),
    "no currency": (one_item(title="(absent)"), "/rates/item[1]/title", "currency: a value is required"),
    "no code": (one_item(title="US dollar"), "/rates/item[1]/title", "currency: does not match"),
    "item twice": (lambda _: TWICE, "/rates/item[1]/description", "the same rate_date, currency twice"),
}


@pytest.mark.parametrize("name", BAD_DAYS)
def test_a_bad_answer_for_a_day_is_refused(agencies, house, name):
    body, cell, rule = BAD_DAYS[name]
    agencies.bank.days[MONDAY] = [USD, AMD]
    house.refresh(RATES, day("2026-06-01"))
    agencies.fail(NBK, DAY, Fault(body=body))
    assert_refused(house, house.refresh(RATES, day("2026-06-01")).error, cell, rule, rows=2)


def assert_refused(house, error, cell, rule, rows):
    """The error names file, cell, rule and next step; earlier rows stay; the dataset is stale."""
    error = str(error)
    path = house.log[-1].path
    assert error.startswith(f"{RATES.name}: {path}, {cell}")
    assert rule in error
    assert re.search(r"Next: \S.{10}", error)
    assert house.query(f"select count(*) from {RAW}") == [(rows,)]
    assert house.state(RATES) == ("stale", error)
    assert (house.root / "archive" / path).exists()


def test_broken_cells_go_to_quarantine_with_what_was_printed(agencies, house):
    agencies.fail(NBK, DAY, Fault(body=one_item(quant="0", description="478,77")))
    house.refresh(RATES, day("2026-06-01"))
    assert house.query("select source_cell, rule, raw_text from raw.quarantine order by 1") == [
        ("/rates/item[1]/description", "rate: not a number of at most 15 digits and 9 decimals", "478,77"),
        ("/rates/item[1]/quant", "quant: not a positive number", "0"),
    ]


# Bad answers for a month


def rows(*changed: list[str], header: list[str] | None = HEADER) -> list[list[str]]:
    usual = [["2022-07-01", "1", "470.34"], ["2022-07-02", "1", "466.44"], ["2022-07-03", "1", "466.44"]]
    return [*([header] if header else []), *usual, *changed]


TWO = [[d, "1", "466.44", "1", "480.10"] for d in ("2022-07-01", "2022-07-02")]
SHIFTED = [["2022-07-01", "470.34", "1"], ["2022-07-02", "466.44", "1"]]
BAD_TABLES: dict[str, tuple[list[list[str]], str, str]] = {
    "shifted": ([HEADER, *SHIFTED], "B2", "quant: does not match 0|10*"),
    "shifted, whole rates": ([HEADER, ["2022-07-01", "470", "1"]], "B2", "quant: does not match 0|10*"),
    "shifted header": (rows(header=["Date", "USD", "quantity"]), "B1", "they have shifted"),
    "other currency": (rows(header=["Date", "quantity", "EUR"]), "C1", "are not its"),
    "two currencies": ([["Date", "quantity", "USD", "quantity", "EUR"], *TWO], "D1", "they have shifted"),
    "two, no header": ([["Date"], *TWO], "A2", "several currencies came"),
    "outside, before": (rows(["2022-06-30", "1", "470.34"]), "A5", "a date outside the window"),
    "outside, after": (rows(["2022-08-01", "1", "470.34"]), "A5", "a date outside the window"),
    "day twice": (rows(["2022-07-02", "1", "466.44"]), "C3", "the same rate_date, currency twice"),
    "two rates": (rows(["2022-07-02", "1", "467"]), "C3", "the same rate_date, currency twice; 4 cells"),
    "quant 0": (rows(["2022-07-04", "0", "466.44"]), "B5", "quant: not a positive number"),
    "quant blank": (rows(["2022-07-04", "", "466.44"]), "B5", "quant: a value is required"),
    "rate 0": (rows(["2022-07-04", "1", "0"]), "C5", "rate: not a positive number"),
    "rate blank": (rows(["2022-07-04", "1", ""]), "C5", "rate: a value is required"),
    "no such day": (rows(["2022-07-32", "1", "466.44"]), "A5", "the row is not date, quantity, rate"),
    "other date format": (rows(["04.07.2022", "1", "466.44"]), "A5", "the row is not date, quantity"),
    "a footer": (rows(["Mean", "1", "466.44"]), "A5", "the row is not date, quantity, rate"),
    "a fourth column": (rows(["2022-07-04", "1", "466.44", "0.12"]), "A5", "the row is not date"),
    "a date alone": (rows(["2022-07-04"]), "A5", "the row is not date, quantity, rate"),
    "nothing": ([HEADER], "", "0 rows, at least 1 are expected"),
    "no table": ([["Menu"]], "table[1]", "0 tables of days and rates"),
}


def html_cell(address: str) -> str:
    """The same place in the HTML table, which is the second of its page."""
    return f"table[2]/tr[{address[1:]}]/td[{'ABCDE'.index(address[0]) + 1}]" if len(address) == 2 else address


@pytest.mark.parametrize("is_excel", [False, True], ids=["html", "xlsx"])
@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_range_report_is_refused(agencies, house, name, is_excel):
    printed, address, rule = BAD_TABLES[name]
    request = range_request("USD", date(2022, 7, 1), date(2022, 7, 31), is_excel)
    resource = Resource("USD 2022-07", request)
    assert house.refresh(RATES, resource).rows == 20
    path = f"{REPORT}/excel" if is_excel else REPORT
    agencies.fail(NBK, path, Fault(body=lambda _: sheet(printed) if is_excel else table(printed)))
    cell = f"Sheet!{address}" if is_excel and len(address) == 2 else html_cell(address)
    if address == "":
        error = str(house.refresh(RATES, resource).error)
        assert rule in error
        assert house.query(f"select count(*) from {RAW}") == [(20,)]
    else:
        assert_refused(house, house.refresh(RATES, resource).error, cell, rule, rows=20)


BAD_FILES: dict[str, tuple[Body, str]] = {
    "HTML cut": (lambda b: b[:-40], "the table has no end"),
    "HTML in another charset": (lambda _: "<table>курс</table>".encode("cp1251"), "not UTF-8"),
    "firewall": (page, "0 tables of days and rates in place of one"),
    "two tables": (lambda _: table(rows()) * 2, "2 tables of days and rates in place of one"),
    "JSON error": (lambda _: JSON_ERROR, "error in JSON"),
    "xlsx cut": (lambda _: sheet(rows())[:-30], "not a whole xlsx"),
    "xlsx damaged": (lambda _: bytes(255 - b if 60 < n < 90 else b for n, b in enumerate(sheet(rows()))), ""),
    "not a workbook": (lambda _: sheet(rows()).replace(b"xl/workbook.xml", b"xl/notebook.xml"), "no part"),
    "xlsx without a code": (lambda _: sheet(rows(header=None)), "the header does not name USD"),
    "old xls": (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not UTF-8"),
    "huge page": (lambda _: b" " * 5_000_000, "a page of more than"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_range_report_is_refused(agencies, house, name):
    body, rule = BAD_FILES[name]
    house.refresh(RATES, month(7))
    agencies.fail(NBK, REPORT, Fault(body=body))
    assert_refused(house, house.refresh(RATES, month(7)).error, "", rule, rows=20)


def test_one_bad_month_does_not_stop_the_others(agencies, house):
    agencies.fail(NBK, REPORT, Fault(times=1, body=page))
    fetched = house.fetch(RATES, [month(7), month(8), month(9)])
    assert [f.error is None for f in fetched] == [False, True, True]
    assert [landing.rows for landing in house.land()] == [23, 22]


# Any answer: rows, or a SourceError


def parse(resource: Resource, content: bytes) -> pd.DataFrame:
    file = SourceFile("0" * 64, "some/file", content)
    exchange_rates.next_page(resource, [file])
    return exchange_rates.parse(resource, [file])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 4000), st.binary(max_size=8), st.sampled_from("xhs"))
def test_no_damage_ends_in_anything_but_rows_or_a_source_error(start, length, instead, kind):
    whole = {"x": day_xml(MONDAY, [USD, AMD]), "h": table(rows()), "s": sheet(rows())}[kind]
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
