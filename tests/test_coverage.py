"""docs/coverage.md says what a refresh on recorded sources holds."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ROOT
from tools.write_coverage import coverage


def test_the_committed_coverage_is_that_of_a_refresh(refreshed: Path) -> None:
    page = (ROOT / "docs" / "coverage.md").read_text("utf-8")
    assert coverage(refreshed / "build.duckdb") == page, "run `make coverage` and look at the difference"
