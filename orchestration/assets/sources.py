"""Source files (fetch, archive) and raw tables (land), one asset each a dataset.

A dataset that fails does not stop the others: its asset keeps its last good state, its check fails,
and `ops/stale_datasets` fails the run at the end (status.py).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import dagster as dg

from ingest.archive import Attempt
from ingest.catalogue import DATASETS
from ingest.dataset import Column, Dataset
from ingest.errors import SourceError
from ingest.fetch import Fetched
from ingest.raw_tables import sql_type
from orchestration import steps
from orchestration.assets import landed
from orchestration.assets.dbt_specs import dictionary_of
from orchestration.assets.exchange_rate_months import KEY as MONTHS_KEY
from orchestration.assets.exchange_rate_months import RATES, Months, MonthsError, note_months
from orchestration.assets.metadata import ENGINEERING, code, column
from orchestration.ledger import Run
from orchestration.runs import WRITER_POOL
from orchestration.settings import Settings

FILE_KEY = column("file_key", "bigint", "The archived file: raw.register_file has its SHA-256.")
PROVENANCE = (
    column("source_file", "varchar", "SHA-256 of the archived file."),
    column("source_cell", "varchar", "Place in the file: a cell, a path or a row."),
    column("raw_text", "varchar", "The figure, or the row, as printed."),
    column("landed_at", "timestamp", "When the row landed, UTC."),
)
BOOKKEEPING = {
    "fetch_log": "Every attempt to fetch a page of a resource: a copy of log/attempts.jsonl.",
    "landing": "Every whole answer that was looked at: landed, unchanged, empty or refused.",
    "quarantine": "Every printed cell that broke a rule at landing.",
    "register_file": "Every landed file of a register: its month, rows, rejects and late rows.",
    "dataset": "The catalogue of datasets, with the state of each.",
}


RUN_LEDGER = dg.AssetKey(["ops", "run_ledger"])
STALE_DATASETS = dg.AssetKey(["ops", "stale_datasets"])


def source_file_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["source_file", name])


def raw_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["raw", name])


def keys_of(names: Iterable[str]) -> list[dg.AssetKey]:
    """What is selected to fetch and land these datasets, with the ledger, and to fail where one is stale."""
    datasets = [key(name) for name in names for key in (source_file_key, raw_key)]
    return [*datasets, *(raw_key(table) for table in BOOKKEEPING), RUN_LEDGER, STALE_DATASETS]


def _source_file_spec(dataset: Dataset) -> dg.AssetSpec:
    return dg.AssetSpec(
        source_file_key(dataset.name),
        description=f"{dataset.title}. Files as the agency sent them, archived by SHA-256.",
        group_name=dataset.agency,
        kinds={"https" if dataset.hosts else "file", dataset.extension},
        owners=ENGINEERING,
        tags={"layer": "source_file", "agency": dataset.agency, "dataset": dataset.name},
        metadata={
            "source_page": dg.MetadataValue.url(dataset.source_page),
            "licence": dataset.licence,
            **code(_module(dataset)),
        },
    )


def _raw_spec(dataset: Dataset) -> dg.AssetSpec:
    of_row = "their file" if dataset.register else "file and cell"
    return dg.AssetSpec(
        raw_key(dataset.name),
        deps=[source_file_key(dataset.name), *([MONTHS_KEY] if dataset.resource_of_month else [])],
        description=f"{dataset.title}. Rows as printed, with {of_row}.",
        group_name=dataset.agency,
        kinds={"duckdb"} if dataset.register else {"pandas", "duckdb"},
        owners=ENGINEERING,
        tags={"layer": "raw", "agency": dataset.agency, "dataset": dataset.name},
        metadata={
            "dagster/column_schema": dg.TableSchema([*map(_column, dataset.columns), *_provenance(dataset)]),
            "dagster/table_name": f"raw.{dataset.name}",
            "source_page": dg.MetadataValue.url(dataset.source_page),
            **code(_module(dataset)),
            **dictionary_of(dataset.name),
        },
    )


def _provenance(dataset: Dataset) -> tuple[dg.TableColumn, ...]:
    """What leads a row back: of a register its file, of anything else the cell."""
    return (FILE_KEY,) if dataset.register else PROVENANCE


def _module(dataset: Dataset) -> str:
    return f"ingest/sources/{dataset.name.replace('__', '/')}.py"


def _column(declared: Column) -> dg.TableColumn:
    """A printed column with the rules that its cells are held to."""
    rules = {
        "not negative": declared.non_negative,
        "above nought": declared.positive,
        "not in the future": declared.not_after_fetch,
        "the first day of a month": declared.first_of_month,
        f"matches {declared.pattern}": bool(declared.pattern),
    }
    said = ", ".join(["as printed", *(rule for rule, holds in rules.items() if holds)])
    kind = sql_type(declared)
    return column(declared.name, kind, f"{said[0].upper()}{said[1:]}.", not declared.required)


def _bookkeeping_spec(table: str, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(table),
        deps=[source_file_key(name) for name in DATASETS],
        description=description,
        group_name="bookkeeping",
        kinds={"duckdb"},
        owners=ENGINEERING,
        tags={"layer": "raw"},
        metadata={"dagster/table_name": f"raw.{table}", **code("ingest/raw_tables.py")},
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
def fetch(context: dg.AssetExecutionContext, config: Months) -> Iterator[dg.MaterializeResult[None]]:
    """Ask every agency for what is due and keep the bytes; exchange rates of past months as configured."""
    settings = Settings()
    names = [key.path[-1] for key in context.selected_asset_keys]
    try:
        fetched = steps.fetch_datasets(settings, sorted(names), config.days(), Run.of(context))
    except (SourceError, MonthsError) as error:
        raise dg.Failure(str(error)) from None
    note_months(context, fetched.get(RATES.name, []))
    last = {attempt.dataset: attempt for attempt in settings.log if attempt.status != "withdrawn"}
    for name, answers in fetched.items():
        yield _fetched_result(name, answers, last.get(name))


def _fetched_result(name: str, answers: list[Fetched], last: Attempt | None) -> dg.MaterializeResult[None]:
    """What this run asked for, and what is known of the last attempt, of this run or an earlier one."""
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
        "bytes": sum(file.size for file in files),
    }
    return dg.MaterializeResult(
        source_file_key(name), metadata=metadata | (_attempt(last) if last else {}), check_results=[check]
    )


def _attempt(last: Attempt) -> dict[str, Any]:
    is_address = last.url.startswith("https://")
    known = {
        "url": dg.MetadataValue.url(last.url) if is_address else last.url,
        "http_status": last.http_status,
        "sha256": last.sha256,
        "archived_as": last.path,
        "fetched_at": last.fetched_at,
        "obtained_via": last.obtained_via or DATASETS[last.dataset].obtained_via,
        "published_on": last.published_on,
    }
    return {name: value for name, value in known.items() if value is not None}


@dg.multi_asset(
    name="land",
    pool=WRITER_POOL,
    specs=[
        *(_raw_spec(dataset) for dataset in DATASETS.values()),
        *(_bookkeeping_spec(*table) for table in BOOKKEEPING.items()),
    ],
    check_specs=[
        dg.AssetCheckSpec(check, asset=raw_key(name), description=description)
        for name, dataset in DATASETS.items()
        for check, description in landed.checks_of(dataset).items()
    ],
    can_subset=True,
)
def land(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Land what was fetched; an answer with a bad cell is refused whole and its cells quarantined."""
    settings = Settings()
    landings = steps.land_answers(settings, Run.of(context))
    with settings.reading() as con:
        results = [
            landed.result(con, key, [each for each in landings if each.dataset == key.path[-1]])
            for key in sorted(context.selected_asset_keys)
        ]
    yield from results
