"""Settings from the environment, all prefixed MTM_, and the folders they lead to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import duckdb
from pydantic import FilePath, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.archive import Archive, AttemptLog
from publish.release import Releases

# What breaks the SQLite address or the YAML of the Dagster instance.
NOT_IN_A_HOME = '%?"\\\n'
POSTGRES_URL = "MTM_DAGSTER_POSTGRES_URL"
LOGGER = logging.getLogger("mtm")
ROOT = Path(__file__).parents[1]
# What DuckDB may take for each of its threads: what is larger goes through the disk.
MEGABYTES_A_THREAD = 125


class ModeError(Exception):
    """This MTM_HOME holds answers of the other mode."""


class BusyError(Exception):
    """Another process is at work in this MTM_HOME, and the caller did not want to wait for it."""


class InstanceError(Exception):
    """What Dagster keeps its runs in does not serve it."""


class Settings(BaseSettings):
    """MTM_HOME: folder of all state. MTM_SOURCES: recorded files or the live endpoints.

    MTM_CA_BUNDLE: certificate authorities to trust in place of the public ones, for a company's proxy.
    MTM_AUTOMATION: whether schedules, sensors and automation conditions are on when Dagster starts.
    MTM_DAGSTER_POSTGRES_URL: where Dagster keeps its runs, in place of SQLite under MTM_HOME.
    MTM_LAKE: folder or bucket that a build on Spark writes.
    MTM_SPARK_MASTER: where Spark runs; on all cores of this machine unless it is set.
    """

    model_config = SettingsConfigDict(env_prefix="MTM_", frozen=True)

    home: Path = ROOT / "data"
    sources: Literal["recorded", "live"] = "recorded"
    ca_bundle: FilePath | None = None
    automation: Literal["off", "on"] = "off"
    dagster_postgres_url: SecretStr | None = None
    lake: str | None = None
    spark_master: str = "local[*]"

    @field_validator("home", mode="before")
    @classmethod
    def _absolute(cls, home: str | Path) -> Path:
        if not str(home).strip() or set(str(home)) & set(NOT_IN_A_HOME):
            raise ValueError(f"a folder is needed, without any of {NOT_IN_A_HOME!r} in its path")
        return Path(home).expanduser().absolute()

    @field_validator("dagster_postgres_url")
    @classmethod
    def _names_a_database(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not _is_postgres_url(url.get_secret_value()):
            raise ValueError(
                "an address of the form postgresql://user:password@host:5432/database is needed,"
                " with the password percent-encoded"
            )
        return url

    @cached_property
    def archive(self) -> Archive:
        return Archive(self.home / "archive")

    @cached_property
    def log(self) -> AttemptLog:
        return AttemptLog(self.home / "log" / "attempts.jsonl")

    @cached_property
    def releases(self) -> Releases:
        return Releases(self.home)

    @property
    def inbox(self) -> Path:
        """Files that agencies sent, a folder a dataset."""
        return self.home / "inbox"

    @property
    def build(self) -> Path:
        """The DuckDB file that the pipeline writes; analysts never open it."""
        return self.home / "build.duckdb"

    def refuse_other_mode(self) -> None:
        """A home keeps one mode for its whole life; raises ModeError when it holds the other."""
        first = next(iter(self.log), None)
        if first and first.mode != self.sources:
            raise ModeError(
                f"{self.home} holds {first.mode} answers: a home keeps one mode for its whole life."
                f" Set MTM_HOME to another folder for MTM_SOURCES={self.sources}."
            )

    @contextmanager
    def writing(self, wait: bool = True) -> Iterator[None]:
        """Hold the one writer's place; a second writer waits here in place of meeting a lock error.

        With `wait=False` it raises BusyError instead, for those who look again later.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / ".writer").open("w") as file:
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                if not wait:
                    raise BusyError(f"another process is at work in {self.home}") from None
                LOGGER.warning("another process is at work in %s: waiting for it", self.home)
                flock(file, LOCK_EX)
            yield

    @contextmanager
    def reading(self, wait: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """The build database, opened for reading while no other process writes to it."""
        with self.writing(wait), duckdb.connect(str(self.build), read_only=True) as con:
            yield con

    @contextmanager
    def build_connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The build database, opened for writing; call it inside `writing`."""
        with duckdb.connect(str(self.build)) as con:
            con.execute(f"set memory_limit = '{memory_limit()}'")
            yield con


@cache
def memory_limit() -> str:
    """The memory that DuckDB may take while it lands and builds, as it wants it said."""
    with duckdb.connect() as con:
        (threads,) = con.execute("select current_setting('threads')").fetchall()[0]
    return f"{MEGABYTES_A_THREAD * max(2, threads)}MB"


def _is_postgres_url(address: str) -> bool:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return False
    has_server = bool(url.host or url.query.get("host")) and "@" not in (url.host or "")
    return url.drivername == "postgresql" and has_server and bool(url.database) and (url.port or 1) < 65536
