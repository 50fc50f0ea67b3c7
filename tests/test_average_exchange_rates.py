"""Form 33: the one-month shift, the two envelopes, and what is refused. Figures are constructed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from tests.agencies import DATA_NBK, Fault
from tests.house import AVERAGES

PATH = "/api/report/stat-data-locale"
QUICK = replace(AVERAGES, pause_seconds=0.0)


def year(number: int):
    return AVERAGES.resources(date(number + 1, 1, 15))[-1]


def record(**changed):
    attributes = [
        {"attrCode": "currency", "valueCode": "USD", "valueNameRu": "Доллар США"},
        {"attrCode": "periodicity", "valueCode": "monthly"},
    ]
    return {"reportDate": "2023-02-01", "amount": 1001.25, "attributes": attributes} | changed


def test_a_year_is_closed_when_its_december_has_been_out():
    assert [(r.name, r.closed_on) for r in AVERAGES.resources(date(2024, 1, 31))] == [
        ("form 33 2021", date(2022, 3, 1)),
        ("form 33 2022", date(2023, 3, 1)),
        ("form 33 2023", date(2024, 3, 1)),
    ]
    assert AVERAGES.period_shift_months == 1


@pytest.mark.parametrize("key", ["", "data", "records"])
def test_records_land_from_each_envelope(agencies, house, key):
    whole = json.dumps({key: [record()]} if key else [record()]).encode()
    agencies.fail(DATA_NBK, PATH, Fault(body=lambda _: whole))
    assert house.refresh(QUICK, year(2023)).rows == 1
    cell = f"$.{key}[0].amount" if key else "$[0].amount"
    assert house.query(f"select currency, periodicity, source_cell, raw_text from raw.{AVERAGES.name}") == [
        ("USD", "monthly", cell, "1001.25")
    ]


def test_an_empty_list_is_nothing_published(agencies, house):
    agencies.bank.averages.clear()
    assert house.refresh(QUICK, year(2023)).outcome == "empty"
    assert house.state(AVERAGES) == ("absent", None)


def test_a_date_one_month_ahead_is_no_future_period(agencies, house):
    house.fetch(QUICK, [year(2023)])
    log = house.root / "attempts.jsonl"
    fetched_on = house.log[0].fetched_at[:10]
    # On this day the period of 2024-01-01, December 2023, had not begun; a day later it had.
    log.write_text(log.read_text("utf-8").replace(fetched_on, "2023-11-30"), "utf-8")
    assert "report_date: a period in the future" in house.land()[-1].error
    house.fetch(QUICK, [year(2023)])
    lines = log.read_text("utf-8").splitlines(keepends=True)
    log.write_text(lines[0] + lines[1].replace(fetched_on, "2023-12-01"), "utf-8")
    assert [landing.outcome for landing in house.land()] == ["landed"]


BAD = {
    "a page": (b"<html></html>", "expected JSON"),
    "cut": (b"[{", "not whole JSON"),
    "no list": (b'{"message": "error"}', "not a list of records"),
    "no object": (b"[1]", "a record is not an object"),
    "unknown attribute": (
        record(attributes=[{"attrCode": "region", "valueCode": "75"}]),
        "$[0].attributes[0]: an unknown attribute",
    ),
    "attribute twice": (record(attributes=[{"attrCode": "currency", "valueCode": "USD"}] * 2), "twice"),
    "no attributes": (record(attributes=None), "$[0].attributes: currency: a value is required"),
    "no amount": (record(amount=None), "amount: a value is required"),
    "amount 0": (record(amount=0), "$[0].amount: amount: not a positive number"),
    "amount as text": (record(amount="1001.25"), "amount: not a number"),
    "date": (record(reportDate="01.02.2023"), "$[0].reportDate: report_date: not a date"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_refused_and_earlier_rows_stay(agencies, house, name):
    content, rule = BAD[name]
    body = content if isinstance(content, bytes) else json.dumps([content]).encode()
    house.refresh(QUICK, year(2022))
    agencies.fail(DATA_NBK, PATH, Fault(body=lambda _: body))
    error = str(house.refresh(QUICK, year(2023)).error)
    assert rule in error
    assert "Next: " in error
    assert house.query(f"select count(*) from raw.{AVERAGES.name}") == [(12,)]
    assert house.state(AVERAGES) == ("stale", error)


def test_a_record_twice_is_refused(agencies, house):
    agencies.fail(DATA_NBK, PATH, Fault(body=lambda _: json.dumps([record(), record()]).encode()))
    assert "the same report_date, currency, periodicity twice" in house.refresh(QUICK, year(2023)).error
