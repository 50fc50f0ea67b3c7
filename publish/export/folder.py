"""The folder of an export: written beside its place, whole or not at all, and never over another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from publish.export.csv_tables import write_csv
from publish.export.described import ExportError, described_tables
from publish.release import Releases
from publish.tables import DATABASE

FORMATS = ("csv", "xlsx", "sdmx")
INSTALL = 'pip install "mobility-tracking-matrix[export]"'


@dataclass(frozen=True)
class Written:
    """A file of an export; `rows` is None where it holds none."""

    file: str
    rows: int | None
    bytes: int


def export(
    releases: Releases, release_id: str, folder: Path, formats: Collection[str] = FORMATS, bom: bool = False
) -> list[Written]:
    """Write a release into `folder`/<release id>; raises ExportError and leaves nothing behind.

    formats: some of FORMATS. bom: CSV begins with a byte order mark.
    """
    _refuse_missing_packages(formats)
    target = folder / release_id
    if target.resolve().is_relative_to(releases.folder.resolve()):
        raise ExportError(f"{folder} lies among the releases, which are never changed: name another folder.")
    if target.exists():
        raise ExportError(f"{target} exists already: remove it, or name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".partial-", dir=folder) as partial:
            made = Path(partial) / release_id
            made.mkdir()
            with duckdb.connect(str(releases.folder / release_id / DATABASE), read_only=True) as con:
                rows = dict(_write(con, releases.manifest(release_id), made, formats, bom))
            made.rename(target)
    except (OSError, duckdb.IOException) as error:
        raise ExportError(f"{target} cannot be written: {error}") from error
    return [Written(file, count, (target / file).stat().st_size) for file, count in rows.items()]


def _write(
    con: duckdb.DuckDBPyConnection,
    manifest: dict[str, Any],
    made: Path,
    formats: Collection[str],
    bom: bool,
) -> Iterator[tuple[str, int | None]]:
    """Write what is asked for into `made`; gives each file with its rows."""
    tables = described_tables(con)
    if "csv" in formats:
        (made / "csv").mkdir()
        for name, table in tables.items():
            file = f"csv/{name}.csv"
            write_csv(con, table, made / file, bom)
            yield file, table.rows
    if "xlsx" in formats:
        from publish.export.workbook import write_workbook

        file = f"mtm-{manifest['release']}.xlsx"
        yield file, write_workbook(con, tables, manifest, made / file)
    if "sdmx" in formats:
        from publish.export.sdmx_files import TABLE, write_sdmx

        (made / "sdmx").mkdir()
        data, structure = (f"sdmx/quarterly_indicator.{ending}" for ending in ("csv", "xml"))
        write_sdmx(con, tables[TABLE], manifest, made / data, made / structure)
        yield data, tables[TABLE].rows
        yield structure, None


def _refuse_missing_packages(formats: Collection[str]) -> None:
    try:
        if "xlsx" in formats:
            import xlsxwriter  # noqa: F401
        if "sdmx" in formats:
            import sdmx  # noqa: F401
    except ModuleNotFoundError as error:
        raise ExportError(
            f"{error.name} is not installed, which this export needs: {INSTALL}."
            " `mtm export --format csv` does without."
        ) from None
