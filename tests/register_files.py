"""Files of the register of crossings as the Border Service could send them, and a home that takes them in."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingest.land import Landing
from orchestration import steps
from orchestration.settings import Settings

NAME = "border_service__crossing_register"
HEADER = "crossed_at,checkpoint,direction,citizenship,purpose,transport,region"
ROW = "2023-07-14 13:22:11,Korday,arrival,KGZ,private,road,31"


def rows_of(month: str, count: int, rest: str = "Korday,arrival,KGZ,private,road,31") -> list[str]:
    """Good rows, one a minute from the tenth of the month on."""
    return [f"{month}-{10 + at // 1440} {at // 60 % 24:02}:{at % 60:02}:00,{rest}" for at in range(count)]


def text(rows: Sequence[str], header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def packed(content: bytes, extension: str, folder: Path) -> bytes:
    """The same register as another kind of file."""
    if extension == "csv":
        return content
    if extension == "csv.gz":
        return gzip.compress(content)
    source, target = folder / "source.csv", folder / f"target.{extension}"
    source.write_bytes(content)
    with duckdb.connect() as con:
        # The writer of zstd files comes with the Parquet reader.
        options = "(format parquet)" if extension == "parquet" else "(format csv, header, compression zstd)"
        texts = "true" if extension == "csv.zst" else "false"
        con.execute(f"copy (from read_csv('{source}', all_varchar = {texts})) to '{target}' {options}")
    return target.read_bytes()


class Post:
    """A home into whose inbox files of the register come; they are fetched and landed, nothing is built."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.settings = Settings(home=home)
        self.inbox = self.settings.inbox / NAME

    def take(self, name: str, content: bytes) -> Landing | str:
        """Put a file into the inbox: what became of it at landing, or why it did not come in."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        (self.inbox / name).write_bytes(content)
        fetched = steps.fetch_datasets(self.settings, [NAME])[NAME]
        errors = [str(each.error) for each in fetched if each.error and each.resource == name]
        landings = [each for each in steps.land_answers(self.settings) if each.resource == name]
        return errors[0] if errors else landings[-1]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """The answer of a query on the build database; `register` stands for the raw table."""
        with self.settings.reading() as con:
            return con.execute(query.replace("register ", f"raw.{NAME} ", 1)).fetchall()

    def archived(self) -> list[Path]:
        return [path for path in self.settings.archive.root.rglob("*") if path.is_file()]
