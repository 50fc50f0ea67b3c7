"""Which source files stand behind the differences of two releases.

Works on two attached databases, `earlier` and `later`, and on a temporary table `change` of differing rows:
number, file_before, file_after, and the columns of a figure (FIGURE) that the table has. A file is named as
the cause where it is new in the later release, or no longer read there, and the row rests on it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from publish.tables import TableName

# What audit.lineage says a figure is.
FIGURE = (
    "quarter", "indicator", "measure", "direction", "geography_kind", "geography_code", "breakdown",
    "breakdown_code", "denominator", "unit", "figure_unit", "dataset",
)  # fmt: skip
# Columns of the wide tables that are one of these by another name.
OTHER_NAMES = {
    "country_code": "geography_code",
    "group_code": "geography_code",
    "region_code": "geography_code",
    "activity_code": "breakdown_code",
    "permit_category_code": "breakdown_code",
    "currency": "breakdown_code",
}
SIDES = ("earlier", "later")
LINEAGE = TableName("audit", "lineage")
SHAPE = '[{"dataset": "varchar", "files": [{"resource": "varchar", "sha256": "varchar"}]}]'
FILES = f"""
create temp table source_file as
with input as (
    select 'earlier' as side, unnest(from_json(?, '{SHAPE}')) as declared
    union all
    select 'later' as side, unnest(from_json(?, '{SHAPE}')) as declared
),

file as (
    select side, declared.dataset, unnest(declared.files) as landed from input
)

select distinct side, dataset, landed.resource, landed.sha256 from file
"""
COLUMNS = """
select database_name, schema_name, table_name, column_name, data_type
from duckdb_columns()
where database_name in ('earlier', 'later')
order by column_index
"""
MOVED_FILES = """
create temp table moved_file as
with file as (
    select sha256 as source_file, dataset, bool_or(side = 'earlier') as was, bool_or(side = 'later') as "is"
    from source_file
    group by all
)
select source_file, dataset, "is" as is_new from file where was <> "is"
"""
MOVED_FIGURES = """
create temp table moved_figure as
with earlier_input as (
    select distinct {figure}, source_file from earlier.audit.lineage
    where source_file in (select source_file from moved_file where not is_new)
),
later_input as (
    select distinct {figure}, source_file from later.audit.lineage
    where source_file in (select source_file from moved_file where is_new)
)
select *, true as is_new from later_input
union all
select *, false as is_new from earlier_input
"""
QUARTER_NUMBER = "(4 * {0}[1:4]::integer + {0}[6:6]::integer)"
MODELS_CHANGED = "models or seeds changed"
FILES_CHANGED = "source files changed; which one cannot be told"
NEW, GONE = "new file", "file no longer read"
CAUSES = """
with candidate as (
    select number, 1 as place, source_file
    from change inner join moved_file on file_after = source_file and is_new
    union all
    select number, 2, source_file
    from change inner join moved_file on file_before = source_file and not is_new
    {by_figure}
    {by_dataset}
    {by_nothing_else}
),

chosen as (
    select number, place, list(distinct source_file order by source_file) as files
    from candidate
    group by number, place
    qualify place = min(place) over (partition by number)
)

select change.number, chosen.place, coalesce(chosen.files, [coalesce(file_after, file_before)])
from change left join chosen using (number)
where $limit is null or change.number <= $limit
order by change.number
"""
BY_FIGURE = """
    union all
    select number, if(is_new, 3, 4), source_file
    from change inner join moved_figure on {same} and change.quarter = moved_figure.quarter
    union all
    select number, if(is_new, 5, 6), source_file
    from change inner join moved_figure
        on {same} and {number_of_row} - {number_of_figure} between 1 and 4
"""
BY_DATASET = """
    union all
    select number, if(is_new, 7, 8), source_file
    from change inner join moved_file on change.dataset = moved_file.dataset
"""
BY_NOTHING_ELSE = """
    union all
    select number, 9, source_file
    from change cross join moved_file
    where (select count(*) from moved_file) = 1
"""
# By the place of a candidate: how the file stands to the row.
WORDS = {
    1: NEW, 2: GONE, 3: NEW, 4: GONE,
    5: f"{NEW} of a quarter compared with", 6: f"{GONE}, of a quarter compared with",
    7: f"{NEW} of the dataset", 8: f"{GONE}, of the dataset",
    9: "nothing but this file changed",
}  # fmt: skip
# From this place on nothing but the dataset speaks for the file.
BY_DATASET_ALONE = 7


@dataclass(frozen=True)
class Side:
    """One of two compared releases: its database, and its manifest as far as tables and inputs go."""

    database: Path
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class SourceFile:
    """An archived file by its SHA-256, with dataset and resource where the manifests know it."""

    sha256: str
    dataset: str | None
    resource: str | None


@dataclass(frozen=True)
class Cause:
    """Why a row differs, in words, and the source files that it came from."""

    reason: str
    files: tuple[SourceFile, ...]


class Comparison:
    """Both databases attached read only as `earlier` and `later`, and the files that are new or gone."""

    def __init__(self, con: duckdb.DuckDBPyConnection, before: Side, after: Side) -> None:
        self.con = con
        for name, each in zip(SIDES, (before, after), strict=True):
            path = str(each.database).replace("'", "''")
            con.execute(f"attach '{path}' as {name} (read_only)")
        self._columns: dict[tuple[str, TableName], dict[str, str]] = {}
        for side, schema, table, column, kind in con.execute(COLUMNS).fetchall():
            self._columns.setdefault((side, TableName(schema, table)), {})[column] = kind
        inputs = [side.manifest["inputs"] for side in (before, after)]
        con.execute(FILES, [json.dumps(each["datasets"]) for each in inputs])
        con.execute(MOVED_FILES)
        self.has_figures = all(set(FIGURE) <= set(self.columns(name, LINEAGE)) for name in SIDES)
        if self.has_figures:
            con.execute(MOVED_FIGURES.format(figure=", ".join(FIGURE)))
        named = con.execute("select sha256, min(dataset), min(resource) from source_file group by sha256")
        self.files = {sha256: SourceFile(sha256, *names) for sha256, *names in named.fetchall()}
        self.has_other_models = inputs[0]["project_sha256"] != inputs[1]["project_sha256"]
        self.otherwise = self._otherwise(inputs)

    def columns(self, side: str, table: TableName) -> dict[str, str]:
        """Columns and types of a table of `earlier` or `later`, in order; none when it is not there."""
        return self._columns.get((side, table), {})

    def causes(self, limit: int | None, figure: Collection[str]) -> dict[int, Cause]:
        """By its number, the cause of each row of `change` up to the limit; figure: its columns of FIGURE."""
        by_figure = ""
        if "quarter" in figure and self.has_figures:
            others = [f"change.{name} is not distinct from moved_figure.{name}" for name in figure]
            by_figure = BY_FIGURE.format(
                same=" and ".join(each for each in others if ".quarter " not in each) or "true",
                number_of_row=QUARTER_NUMBER.format("change.quarter"),
                number_of_figure=QUARTER_NUMBER.format("moved_figure.quarter"),
            )
        by_dataset = BY_DATASET if "dataset" in figure else ""
        by_nothing_else = BY_NOTHING_ELSE if self.otherwise == FILES_CHANGED else ""
        query = CAUSES.format(by_figure=by_figure, by_dataset=by_dataset, by_nothing_else=by_nothing_else)
        rows = self.con.execute(query, {"limit": limit}).fetchall()
        return {number: Cause(self._reason(place), self._named(files)) for number, place, files in rows}

    def _reason(self, place: int | None) -> str:
        if place is None:
            return self.otherwise
        is_uncertain = place >= BY_DATASET_ALONE and self.has_other_models
        return f"{WORDS[place]}, or {MODELS_CHANGED}" if is_uncertain else WORDS[place]

    def _named(self, files: list[str | None]) -> tuple[SourceFile, ...]:
        return tuple(self.files.get(each, SourceFile(each, None, None)) for each in files if each)

    def _otherwise(self, inputs: list[dict[str, Any]]) -> str:
        """What changed besides the files that rows lead to."""
        parsers = [
            {
                (each["dataset"], file["sha256"], file.get("parser_sha256"))
                for each in side["datasets"]
                for file in each["files"]
            }
            for side in inputs
        ]
        seen = [{(dataset, sha256) for dataset, sha256, _ in side} for side in parsers]
        reasons = {
            MODELS_CHANGED: self.has_other_models,
            "claims or rules of the audit changed": inputs[0].get("audit_sha256")
            != inputs[1].get("audit_sha256"),
            "parsers changed": any(
                each[:2] in seen[0] and each[:2] in seen[1] for each in parsers[0] ^ parsers[1]
            ),
            FILES_CHANGED: seen[0] != seen[1],
        }
        return " or ".join(words for words, holds in reasons.items() if holds) or "no source file changed"


@contextmanager
def compared(before: Side, after: Side) -> Iterator[Comparison]:
    """A comparison of two releases, which are different files."""
    with duckdb.connect() as con:
        yield Comparison(con, before, after)


def figure_columns(known: Collection[str]) -> dict[str, str]:
    """By column of FIGURE, the column that it is called in a table with these columns."""
    found = {name: name for name in FIGURE if name in known}
    others = {figure: name for name, figure in OTHER_NAMES.items() if name in known and figure not in known}
    return {**others, **found}
