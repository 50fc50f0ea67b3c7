"""Bad answers of the Bureau of National Statistics: each is refused with file, cell, rule and next step.

Over real HTTP and TLS; the last good rows stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from ingest.dataset import Dataset
from ingest.fetch import Fetched
from tests.agencies import BNS, TALDAU, Agencies, Fault
from tests.agencies.faults import cp1251, page
from tests.agencies.statistics_bureau import TITLE, Spreadsheet, StatisticsBureau, line, workbook
from tests.house import BALANCE, BY_COUNTRY, MIGRATION, House, bureau

INDEX = (TALDAU, "/ru/Api/GetIndexData/2929752")
LIST = (BNS, "/ru/industries/social-statistics/demography/spreadsheets/")
PERIOD = "за январь-март 2023 года"
REPUBLIC = "РЕСПУБЛИКА КАЗАХСТАН"

Change = Callable[[StatisticsBureau], None]
Body = Callable[[bytes], bytes]


def refresh(house: House, dataset: Dataset, name: str):
    return house.refresh(replace(dataset, pause_seconds=0.0), bureau(dataset, name))


def assert_refused(house: House, dataset: Dataset, name: str, rule: str, cell: str) -> None:
    """Refused in words that a person can follow, and the rows of the answer before are there."""
    count = f"select count(*) from raw.{dataset.name}"
    before = house.query(count)
    outcome = refresh(house, dataset, name)
    if not isinstance(outcome, Fetched):
        assert outcome.outcome == "refused"
    message = str(outcome.error)
    assert message.startswith(f"{dataset.name}: ")
    assert rule in message
    assert cell in message
    assert re.search(r"[0-9a-f]{64}\.(json|html|tsv|xlsx|xml)", message), "the archived file is not named"
    assert "Next: " in message
    assert len(message) < 1000
    assert before[0][0] > 0
    assert house.query(count) == before
    assert house.state(dataset) == ("stale", message)


def edit(old: str, new: str) -> Body:
    return lambda body: body.replace(old.encode(), new.encode(), 1)


# Taldau

BAD_INDICES: dict[str, tuple[Body, str, str]] = {
    "HTML in place of JSON": (page, "expected JSON, got a page of HTML", "byte 0"),
    "half of it": (lambda body: body[: len(body) // 2], "not whole JSON", "$"),
    "no list": (lambda _: b'{"error": 1}', "the answer is not a list of terms", "$"),
    "a record that is none": (lambda _: b"[7]", "not an object of periods, termNames, terms", "$[0]"),
    "an unknown key": (edit('"terms"', '"x": 1, "terms"'), "not an object of periods", "$[0]"),
    "a dimension less": (edit("741880, ", ""), "not the 4 dimensions", "$[0].terms"),
    "periods that are no list": (
        lambda _: b'[{"terms": [1,2,3,4], "termNames": ["a","b","c","d"], "periods": {}}]',
        "the periods are not a list",
        "$[0].periods",
    ),
    "an unknown key of a period": (
        edit('"name"', '"x": 1, "name"'),
        "not an object of date, name",
        "periods[0]",
    ),
    "a value that is null": (edit('"170787"', "null"), "the value is not text", "$[0].periods[0].value"),
    "text for a number": (edit('"170787"', '"много"'), "amount: does not match", "$[0].periods[0].value"),
    "a decimal comma": (edit('"170787"', '"170787,5"'), "amount: does not match", "$[0].periods[0].value"),
    "half a person": (edit('"170787"', '"170787.5"'), "does not match", "$[0].periods[0].value"),
    "a negative number": (edit('"170787"', '"-170787"'), "a negative number", "$[0].periods[0].value"),
    "two values for one year": (
        lambda body: edit("1992 год", "1991 год")(edit("31.12.1992", "31.12.1991")(body)),
        "the same index_id, terms, period_end twice",
        "$[0].periods[0].value",
    ),
    "a year beside another day": (edit("31.12.1991", "30.06.1991"), "not a year and its last day", "date"),
    "a year to come": (
        lambda body: edit("1991 год", "2091 год")(edit("31.12.1991", "31.12.2091")(body)),
        "a period in the future",
        "$[0].periods[0].value",
    ),
}


@pytest.mark.parametrize("name", BAD_INDICES)
def test_a_bad_answer_of_taldau_is_refused(agencies: Agencies, house: House, name: str) -> None:
    body, rule, cell = BAD_INDICES[name]
    refresh(house, MIGRATION, "arrivals")
    agencies.fail(*INDEX, Fault(body=body))
    assert_refused(house, MIGRATION, "arrivals", rule, cell)
    agencies.mend()
    refresh(house, MIGRATION, "arrivals")
    assert house.state(MIGRATION) == ("current", None)


def test_a_few_years_only_are_refused(agencies: Agencies, house: House) -> None:
    refresh(house, MIGRATION, "arrivals")
    agencies.bureau.records["2929752"] = agencies.bureau.records["2929752"][1:]
    assert_refused(house, MIGRATION, "arrivals", "2 rows, at least 30 are expected", "")


# Element 6567


def with_lines(change: Callable[[list[list[str]]], list[list[str]]]) -> Change:
    def apply(known: StatisticsBureau) -> None:
        known.lines = change(known.lines)

    return apply


def with_field(number: int, text: str) -> Change:
    """A field of the first line, counted from 0, printed otherwise."""
    return with_lines(lambda lines: [[*lines[0][:number], text, *lines[0][number + 1 :]], *lines[1:]])


VALUE = "row 2, column VAL"
BAD_LINES: dict[str, tuple[Change, str, str]] = {
    "another table": (with_field(0, "Общий коэффициент рождаемости"), "not the table", "row 2, column NAM"),
    "text for a number": (with_field(11, "н/д"), "amount: does not match", VALUE),
    "broken thousands": (with_field(11, "1 23"), "amount: does not match", VALUE),
    "half a person": (with_field(11, "12,5"), "does not match", VALUE),
    "an empty value": (with_field(11, ""), "amount: does not match", VALUE),
    "a month": (with_field(2, "202306"), "not a year and its December", "row 2, column DAT"),
    "no territory": (with_field(3, " "), "kato: a value is required", VALUE),
    "a field less": (
        with_lines(lambda lines: [lines[0][:11], *lines[1:]]),
        "11 fields in place of 12",
        "row 2",
    ),
    "two values of the republic": (
        with_lines(lambda lines: [*lines, line(REPUBLIC, "Всего", "2024", "1")]),
        "two different values for one kato, sptm, kn, sp, period, repetition",
        "column VAL",
    ),
    "a few lines only": (with_lines(lambda lines: lines[:50]), "50 rows, at least 75 are expected", ""),
    "the header alone": (with_lines(lambda _: []), "0 rows, at least 75 are expected", ""),
}
BAD_TABLES: dict[str, tuple[Body, str, str]] = {
    "HTML in place of text": (page, "got a page of HTML or XML", "byte 0"),
    "another charset": (cp1251, "not whole tab separated UTF-8", "row 1"),
    "another header": (edit('"VAL"', '"VALUE"'), "not the columns of this table", "row 1"),
    "nothing": (lambda _: b"", "not the columns of this table", "row 1"),
    "cut inside a field": (lambda body: body[:-5], "not whole tab separated UTF-8", "row 1"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_of_the_balance_is_refused(agencies: Agencies, house: House, name: str) -> None:
    change, rule, cell = BAD_LINES[name]
    refresh(house, BALANCE, "element")
    change(agencies.bureau)
    assert_refused(house, BALANCE, "element", rule, cell)


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_table_of_the_balance_is_refused(agencies: Agencies, house: House, name: str) -> None:
    body, rule, cell = BAD_TABLES[name]
    refresh(house, BALANCE, "element")
    agencies.bureau.damage = body
    assert_refused(house, BALANCE, "element", rule, cell)


# Lists and workbooks


def with_book(rows: list[list[object]], period: str = PERIOD, title: str = TITLE) -> Change:
    def apply(known: StatisticsBureau) -> None:
        known.spreadsheets[0] = replace(known.spreadsheets[0], body=workbook(period, rows, title))

    return apply


def with_bytes(content: bytes) -> Change:
    def apply(known: StatisticsBureau) -> None:
        known.spreadsheets[0] = replace(known.spreadsheets[0], body=content)

    return apply


def with_day(day: str) -> Change:
    def apply(known: StatisticsBureau) -> None:
        known.spreadsheets[0] = replace(known.spreadsheets[0], day=day)

    return apply


def with_row(row: str) -> Change:
    return lambda known: known.list_rows.append(row)


def list_row(cells: str) -> Change:
    return with_row(f'<div class="divTableRow">{cells}</div>')


LINK = f'<a href="/api/iblock/element/5/file/ru/">{TITLE}</a>'
CELL = '<div class="divTableCell">{}</div>'
DATED = CELL.format("01.02.2023")


def one_file_twice(known: StatisticsBureau) -> None:
    known.spreadsheets.append(Spreadsheet(5, TITLE, "", known.spreadsheets[0].body))


BAD_LISTS: dict[str, tuple[Change, str, str]] = {
    "a day that is none": (with_day("31.02.2023"), "not a day DD.MM.YYYY", "line "),
    "a day in words": (with_day("1 августа 2023"), "not a day DD.MM.YYYY", "line "),
    "a day to come": (with_day("01.08.2099"), "listed_on: a period in the future", "Sheet!"),
    "a link to elsewhere": (
        list_row(CELL.format(f'<a href="https://example.org/1.xlsx">{TITLE}</a>') + DATED),
        "not one link to an element's file",
        "line ",
    ),
    "two links": (
        list_row(CELL.format(LINK + LINK.replace("/5/", "/6/")) + DATED),
        "not one link to an element's file",
        "line ",
    ),
    "no day's cell": (list_row(CELL.format(LINK)), "0 cells beside the title", "line "),
    "one file with two days": (
        list_row(CELL.format(LINK.replace("/5/", "/111/")) + DATED),
        "element 111 is listed twice",
        "line ",
    ),
    "a further page": (with_row('<a href="?PAGEN_1=2">2</a>'), "the list goes on on another page", "line "),
    "a row without end": (with_row('<div class="divTableRow"><div>'), "the list has no end", "line "),
    "one file under two numbers": (one_file_twice, "the list gives the same file twice", "byte 0"),
    "a file that is none": (with_bytes(page(b"")), "neither xlsx nor xls by its first bytes", "byte 0"),
    "a damaged workbook": (with_bytes(b"PK\x03\x04 and then nothing"), "", ""),
    "another table": (
        with_book([["Всего", 1, 2, 3]], title="Внутренняя миграция населения"),
        "no line above the table matches the title",
        "Sheet!A4",
    ),
    "no period": (
        with_book([["Всего", 1, 2, 3]], period="человек"),
        "the title states no period",
        "Sheet!A1",
    ),
    "a negative arrival": (
        with_book([["Всего", -1, 2, -3]]),
        "a negative number of arrivals",
        "Sheet!B5",
    ),
    "no total": (with_book([["Китай", 1, 2, -1]]), "no total row", "Sheet!"),
    "text for a number": (with_book([["Всего", "много", 2, 0]]), "not a number", "Sheet!B5"),
    "half a person": (with_book([["Всего", 1.5, 2, 0]]), "a number with decimals", "Sheet!B5"),
    "one country twice": (
        with_book([["Всего", 3, 2, 1], ["Китай", 1, 1, 0], ["КИТАЙ", 2, 1, 1]]),
        "a row label that stood above already",
        "Sheet!A7",
    ),
    "thousands": (
        with_book([["Всего", 1, 2, 3]], period=f"{PERIOD}, тыс. человек"),
        "'тыс' speaks of",
        "Sheet!",
    ),
    "a year to come": (with_book([["Всего", 1, 2, 3]], period="за 2098 год"), "in the future", "Sheet!"),
}
BAD_LIST_PAGES: dict[str, tuple[Body, str, str]] = {
    "a page without a list": (page, "no row of class divTableRow", "line "),
    "another charset": (cp1251, "not UTF-8", "byte "),
    "nothing": (lambda _: b"", "no row of class divTableRow", "line 1"),
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_bad_list_or_workbook_is_refused(agencies: Agencies, house: House, name: str) -> None:
    change, rule, cell = BAD_LISTS[name]
    refresh(house, BY_COUNTRY, "list 2023")
    change(agencies.bureau)
    assert_refused(house, BY_COUNTRY, "list 2023", rule, cell)


@pytest.mark.parametrize("name", BAD_LIST_PAGES)
def test_a_bad_page_in_place_of_the_list_is_refused(agencies: Agencies, house: House, name: str) -> None:
    body, rule, cell = BAD_LIST_PAGES[name]
    refresh(house, BY_COUNTRY, "list 2023")
    agencies.fail(*LIST, Fault(body=body))
    assert_refused(house, BY_COUNTRY, "list 2023", rule, cell)


def test_a_file_that_is_gone_leaves_the_list_of_its_year_as_it_was(agencies: Agencies, house: House) -> None:
    refresh(house, BY_COUNTRY, "list 2023")
    agencies.fail(BNS, "/api/iblock/element/112/file/ru/", Fault(status=404))
    fetched = refresh(house, BY_COUNTRY, "list 2023")
    assert "/api/iblock/element/112/file/ru/: HTTP 404 in place of 200" in str(fetched.error)
    assert house.query(f"select count(*) from raw.{BY_COUNTRY.name}") == [(12,)]
