"""docs/audit_2023q3.md says what a refresh on recorded sources makes of the report of 2023Q3."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ROOT
from tools.write_audit_pages import pages


def test_the_committed_page_is_that_of_a_refresh(refreshed: Path) -> None:
    written = pages(refreshed / "build.duckdb")
    assert ROOT / "docs" / "audit_2023q3.md" in written
    for path, text in written.items():
        assert path.read_text("utf-8") == text, "run `make audit-page` and look at the difference"
