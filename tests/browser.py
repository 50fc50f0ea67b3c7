"""What the UI test stands on: a headless chromium, the lineage as it is drawn."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.conftest import ROOT

T = TypeVar("T")

WINDOW: ViewportSize = {"width": 1600, "height": 1000}
PICTURES = ROOT / "test-output" / "ui"
CHROMIUM = shutil.which("chromium")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
STEP_SECONDS = 120  # beside other tests on a slow machine; a second or two alone
PICTURE_SECONDS = 60
PICTURE_ATTEMPTS = 3
EMPTY_PIXELS_A_BYTE = 100  # of a drawn window a byte of PNG shows some fifteen
TOLERANCE = 8

READ_DRAWING = """() => ({
    boxes: [...document.querySelectorAll('svg foreignObject')].map(box => ({
        is_group: box.classList.contains('group'),
        text: box.firstElementChild?.innerText ?? '',
        name: box.querySelector('[data-tooltip]')?.dataset.tooltip,
        checks: box.querySelector('a[href$="view=checks"]')?.getAttribute('href'),
        bounds: ['x', 'y', 'width', 'height'].map(side => Number(box.getAttribute(side))),
    })),
    lines: [...document.querySelectorAll('svg > path')].map(line => line.getAttribute('d')),
})"""


@dataclass(frozen=True)
class Lineage:
    """The asset graph as drawn: what stands in each node, and which nodes a line joins."""

    nodes: dict[str, str]
    lines: set[tuple[str, str]]

    def leads_to(self, start: str) -> set[str]:
        """All nodes that lines lead to from `start`, and `start`."""
        reached, ahead = {start}, [start]
        while ahead:
            here = ahead.pop()
            found = {end for begin, end in self.lines if begin == here} - reached
            ahead += found
            reached |= found
        return reached


def read_lineage(page: Page) -> Lineage:
    """Read nodes and lines off the page; a node without checks is named by group and name, others by key."""
    drawing = page.evaluate(READ_DRAWING)
    groups = [box for box in drawing["boxes"] if box["is_group"]]
    nodes = {_key(box, groups): box for box in drawing["boxes"] if not box["is_group"] and box["name"]}
    lines = set()
    for path in drawing["lines"]:
        x, y, *_, end_x, end_y = (float(number) for number in re.findall(r"-?[\d.]+", path))
        begins = [key for key, box in nodes.items() if _is_at(box["bounds"], x, y, right=True)]
        ends = [key for key, box in nodes.items() if _is_at(box["bounds"], end_x, end_y, right=False)]
        lines |= {(begin, end) for begin in begins for end in ends}
    return Lineage({key: box["text"] for key, box in nodes.items()}, lines)


def _key(box: dict[str, Any], groups: list[dict[str, Any]]) -> str:
    if box["checks"]:
        return urlsplit(box["checks"]).path.removeprefix("/assets/")
    x, y, *_ = box["bounds"]
    for group in groups:
        left, top, width, height = group["bounds"]
        is_inside = 0 <= x - left <= width and 0 <= y - top <= height
        if is_inside and group["name"] != box["name"]:
            return f"{group['name']}/{box['name']}"
    return str(box["name"])


def _is_at(bounds: list[float], x: float, y: float, right: bool) -> bool:
    """Whether a line's end lies at the middle of a node's right or left side."""
    left, top, width, height = bounds
    side = left + width if right else left
    return abs(x - side) <= TOLERANCE and abs(y - top - height / 2) <= TOLERANCE


def eventually(read: Callable[[], T], is_good: Callable[[T], bool], page: Page) -> T:
    """Read until it is good or the time is up, and hand back the last reading for the caller to assert on."""
    until = time.monotonic() + STEP_SECONDS
    while not is_good(reading := read()) and time.monotonic() < until:
        page.wait_for_timeout(200)
    return reading


def take_picture(page: Page, name: str) -> None:
    """Keep what the window shows as PICTURES/`name`.png.

    Chromium draws without a GPU: beside other tests on a slow machine a picture of the whole lineage takes
    longer than a click, now and then one never comes while the next does, and one comes before the graph is
    drawn.
    """
    window = page.viewport_size or WINDOW
    for attempt in range(1, PICTURE_ATTEMPTS + 1):
        try:
            picture = page.screenshot(path=PICTURES / f"{name}.png", timeout=PICTURE_SECONDS * 1000)
        except PlaywrightError:
            if attempt == PICTURE_ATTEMPTS:
                raise
            continue
        if len(picture) * EMPTY_PIXELS_A_BYTE > window["width"] * window["height"]:
            return
        page.wait_for_timeout(2000)


@contextmanager
def browser_page() -> Iterator[tuple[Page, set[str]]]:
    """A page of a headless chromium, and the set of hosts that it has asked so far."""
    hosts: set[str] = set()

    def note(url: str) -> None:
        parts = urlsplit(url.removeprefix("blob:"))
        hosts.add(parts.hostname or parts.scheme)

    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport=WINDOW)
        page.add_init_script("localStorage.clear()")  # each address opens as on a first visit
        page.set_default_timeout(STEP_SECONDS * 1000)
        page.context.on("request", lambda request: note(request.url))
        page.on("websocket", lambda websocket: note(websocket.url))
        try:
            yield page, hosts
        except BaseException:
            with suppress(PlaywrightError):
                take_picture(page, "failure")
            raise
        finally:
            browser.close()
