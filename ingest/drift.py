"""Where the newest landed answer of a resource differs in kind from the one before it.

What belongs here: what went and what was never seen. Values that changed are revisions (audit.revision).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ingest.dataset import Dataset

# Characters of a file's SHA-256 that tell it from others.
SHOWN = 12
# change, resource, column or key, what was printed, file, cell
Change = tuple[str, str, str, str, str, str]


def changes(con: duckdb.DuckDBPyConnection, dataset: Dataset, resources: Sequence[str]) -> list[Change]:
    """Keys that went with the newest landed answer of these resources, and labels that are new with it.

    A label is a text of the key without a pattern of its own; new when no other file of the dataset has it.
    A resource that landed once has nothing to be held against.
    """
    labels = [
        each.name
        for each in dataset.columns
        if each.kind == "text" and each.name in dataset.key and not each.pattern
    ]
    found = [_vanished(dataset), *(_new_labels(dataset, label) for label in labels)]
    return con.execute(
        f"with {_answers(dataset)} {' union all '.join(found)} order by all", [dataset.name, list(resources)]
    ).fetchall()


def _answers(dataset: Dataset) -> str:
    """The rows of the newest landed answer of each resource (the first) and of the one before it."""
    key = [f"rows.{column}" for column in dataset.key]
    return f"""
        answer as (
            select
                resource as of_resource, fetch_id,
                row_number() over (partition by resource order by landing_number desc) as nth
            from raw.landing
            where dataset = ? and outcome = 'landed' and list_contains(?, resource)
            qualify nth <= 2 and count(*) over (partition by resource) > 1
        ),
        printed as (
            select answer.of_resource, answer.nth, rows.*, {_folded(*key)} as folded_key
            from answer
            inner join raw.fetch_log using (fetch_id)
            inner join raw.{dataset.name} as rows on fetch_log.sha256 = rows.source_file
        )
    """


def _vanished(dataset: Dataset) -> str:
    key = ", ".join(dataset.key)
    return f"""
        select 'vanished' as change, of_resource, 'key' as what, concat_ws(', ', {key}) as printed,
            left(source_file, {SHOWN}), source_cell
        from printed as before
        where nth = 2 and not exists (
            from printed as now
            where now.nth = 1 and now.of_resource = before.of_resource and now.folded_key = before.folded_key
        )
        qualify row_number() over (partition by of_resource, folded_key order by source_cell) = 1
    """


def _new_labels(dataset: Dataset, label: str) -> str:
    return f"""
        select 'new label', of_resource, '{label}', {label}, left(source_file, {SHOWN}), source_cell
        from printed
        where nth = 1 and {label} is not null and not exists (
            from raw.{dataset.name} as other
            where {_folded(f"other.{label}")} = {_folded(f"printed.{label}")}
            and other.source_file not in (select source_file from printed where nth = 1)
        )
        qualify row_number() over (partition by of_resource, {_folded(label)} order by source_cell) = 1
    """


def _folded(*columns: str) -> str:
    """Texts as they are compared: without regard to case and blanks, an absent one as empty."""
    texts = ", ".join(f"coalesce(cast({column} as varchar), '')" for column in columns)
    return rf"lower(trim(regexp_replace(concat_ws(chr(31), {texts}), '\s+', ' ', 'g')))"
