"""Bad answers of form 408 over real HTTP: each is refused with file, cell, rule and next step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from ingest import nbk_api
from ingest.fetch import Fetched
from tests.agencies import DATA_NBK, Agencies, Fault
from tests.agencies.faults import page
from tests.house import TRANSFERS, House, transfers

FORM = "/api/v1/data"
COUNT = "select count(*) from raw.national_bank__money_transfers"


def with_first_row(**changes: str) -> Callable[[list[str]], list[str]]:
    """The bank's rows with a key of the first one printed otherwise; '' takes the key away."""

    def change(rows: list[str]) -> list[str]:
        first = rows[0]
        for key, printed in changes.items():
            pattern = rf'"{key}": ("[^"]*"|[^,}}]*)'
            first = re.sub(pattern, f'"{key}": {printed}' if printed else '"_": 0', first)
        return [first.replace('"_": 0, ', "").replace(', "_": 0', ""), *rows[1:]]

    return change


BAD_ROWS = {
    "a negative amount": (with_first_row(amount="-97265.79"), "a negative number", "$.rows[0].amount"),
    "NaN": (with_first_row(amount="NaN"), "not a number", "$.rows[0].amount"),
    "Infinity": (with_first_row(amount="-Infinity"), "not a number", "$.rows[0].amount"),
    "text for a number": (with_first_row(amount='"n/a"'), "not a number", "$.rows[0].amount"),
    "a quoted number": (with_first_row(amount='"97265.79"'), "not a number", "$.rows[0].amount"),
    "a million digits": (with_first_row(amount="9" * 1_000_000), "not a number", "$.rows[0].amount"),
    "a huge exponent": (with_first_row(amount="1E999999999"), "not a number", "$.rows[0].amount"),
    "ten decimals": (with_first_row(amount="1.0123456789"), "9 decimals", "$.rows[0].amount"),
    "an object for a number": (with_first_row(amount='{"a": 1}'), "not a number", "$.rows[0].amount"),
    "a month in the future": (with_first_row(report_date='"2099-01-01"'), "in the future", "$.rows[0]"),
    "a day that is none": (with_first_row(report_date='"2021-02-30"'), "not a date", "$.rows[0]"),
    "a day inside a month": (
        with_first_row(report_date='"2021-09-30"'),
        "not the first day of a month",
        "$.rows[0]",
    ),
    "a century ago": (with_first_row(report_date='"1889-01-01"'), "a date before 1990", "$.rows[0]"),
    "two amounts under labels of another case": (
        lambda rows: [*rows, rows[0].replace("97265", "97266").replace('"Total"', '"TOTAL "')],
        "two different values for one report_date, imts, money_transfer_sign",
        "$.rows[0].amount",
    ),
    "an amount and none for one month": (
        lambda rows: [*rows, re.sub(r'"amount": [^,]*', '"amount": null', rows[0])],
        "two different values for one report_date, imts, money_transfer_sign",
        "$.rows[0].amount",
    ),
    "no month": (with_first_row(report_date=""), "a value is required", "$.rows[0]"),
    "no direction": (with_first_row(money_transfer_sign=""), "a value is required", "$.rows[0]"),
    "two amounts for one month": (
        lambda rows: [*rows, rows[0].replace("97265", "97266")],
        "two different values for one report_date, imts, money_transfer_sign",
        "$.rows[0].amount",
    ),
    "an unknown column": (
        lambda rows: [rows[0][:-1] + ', "x": 1}', *rows[1:]],
        "unknown column 'x'",
        "$.rows[0].x",
    ),
    "a row that is no object": (lambda rows: ["7", *rows[1:]], "a row is not an object", "$.rows[0]"),
    "a key twice": (lambda rows: [rows[0][:-1] + ', "amount": 1}', *rows[1:]], "the same key twice", "$"),
    "a list cut short": (lambda rows: rows[:60], "60 rows, at least 100 are expected", ""),
}


def cut(body: bytes) -> bytes:
    return body[: len(body) // 2]


def total(number: str) -> Callable[[bytes], bytes]:
    return lambda body: re.sub(rb'"totalRows": \d+', f'"totalRows": {number}'.encode(), body)


BAD_PAGES = {
    "an empty list": (lambda _: b"[]", "the answer has no list of rows"),
    "no rows": (lambda _: b'{"totalRows": 0, "rows": []}', "page 0 is empty"),
    "an empty body": (lambda _: b"", "not whole JSON"),
    "HTML with status 200": (page, "expected JSON, got a page of HTML"),
    "truncated JSON": (cut, "not whole JSON"),
    "not UTF-8": (lambda body: body.replace(b"Total", b"\xff\xfe"), "not whole JSON"),
    "nested without end": (lambda _: b'{"rows": ' + b"[" * 200_000, "not whole JSON"),
    "a total too great": (total("117"), "totalRows says 117, but page 1 is empty"),
    "a total too small": (total("115"), "totalRows says 115, but 116 rows came"),
    "a total that is text": (total('"many"'), "totalRows is not a count"),
    "a total without end": (total("9" * 40), "totalRows is not a count"),
}


def assert_refused_and_last_good_rows_stand(house: House, rule: str, cell: str) -> None:
    outcome = house.refresh(TRANSFERS, transfers())
    if not isinstance(outcome, Fetched):
        assert outcome.outcome == "refused"
    message = str(outcome.error)
    assert message.startswith(f"{TRANSFERS.name}: ")
    assert rule in message
    assert cell in message
    assert re.search(r"[0-9a-f]{64}\.(json|html)", message), "the archived file is not named"
    assert "Next: " in message
    assert len(message) < 1000
    assert house.query(COUNT) == [(116,)]
    assert house.state(TRANSFERS) == ("stale", message)


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_refused_and_the_last_good_rows_stand(
    agencies: Agencies, house: House, name: str
) -> None:
    change, rule, cell = BAD_ROWS[name]
    house.refresh(TRANSFERS, transfers())
    good = agencies.bank.transfers
    agencies.bank.transfers = change(list(good))
    assert_refused_and_last_good_rows_stand(house, rule, cell)
    agencies.bank.transfers = good
    house.refresh(TRANSFERS, transfers())
    assert house.state(TRANSFERS) == ("current", None)


@pytest.mark.parametrize("name", BAD_PAGES)
def test_a_bad_page_is_refused_and_the_last_good_rows_stand(
    agencies: Agencies, house: House, name: str
) -> None:
    body, rule = BAD_PAGES[name]
    house.refresh(TRANSFERS, transfers())
    agencies.fail(DATA_NBK, FORM, Fault(body=body))
    assert_refused_and_last_good_rows_stand(house, rule, "")


def test_a_page_that_repeats_is_refused(
    agencies: Agencies, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.refresh(TRANSFERS, transfers())
    monkeypatch.setattr(nbk_api, "PAGE_SIZE", 40)
    first: list[bytes] = []

    def always_the_first(body: bytes) -> bytes:
        first.append(body)
        return first[0]

    agencies.fail(DATA_NBK, FORM, Fault(body=always_the_first))
    assert_refused_and_last_good_rows_stand(house, "the page repeats an earlier page", "$.rows")


def test_a_total_that_changes_between_pages_is_refused(
    agencies: Agencies, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.refresh(TRANSFERS, transfers())
    monkeypatch.setattr(nbk_api, "PAGE_SIZE", 40)
    agencies.fail(DATA_NBK, FORM, Fault(times=1, body=lambda body: body), Fault(body=total("200")))
    assert_refused_and_last_good_rows_stand(house, "totalRows changed between pages", "$.totalRows")


def test_bad_cells_are_kept_in_quarantine_once(agencies: Agencies, house: House) -> None:
    change, _, _ = BAD_ROWS["text for a number"]
    agencies.bank.transfers = change(agencies.bank.transfers)
    for _ in range(2):
        house.refresh(TRANSFERS, transfers())
    rows = house.query("select dataset, source_cell, rule, raw_text from raw.quarantine")
    rule = "amount: not a number of at most 15 digits and 9 decimals"
    assert rows == [(TRANSFERS.name, "$.rows[0].amount", rule, '"n/a"')]


def test_rows_in_another_order_or_case_are_the_same_answer(agencies: Agencies, house: House) -> None:
    house.refresh(TRANSFERS, transfers())
    rows = [row.replace('"Total"', '" TOTAL "') for row in reversed(agencies.bank.transfers)]
    agencies.bank.transfers = rows
    outcome = house.refresh(TRANSFERS, transfers())
    assert not isinstance(outcome, Fetched)
    assert outcome.outcome == "unchanged"
    assert house.query(COUNT) == [(116,)]


def test_labels_land_as_printed(agencies: Agencies, house: House) -> None:
    row = json.dumps(
        {
            "report_date": "2026-06-01",
            "amount": 1.5,
            "imts": " Golden  Crown ",
            "money_transfer_sign": "money transfers sent",
        }
    )
    agencies.bank.transfers = [*agencies.bank.transfers, row, row]
    house.refresh(TRANSFERS, transfers())
    labels = house.query("select imts from raw.national_bank__money_transfers where imts <> 'Total'")
    assert labels == [(" Golden  Crown ",), (" Golden  Crown ",)]
