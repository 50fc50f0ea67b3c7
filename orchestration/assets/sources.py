"""Source files (fetch, archive) and raw tables (land), one asset each a dataset.

A dataset that fails does not stop the others: its asset keeps its last good state, its check fails,
and `ops/stale_datasets` fails the run at the end.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
from tabulate import tabulate

from ingest.catalogue import DATASETS
from ingest.dataset import Dataset
from ingest.fetch import Fetched
from ingest.land import Landing
from orchestration import steps
from orchestration.runs import WRITER_POOL
from orchestration.settings import Settings

PREVIEW_ROWS = 8
BOOKKEEPING = {
    "fetch_log": "Every attempt to fetch a page of a resource: a copy of log/attempts.jsonl.",
    "landing": "Every whole answer that was looked at: landed, unchanged, empty or refused.",
    "quarantine": "Every printed cell that broke a rule at landing.",
    "dataset": "The catalogue of datasets, with the state of each.",
}


def source_file_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["source_file", name])


def raw_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["raw", name])


def _source_file_spec(dataset: Dataset) -> dg.AssetSpec:
    return dg.AssetSpec(
        source_file_key(dataset.name),
        description=f"{dataset.title}. Files as the agency sent them, archived by SHA-256.",
        group_name=dataset.agency,
        kinds={"https" if dataset.hosts else "file", dataset.extension},
        metadata={"source_page": dg.MetadataValue.url(dataset.source_page), "licence": dataset.licence},
    )


def _raw_spec(dataset: Dataset) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(dataset.name),
        deps=[source_file_key(dataset.name)],
        description=f"{dataset.title}. Rows as printed, with file and cell.",
        group_name=dataset.agency,
        kinds={"pandas", "duckdb"},
    )


def _bookkeeping_spec(table: str, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(table),
        deps=[source_file_key(name) for name in DATASETS],
        description=description,
        group_name="bookkeeping",
        kinds={"duckdb"},
    )


@dg.multi_asset(
    name="fetch",
    pool=WRITER_POOL,
    specs=[_source_file_spec(dataset) for dataset in DATASETS.values()],
    check_specs=[
        dg.AssetCheckSpec("answered", asset=source_file_key(name), description="The agency answered.")
        for name in DATASETS
    ],
    can_subset=True,
)
def fetch(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Ask every agency for what is due and keep the bytes."""
    names = [key.path[-1] for key in context.selected_asset_keys]
    fetched = steps.fetch_datasets(Settings(), sorted(names))
    for name, answers in fetched.items():
        yield _fetched_result(name, answers)


def _fetched_result(name: str, answers: list[Fetched]) -> dg.MaterializeResult[None]:
    failed = [answer for answer in answers if answer.error]
    files = [file for answer in answers for file in answer.files]
    check = dg.AssetCheckResult(
        passed=not failed,
        asset_key=source_file_key(name),
        check_name="answered",
        metadata={answer.resource: str(answer.error) for answer in failed},
    )
    metadata: dict[str, Any] = {
        "resources": len(answers),
        "failed": len(failed),
        "files": len(files),
        "bytes": sum(len(file.content) for file in files),
    }
    if answers:
        last = answers[-1]
        metadata |= {"url": dg.MetadataValue.url(last.url), "http_status": last.http_status or 0}
    if files:
        metadata |= {"sha256": files[-1].sha256, "archived_as": files[-1].path}
    return dg.MaterializeResult(source_file_key(name), metadata=metadata, check_results=[check])


@dg.multi_asset(
    name="land",
    pool=WRITER_POOL,
    specs=[
        *(_raw_spec(dataset) for dataset in DATASETS.values()),
        *(_bookkeeping_spec(*table) for table in BOOKKEEPING.items()),
    ],
    check_specs=[
        dg.AssetCheckSpec("landed", asset=raw_key(name), description="No answer was refused.")
        for name in DATASETS
    ],
    can_subset=True,
)
def land(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Land what was fetched; an answer with a bad cell is refused whole and its cells quarantined."""
    settings = Settings()
    landings = steps.land_answers(settings)
    with settings.reading() as con:
        results = [
            _landed_result(con, key.path[-1], [each for each in landings if each.dataset == key.path[-1]])
            for key in sorted(context.selected_asset_keys)
        ]
    yield from results


def _landed_result(
    con: duckdb.DuckDBPyConnection, table: str, landings: list[Landing]
) -> dg.MaterializeResult[None]:
    rows = con.execute(f"select count(*) from raw.{table}").fetchone()
    metadata: dict[str, Any] = {
        "dagster/row_count": rows[0] if rows else 0,
        "preview": dg.MetadataValue.md(markdown(con, f"select * from raw.{table} limit {PREVIEW_ROWS}")),
    }
    if table not in DATASETS:
        return dg.MaterializeResult(raw_key(table), metadata=metadata)
    refused = [landing for landing in landings if landing.outcome == "refused"]
    check = dg.AssetCheckResult(
        passed=not refused,
        asset_key=raw_key(table),
        check_name="landed",
        metadata={landing.resource: landing.error or "" for landing in refused},
    )
    metadata |= {"rows_landed": sum(landing.rows for landing in landings), "refused": len(refused)}
    return dg.MaterializeResult(raw_key(table), metadata=metadata, check_results=[check])


def markdown(con: duckdb.DuckDBPyConnection, query: str) -> str:
    """The answer of a query as a Markdown table, for metadata."""
    answer = con.execute(query)
    columns = [column[0] for column in answer.description or []]
    rows = [["" if value is None else str(value) for value in row] for row in answer.fetchall()]
    return tabulate(rows, columns, tablefmt="github", disable_numparse=True)
