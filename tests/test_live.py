"""The live way: what is sent, what is obeyed, what is given up, what the log says of it.

Over real HTTP and TLS against the imitation of tests/agencies.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from email.utils import formatdate

import pytest

from ingest import client as client_module
from ingest import nbk_api
from ingest.fetch import Fetched
from ingest.land import landed_resources
from ingest.recorded import recorded_resources
from tests.agencies import DATA_NBK, NBK, Fault
from tests.agencies.faults import page
from tests.house import AVERAGES, RATES, TRANSFERS, day, month

REPORT = "/en/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/report"
DAY = "/rss/get_rates.cfm"
FORM = "/api/v1/data"


def transfers():
    return TRANSFERS.resources(date(2026, 11, 3))[0]


# What is sent


def test_plan_of_a_day_is_this_month_by_day_and_past_months_by_range():
    plan = RATES.resources(date(2021, 11, 2))
    assert [(r.name, r.closed_on) for r in plan] == [
        ("2021-11-01", date(2021, 11, 1)),
        ("2021-11-02", date(2021, 11, 2)),
        ("USD 2021-09", date(2021, 12, 30)),
        ("USD 2021-10", date(2022, 1, 30)),
    ]
    assert plan[-1].first.url.endswith("beginDate=01.10.2021&endDate=31.10.2021")
    names = [r.name for r in RATES.resources(date(2027, 1, 1))]
    assert len(names) == len(set(names)) == 65
    assert (names[0], names[-1]) == ("2027-01-01", "USD 2026-12")


def test_a_resource_is_due_until_it_landed_on_the_day_that_closes_it():
    october = RATES.resources(date(2021, 11, 2))[-1]
    assert october.is_due(None)
    assert october.is_due(date(2022, 1, 29))
    assert not october.is_due(date(2022, 1, 30))
    year_2025 = AVERAGES.resources(date(2026, 3, 2))[-2]
    assert year_2025.is_due(date(2025, 6, 15))
    assert not year_2025.is_due(date(2026, 3, 1))


def test_requests_for_rates_are_exactly_the_documented_ones(agencies, house):
    assert not any(f.error for f in house.fetch(RATES, RATES.resources(date(2021, 11, 2))))
    assert [(seen.host, seen.target) for seen in agencies.seen] == [
        (NBK, f"{DAY}?fdate=01.11.2021"),
        (NBK, f"{DAY}?fdate=02.11.2021"),
        (NBK, f"{REPORT}?rates[]=5&beginDate=01.09.2021&endDate=30.09.2021"),
        (NBK, f"{REPORT}?rates[]=5&beginDate=01.10.2021&endDate=31.10.2021"),
    ]
    assert {seen.headers["User-Agent"] for seen in agencies.seen} == {client_module.USER_AGENT}
    assert_polite(agencies, RATES.pause_seconds)


def test_requests_for_a_form_go_page_by_page_from_nought(agencies, house, monkeypatch):
    monkeypatch.setattr(nbk_api, "PAGE_SIZE", 50)
    fetched = house.fetch(replace(TRANSFERS, pause_seconds=0.1), [transfers()])
    assert fetched[0].error is None
    expected = [f"formId=408&page={number}&pageSize=50" for number in range(3)]
    assert [(s.host, s.path, s.query) for s in agencies.seen] == [(DATA_NBK, FORM, q) for q in expected]
    assert_polite(agencies, 0.1)
    (landing,) = house.land()
    assert (landing.outcome, landing.rows) == ("landed", 116)


def test_requests_for_averages_are_one_a_year(agencies, house):
    quick = replace(AVERAGES, pause_seconds=0.0)
    house.fetch(quick, AVERAGES.resources(date(2024, 2, 1)))
    query = "form_id=33&date_from={}-02-01&date_to={}-01-01&lang=ru"
    assert [(s.host, s.path, s.query) for s in agencies.seen] == [
        (DATA_NBK, "/api/report/stat-data-locale", query.format(year, year + 1))
        for year in (2021, 2022, 2023, 2024)
    ]
    assert [landing.outcome for landing in house.land()] == ["empty", "landed", "landed", "landed"]
    rows = house.query(f"select report_date, amount from raw.{AVERAGES.name} order by 1")
    assert rows[0] == (date(2022, 2, 1), 1001)
    assert rows[11] == (date(2023, 1, 1), 1012)
    assert house.query("select dataset, period_shift_months from raw.dataset where period_shift_months > 0")


def assert_polite(agencies, pause):
    """One request after another, with the pause between the end of one and the begin of the next."""
    assert agencies.most_at_once == 1
    for before, after in zip(agencies.seen, agencies.seen[1:], strict=False):
        assert after.began - before.began >= pause - 0.005


def test_averages_are_absent_without_recorded_answers(house):
    house.land()
    assert recorded_resources(AVERAGES) == []
    assert house.state(AVERAGES) == ("absent", None)


def test_a_whole_plan_lands_and_the_second_time_asks_only_for_what_is_open(agencies, house):
    quick = replace(RATES, pause_seconds=0.0)
    today = date(2022, 10, 2)
    plan = RATES.resources(today)
    house.fetch(quick, plan)
    assert {landing.outcome for landing in house.land()} == {"landed", "empty"}
    assert house.state(RATES) == ("current", None)
    landed = landed_resources(house.con, RATES)
    # Of 1 and 2 October 2022, a weekend, nothing is known here: the closed day is asked for again, too.
    assert [r.name for r in plan if r.is_due(landed.get(r.name))] == ["2022-10-01", "2022-10-02"]
    sql = f"select count(*) from raw.{RATES.name} where rate_date between '2022-07-01' and '2022-09-30'"
    assert house.query(sql) == [(65,)]


# What is obeyed and refused


def test_a_redirect_within_the_host_is_followed_and_a_foreign_one_is_refused(agencies, house):
    agencies.fail(NBK, DAY, Fault(status=302, headers={"Location": f"{DAY}?fdate=04.07.2022"}, times=1))
    assert house.refresh(RATES, day("2022-07-04")).error is None
    assert len(agencies.seen) == 2
    for location in ("https://example.org/rates", "http://nationalbank.kz/rates", "//data.nationalbank.kz/"):
        agencies.fail(NBK, DAY, Fault(status=302, headers={"Location": location}))
        before = len(agencies.seen)
        (fetched,) = house.fetch(RATES, [day("2022-07-05")])
        assert "only https to nationalbank.kz is allowed" in str(fetched.error)
        assert len(agencies.seen) == before + 1
        assert house.log[-1].status == "failed"


def test_an_endless_redirect_is_refused(agencies, house):
    agencies.fail(NBK, DAY, Fault(status=302, headers={"Location": f"{DAY}?fdate=04.07.2022"}))
    (fetched,) = house.fetch(RATES, [day("2022-07-04")])
    assert "more than 5 redirects" in str(fetched.error)


@pytest.mark.parametrize(("status", "is_date"), [(429, False), (503, True)])
def test_retry_after_is_obeyed(agencies, house, status, is_date):
    wait = formatdate(time.time() + 3, usegmt=True) if is_date else "2"  # a date has whole seconds
    agencies.fail(NBK, DAY, Fault(status=status, headers={"Retry-After": wait}, times=1))
    landing = house.refresh(RATES, day("2022-07-04"))
    assert landing.outcome == "landed"
    first, second = agencies.seen
    assert 1.9 <= second.began - first.ended < 4
    (attempt,) = house.log
    assert (attempt.tries, attempt.retried, attempt.status) == (2, [f"HTTP {status}"], "ok")


def test_no_wait_is_begun_that_outlasts_the_deadline(agencies, house):
    house.deadline = 2
    agencies.fail(NBK, DAY, Fault(status=429, headers={"Retry-After": "30"}))
    began = time.monotonic()
    (fetched,) = house.fetch(RATES, [day("2022-07-04")])
    assert time.monotonic() - began < 2
    assert "HTTP 429, and the server asks to wait 30 s" in str(fetched.error)
    assert len(agencies.seen) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault(hang=True), Fault(drip=0.2), Fault(drip_body=0.2)],
    ids=["hang", "headers drip", "body drips"],
)
def test_a_slow_server_is_given_up_in_bounded_time(agencies, house, fault):
    house.deadline = 2
    agencies.fail(NBK, DAY, fault)
    began = time.monotonic()
    (fetched,) = house.fetch(RATES, [day("2022-07-04")])
    assert time.monotonic() - began < 4
    assert "no whole answer within 2 s" in str(fetched.error)
    assert fetched.is_unanswered


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(status=500, times=1), "HTTP 500"),
        (Fault(reset=True, times=1), ""),
        (Fault(truncate=True, times=1), "peer closed connection"),
    ],
    ids=["500", "reset", "cut"],
)
def test_what_may_pass_is_tried_again_and_the_log_says_why(agencies, house, fault, why):
    agencies.fail(NBK, DAY, fault)
    assert house.refresh(RATES, day("2022-07-04")).outcome == "landed"
    (attempt,) = house.log
    assert (attempt.tries, attempt.http_status, attempt.error) == (2, 200, None)
    assert len(attempt.retried) == 1
    assert why in attempt.retried[0]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_what_will_not_pass_is_not_tried_again(agencies, house, status):
    agencies.fail(NBK, DAY, Fault(status=status, body=page))
    (fetched,) = house.fetch(RATES, [day("2022-07-04")])
    assert f"HTTP {status} in place of 200" in str(fetched.error)
    assert len(agencies.seen) == 1
    assert not fetched.is_unanswered


@pytest.mark.parametrize("announced", [True, False])
def test_a_huge_answer_is_refused(agencies, house, monkeypatch, announced):
    monkeypatch.setattr(client_module, "SIZE_LIMIT", 100_000)
    headers = {} if announced else {"Content-Length": "", "Connection": "close"}
    agencies.fail(NBK, DAY, Fault(huge=1_000_000, headers=headers))
    (fetched,) = house.fetch(RATES, [day("2022-07-04")])
    assert "larger than 100,000 bytes" in str(fetched.error)


def test_tls_is_verified(agencies, house, monkeypatch):
    monkeypatch.delenv("MTM_CA_BUNDLE")
    (fetched,) = house.fetch(RATES, [day("2022-07-04")])
    assert "CERTIFICATE_VERIFY_FAILED" in str(fetched.error)
    assert "MTM_CA_BUNDLE" in fetched.error.next_step
    assert agencies.seen == []
    assert house.log[0].tries == 1


def test_a_child_process_needs_nothing_but_the_environment(agencies, tmp_path):
    code = (
        "import os; from ingest.client import Client; from datetime import date;"
        "from ingest.sources.national_bank.exchange_rates import DATASET as d;"
        "a = Client('live', ca_bundle=os.environ['MTM_CA_BUNDLE'])"
        ".get(d, d.resources(date(2022, 7, 4))[-1].first, {});"
        "print(a.status, a.error)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=agencies.env, capture_output=True, text=True, check=False
    )
    assert run.stdout == "200 None\n", run.stderr
    assert len(agencies.seen) == 1


# Conditional requests


def test_validators_are_sent_where_they_were_given_and_304_keeps_the_bytes(agencies, house):
    agencies.give_validators(NBK, REPORT)
    assert house.refresh(RATES, month(7)).outcome == "landed"
    for _ in range(2):  # the second 304 needs the validators that the first did not repeat
        assert house.refresh(RATES, month(7)).outcome == "unchanged"
    assert [seen.status for seen in agencies.seen] == [200, 304, 304]
    assert "If-None-Match" not in agencies.seen[0].headers
    assert len({attempt.sha256 for attempt in house.log}) == 1
    assert [attempt.http_status for attempt in house.log] == [200, 304, 304]


def test_without_validators_the_same_bytes_are_seen_by_their_hash(agencies, house):
    assert house.refresh(RATES, month(7)).outcome == "landed"
    assert house.refresh(RATES, month(7)).outcome == "unchanged"
    assert not any("If-None-Match" in seen.headers for seen in agencies.seen)


def test_304_for_what_was_never_fetched_is_an_error_not_a_crash(agencies, house):
    agencies.fail(NBK, REPORT, Fault(status=304))
    (fetched,) = house.fetch(RATES, [month(7)])
    assert "HTTP 304 for what was never fetched" in str(fetched.error)


# What one failure does to the others


def test_a_dead_host_leaves_its_dataset_stale_and_the_others_untouched(agencies, house):
    house.refresh(RATES, month(7))
    agencies.kill(NBK)
    fetched = house.fetch(RATES, [month(8), month(9), month(10), month(11)])
    assert [f.resource for f in fetched] == ["USD 2022-08", "USD 2022-09"]
    assert all(f.is_unanswered for f in fetched)
    assert "2 more resource(s) of a dead endpoint not asked for" in house.said[-1]
    assert house.refresh(TRANSFERS, transfers()).outcome == "landed"
    state, reason = house.state(RATES)
    assert state == "stale"
    assert "no answer in 4 tries" in reason
    assert house.state(TRANSFERS) == ("current", None)
    assert house.query(f"select count(*) from raw.{RATES.name}") == [(20,)]
    attempt = next(a for a in house.log if a.resource == "USD 2022-08")
    assert (attempt.status, attempt.tries, len(attempt.retried)) == ("failed", 4, 3)

    agencies.mend()
    house.refresh(RATES, month(8))
    house.refresh(RATES, month(9))
    assert house.state(RATES) == ("current", None)


def test_a_dead_endpoint_does_not_starve_the_other_endpoint_of_its_dataset(agencies, house):
    agencies.fail(NBK, REPORT, Fault(status=500))
    fetched = house.fetch(RATES, [month(7), month(8), month(9), day("2022-07-04")])
    assert [(f.resource, f.error is None) for f in fetched] == [
        ("USD 2022-07", False),
        ("USD 2022-08", False),
        ("2022-07-04", True),
    ]


def test_a_failed_day_counts_until_a_later_day_leaves_it_out(agencies, house):
    agencies.fail(NBK, DAY, Fault(status=404))
    assert isinstance(house.refresh(RATES, day("2022-07-04")), Fetched)
    assert house.refresh(RATES, month(7)).outcome == "landed"
    assert house.state(RATES)[0] == "stale"
    log = house.root / "attempts.jsonl"
    lines = log.read_text("utf-8").splitlines(keepends=True)
    today = house.log[0].fetched_at[:10]
    log.write_text(lines[0].replace(today, "2022-07-04", 1) + lines[1], "utf-8")
    house.land()
    assert house.state(RATES) == ("current", None)


def test_closed_resources_that_landed_are_known(agencies, house):
    house.refresh(RATES, month(7))
    house.refresh(RATES, day("2026-11-01"))  # empty: to be asked for again
    assert landed_resources(house.con, RATES) == {
        "USD 2022-07": date.fromisoformat(house.log[0].fetched_at[:10])
    }


def test_every_attempt_is_in_the_log_and_can_be_queried(agencies, house):
    agencies.fail(NBK, DAY, Fault(status=500, times=1), Fault(status=404, times=1))
    house.fetch(RATES, [day("2022-07-04"), day("2022-07-04")])
    house.land()
    assert [(a.tries, a.http_status, a.status) for a in house.log] == [(2, 404, "refused"), (1, 200, "ok")]
    rows = house.query("select http_status, tries, error is null from raw.fetch_log order by log_line")
    assert rows == [(404, 2, False), (200, 1, True)]
