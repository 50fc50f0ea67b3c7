"""What a raw table is shown with after landing, and its checks: landed, quarantine, drift."""

from collections.abc import Sequence
from typing import Any

import dagster as dg
import duckdb

from ingest.catalogue import DATASETS
from ingest.dataset import Dataset
from ingest.drift import changes
from ingest.land import Landing
from orchestration.assets import metadata

DRIFT = "drift"
CHECKS = {
    "landed": "No answer was refused.",
    "quarantine": "No cell of the latest answers broke a rule; rows of a register that did are a warning.",
    DRIFT: "The newest answer has every key of the one before, and no label that was never seen."
    " Looked at when an answer landed.",
}
COUNTS = """
select count(*), count(distinct {file}),
    (select count(*) from raw.quarantine where dataset = $dataset),
    (select arg_max(sha256, landing_number) from raw.landing join raw.fetch_log using (fetch_id)
     where landing.dataset = $dataset and outcome = 'landed')
from raw.{table}
"""
# Cells that broke a rule in the last answer of a resource, where that answer was refused.
QUARANTINED = """
with last_answer as (
    select fetch_id, outcome from raw.landing where dataset = $dataset
    qualify row_number() over (partition by resource order by landing_number desc) = 1
)
select distinct fetch_log.path as file, source_cell as cell, rule, raw_text as printed
from last_answer
join raw.fetch_log using (fetch_id)
join raw.quarantine on quarantine.source_file = fetch_log.sha256 and quarantine.dataset = $dataset
where outcome = 'refused'
order by all
"""


# The files of a register that lost rows to quarantine and count now.
REJECTED = """
select landing.resource, reject_count, register_file.row_count, rule, source_cell, raw_text
from raw.register_file
join raw.landing using (fetch_id)
left join lateral (
    select rule, source_cell, raw_text from raw.quarantine
    where quarantine.source_file = register_file.source_file
    order by length(source_cell), source_cell limit 1
) as first_reject on true
where landing.dataset = $dataset and outcome = 'landed' and reject_count > 0
order by landing_number
"""


def checks_of(dataset: Dataset) -> dict[str, str]:
    """Names and descriptions of the checks of a raw table; rows of a register have no key to look for."""
    return {name: said for name, said in CHECKS.items() if not (name == DRIFT and dataset.register)}


def result(
    con: duckdb.DuckDBPyConnection, key: dg.AssetKey, landings: Sequence[Landing]
) -> dg.MaterializeResult[None]:
    """The materialisation of a raw table; landings: what this run did for its dataset."""
    table = key.path[-1]
    preview = metadata.preview(con, f"from raw.{table}")
    if table not in DATASETS:
        rows = con.execute(f"select count(*) from raw.{table}").fetchall()[0][0]
        return dg.MaterializeResult(key, metadata={"dagster/row_count": rows, "preview": preview})
    file = "file_key" if DATASETS[table].register else "source_file"
    counted = con.execute(COUNTS.format(table=table, file=file), {"dataset": table}).fetchall()
    rows, files, quarantined, last_file = counted[0]
    shown: dict[str, Any] = {
        "dagster/row_count": rows,
        "rows_landed": sum(landing.rows for landing in landings),
        "refused": sum(landing.outcome == "refused" for landing in landings),
        "files": files,
        "quarantined_cells": quarantined,
        "last_landed_file": last_file or "none",
        "preview": preview,
    }
    checks = [_landed(key, landings), _quarantine(con, key)]
    if DATASETS[table].register:
        shown[DRIFT] = "not looked at: the rows of a register have no key; see audit.unmatched_label"
    elif resources := [each.resource for each in landings if each.outcome == "landed"]:
        checks.append(_drift(con, key, resources))
    else:
        shown[DRIFT] = "not looked at: no answer landed"
    return dg.MaterializeResult(key, metadata=shown, check_results=checks)


def _landed(key: dg.AssetKey, landings: Sequence[Landing]) -> dg.AssetCheckResult:
    refused = [(each.resource, each.error) for each in landings if each.outcome == "refused"]
    return _check(key, "landed", refused, ("resource", "why"))


def _quarantine(con: duckdb.DuckDBPyConnection, key: dg.AssetKey) -> dg.AssetCheckResult:
    dataset = key.path[-1]
    cells = con.execute(QUARANTINED, {"dataset": dataset}).fetchall()
    if DATASETS[dataset].register and not cells:
        files = con.execute(REJECTED, {"dataset": dataset}).fetchall()
        columns = ("file", "rejected rows", "landed rows", "the first: rule", "line", "printed")
        return _check(key, "quarantine", files, columns, dg.AssetCheckSeverity.WARN)
    return _check(key, "quarantine", cells, ("file", "cell", "rule", "printed"))


def _drift(con: duckdb.DuckDBPyConnection, key: dg.AssetKey, resources: list[str]) -> dg.AssetCheckResult:
    """A warning for a person to look at."""
    found = changes(con, DATASETS[key.path[-1]], resources)
    columns = ("change", "resource", "column", "printed", "file", "cell")
    return _check(key, DRIFT, found, columns, dg.AssetCheckSeverity.WARN)


def _check(
    key: dg.AssetKey,
    name: str,
    rows: Sequence[Sequence[object]],
    columns: Sequence[str],
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
) -> dg.AssetCheckResult:
    """Passed when there are no rows to show."""
    return dg.AssetCheckResult(
        passed=not rows,
        asset_key=key,
        check_name=name,
        severity=severity,
        metadata=metadata.offending(rows, columns),
    )
