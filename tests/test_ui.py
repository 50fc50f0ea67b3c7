"""The Dagster UI as a data engineer meets it: lineage, a run, checks with their tables, a backfill.

The run launched from the page is the first one in its home, so that it fetches, lands, builds, checks and
publishes everything. The pictures are in test-output/ui.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from playwright.sync_api import Page

from tests.browser import (
    CHROMIUM,
    WINDOW,
    Lineage,
    browser_page,
    eventually,
    read_lineage,
    take_picture,
)
from tests.conftest import release
from tests.servers import LOOPBACK, Web

RUN_SECONDS = 90
WAY = (
    "source_file/national_bank__money_transfers",
    "raw/national_bank__money_transfers",
    "staging/stg_national_bank__money_transfers",
    "intermediate/observation",
    "indicators/quarterly_indicator",
    "release",
)
# No answer of it is recorded, so that its drift was not looked at.
NEVER_LANDED = "raw/national_bank__average_exchange_rates"
BACKFILLED = """
select step, count(*), sum(done) from ops.run_ledger
where job = 'backfill_exchange_rates' and state = 'done' group by step order by step
"""
SENT_2023Q3 = """
select cast(amount_mln_kzt as varchar) from indicators.quarterly_remittances
where quarter = '2023Q3' and direction = 'sent'
"""


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt-get install chromium")
def test_lineage_run_and_checks_in_the_ui(tmp_path: Path) -> None:
    ui = Web(tmp_path / "data", tmp_path / "ui.log")
    try:
        ui.wait_until_ready()
        with browser_page() as (page, hosts):
            look_at_the_way_of_a_figure(page, ui.url)
            assets = launch_refresh(page, ui.url)
            look_at_the_whole_lineage(page, ui.url, assets)
            look_at_checks(page)
            look_at_the_table_of_a_check(page, ui.url)
            launch_backfill(page, ui.url)
        assert hosts == {LOOPBACK}
        assert ui.interrupt() == [], "Ctrl-C left processes behind"
    finally:
        ui.kill()
    # One run over the range; one recorded answer holds all three months.
    with duckdb.connect(str(tmp_path / "data" / "build.duckdb"), read_only=True) as con:
        assert con.execute(BACKFILLED).fetchall() == [("fetch_months", 1, 1), ("land", 1, 1)]
    with release(tmp_path / "data") as con:
        assert con.execute(SENT_2023Q3).fetchall() == [("281076.929424307",)]


def open_lineage(page: Page, url: str, selection: str = "") -> Callable[[], Lineage]:
    """Open the lineage with every group expanded, in a window that all of it fits in."""
    page.goto(f"{url}/asset-groups~{quote(selection, safe='')}" if selection else f"{url}/asset-groups")
    page.locator("svg foreignObject.group").first.wait_for()
    page.keyboard.press("Alt+E")
    page.wait_for_url("**expanded=**")
    # Only what lies in the window is drawn: the middle of the graph may be lines alone.
    page.set_viewport_size({"width": 2 * WINDOW["width"], "height": 5 * WINDOW["height"]})
    page.locator("svg foreignObject:not(.group)").filter(has_text=re.compile(r"\w")).first.wait_for()
    graph = page.locator("svg", has=page.locator("foreignObject")).first
    width, height = (float(graph.get_attribute(side) or 0) for side in ("width", "height"))
    page.set_viewport_size({"width": int(width * 0.66) + 560, "height": int(height * 0.66) + 140})
    page.reload()
    return lambda: read_lineage(page)


def look_at_the_way_of_a_figure(page: Page, url: str) -> None:
    """What the National Bank's file leads to is one graph, with each step of the way up to the release."""
    read = open_lineage(page, url, f'key:"{WAY[0]}"+')
    lineage = eventually(read, lambda drawn: set(WAY) <= drawn.leads_to(WAY[0]), page)
    take_picture(page, "way")
    for before, after in pairwise(WAY):
        assert after in lineage.leads_to(before)
    assert lineage.leads_to(WAY[0]) == lineage.nodes.keys()


def launch_refresh(page: Page, url: str) -> int:
    """Click from the list of jobs to a finished run; returns the number of the job's assets."""
    page.set_viewport_size(WINDOW)
    page.goto(f"{url}/jobs")
    page.get_by_role("link", name="refresh").click()
    assets = page.get_by_text(re.compile(r"^View \d+ assets$")).inner_text()
    page.get_by_role("button", name="Materialize all").click()
    # In a new home Dagster asks once: no month of exchange rates is there, which stand above a raw table.
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("View", exact=True).click()
    page.wait_for_url("**/runs/*")
    outcome = page.get_by_text(re.compile("^(Success|Failure|Canceled)$")).first
    outcome.wait_for(timeout=RUN_SECONDS * 1000)
    # The log does not always follow events that come fast, and draws only what is scrolled to.
    page.get_by_text("STEP_OUTPUT", exact=True).first.hover()
    end = page.get_by_text(re.compile("^RUN_(SUCCESS|FAILURE|CANCELED)$"))

    def ends_after_scrolling() -> int:
        page.mouse.wheel(0, 100_000)
        return end.count()

    assert eventually(ends_after_scrolling, bool, page)
    take_picture(page, "run")
    assert outcome.inner_text() == "Success"
    return int(assets.split()[1])


def look_at_the_whole_lineage(page: Page, url: str, assets: int) -> None:
    """Every asset of the job is there, materialised, and its checks have passed; lines are drawn."""
    read = open_lineage(page, url)
    # The months of exchange rates are an asset that the job leaves to backfills.
    expected = assets + 1

    def is_complete(drawn: Lineage) -> bool:
        # A node is named by the link to its checks, which comes later than the node; so do its lines.
        is_whole = len(drawn.nodes) == expected and set(WAY) <= drawn.nodes.keys()
        return is_whole and not unfinished(drawn) and bool(drawn.lines)

    lineage = eventually(read, is_complete, page)
    take_picture(page, "lineage")
    assert len(lineage.nodes) == expected
    assert set(WAY) <= lineage.nodes.keys()
    # Of a hundred assets the page draws the lines of a part, which changes with the layout: that the way is
    # joined is seen above, that no asset is an orphan test_definitions says.
    assert lineage.lines
    assert unfinished(lineage) == []


def unfinished(lineage: Lineage) -> list[str]:
    """Assets that are not materialised, or with a check that has not passed and is not of lateness."""
    found = []
    for key, text in lineage.nodes.items():
        counts = re.search(r"(\d+) / (\d+) Passed", text)
        open_checks = int(counts[2]) - int(counts[1]) if counts else 0
        allowed = 1 if key.startswith("source_file/") or key in {"raw/dataset", NEVER_LANDED} else 0
        is_there = re.search(r"^Materialized|partitions", text, re.MULTILINE | re.IGNORECASE)
        if not is_there or open_checks > allowed:
            found.append(f"{key}: {text}")
    return found


def look_at_checks(page: Page) -> None:
    """Follow the checks of the indicator table from its node; each is listed as passed."""
    page.locator('a[href="/assets/indicators/quarterly_indicator?view=checks"]').click()
    page.set_viewport_size(WINDOW)
    title = page.get_by_text(re.compile(r"^Checks \(\d+\)$"))
    title.wait_for()
    page.get_by_text("Passed", exact=True).first.wait_for()
    listed = int(re.sub(r"\D", "", title.inner_text()))
    succeeded = eventually(
        lambda: page.get_by_text("Succeeded", exact=True).count(), lambda count: count == listed, page
    )
    take_picture(page, "checks")
    assert listed > 0
    assert succeeded == listed


def look_at_the_table_of_a_check(page: Page, url: str) -> None:
    """The check of the claims shows the printed figures that are wrong, as a table."""
    page.goto(f"{url}/assets/audit/claim_check?view=checks")
    page.get_by_text("[Show Markdown]").last.click()
    table = page.get_by_role("dialog").locator("table")
    table.wait_for()
    page.wait_for_timeout(500)  # the dialog fades in
    take_picture(page, "check_table")
    assert table.locator("th").all_inner_texts()[:3] == ["report", "claim", "printed"]
    assert table.locator("tbody tr").count() > 1


def launch_backfill(page: Page, url: str) -> None:
    """Three months of exchange rates, from the page of the job to the end of the one run over them."""
    page.goto(f"{url}/jobs")
    page.get_by_role("link", name="backfill_exchange_rates").click()
    page.get_by_role("button", name="Materialize all").click()
    page.get_by_placeholder("ex: 2021-09").fill("[2022-08...2022-10]")
    page.keyboard.press("Tab")
    take_picture(page, "backfill_dialog")
    page.get_by_role("button", name="Launch backfill").click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.goto(f"{url}/runs?view=backfills")
    page.get_by_text("3 partitions").wait_for()
    page.get_by_text("Success", exact=True).wait_for(timeout=RUN_SECONDS * 1000)
    take_picture(page, "backfill")
    page.goto(f"{url}/assets/source_file/national_bank__exchange_rates_by_month?view=partitions")
    page.get_by_text("Materialized (18)").wait_for()
    take_picture(page, "months")
