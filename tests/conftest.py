"""Fixtures shared by all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest import client
from tests.agencies import Agencies
from tests.house import House


@pytest.fixture
def agencies(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agencies]:
    """The imitation of the agencies, to which HTTPS_PROXY leads while the test runs."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with Agencies(tmp_path) as running:
        for name, value in running.settings.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def house(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An empty warehouse; the waits between tries are short, unless the server asks for more."""
    monkeypatch.setattr(client, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(client, "WAIT_JITTER", 0.05)
    warehouse = House(tmp_path)
    yield warehouse
    warehouse.con.close()
