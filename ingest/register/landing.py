"""One file of a register, once its rows are read: whether it counts, and its line in raw.register_file.

What does not belong here: whether a file may come in at all (door.py), reading (reading.py), the rows that
break a rule (rejects.py), the log (ingest/land.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.dataset import Dataset
from ingest.errors import SourceError, shorten
from ingest.raw_tables import file_key
from ingest.register.door import RegisterFile, look
from ingest.register.rejects import one

ASK = "Ask the agency for a mended file; what broke a rule is in raw.quarantine."


def land_register(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path, name: str, sha256: str, fetch_id: str
) -> int:
    """Note a file whose rows are in the raw table, those that break a rule in quarantine; returns its rows.

    Raises SourceError where too much of the file breaks a rule: its rows are taken out again, the rejects
    stay in quarantine. duckdb.Error where the database cannot be written.
    """
    assert dataset.register
    file = look(dataset, path, name)
    known = {"dataset": dataset.name, "sha256": sha256}
    is_new = not is_counted(con, sha256)
    moment = dataset.register.moment
    rows, late, after, first_at, last_at = one(
        con,
        f"select count(*), count(*) filter ({moment} < $month),"
        f" count(*) filter ({moment} >= $month + interval 1 month), min({moment}), max({moment})"
        f" from raw.{dataset.name} where file_key = $key",
        {"month": file.month, "key": file_key(sha256)},
    )
    (rejects,) = one(
        con, "select count(*) from raw.quarantine where dataset = $dataset and source_file = $sha256", known
    )
    try:
        _refuse_bad(con, dataset, file, name, known, rows, rejects)
        _refuse_other_month(dataset, file, name, rows, late, after)
    except SourceError:
        if is_new:
            con.execute(f"delete from raw.{dataset.name} where file_key = ?", [file_key(sha256)])
        raise
    counted = [rows, rejects, late, first_at, last_at, file.is_synthetic]
    con.execute(
        "insert into raw.register_file values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [fetch_id, dataset.name, sha256, file_key(sha256), file.month, *counted],
    )
    return int(rows)


def is_counted(con: duckdb.DuckDBPyConnection, sha256: str) -> bool:
    """Whether the rows of a file are in its raw table, those that break a rule taken out."""
    (lines,) = one(
        con, "select count(*) from raw.register_file where source_file = $sha256", {"sha256": sha256}
    )
    return bool(lines)


def synthetic_files(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Name and dataset of the landed files that hold generated rows."""
    return con.execute(
        "select distinct landing.resource, landing.dataset from raw.register_file"
        " join raw.landing using (fetch_id) where is_synthetic and outcome = 'landed' order by all"
    ).fetchall()


def _refuse_bad(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    file: RegisterFile,
    name: str,
    known: dict[str, str],
    rows: int,
    rejects: int,
) -> None:
    assert dataset.register
    if rejects > dataset.register.rejects_at_most * (rows + rejects):
        cell, rule, raw_text = one(
            con,
            "select source_cell, rule, raw_text from raw.quarantine where dataset = $dataset"
            " and source_file = $sha256 order by length(source_cell), source_cell limit 1",
            known,
        )
        limit = f"at most {float(dataset.register.rejects_at_most):.0%} may"
        said = f"{rejects:,} of {rows + rejects:,} rows break a rule, {limit}; the first: {rule}"
        raise SourceError(dataset.name, said, name, cell, ASK, shorten(raw_text))
    if not rows:
        raise SourceError(dataset.name, "no row below the header", name, next_step=ASK)


def _refuse_other_month(
    dataset: Dataset, file: RegisterFile, name: str, rows: int, late: int, after: int
) -> None:
    """Refuse a file of another month; rows after it are in one that landed before, as that month's."""
    assert dataset.register
    step = "Give the file the name of its own month."
    if after:
        said = f"{after:,} of {rows:,} rows lie after {file.month:%Y-%m}: the file of another month?"
        raise SourceError(dataset.name, said, name, next_step=step)
    if late > dataset.register.late_at_most * rows:
        said = f"{late:,} of {rows:,} rows lie before {file.month:%Y-%m}: the file of another month?"
        raise SourceError(dataset.name, said, name, next_step=step)
