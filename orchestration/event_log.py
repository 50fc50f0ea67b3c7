"""Dagster's SQLite event log with one engine a database file.

Dagster 1.13 makes a new SQLAlchemy engine for each event, and with it compiles each statement anew: half
of what storing the events of a refresh costs. Nothing else differs (docs/adr/0004).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

BUSY_TIMEOUT_SECONDS = 30


class OneEngineEventLogStorage(SqliteEventLogStorage):
    """SqliteEventLogStorage, named in dagster.yaml; the files are the same, so either can read them."""

    _engines: dict[str, Engine]

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "OneEngineEventLogStorage":
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engines = self.__dict__.setdefault("_engines", {})
            if shard not in engines:
                engines[shard] = create_engine(
                    self.conn_string_for_shard(shard),
                    poolclass=NullPool,
                    connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
                )
            if shard not in self._initialized_dbs:
                self._initdb(engines[shard])
                self._initialized_dbs.add(shard)
            with engines[shard].begin() as connection:
                yield connection
