"""What a check says of a claim, and the order in which checks are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from audit.claims import Claim

# Worst first.
VERDICTS = ("mismatch", "last_digit", "revised_since", "unsupported", "not_checkable", "match")


@dataclass(frozen=True)
class Check:
    """One rule applied to one claim; the grain of audit.claim_check is claim, check and rule.

    check: `inside` the report, or against the `warehouse`. recomputed and difference are in the unit of the
    claim; difference is printed less recomputed. inputs: the claims, or series of the warehouse, it rests on.
    """

    claim_id: str
    check: str
    rule: str
    verdict: str
    recomputed: Fraction | None = None
    difference: Fraction | None = None
    inputs: tuple[str, ...] = ()
    proposed_cause: str = ""
    reason: str = ""


def inside(
    claim: Claim,
    rule: str,
    verdict: str,
    recomputed: Fraction | None = None,
    inputs: Iterable[Claim] = (),
    cause: str = "",
    reason: str = "",
) -> Check:
    """A check of the claim against other claims of its report."""
    has_both = recomputed is not None and claim.value is not None
    difference = Fraction(claim.value or 0) - (recomputed or 0) if has_both else None
    names = tuple(each.claim_id for each in inputs)
    return Check(claim.claim_id, "inside", rule, verdict, recomputed, difference, names, cause, reason)
