"""How many planted errors the audit finds, by kind, and how often it is alarmed where nothing is wrong.

Each report is generated from its number, written as a claims file, read and judged: once as it is, once with
each kind of error, and once with several that share no derivation. Recall is over decidable errors
(bench/planted_errors.py says which those are). `make audit-recall` writes bench/RESULTS.md.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from audit.checks import Check
from audit.inside import inside_checks
from bench.broken_relations import RELATIONS, RULES
from bench.claims_files import Draft, indicators, read_back
from bench.generated_reports import GROUPS, generated
from bench.measure import write_section
from bench.planted_errors import FIGURES, Planted, dependants, nearby, reach

REPORTS = 200
RECALL, FALSE_ALARMS = 0.95, 0.005
AT_ONCE, SEVERAL = 3, "several at once"
KINDS = FIGURES | RELATIONS
ALARMS = ("mismatch", "last_digit")


@dataclass
class Tally:
    """Errors of one kind."""

    planted: int = 0
    undecidable: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 1.0


@dataclass
class Measured:
    """Tallies by kind, what was alarmed in clean reports, and far from the error in others."""

    kinds: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    claims: int = 0
    alarms: list[str] = field(default_factory=list)
    far_claims: Counter[str] = field(default_factory=Counter)
    far_alarms: Counter[str] = field(default_factory=Counter)

    @property
    def false_alarms(self) -> float:
        return len(self.alarms) / self.claims

    def failures(self) -> list[str]:
        low = [
            f"{kind}: recall {tally.recall:.1%}"
            for kind, tally in self.kinds.items()
            if tally.recall < RECALL
        ]
        return low + ([f"false alarms {self.false_alarms:.2%}"] if self.false_alarms >= FALSE_ALARMS else [])


class Auditor:
    """Judges drafts by way of a claims file in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "report.csv"
        self.known = indicators()
        self.groups = {place: group for group, places in GROUPS.items() for place in places}

    def checks(self, draft: Draft) -> list[Check]:
        return inside_checks(read_back(draft, self.path, self.known), self.groups)


def is_found(planted: Planted, checks: Iterable[Check]) -> bool:
    near = planted.changed | planted.related | dependants(planted.draft, planted.changed)
    return any(check.verdict in planted.verdicts and check.claim_id in near for check in checks)


def several(draft: Draft, rng: Random) -> list[Planted]:
    """Errors of several kinds that share no derivation; the last of them has the report with all."""
    errors: list[Planted] = []
    touched: set[str] = set()
    for plant in rng.sample(list(FIGURES.values()), len(FIGURES)):
        planted = plant(draft, rng)
        if planted and planted.decidable and not touched & reach(planted):
            draft = planted.draft
            touched |= reach(planted)
            errors.append(planted)
        if len(errors) == AT_ONCE:
            break
    return errors


def measure(seeds: Collection[int]) -> Measured:
    """The reports of these seeds, clean and with every kind of error."""
    measured = Measured()
    with TemporaryDirectory() as folder:
        auditor = Auditor(Path(folder))
        for seed in seeds:
            draft = generated(seed)
            _clean(measured, auditor, draft, seed)
            for kind, plant in KINDS.items():
                planted = plant(draft, Random(f"{seed} {kind}"))  # noqa: S311
                if planted:
                    _tell(measured, kind, [planted], auditor.checks(planted.draft), seed)
            errors = several(draft, Random(seed))  # noqa: S311
            if len(errors) > 1:
                _tell(measured, SEVERAL, errors, auditor.checks(errors[-1].draft), seed)
    return measured


def _clean(measured: Measured, auditor: Auditor, draft: Draft, seed: int) -> None:
    checks = auditor.checks(draft)
    alarmed = {check.claim_id: check for check in checks if check.verdict in ALARMS}
    measured.claims += len(draft.order)
    measured.alarms += [f"report {seed}, {name}: {check.rule}" for name, check in alarmed.items()]


def _tell(measured: Measured, kind: str, errors: list[Planted], checks: list[Check], seed: int) -> None:
    tally = measured.kinds[kind]
    for planted in errors:
        if not planted.decidable:
            tally.undecidable += 1
        elif is_found(planted, checks):
            tally.planted += 1
            tally.found += 1
        else:
            tally.planted += 1
            tally.missed.append(f"report {seed}, {', '.join(sorted(planted.changed))}")
    near = set().union(*(nearby(planted) for planted in errors))
    alarmed = {check.claim_id for check in checks if check.verdict in ALARMS}
    measured.far_claims[kind] += len(errors[-1].draft.lines.keys() - near)
    measured.far_alarms[kind] += len(alarmed - near)


def table(measured: Measured) -> str:
    """The section of bench/RESULTS.md."""
    lines = ["| kind | decidable | undecidable | found | recall | false alarms far from it | rule |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for kind, tally in measured.kinds.items():
        far = f"{measured.far_alarms[kind]} of {measured.far_claims[kind]:,}"
        lines.append(
            f"| {kind} | {tally.planted} | {tally.undecidable} | {tally.found} | {tally.recall:.1%} | {far} "
            f"| {RULES.get(kind, 'derivation')} |"
        )
    lines += ["", f"False alarms in clean reports: {len(measured.alarms)} of {measured.claims:,} claims "
              f"({measured.false_alarms:.2%}); under {FALSE_ALARMS:.1%} is allowed. Recall of at least "
              f"{RECALL:.0%} is asked of every kind."]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    started = time.perf_counter()
    measured = measure(range(REPORTS))
    head = f"{date.today()}, {REPORTS} generated reports, {time.perf_counter() - started:.0f} s."
    text = f"{head}\n\n{table(measured)}"
    write_section("audit", text)
    for kind, tally in measured.kinds.items():
        if tally.missed:
            sys.stderr.write(f"{kind}, missed: {'; '.join(tally.missed[:5])}\n")
    sys.stderr.writelines(f"false alarm: {alarm}\n" for alarm in measured.alarms[:20])
    sys.stdout.write(text + "\n")
    sys.exit("; ".join(measured.failures()) or 0)


if __name__ == "__main__":
    main()
