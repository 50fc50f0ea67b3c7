"""What the audit must find of planted errors, and that it leaves consistent reports alone."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.audit import ALARMS, FALSE_ALARMS, KINDS, RECALL, SEVERAL, Auditor, Measured, measure
from bench.generated_reports import LARGEST, SMALLEST, generated

REPORTS = range(12)
# Kinds that not every report has room for.
FEWEST = 3


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure(REPORTS)


@pytest.mark.parametrize("kind", [*KINDS, SEVERAL])
def test_planted_errors_are_found(measured: Measured, kind: str) -> None:
    tally = measured.kinds[kind]
    assert tally.planted >= FEWEST
    assert tally.recall >= RECALL, tally.missed


def test_consistent_reports_and_what_lies_far_from_an_error_raise_no_alarm(measured: Measured) -> None:
    assert measured.claims > 1000
    assert measured.false_alarms < FALSE_ALARMS, measured.alarms
    assert measured.far_alarms.total() < FALSE_ALARMS * measured.far_claims.total(), measured.far_alarms


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_a_consistent_report_has_no_mismatch(seed: int) -> None:
    draft = generated(seed)
    assert SMALLEST <= len(draft.order) <= LARGEST
    with TemporaryDirectory() as folder:
        checks = Auditor(Path(folder)).checks(draft)
    assert [check for check in checks if check.verdict in ALARMS] == []


def test_a_seed_makes_one_report() -> None:
    assert generated(7) == generated(7) != generated(8)
