"""The Bureau of National Statistics, live: what is asked, followed, landed; figures as they are printed.

Over real HTTP and TLS against the imitation of tests/agencies.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from ingest.bns_api import printed_figure
from ingest.dataset import Dataset, Resource
from ingest.inbox import inbox_resources
from tests.agencies import BNS, TALDAU, Agencies, Fault
from tests.agencies.statistics_bureau import TITLE, Spreadsheet, workbook
from tests.house import BALANCE, BY_COUNTRY, MIGRATION, House, bureau

TODAY = date(2026, 11, 3)
INDEX = "/ru/Api/GetIndexData/"
ELEMENT = "/api/iblock/element/6567/csv/file/ru/"
LIST = "/ru/industries/social-statistics/demography/spreadsheets/"


def plan(dataset: Dataset) -> list[Resource]:
    return list(dataset.resources(TODAY))


def refresh(house: House, dataset: Dataset, resource: str):
    return house.refresh(replace(dataset, pause_seconds=0.0), bureau(dataset, resource))


# Taldau


def test_an_index_is_asked_for_as_documented_and_lands(agencies: Agencies, house: House) -> None:
    house.fetch(replace(MIGRATION, pause_seconds=0.2), plan(MIGRATION))
    query = "?period=7&dics=67,749,76,576"
    assert [(s.host, s.target) for s in agencies.seen] == [
        (TALDAU, f"{INDEX}2929752{query}"),
        (TALDAU, f"{INDEX}2929753{query}"),
    ]
    assert agencies.seen[1].began - agencies.seen[0].ended >= 0.195
    assert [(landing.outcome, landing.rows) for landing in house.land()] == [("landed", 37), ("landed", 37)]
    rows = house.query(
        f"select terms, region, period_name, amount::int, flag, source_cell, raw_text"
        f" from raw.{MIGRATION.name} where index_id = '2929752' and period_end = '2024-12-31' order by all"
    )
    term, total = "741917,39360,741935", "РЕСПУБЛИКА КАЗАХСТАН"
    suppressed = (None, "suppressed", "$[1].periods[1].value", "x")
    assert rows == [
        (f"268012,{term}", "ОБЛАСТЬ ҰЛЫТАУ", "2024 год", *suppressed),
        (f"741880,{term}", total, "2024 год", 29282, None, "$[0].periods[33].value", "29282"),
    ]
    assert house.state(MIGRATION) == ("current", None)


def test_an_empty_list_is_no_mistake_until_rows_were_there(agencies: Agencies, house: House) -> None:
    known = agencies.bureau.records["2929752"]
    agencies.bureau.records["2929752"] = []
    assert refresh(house, MIGRATION, "arrivals").outcome == "empty"
    assert house.state(MIGRATION) == ("absent", None)
    agencies.bureau.records["2929752"] = known
    assert refresh(house, MIGRATION, "arrivals").outcome == "landed"
    agencies.bureau.records["2929752"] = []
    assert "says now that it has none" in str(refresh(house, MIGRATION, "arrivals").error)


def test_wrong_parameters_are_refused_at_once_and_another_500_is_tried_again(
    agencies: Agencies, house: House
) -> None:
    first = bureau(MIGRATION, "arrivals")
    request = replace(first.first, url=first.first.url.replace(",576", ""))
    (fetched,) = house.fetch(MIGRATION, [replace(first, first=request)])
    message = str(fetched.error)
    assert message.startswith(f"{MIGRATION.name}: {request.url}: HTTP 500 (found 'Индекс за пределами")
    assert "GetSegmentList" in message
    assert not fetched.is_unanswered
    assert len(agencies.seen) == house.log[-1].tries == 1
    agencies.fail(TALDAU, f"{INDEX}2929752", Fault(status=500, times=1))
    assert refresh(house, MIGRATION, "arrivals").outcome == "landed"
    assert house.log[-1].retried == ["HTTP 500"]


# Element 6567


def test_the_table_behind_the_redirect_lands_whole(agencies: Agencies, house: House) -> None:
    assert (refresh(house, BALANCE, "element").rows, len(agencies.seen)) == (113, 2)
    assert agencies.seen[0].path == ELEMENT
    assert agencies.seen[1].path.startswith("/upload/iblock/000/")
    (attempt,) = house.log
    assert attempt.url == f"https://{BNS}{ELEMENT}"
    rows = house.query(
        f"select repetition, amount::int, source_cell, raw_text from raw.{BALANCE.name}"
        " where kato = 'ЖАМБЫЛСКИЙ РАЙОН' or (kato like 'РЕСП%' and sptm = 'Всего' and period = '200012')"
        " order by length(source_cell), source_cell"
    )
    assert rows == [
        ("1", -108307, "row 112, column VAL", "-108\u00a0307"),
        ("1", -11, "row 113, column VAL", "-11"),
        ("2", -1022, "row 114, column VAL", "-1\u00a0022"),
    ]


def test_an_address_that_changes_with_every_upload_is_looked_up_anew(
    agencies: Agencies, house: House
) -> None:
    assert refresh(house, BALANCE, "element").outcome == "landed"
    assert refresh(house, BALANCE, "element").outcome == "unchanged"
    paths = [s.path for s in agencies.seen]
    assert (paths[0], paths[2]) == (ELEMENT, ELEMENT)
    assert paths[1] != paths[3]


@pytest.mark.parametrize(
    "location", ["https://example.org/upload/x.csv", "http://stat.gov.kz/x.csv", "//taldau.stat.gov.kz/x"]
)
def test_a_redirect_to_elsewhere_is_refused(agencies: Agencies, house: House, location: str) -> None:
    agencies.fail(BNS, ELEMENT, Fault(status=302, headers={"Location": location}))
    fetched = refresh(house, BALANCE, "element")
    assert "only https to stat.gov.kz is allowed" in str(fetched.error)
    assert len(agencies.seen) == 1


# Workbooks found through a list


def test_a_list_is_asked_for_by_year(agencies: Agencies, house: House) -> None:
    assert [(r.name, r.closed_on) for r in plan(BY_COUNTRY)][:2] == [
        ("list 2022", date(2024, 1, 1)),
        ("list 2023", date(2025, 1, 1)),
    ]
    assert plan(BY_COUNTRY)[-1].name == "list 2026"
    refresh(house, BY_COUNTRY, "list 2022")
    assert [s.target for s in agencies.seen] == [f"{LIST}?name=&year=2022"]
    assert house.said[-1].endswith("list 2022: empty, 0 rows")


def test_both_releases_of_a_period_land_with_their_days(agencies: Agencies, house: House) -> None:
    assert refresh(house, BY_COUNTRY, "list 2023").rows == 12
    asked = [s.path for s in agencies.seen if not s.path.startswith("/upload/")]
    assert asked == [LIST, "/api/iblock/element/111/file/ru/", "/api/iblock/element/112/file/ru/"]
    assert [(a.published_on, a.published_basis, a.is_last) for a in house.log] == [
        (None, "unknown", False),
        ("2023-05-10", "stated", False),
        ("2023-08-01", "stated", True),
    ]
    rows = house.query(
        f"select element, listed_on::varchar, country, direction, amount::int, period_end::varchar,"
        f" measurement, source_cell from raw.{BY_COUNTRY.name}"
        " where direction = 'arrival' order by element, source_cell"
    )
    period = ("2023-03-31", "cumulative")
    assert rows == [
        ("111", "2023-05-10", "Всего", "arrival", 7680, *period, "Sheet!B5"),
        ("111", "2023-05-10", "Узбекистан", "arrival", 900, *period, "Sheet!B6"),
        ("112", "2023-08-01", "Всего", "arrival", 7700, *period, "Sheet!B5"),
        ("112", "2023-08-01", "Узбекистан", "arrival", 920, *period, "Sheet!B6"),
    ]
    assert refresh(house, BY_COUNTRY, "list 2023").outcome == "unchanged"
    assert len({s.path for s in agencies.seen if s.path.startswith("/upload/")}) == 4


def test_a_file_more_on_the_list_adds_its_rows_only(agencies: Agencies, house: House) -> None:
    refresh(house, BY_COUNTRY, "list 2023")
    half = workbook("за январь-июнь 2023 года", [["Всего", 13652, 6996, 6656]])
    agencies.bureau.spreadsheets.append(Spreadsheet(113, f"{TITLE}, январь-июнь 2023 года", "", half))
    landing = refresh(house, BY_COUNTRY, "list 2023")
    assert (landing.outcome, landing.rows) == ("landed", 15)
    assert house.query(f"select count(*) from raw.{BY_COUNTRY.name}") == [(15,)]
    assert (house.log[-1].published_on, house.log[-1].published_basis) == (None, "unknown")
    sql = f"select distinct listed_on from raw.{BY_COUNTRY.name} where element = '113'"
    assert house.query(sql) == [(None,)]


def test_a_list_without_a_match_is_empty_until_rows_were_there(agencies: Agencies, house: House) -> None:
    refresh(house, BY_COUNTRY, "list 2023")
    agencies.bureau.spreadsheets = agencies.bureau.spreadsheets[2:]
    assert "says now that it has none" in str(refresh(house, BY_COUNTRY, "list 2023").error)
    assert house.query(f"select count(*) from raw.{BY_COUNTRY.name}") == [(12,)]


def test_an_old_xls_is_known_by_its_first_bytes(agencies: Agencies, house: House) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Лист1")
    lines = [[TITLE], ["за 2023 год"], ["Страна", "Прибыло", "Выбыло"], ["Всего", 25387, "16 094"]]
    lines += [["Китай*", "2 000*", "-"], ["* округлено"]]
    for row, cells in enumerate(lines):
        for column, value in enumerate(cells):
            sheet.write(row, column, value)
    stream = io.BytesIO()
    book.save(stream)
    agencies.bureau.spreadsheets = [Spreadsheet(7, f"{TITLE} за 2023 год", "", stream.getvalue())]
    assert refresh(house, BY_COUNTRY, "list 2023").outcome == "landed"
    assert house.log[-1].path.endswith(".xls")
    sql = f"select country, direction, amount::int, flag, measurement from raw.{BY_COUNTRY.name} order by all"
    assert house.query(sql) == [
        ("Всего", "arrival", 25387, None, "flow"),
        ("Всего", "departure", 16094, None, "flow"),
        ("Китай*", "arrival", 2000, "rounded", "flow"),
        ("Китай*", "departure", 0, "nil", "flow"),
    ]


def test_a_workbook_that_lies_in_the_inbox_lands_under_its_name(house: House) -> None:
    folder = house.root / "inbox"
    folder.mkdir()
    (folder / "half.xlsx").write_bytes(workbook("за январь-июнь 2023 года", [["Всего", 13652, 6996, 6656]]))
    assert not any(fetched.error for fetched in house.fetch(BY_COUNTRY, inbox_resources(BY_COUNTRY, folder)))
    assert [(landing.outcome, landing.rows) for landing in house.land()] == [("landed", 3)]
    sql = f"select distinct element, publication, listed_on from raw.{BY_COUNTRY.name}"
    assert house.query(sql) == [("half.xlsx", "half.xlsx", None)]


# Figures as they are printed


@given(st.integers(-(10**12), 10**12), st.sampled_from([" ", "\u00a0", "\u202f", ""]))
def test_a_number_with_blank_thousands_is_read_as_it_was_written(number: int, blank: str) -> None:
    assert printed_figure(f"{number:,}".replace(",", blank), decimal=",") == (str(number), None)


@given(st.text(alphabet="0123456789 \u00a0-.,xх", max_size=12))
def test_a_text_is_read_as_its_own_digits_or_left_as_printed(text: str) -> None:
    amount, flag = printed_figure(text, decimal=",")
    if flag:
        assert (text.strip(" \u00a0"), flag) in {("x", "suppressed"), ("х", "suppressed")}
    elif amount != text:
        assert str(Decimal(amount)).lstrip("0") in amount
        assert "".join(amount.split()) == text.replace(" ", "").replace("\u00a0", "").replace(",", ".")
