"""`mtm audit`: the printed figures of a report against each other and against the current release."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Annotated, NoReturn

import duckdb
import typer

from audit import page, reports
from audit.checks import VERDICTS, Check
from audit.claims import Claim, ClaimsError, read_claims
from audit.judge import judge
from audit.tables import Judged, decimal
from audit.words import Names, names_of, printed, shortened, what
from orchestration.cli.query import known_format
from orchestration.cli.tables import console, errors, open_release, print_table
from orchestration.settings import ROOT, Settings
from publish.tables import PublishError

FORMATS = ("table", "md", "html", "json", "csv")
COLUMNS = (
    "verdict", "claim_id", "section", "what", "printed", "check", "rule", "recomputed", "difference",
    "inputs", "proposed_cause", "reason", "kind", "indicator", "measure", "direction", "period", "geography",
    "breakdown", "raw_text", "unit", "stated_as", "derivation", "agency",
)  # fmt: skip
SHOWN = ("claim", "section", "what", "printed", "recomputed", "difference", "check", "cause", "reason")
INDICATORS = ROOT / "dbt_project" / "seeds" / "indicator.csv"


def add_to(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    report: Annotated[str, typer.Argument(help="Quarter of a kept report, 2023Q3, or a claims file")],
    output: Annotated[str, typer.Option("--format", help=", ".join(FORMATS))] = "table",
    verdict: Annotated[
        list[str] | None, typer.Option(help=f"Show this verdict alone: {', '.join(VERDICTS)}")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on a mismatch")] = False,
) -> None:
    """Judge the printed figures of a report: against each other, and against the current release.

    Example: `mtm audit 2023Q3 --verdict mismatch`. A file of your own: docs/claims.md.
    """
    known_format(output, FORMATS)
    wanted = tuple(verdict or ())
    if unknown := [each for each in wanted if each not in VERDICTS]:
        _refuse_use(f"--verdict is one of {', '.join(VERDICTS)}, not {unknown[0]}")
    path = _claims_file(report)
    settings = Settings()
    with _current_release(settings) as con:
        judged = _judged(path, con)
        names = names_of(con) if con else Names()
    against = f"Held against release {settings.releases.current()}." if con else "Not held against a release."
    if output in ("md", "html"):
        write = page.markdown if output == "md" else page.html
        typer.echo(write(judged, names, against, wanted), nl=output == "md")
    elif output == "table":
        _print_tables(judged, names, wanted)
    else:
        _print_records(_records(judged, names, wanted), output)
    if strict and any(check.verdict == "mismatch" for check in judged.checks):
        raise typer.Exit(1)


def _claims_file(report: str) -> Path:
    """The kept claims file of a quarter, or the file that is named."""
    if reports.QUARTER.fullmatch(report.upper()):
        kept = reports.quarters()
        if report.upper() not in kept:
            _refuse_use(f"no report of {report.upper()} is kept; reports: {', '.join(kept) or 'none'}")
        return kept[report.upper()]
    if not Path(report).is_file():
        _refuse_use(f"{report} is neither a quarter, such as 2023Q3, nor a file")
    return Path(report)


@contextmanager
def _current_release(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection | None]:
    try:
        con = open_release(settings)
    except PublishError:
        errors.print(
            f"mtm: {settings.home} has no release: judged inside the report alone",
            markup=False,
            highlight=False,
        )
        yield None
        return
    with con:
        yield con


def _judged(path: Path, con: duckdb.DuckDBPyConnection | None) -> Judged:
    try:
        report = read_claims(path, reports.indicators(con) if con else _seeded_indicators())
    except ClaimsError as error:
        errors.print(f"mtm: {error.path} is not judged:", markup=False, highlight=False)
        for problem in error.problems:
            errors.print(f"  {problem}", markup=False, highlight=False)
        raise typer.Exit(2) from None
    return Judged(report, judge(report, con))


def _seeded_indicators() -> dict[str, str]:
    """The indicators that the next release will have, where there is none yet."""
    with INDICATORS.open(encoding="utf-8", newline="") as file:
        return {row["indicator"]: row["unit"] for row in csv.DictReader(file)}


def _findings(judged: Judged, wanted: tuple[str, ...]) -> Iterator[tuple[Claim, Check | None]]:
    """Checks with their claim, worst verdict first; last the claims that no check applies to."""
    for verdict in VERDICTS:
        if not wanted or verdict in wanted:
            for check in judged.checks:
                if check.verdict == verdict:
                    yield judged.report.claims[check.claim_id], check
    if not wanted:
        checked = {check.claim_id for check in judged.checks}
        yield from ((claim, None) for name, claim in judged.report.claims.items() if name not in checked)


def _print_tables(judged: Judged, names: Names, wanted: tuple[str, ...]) -> None:
    rows: dict[str, list[tuple[object, ...]]] = {}
    for claim, check in _findings(judged, wanted):
        head = (claim.claim_id, claim.section, what(claim, names), printed(claim))
        if check is None:
            rows.setdefault(page.UNCHECKED, []).append(head)
            continue
        figures = (shortened(check.recomputed, claim), shortened(check.difference, claim))
        told = (f"{check.check}: {check.rule}", check.proposed_cause, check.reason)
        rows.setdefault(check.verdict, []).append((*head, *figures, *told))
    for verdict, lines in rows.items():
        filled = [
            index for index in range(len(lines[0])) if any(line[index] not in ("", None) for line in lines)
        ]
        print_table(
            f"{verdict} ({len(lines)})",
            [SHOWN[index] for index in filled],
            [[line[index] for index in filled] for line in lines],
        )
    counts = {verdict: sum(check.verdict == verdict for check in judged.checks) for verdict in VERDICTS}
    told_counts = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    said = f"{len(judged.report.claims)} claims, {len(judged.checks)} checks: {told_counts or 'none'}"
    console.print(said, highlight=False, markup=False, soft_wrap=True)


def _records(judged: Judged, names: Names, wanted: tuple[str, ...]) -> list[dict[str, object]]:
    """A record a check with all of its claim; null where there is nothing."""
    records = []
    for claim, check in _findings(judged, wanted):
        record: dict[str, object] = {name: getattr(claim, name, None) or None for name in COLUMNS}
        record |= {"what": what(claim, names), "printed": printed(claim), "raw_text": claim.text or None}
        if check:
            record |= {name: getattr(check, name) or None for name in ("verdict", "check", "rule")}
            record |= {"recomputed": _plain(check.recomputed), "difference": _plain(check.difference)}
            record |= {"inputs": ", ".join(check.inputs) or None}
            record |= {"proposed_cause": check.proposed_cause or None, "reason": check.reason or None}
        records.append(record)
    return records


def _print_records(records: list[dict[str, object]], output: str) -> None:
    if output == "json":
        typer.echo(json.dumps(records, ensure_ascii=False, indent=1, default=str))
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    typer.echo(text.getvalue(), nl=False)


def _plain(value: Fraction | None) -> str | None:
    kept = decimal(value)
    return None if kept is None else format(kept, "f")


def _refuse_use(reason: str) -> NoReturn:
    errors.print(f"mtm: {reason}", highlight=False, markup=False)
    raise typer.Exit(2)
