"""RELEASE_NOTES.md of a release: what is new in it, and what changed against the release before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from publish.cause import Cause, Side, SourceFile
from publish.diff import differences, tables_of
from publish.thresholds import Breach, ChangedFigure, changed_figures

FIGURES_SHOWN = 50
FILES_SHOWN = 5

Files = set[tuple[str, str]]  # resource and SHA-256


def release_notes(after: Side, before: Side | None, accepted: Mapping[str, str] | None = None) -> str:
    """The notes as Markdown; `before` is the release that readers had, None for the first one.

    accepted: who accepted figures above their threshold, when and why (by, at, reason).
    """
    manifest = after.manifest
    lines = [f"# Release {manifest['release']}", "", f"Made at {manifest['created_at']}."]
    if version := manifest.get("contract_version"):
        lines += [f"Contract version {version}."]
    if before is None:
        lines += ["The first release: there is none to compare it with.", "", *_tables_of_first(after)]
    else:
        lines += [f"Compared with release {before.manifest['release']}.", ""]
        lines += [*_files(before, after), *_figures(before, after, accepted), *_tables(before, after)]
    return "\n".join(lines).rstrip("\n") + "\n"


def described(cause: Cause, shown: int = FILES_SHOWN) -> str:
    """A cause in one line: its files with the reason, or the reason where no file is known."""
    if not cause.files:
        return cause.reason
    names = [file_name(each) for each in cause.files[:shown]]
    more = len(cause.files) - shown
    return f"{cause.reason}: " + ", ".join([*names, *([f"{more} more"] if more > 0 else [])])


def file_name(file: SourceFile) -> str:
    """A file as a person finds it: the start of its name in the archive, resource and dataset."""
    names = [file.sha256[:12], *(name for name in (file.resource, file.dataset) if name)]
    return " ".join(" ".join(names).split())


def number(value: Decimal | None) -> str:
    """A value with its thousands apart and without the zeros at its end; empty where there is none."""
    if value is None:
        return ""
    whole = f"{value:,f}"
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


def percent(figure: ChangedFigure) -> str:
    """The change of a figure in per cent of its old value, to a tenth."""
    if figure.percent is None:
        return ""
    rounded = round(figure.percent, 1)
    return f"{rounded:+,.1f} per cent" if rounded else "less than 0.1 per cent"


def _tables_of_first(after: Side) -> Iterator[str]:
    yield from ("## Tables", "", "| table | rows |", "|---|--:|")
    for each in after.manifest["tables"]:
        yield f"| {each['schema']}.{each['table']} | {each['rows']:,} |"


def _files(before: Side, after: Side) -> Iterator[str]:
    earlier, later = _files_of(before), _files_of(after)
    yield from ("## Fetched anew", "", *(_moved(later, earlier) or ["No new source file."]), "")
    if gone := _moved(earlier, later):
        yield from ("## No longer read", "", *gone, "")


def _moved(here: Mapping[str, Files], there: Mapping[str, Files]) -> list[str]:
    """A line for each dataset with files that are only here."""
    lines = []
    for dataset in sorted(here):
        files = sorted(here[dataset] - there.get(dataset, set()))
        shown = [f"{' '.join(name.split())} ({sha256[:12]})" for name, sha256 in files[:FILES_SHOWN]]
        more = f" and {len(files) - FILES_SHOWN} more" if len(files) > FILES_SHOWN else ""
        lines += [f"- {dataset}: {', '.join(shown)}{more}"] if files else []
    return lines


def _files_of(side: Side) -> dict[str, Files]:
    datasets = side.manifest["inputs"]["datasets"]
    return {
        each["dataset"]: {(file["resource"], file["sha256"]) for file in each["files"]} for each in datasets
    }


def _figures(before: Side, after: Side, accepted: Mapping[str, str] | None) -> Iterator[str]:
    figures = changed_figures(before, after)
    breaches = [each for each in figures if isinstance(each, Breach)]
    yield from ("## Changed figures", "")
    if not figures:
        yield from ("No figure of an indicator that was published before is another now.", "")
        return
    yield f"{len(figures)} published figures are others now, {len(breaches)} of them above their threshold."
    if breaches and accepted:
        reason = " ".join(accepted["reason"].split())
        yield f"Accepted by {accepted['by']} at {accepted['at']}: {reason}"
    yield ""
    yield from (f"- {figure_line(figure)}" for figure in figures[:FIGURES_SHOWN])
    if len(figures) > FIGURES_SHOWN:
        yield f"- and {len(figures) - FIGURES_SHOWN} smaller changes: `mtm diff` shows them"
    yield ""


def figure_line(figure: ChangedFigure) -> str:
    """A changed figure in words: what it is of, before and now, and the file behind it."""
    change = percent(figure)
    above = f"above the threshold of {number(figure.hold_above_percent)} per cent"
    now = "not known any more" if figure.new is None else f"{number(figure.new)} now"
    stated = [f"{number(figure.old)} {figure.unit} before", now, change]
    said = ", ".join(each for each in [*stated, above if isinstance(figure, Breach) else ""] if each)
    return f"{figure.quarter}, {figure.indicator_name} ({figure.of}): {said}; {described(figure.cause)}"


def _tables(before: Side, after: Side) -> Iterator[str]:
    found = differences(before, after, limit=0)
    yield from ("## Tables", "")
    if not found:
        yield "The rows of all tables are equal."
        return
    yield from ("| table | added | removed | changed | |", "|---|--:|--:|--:|---|")
    for each in found:
        said = "; ".join(each.said)
        yield f"| {each.table} | {each.added:,} | {each.removed:,} | {each.changed:,} | {said} |"
    equal = len(tables_of(after).keys() - {each.table for each in found})
    yield from ("", f"{equal} tables are equal.")
