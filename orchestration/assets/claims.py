"""The claims of reports, judged against the build; what is found does not stop a release."""

from collections import Counter
from collections.abc import Iterator

import dagster as dg

from audit.checks import VERDICTS
from audit.claims import ClaimsError
from audit.tables import CLAIM, CLAIM_CHECK, Judged, Table, decimal
from orchestration import dbt, steps
from orchestration.assets import metadata
from orchestration.assets.metadata import ANALYSIS, OFFENDING_ROWS
from orchestration.ledger import Run
from orchestration.runs import WRITER_POOL
from orchestration.settings import Settings

# What the rules read beside the facts of marts, and what gives the names that a claim may have.
NAMES = ("marts/dim_indicator",)
READ = (
    "audit/lineage", "audit/revision", "indicators/indicator_history", "indicators/quarterly_indicator",
    "marts/dim_country", "marts/dim_group_member", "marts/dim_source_file",
)  # fmt: skip
FACTS = tuple(f"marts/{name.table}" for name in dbt.published_tables() if name.table.startswith("fct_"))


def _key(table: Table) -> dg.AssetKey:
    return dg.AssetKey(["audit", table.name])


def _spec(table: Table, upstream: tuple[str, ...]) -> dg.AssetSpec:
    return dg.AssetSpec(
        _key(table),
        deps=[dg.AssetKey(name.split("/")) for name in upstream],
        description=table.comment,
        group_name="audit",
        kinds={"python", "duckdb"},
        owners=ANALYSIS,
        tags={"layer": "audit"},
        metadata={
            "dagster/column_schema": dg.TableSchema([metadata.column(*each) for each in table.columns]),
            "dagster/table_name": f"audit.{table.name}",
            **metadata.code("audit/tables.py", "audit/claims"),
        },
    )


@dg.multi_asset(
    name="judge",
    pool=WRITER_POOL,
    specs=[_spec(CLAIM, NAMES), _spec(CLAIM_CHECK, ("audit/claim", *READ, *FACTS))],
    check_specs=[
        dg.AssetCheckSpec("readable", asset=_key(CLAIM), description="Every claims file can be read."),
        dg.AssetCheckSpec(
            "verdicts",
            asset=_key(CLAIM_CHECK),
            description="How many checks came to which verdict. A mismatch is a finding about a printed"
            " report, not about these tables: this passes.",
        ),
    ],
)
def judge(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Judge the claims of every report against the build."""
    judged, errors = steps.audit(Settings(), Run.of(context))
    claims = sum(len(each.report.claims) for each in judged)
    checks = sum(len(each.checks) for each in judged)
    yield dg.MaterializeResult(
        _key(CLAIM), metadata={"dagster/row_count": claims}, check_results=[_readable(errors)]
    )
    yield dg.MaterializeResult(
        _key(CLAIM_CHECK), metadata={"dagster/row_count": checks}, check_results=[_verdicts(judged)]
    )


def _readable(errors: list[ClaimsError]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not errors,
        check_name="readable",
        asset_key=_key(CLAIM),
        metadata={error.path.name: "\n".join(error.problems) for error in errors},
    )


def _verdicts(judged: list[Judged]) -> dg.AssetCheckResult:
    """The counts by report and verdict, worst first, and the first mismatches, as tables."""
    rows = []
    for each in judged:
        counts = Counter(check.verdict for check in each.checks)
        rows += [(each.report.name, verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]]
    counts = Counter(check.verdict for each in judged for check in each.checks)
    shown = {"counts": metadata.table(rows, ("report", "verdict", "checks"))}
    if mismatches := list(_mismatches(judged)):
        columns = ("report", "claim", "printed", "computed", "rule", "cause")
        shown["mismatches"] = metadata.table(mismatches[:OFFENDING_ROWS], columns)
    return dg.AssetCheckResult(
        passed=True,
        check_name="verdicts",
        asset_key=_key(CLAIM_CHECK),
        metadata=shown | {verdict: counts[verdict] for verdict in VERDICTS},
    )


def _mismatches(judged: list[Judged]) -> Iterator[tuple[str, str, str, str, str, str]]:
    for each in judged:
        for check in (check for check in each.checks if check.verdict == VERDICTS[0]):
            claim = each.report.claims[check.claim_id]
            computed = None if check.recomputed is None else decimal(check.recomputed)
            figure = "" if computed is None else f"{computed.normalize():f}"
            cause = check.proposed_cause or check.reason
            yield each.report.name, check.claim_id, claim.text, figure, check.rule, cause
