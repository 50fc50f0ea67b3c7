"""Bad answers of the exchange rate endpoints: each is refused with its file, cell, rule and next step.

Every one comes over HTTP from the imitation, is archived, and must leave earlier rows as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from ingest.dataset import Resource
from ingest.nbk_rates import range_request
from tests.agencies import NBK, Fault, Item, day_xml, sheet, table
from tests.agencies.faults import cp1251, page
from tests.house import RATES, day, month

DAY = "/rss/get_rates.cfm"
REPORT = "/en/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/report"
MONDAY = date(2026, 6, 1)
USD = Item("USD", "478.77", "1", "-2.77", "ДОЛЛАР США")
AMD = Item("AMD", "12.72", "10", "+0.08", "АРМЯНСКИЙ ДРАМ")
RAW = f"raw.{RATES.name}"
HEADER = ["Date", "quantity", "USD"]

Body = Callable[[bytes], bytes]


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
    "HTML damaged": (lambda b: b.replace(b"<td>", b'<!["\x00', 1), "not HTML"),
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
