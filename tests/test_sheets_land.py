"""A sheet read by its layout lands through ingest.land like any other frame of text columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from ingest.archive import Archive, Attempt, AttemptLog
from ingest.dataset import Column, Dataset, Resource, SourceFile
from ingest.land import Landing, land
from ingest.sheets.layout import load_layout
from ingest.sheets.table import read_table
from tests.border_workbook import Shape

LAYOUT = load_layout(
    Path(__file__).parent.parent / "ingest/sources/interior_ministry/border_crossings.layout.yml"
)


def parse(_: Resource, files: object) -> pd.DataFrame:
    assert isinstance(files, list)
    return pd.concat([read_table("made_up", file, LAYOUT) for file in files])


DATASET = Dataset(
    name="made_up",
    agency="an agency for tests",
    title="Made-up crossings",
    source_page="https://example.org/",
    licence="none",
    period="quarter",
    obtained_via="agency file",
    published_after_days=30,
    extension="xlsx",
    columns=(
        Column("citizenship", "text", required=True),
        Column("direction", "text", required=True, pattern="arrival|departure"),
        Column("purpose", "text", required=True),
        Column("role", "text", required=True),
        Column("amount", "number", non_negative=True),
        Column("flag", "text"),
        Column("unit", "text", required=True),
        Column("measurement", "text", required=True, pattern="flow"),
        Column("period_start", "date", required=True, not_after_fetch=True),
        Column("period_end", "date", required=True, not_after_fetch=True),
    ),
    key=("citizenship", "direction", "purpose", "period_start", "period_end"),
    minimum_rows=3,
    hosts=frozenset(),
    pause_seconds=0,
    resources=lambda _: [],
    next_page=lambda _, __: None,
    parse=parse,
    is_key_unique=True,
)


def landed(con: duckdb.DuckDBPyConnection, root: Path, content: bytes, dataset: Dataset = DATASET) -> Landing:
    """Archive and log one letter, as a fetch would, and land it."""
    archive, log = Archive(root / "archive"), AttemptLog(root / "attempts.jsonl")
    file: SourceFile = archive.put(content, "xlsx")
    log.append(
        Attempt(
            f"fetch {len(list(log))}", f"{date(2026, 11, 3)}T12:00:00+05:00", dataset.name, "letter", 1, True,
            "https://example.org/letter.xlsx", "recorded", "ok", 200, sha256=file.sha256, path=file.path,
        )
    )  # fmt: skip
    return land(con, [dataset], archive, log, str)[-1]


def test_a_sheet_lands_with_its_cells(tmp_path: Path) -> None:
    con = duckdb.connect(str(tmp_path / "build.duckdb"))
    landing = landed(con, tmp_path, Shape().xlsx())
    assert (landing.outcome, landing.rows, landing.error) == ("landed", 15, None)
    rows = con.execute(
        "select amount::int, flag, role, period_end::varchar, source_cell, raw_text from raw.made_up"
        " where purpose = 'total' and citizenship = 'Китай ¹' or flag = 'suppressed' order by all"
    ).fetchall()
    assert rows == [
        (126524, None, "part", "2023-09-30", "Лист1!E11", "126 524 1)"),
        (131203, None, "part", "2023-09-30", "Лист1!C11", "131203"),
        (None, "suppressed", "part", "2023-09-30", "Лист1!D10", "x"),
    ]


def test_a_sheet_of_numbers_alone_lands(tmp_path: Path) -> None:
    con = duckdb.connect(str(tmp_path / "build.duckdb"))
    numbers = tuple((n, name, n * 10, n * 5, n) for n, name in ((5, "Всего"), (2, "Индия"), (3, "Китай")))
    landing = landed(con, tmp_path, Shape(rows=numbers).xlsx())
    assert (landing.outcome, landing.rows, landing.error) == ("landed", 9, None)
    assert con.execute("select sum(amount)::int, count(flag) from raw.made_up").fetchall() == [(160, 0)]
    assert landed(con, tmp_path, Shape(rows=numbers, above=2).xlsx()).outcome == "unchanged"


def test_what_breaks_a_rule_goes_to_quarantine(tmp_path: Path) -> None:
    con = duckdb.connect(str(tmp_path / "build.duckdb"))
    columns = tuple(replace(c, pattern="part|total") if c.name == "role" else c for c in DATASET.columns)
    landing = landed(con, tmp_path, Shape().xlsx(), replace(DATASET, columns=columns))
    assert landing.outcome == "refused"
    assert "role: does not match part|total; 3 cells in all" in str(landing.error)
    cells = con.execute("select source_cell, raw_text from raw.quarantine order by all").fetchall()
    assert cells == [("Лист1!C8", "group"), ("Лист1!D8", "group"), ("Лист1!E8", "group")]
