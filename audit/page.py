"""The audit of a report as one page, in Markdown or HTML: counts, findings by cause, every claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from audit.checks import VERDICTS, Check
from audit.claims import Claim
from audit.tables import Judged
from audit.words import Names, printed, short, what

FINDINGS = ("mismatch", "last_digit", "revised_since")
MEANINGS = {
    "mismatch": "the figure is not what the others give, whatever its rounding; against the warehouse "
    "the reason says where a revision after the report cannot be excluded",
    "last_digit": "the figure is cut off or rounded up in its last digit",
    "revised_since": "the figure was right when it was printed and was stated anew since",
    "unsupported": "nothing that is kept supports the figure",
    "not_checkable": "no rule can tell",
    "match": "the figure holds",
    "": "no check applies: context, or a figure that nothing else rests on",
}
NO_CAUSE = "no cause proposed"
UNCHECKED = "not checked"

STYLE = """\
:root { --ink: #1c2430; --soft: #5b6675; --line: #d9dee5; --head: #f3f5f8; }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); margin: 2rem auto; max-width: 88rem;
  padding: 0 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; margin-top: 1.8rem; }
p { color: var(--soft); max-width: 60rem; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; table-layout: fixed;
  overflow-wrap: anywhere; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; }
th { background: var(--head); position: sticky; top: 0; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
table.counts { width: auto; table-layout: auto; }
.verdict { border-radius: .7rem; padding: .05rem .55rem; font-size: .8rem; white-space: nowrap;
  background: #e6e9ee; }
.mismatch { background: #f8d3d0; } .last_digit { background: #fbe7c2; }
.revised_since { background: #dfe3fb; }
.match { background: #d3eedb; }
nav a { margin-right: 1rem; } @media print { th { position: static; } }
"""

# Of the window, so that the tables stand below each other column by column.
WIDTHS = {
    "claim": "5%", "section": "7%", "what": "22%", "printed": "10%", "recomputed": "8%", "difference": "8%",
    "verdict": "9%", "check": "10%", "checks": "15%",
}  # fmt: skip

Cell = str | tuple[str, ...]
NUMBERS = ("printed", "recomputed", "difference", *VERDICTS, "claims")
CLAIM_COLUMNS = (
    "claim",
    "section",
    "what",
    "printed",
    "checks",
    "recomputed",
    "difference",
    "cause and reason",
)
FINDING_COLUMNS = (
    "claim",
    "section",
    "what",
    "printed",
    "recomputed",
    "difference",
    "verdict",
    "check",
    "reason",
)


@dataclass(frozen=True)
class Section:
    """A heading with words and a table below it; a cell of several lines is a tuple."""

    level: int
    title: str
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


def markdown(judged: Judged, names: Names, against: str, verdicts: Iterable[str] = ()) -> str:
    """The page in Markdown; `verdicts` limits findings and claims, never the counts."""
    return "\n".join(_markdown(section) for section in _sections(judged, names, against, tuple(verdicts)))


def html(judged: Judged, names: Names, against: str, verdicts: Iterable[str] = ()) -> str:
    """The page in HTML, with nothing to load."""
    sections = _sections(judged, names, against, tuple(verdicts))
    top = [section for section in sections if section.level == 2]
    links = "".join(f'<a href="#{_anchor(each)}">{escape(each.title)}</a>' for each in top)
    head, *rest = (_html(section) for section in sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(sections[0].title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        f"{head}<nav>{links}</nav>\n{''.join(rest)}</body>\n</html>\n"
    )


def worst(checks: Iterable[Check]) -> str:
    """The worst verdict of a claim; nothing where no check applies."""
    found = {check.verdict for check in checks}
    return next((verdict for verdict in VERDICTS if verdict in found), "")


def _sections(judged: Judged, names: Names, against: str, verdicts: tuple[str, ...]) -> list[Section]:
    name, count = judged.report.name, len(judged.report.claims)
    said = f"{count} claims of {name}.csv, {len(judged.checks)} checks. {against}"
    return [
        Section(1, f"Audit of {name}", said),
        _counts(judged),
        *_causes(judged, names, verdicts),
        *_claims(judged, names, verdicts),
    ]


def _counts(judged: Judged) -> Section:
    by_rule: dict[str, Counter[str]] = {}
    for check in judged.checks:
        by_rule.setdefault(_rule(check), Counter())[check.verdict] += 1
    all_checks = Counter(check.verdict for check in judged.checks)
    claims = Counter(worst(checks) for checks in _checks_by_claim(judged).values())
    lines = [*sorted(by_rule.items()), ("all checks", all_checks), ("claims, by their worst verdict", claims)]
    rows = tuple((name, *(str(count[each] or "") for each in VERDICTS)) for name, count in lines)
    text = f"{claims['']} claims have no check. " if claims[""] else ""
    text += ". ".join(f"{verdict}: {MEANINGS[verdict]}" for verdict in VERDICTS) + "."
    return Section(2, "Counts", text, ("check", *VERDICTS), rows)


def _causes(judged: Judged, names: Names, verdicts: tuple[str, ...]) -> list[Section]:
    """What is amiss, by the cause that is proposed for it; the cause with most findings first."""
    by_cause: dict[str, list[Check]] = {}
    for check in judged.checks:
        is_finding = check.verdict in FINDINGS or check.proposed_cause
        if is_finding and (not verdicts or check.verdict in verdicts):
            by_cause.setdefault(check.proposed_cause or NO_CAUSE, []).append(check)
    ordered = sorted(by_cause.items(), key=lambda item: (item[0] == NO_CAUSE, -len(item[1]), item[0]))
    sections = [
        Section(3, f"{cause} ({len(checks)})", "", FINDING_COLUMNS, _finding_rows(judged, names, checks))
        for cause, checks in ordered
    ]
    text = "Mismatches, last digits and revisions by the cause that is proposed; no more than a proposal."
    return [Section(2, "Findings by proposed cause", text if sections else "None."), *sections]


def _finding_rows(judged: Judged, names: Names, checks: list[Check]) -> tuple[tuple[Cell, ...], ...]:
    order = {verdict: number for number, verdict in enumerate(VERDICTS)}
    rows = []
    for check in sorted(checks, key=lambda check: order[check.verdict]):
        claim = judged.report.claims[check.claim_id]
        figures = (short(check.recomputed, claim), short(check.difference, claim))
        said = (check.verdict, _rule(check), check.reason)
        rows.append((*_head(claim, names), *figures, *said))
    return tuple(rows)


def _claims(judged: Judged, names: Names, verdicts: tuple[str, ...]) -> list[Section]:
    """Every claim once, below its worst verdict, with everything that the checks say of it."""
    checks_of = _checks_by_claim(judged)
    sections = []
    for verdict in (*VERDICTS, ""):
        rows = [
            _claim_row(claim, checks_of[claim.claim_id], names)
            for claim in judged.report.claims.values()
            if worst(checks_of[claim.claim_id]) == verdict and _is_asked(checks_of[claim.claim_id], verdicts)
        ]
        if rows:
            title = f"{verdict or UNCHECKED} ({len(rows)})"
            sections.append(
                Section(3, title, f"{MEANINGS[verdict]}.".capitalize(), CLAIM_COLUMNS, tuple(rows))
            )
    return [
        Section(2, "All claims", "Each claim once, below its worst verdict." if sections else "None."),
        *sections,
    ]


def _is_asked(checks: list[Check], verdicts: tuple[str, ...]) -> bool:
    return not verdicts or any(check.verdict in verdicts for check in checks)


def _claim_row(claim: Claim, checks: list[Check], names: Names) -> tuple[Cell, ...]:
    return (
        *_head(claim, names),
        tuple(f"{check.verdict} {_rule(check)}" for check in checks),
        tuple(short(check.recomputed, claim) for check in checks),
        tuple(short(check.difference, claim) for check in checks),
        tuple("; ".join(part for part in (check.proposed_cause, check.reason) if part) for check in checks),
    )


def _head(claim: Claim, names: Names) -> tuple[str, str, str, str]:
    return claim.claim_id, claim.section, what(claim, names), printed(claim)


def _checks_by_claim(judged: Judged) -> dict[str, list[Check]]:
    by_claim: dict[str, list[Check]] = {claim_id: [] for claim_id in judged.report.claims}
    for check in judged.checks:
        by_claim[check.claim_id].append(check)
    return by_claim


def _rule(check: Check) -> str:
    return f"{check.check}: {check.rule}"


def _markdown(section: Section) -> str:
    lines = [f"{'#' * section.level} {section.title}", ""]
    lines += [section.text, ""] if section.text else []
    if section.columns:
        lines += [_line(section.columns), _line(["---"] * len(section.columns))]
        lines += [
            _line(_markdown_cell(cell) for cell in line) for row in section.rows for line in _lines(row)
        ]
        lines.append("")
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _markdown_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _height(row: tuple[Cell, ...]) -> int:
    return max([1, *(len(cell) for cell in row if isinstance(cell, tuple))])


def _lines(row: tuple[Cell, ...]) -> list[list[str]]:
    """A row line by line; what has one line stands in the first, its first cell in each."""
    return [
        [_line_of(cell, number if index else 0) for index, cell in enumerate(row)]
        for number in range(_height(row))
    ]


def _line_of(cell: Cell, number: int) -> str:
    lines = (cell,) if isinstance(cell, str) else cell
    return lines[number] if number < len(lines) else ""


def _html(section: Section) -> str:
    found = [f'<h{section.level} id="{_anchor(section)}">{escape(section.title)}</h{section.level}>\n']
    if section.text:
        found.append(f"<p>{escape(section.text)}</p>\n")
    if section.columns:
        kind = ' class="counts"' if section.columns[0] == "check" else ""
        head = "".join(f"<th{_align(column)}>{escape(column)}</th>" for column in section.columns)
        known = {} if kind else WIDTHS
        widths = "".join(f'<col style="width: {known.get(column, "auto")}">' for column in section.columns)
        found.append(
            f"<table{kind}>\n<colgroup>{widths}</colgroup>\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
        )
        found += [_html_row(section.columns, row) for row in section.rows]
        found.append("</tbody>\n</table>\n")
    return "".join(found)


def _html_row(columns: tuple[str, ...], row: tuple[Cell, ...]) -> str:
    """One line of the table a line of its cells; a cell of one line spans them all."""
    height = _height(row)
    spanning = f' rowspan="{height}"' if height > 1 else ""
    found = []
    for number in range(height):
        cells = [
            f"<td{_align(column)}{spanning if isinstance(cell, str) else ''}>"
            f"{_html_text(column, _line_of(cell, number))}</td>"
            for column, cell in zip(columns, row, strict=True)
            if number == 0 or isinstance(cell, tuple)
        ]
        found.append(f"<tr>{''.join(cells)}</tr>\n")
    return "".join(found)


def _html_text(column: str, text: str) -> str:
    return _chip(text) if text and column in ("checks", "verdict") else escape(text)


def _chip(line: str) -> str:
    verdict, _, rest = line.partition(" ")
    return f'<span class="verdict {escape(verdict)}">{escape(verdict)}</span> {escape(rest)}'.rstrip()


def _align(column: str) -> str:
    return ' class="number"' if column in NUMBERS else ""


def _anchor(section: Section) -> str:
    return "-".join(
        part for part in "".join(c if c.isalnum() else " " for c in section.title).split()
    ).lower()
