"""A register of crossings that never happened, of any size, in the shape of the Border Service's files.

A file a month, `synthetic_crossings_YYYY-MM.<format>`, every row with the column `synthetic`, so that a
release refuses it. The same parameters give the same bytes. DuckDB streams the rows to the files, each month
in a thread of its own; what the rows are drawn from stands in register_weights.py.

    python -m bench.synthetic_register --rows 10000000 --first 2023-01 --months 12 --format csv.gz FOLDER
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from bench.register_weights import SEEDS, SLOTS, load_days, load_weights, rows_of_months

COLUMNS = (
    "crossed_at",
    "checkpoint",
    "direction",
    "citizenship",
    "purpose",
    "transport",
    "region",
    "synthetic",
)
# A prime above the rows of any month: number * PRIME modulo the rows puts each row in another place.
PRIME = 2_147_483_647
# Moments that must occur in every month, twice each: 23:00 to 23:59 of 2024-02-29 happened twice.
EDGES = (
    "date '{month}'",
    "last_day(date '{month}')",
    "last_day(date '{month}') + interval 23 hours",
    "last_day(date '{month}') + interval 86399 seconds",
)
EDGE_ROWS = 2 * len(EDGES)
# What is wrong with a malformed row; the last three are a matter of lines of text.
FAULTS = ("no time", "no citizenship", "unknown direction", "later month")
LINE_FAULTS = ("missing column", "extra column", "text after a quote")


class Format(StrEnum):
    """Ending of a file's name: text, packed text or Parquet."""

    CSV = "csv"
    CSV_GZ = "csv.gz"
    CSV_ZST = "csv.zst"
    PARQUET = "parquet"


COPY_OPTIONS = {
    Format.CSV: "format csv, header, delimiter '\t', quote '', escape '', compression none",
    Format.CSV_GZ: "format csv, header, delimiter '\t', quote '', escape '', compression gzip",
    Format.CSV_ZST: "format csv, header, delimiter '\t', quote '', escape '', compression zstd",
    Format.PARQUET: "format parquet, compression zstd",
}


@dataclass(frozen=True)
class Register:
    """What to generate. rows: in all months together, shared out as the seasons of the letters.

    malformed, late: shares of the rows of each month, exact but for the fraction of a row. A malformed row
    breaks one rule; a late one crossed in one of the two months before that of its file.
    checkpoints: a csv of the shape of the seed `checkpoint`.
    """

    rows: int
    first: date
    months: int = 1
    format: Format = Format.CSV
    malformed: float = 0.0
    late: float = 0.0
    seed: int = 1
    checkpoints: Path = SEEDS / "checkpoint.csv"

    def all_months(self) -> list[date]:
        """First days of its months."""
        numbers = range(
            12 * self.first.year + self.first.month - 1,
            12 * self.first.year + self.first.month + self.months - 1,
        )
        return [date(number // 12, number % 12 + 1, 1) for number in numbers]


@dataclass(frozen=True)
class MonthFile:
    """A generated file: its month by the first day, and its rows, malformed and late ones among them."""

    month: date
    path: Path
    rows: int
    malformed: int
    late: int


# place: a row's own number among those of the month, scattered: malformed rows first, then late ones, then
# edges. salt: another one draws another row. A draw of 64 bits serves four tables of 2^16 slots.
ROWS = """
with numbered as (
    select
        number, (number * {prime} + {seed}) % {rows} as place,
        case
            when hash(number, {seed}, 'changed') % 1000000 < {changed} then 'corrected' else 'first'
        end as salt
    from range({rows}) as numbers (number)
), drawn as (
    select
        place, hash(number, {seed}, '{month}', salt) as draw,
        hash(number, {seed}, '{month}', salt, 'time') % (3600 * {slots}) as time_draw,
        case when place < {malformed} then {faults}[1 + place % len({faults})] else '' end as fault
    from numbered
), dated as (
    select
        *,
        case
            when fault = 'later month' then 1
            when place between {malformed} and {malformed} + {late} - 1 then -1 - place % 2
            else 0
        end as month_offset,
        case
            when place between {malformed} + {late} and {malformed} + {late} + {edge_rows} - 1
                then {edges}[1 + (place - {malformed} - {late}) % len({edges})]
        end as edge
    from drawn
), crossing as (
    select
        dated.fault,
        case
            when dated.fault = 'no time' then 'no time'
            else cast(coalesce(
                dated.edge, day.midnight + to_seconds(hour.second + dated.time_draw % 3600)
            ) as varchar)
        end as crossed_at,
        checkpoint.checkpoint,
        if(dated.fault = 'unknown direction', 'sideways', traveller.direction) as direction,
        if(dated.fault = 'no citizenship', '', traveller.citizenship) as citizenship,
        purpose.purpose, checkpoint.transport, checkpoint.region, '1' as synthetic
    from dated
    inner join traveller_slot as traveller on dated.draw & 65535 = traveller.slot
    inner join checkpoint_slot as checkpoint
        on (dated.draw >> 16) & 65535 = checkpoint.slot and traveller.home = checkpoint.home
    inner join purpose_slot as purpose on (dated.draw >> 32) & 65535 = purpose.slot
    inner join day_slot as day on dated.draw >> 48 = day.slot and dated.month_offset = day.month_offset
    inner join hour_slot as hour on dated.time_draw // 3600 = hour.slot
)
"""

AS_PARQUET = ROWS + f"select {', '.join(COLUMNS)} from crossing"
# Values hold neither tab nor comma nor quote; DuckDB writes each line as it stands.
AS_LINES = (
    ROWS
    + f"""
select
    concat_ws(
        ',', crossed_at, '"' || checkpoint || '"' || if(fault = 'text after a quote', ' post', ''), direction,
        citizenship, purpose, transport, if(fault = 'missing column', null, region), synthetic,
        if(fault = 'extra column', 'extra', null)
    ) as "{",".join(COLUMNS)}"
from crossing
"""
)


def write(register: Register, folder: Path) -> list[MonthFile]:
    """Write the files of all months into the folder, which is made when it is not there."""
    return _write(register, folder, register.all_months(), 0.0)


def correct(register: Register, folder: Path, month: date, changed: float = 0.03) -> MonthFile:
    """Write the file of one month anew, the given share of its rows drawn otherwise, under the same name."""
    return _write(register, folder, [month], changed)[0]


def _write(register: Register, folder: Path, months: list[date], changed: float) -> list[MonthFile]:
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        load_weights(con, register.checkpoints)
        # One thread a file and joins as they are written: rows keep their order, and files their bytes.
        con.execute("set threads = 1")
        con.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
        counts = dict(
            zip(register.all_months(), rows_of_months(con, register.all_months(), register.rows), strict=True)
        )

        def write_month(month: date) -> MonthFile:
            with con.cursor() as cursor:
                return _write_month(cursor, register, folder, month, counts[month], changed)

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return list(threads.map(write_month, months))


def _write_month(
    con: duckdb.DuckDBPyConnection, register: Register, folder: Path, month: date, rows: int, changed: float
) -> MonthFile:
    path = folder / f"synthetic_crossings_{month:%Y-%m}.{register.format}"
    malformed, late = round(rows * register.malformed), round(rows * register.late)
    if rows < malformed + late + EDGE_ROWS:
        raise ValueError(f"{rows} rows in {month:%Y-%m}: at least {malformed + late + EDGE_ROWS} are needed")
    is_parquet = register.format is Format.PARQUET
    load_days(con, month)
    query = (AS_PARQUET if is_parquet else AS_LINES).format(
        rows=rows,
        month=month,
        malformed=malformed,
        late=late,
        changed=round(1_000_000 * changed),
        seed=register.seed,
        faults=list(FAULTS if is_parquet else FAULTS + LINE_FAULTS),
        edges=f"[{', '.join(EDGES)}]".format(month=month),
        edge_rows=EDGE_ROWS,
        prime=PRIME,
        slots=SLOTS,
    )
    con.execute(f"copy ({query}) to '{path}' ({COPY_OPTIONS[register.format]})")
    return MonthFile(month, path, rows, malformed, late)


def main(
    folder: Path,
    rows: int = 1_000_000,
    first: Annotated[datetime, typer.Option(formats=["%Y-%m"])] = datetime(2023, 1, 1),
    months: int = 12,
    extension: Annotated[Format, typer.Option("--format")] = Format.CSV_GZ,
    malformed: float = 0.0,
    late: float = 0.0,
    seed: int = 1,
) -> None:
    """Write a synthetic register into FOLDER, a file a month."""
    register = Register(rows, first.date(), months, extension, malformed, late, seed)
    for file in write(register, folder):
        typer.echo(f"{file.path.name}: {file.rows:,} rows, {file.malformed:,} malformed, {file.late:,} late")


if __name__ == "__main__":
    typer.run(main)
