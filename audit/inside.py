"""Checks of a report against itself: what is derived, and what its own figures say of one another."""

from __future__ import annotations

from fractions import Fraction

from audit.arithmetic import evaluate, names_in
from audit.checks import Check
from audit.claims import Claim, Report
from audit.printed import interval_of, verdict_of


def inside_checks(report: Report) -> list[Check]:
    """Every check that the report alone allows."""
    return [
        derived(claim, report)
        for claim in report.claims.values()
        if claim.derivation and claim.value is not None
    ]


def derived(claim: Claim, report: Report) -> Check:
    """The claim against its derivation from other claims."""
    operands = {name: interval_of(report.claims[name]) for name in names_in(claim.derivation)}
    inputs = tuple(sorted(operands))
    try:
        found = evaluate(claim.derivation, operands)
    except ZeroDivisionError as error:
        return Check(
            claim.claim_id, "inside", "derivation", "not_checkable", inputs=inputs, reason=str(error)
        )
    verdict, reason = verdict_of(claim, found)
    difference = Fraction(claim.value or 0) - found.point
    return Check(
        claim.claim_id, "inside", "derivation", verdict, found.point, difference, inputs, reason=reason
    )
