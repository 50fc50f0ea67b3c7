"""`audit.claim` and `audit.claim_check`: the claims of all reports and what the checks say, for a release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import duckdb

from audit.checks import VERDICTS, Check
from audit.claims import Claim, Report
from audit.printed import rounded

PLACES = 9
TOO_GREAT = 10**15

Cell = str | int | Decimal | None


@dataclass(frozen=True)
class Judged:
    """A report with everything that the checks say of its claims."""

    report: Report
    checks: list[Check]


@dataclass(frozen=True)
class Table:
    """A table of the schema audit: columns with type and comment, the first ones marked as its grain."""

    name: str
    comment: str
    columns: tuple[tuple[str, str, str], ...]
    grain: tuple[str, ...]


CLAIM = Table(
    "claim",
    "Grain: report, claim_id. One figure or statement that a report prints, as its claims file has it"
    " (docs/claims.md).",
    (
        ("report", "varchar", "Name of the claims file without its ending, such as report_2023q3."),
        ("claim_id", "varchar", "Claim within the report, in the order of print."),
        ("row_number", "integer", "Row of the claims file; the header is row 1."),
        ("section", "varchar", "Section of the report that prints it."),
        ("indicator", "varchar", "Indicator of marts.dim_indicator; of a context claim, any word."),
        ("measure", "varchar", "What is said of the indicator: value, share_of_total, change_on_year, ..."),
        ("direction", "varchar", "arrival, departure, net, sent, received; empty where there is none."),
        ("period", "varchar", "2023, 2023Q3, 2023-07, 2023-09-01 or 2023-01..2023-09."),
        ("geography", "varchar", "TOTAL or codes of countries, groups or regions, with blanks between."),
        ("breakdown", "varchar", "Code within a breakdown, such as an activity; empty for the whole."),
        (
            "value",
            "decimal(24,9)",
            "The printed figure; empty for a word or a date. Unit: as in column unit.",
        ),
        ("raw_text", "varchar", "The figure, word or date as the claims file has it."),
        ("unit", "varchar", "Unit of the figure as printed."),
        ("printed_decimals", "integer", "Decimals of the printed figure; -3 is a figure in thousands."),
        ("stated_as", "varchar", "The wording: exact, over, about, rounded to thousands, positive, ..."),
        ("derivation", "varchar", "Arithmetic of other claims that the figure is said to come from."),
        ("agency", "varchar", "Who the report says it is from."),
        ("kind", "varchar", "source, derived, context or qualitative."),
    ),
    ("report", "claim_id"),
)
CLAIM_CHECK = Table(
    "claim_check",
    "Grain: report, claim_id, check, rule. One rule applied to one claim of audit.claim, inside the report or"
    " against this warehouse.",
    (
        ("report", "varchar", "Report of the claim."),
        ("claim_id", "varchar", "Claim of audit.claim."),
        ("check", "varchar", "inside (the report against itself) or warehouse (against this release)."),
        ("rule", "varchar", "The rule that was applied, such as derivation."),
        ("verdict", "varchar", f"{', '.join(VERDICTS)}: worst first."),
        ("recomputed", "decimal(24,9)", "The figure made again, rounded half up. Unit: unit of the claim."),
        (
            "difference",
            "decimal(24,9)",
            "Printed figure less the recomputed one. Unit: unit of the claim.",
        ),
        ("inputs", "varchar", "Claims or series that the recomputed figure rests on, by comma."),
        ("proposed_cause", "varchar", "What may have led to the difference; a proposal, never a finding."),
        ("reason", "varchar", "Why the verdict is not a plain match."),
    ),
    ("report", "claim_id", "check", "rule"),
)
TABLES = (CLAIM, CLAIM_CHECK)


def write(con: duckdb.DuckDBPyConnection, reports: Sequence[Judged]) -> None:
    """Replace both tables; all or nothing."""
    con.execute("begin")
    try:
        con.execute("create schema if not exists audit")
        _fill(con, CLAIM, (_claim(each.report, claim) for each in reports for claim in _claims(each)))
        _fill(con, CLAIM_CHECK, (_check(each.report, check) for each in reports for check in each.checks))
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def drop(con: duckdb.DuckDBPyConnection) -> None:
    """Take both tables away before a build that they would no longer be of."""
    for table in TABLES:
        con.execute(f"drop table if exists audit.{table.name}")


def are_written(con: duckdb.DuckDBPyConnection) -> bool:
    found = con.execute(
        "select count(*) from duckdb_tables() where schema_name = 'audit' and list_contains(?, table_name)",
        [[table.name for table in TABLES]],
    ).fetchone()
    return found == (len(TABLES),)


def decimal(value: Fraction | None) -> Decimal | None:
    """A figure to nine places, half away from zero; none where the column cannot hold it."""
    if value is None or abs(value) >= TOO_GREAT:
        return None
    return Decimal(int(rounded(value, Fraction(1, 10**PLACES)) * 10**PLACES)).scaleb(-PLACES)


def _claims(judged: Judged) -> Iterator[Claim]:
    yield from judged.report.claims.values()


def _claim(report: Report, claim: Claim) -> tuple[Cell, ...]:
    return (
        report.name, claim.claim_id, claim.row, claim.section, claim.indicator, claim.measure,
        claim.direction, claim.period, claim.geography, claim.breakdown, decimal(_fraction(claim)),
        claim.text, claim.unit, claim.decimals, claim.stated_as, claim.derivation, claim.agency, claim.kind,
    )  # fmt: skip


def _fraction(claim: Claim) -> Fraction | None:
    return None if claim.value is None else Fraction(claim.value)


def _check(report: Report, check: Check) -> tuple[Cell, ...]:
    return (
        report.name, check.claim_id, check.check, check.rule, check.verdict, decimal(check.recomputed),
        decimal(check.difference), ", ".join(check.inputs), check.proposed_cause, check.reason,
    )  # fmt: skip


def _fill(con: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[tuple[Cell, ...]]) -> None:
    """Create the table with its grain as key and its comments, and insert all rows at once, as text."""
    name = f"audit.{table.name}"
    columns = ", ".join(f'"{column}" {kind}' for column, kind, _ in table.columns)
    grain = ", ".join(f'"{column}"' for column in table.grain)
    con.execute(f"create or replace table {name} ({columns}, primary key ({grain}))")
    con.execute(f"comment on table {name} is '{_quoted(table.comment)}'")
    for column, _, comment in table.columns:
        con.execute(f"comment on column {name}.\"{column}\" is '{_quoted(comment)}'")
    texts = [[_text(cell) for cell in row] for row in rows]
    if texts:
        lists = [[row[index] for row in texts] for index in range(len(table.columns))]
        unnested = ", ".join("unnest(?::varchar[])" for _ in lists)
        con.execute(f"insert into {name} select {unnested}", lists)


def _text(cell: Cell) -> str | None:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return None if cell is None or cell == "" else str(cell)


def _quoted(text: str) -> str:
    return text.replace("'", "''")
