"""All checks of a report: against itself, and against the warehouse where there is one."""

from __future__ import annotations

import duckdb

from audit.checks import Check
from audit.claims import Report
from audit.inside import inside_checks


def judge(report: Report, con: duckdb.DuckDBPyConnection | None) -> list[Check]:
    """Checks in the order of the claims; `con` reads marts, indicators and audit of a warehouse."""
    order = {claim_id: number for number, claim_id in enumerate(report.claims)}
    return sorted(inside_checks(report), key=lambda check: (order[check.claim_id], check.check, check.rule))
