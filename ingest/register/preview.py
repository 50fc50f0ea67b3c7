"""What a register's file would land, read as landing reads it, into a database that is thrown away."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

from ingest.dataset import Dataset
from ingest.raw_tables import create_tables
from ingest.register.door import admit
from ingest.register.landing import land_register
from ingest.register.reading import read_files

if TYPE_CHECKING:
    import pandas as pd

# In place of the SHA-256 that a file has in the archive.
NOT_ARCHIVED = "0" * 64


def preview_register(dataset: Dataset, path: Path, name: str) -> pd.DataFrame:
    """Rows by month and direction, rejects by their rule; raises SourceError as landing would refuse it."""
    assert dataset.register
    file = admit(dataset, path, name)
    with TemporaryDirectory() as folder, duckdb.connect(f"{folder}/preview.duckdb") as con:
        create_tables(con, [dataset])
        read_files(con, dataset, {NOT_ARCHIVED: (path, file)})
        land_register(con, dataset, path, name, NOT_ARCHIVED, "preview")
        moment = dataset.register.moment
        return con.execute(
            f"select strftime({moment}, '%Y-%m') as month, direction::varchar as direction,"
            f" count(*) as row_count, null as rejected_by from raw.{dataset.name} group by all"
            " union all select null, null, count(*), rule from raw.quarantine group by rule order by all"
        ).df()
