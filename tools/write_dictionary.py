"""Write docs/dictionary.md: `marts.dictionary` to read.

Run `make dictionary`. It prints rows of the build and adds none, so nothing stands here that the release does
not hold.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from orchestration.settings import ROOT, Settings
from tools.markdown import table

PAGE = ROOT / "docs" / "dictionary.md"
HEAD = """\
# Dictionary

What each indicator, unit, agency, dataset, table and column of a release means: the rows of
`marts.dictionary`, written by `make dictionary`; a test holds it against a refresh. Descriptions and units of
columns are comments in the database too. What may change without notice is in [contract.md](contract.md), the
words of the project are in [glossary.md](glossary.md), the codes of printed labels in [labels.md](labels.md).

- [Indicators](#indicators)
- [Units](#units)
- [Agencies](#agencies)
- [Datasets and licences](#datasets-and-licences)
- Tables and columns: {tables}
"""

Row = dict[str, Any]


def dictionary(database: Path) -> str:
    """The page for one build or release."""
    with duckdb.connect(str(database), read_only=True) as con:
        answer = con.execute("from marts.dictionary order by schema_name, table_name, column_position, name")
        columns = [column[0] for column in answer.description or []]
        rows = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
    of_kind: dict[str, list[Row]] = {}
    for row in rows:
        of_kind.setdefault(row["kind"], []).append(row)
    names = [row["name"] for row in of_kind["table"]]
    links = ", ".join(f"[{name}](#{name.replace('.', '')})" for name in names)
    return "\n".join(
        [
            HEAD.format(tables=links),
            "## Indicators\n",
            *_indicators(of_kind["indicator"]),
            "## Units\n",
            _units(of_kind["unit"]),
            "## Agencies\n",
            *_agencies(of_kind["agency"]),
            "## Datasets and licences\n",
            _datasets(of_kind["dataset"]),
            *_tables(of_kind["table"], of_kind["column"]),
        ]
    )


def _indicators(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield f"### {row['label_en']}\n"
        yield f"- Name: `{row['name']}`, of `{row['agency']}`"
        yield from _said(row, ("Russian", "label_ru"), ("Kazakh", "label_kk"), ("Definition", "definition"))
        yield from _said(row, ("Unit", "unit"), ("Rule", "rule"), ("Caveat", "caveat"))
        yield ""


def _units(rows: Iterable[Row]) -> str:
    columns = ("name", "label_en", "label_ru", "label_kk", "definition")
    cells = ([row[column] for column in columns] for row in rows)
    return table(("unit", "English", "Russian", "Kazakh", "what it is"), cells)


def _agencies(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield f"### {row['label_en']}\n"
        yield f"- Name: `{row['name']}`, <{row['web_page']}>"
        yield from _said(row, ("Russian", "label_ru"), ("Kazakh", "label_kk"), ("What", "definition"))
        yield from _said(row, ("Terms", "licence"))
        yield ""


def _datasets(rows: Iterable[Row]) -> str:
    cells = (
        (f"`{row['name']}`", row["definition"], f"`{row['agency']}`", row["licence"], f"<{row['web_page']}>")
        for row in rows
    )
    return table(("dataset", "what it is", "agency", "licence", "page"), cells)


def _tables(tables: Iterable[Row], columns: Iterable[Row]) -> Iterator[str]:
    of_table: dict[tuple[str, str], list[Row]] = {}
    for row in columns:
        of_table.setdefault((row["schema_name"], row["table_name"]), []).append(row)
    for row in tables:
        cells = (
            (f"`{each['column_name']}`", each["data_type"], each["unit"], each["definition"])
            for each in of_table[row["schema_name"], row["table_name"]]
        )
        yield f"## {row['name']}\n\n{row['definition']}\n"
        yield table(("column", "type", "unit", "what it is"), cells)


def _said(row: Row, *wanted: tuple[str, str]) -> Iterator[str]:
    """A line for each of these columns that says something."""
    return (f"- {title}: {row[column]}" for title, column in wanted if row[column])


if __name__ == "__main__":
    if not Settings().build.exists():
        sys.exit("there is no build yet: run `make refresh`")
    PAGE.write_text(dictionary(Settings().build), "utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
