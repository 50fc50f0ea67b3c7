"""Dagster's SQLite event log with one open connection a database file.

Dagster 1.13 makes an engine and a connection for each query, so that each statement is compiled anew and
each event waits for the disk several times. Here the disk is waited for when a step or a run ends; a killed
process loses nothing, a power cut loses events of the step that ran. Nothing else differs (docs/adr/0004).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import DagsterEventType as Kind
from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, event

BUSY_TIMEOUT_SECONDS = 30
INDEX = "index"
ENDS = {Kind.STEP_SUCCESS, Kind.STEP_FAILURE, Kind.RUN_SUCCESS, Kind.RUN_FAILURE, Kind.RUN_CANCELED}


class OneConnectionEventLogStorage(SqliteEventLogStorage):
    """SqliteEventLogStorage, named in dagster.yaml; the files are the same, so either can read them."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._known_tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "OneConnectionEventLogStorage":
        return cls(inst_data=inst_data, **config_value)

    def store_event(self, event: EventLogEntry) -> None:
        super().store_event(event)
        # The UI watches the file itself and would not see what stands in the write-ahead log beside it.
        os.utime(self.path_for_shard(event.run_id))
        if event.dagster_event_type in ENDS:
            for shard in (event.run_id, INDEX):
                with self._connect(shard) as connection:
                    connection.exec_driver_sql("pragma wal_checkpoint")

    def delete_events(self, run_id: str) -> None:
        """Of a run that is deleted Dagster would leave an emptied file behind."""
        super().delete_events(run_id)
        if engine := self._engines.pop(run_id, None):
            engine.dispose()
        self._initialized_dbs.discard(run_id)
        file = Path(self.path_for_shard(run_id))
        for part in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            part.unlink(missing_ok=True)

    def has_table(self, table_name: str) -> bool:
        """Asked several times an event; a table that is there stays there."""
        if table_name not in self._known_tables and super().has_table(table_name):
            self._known_tables.add(table_name)
        return table_name in self._known_tables

    def dispose(self) -> None:
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        """The engine of a shard; those of the index and of one run stay open."""
        if shard not in self._engines:
            for other in self._engines.keys() - {INDEX}:
                self._engines.pop(other).dispose()
            self._engines[shard] = _engine(self.conn_string_for_shard(shard))
        if shard not in self._initialized_dbs:
            self._initdb(self._engines[shard])
            self._initialized_dbs.add(shard)
        return self._engines[shard]


def _engine(address: str) -> Engine:
    engine = create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", lambda connection, _: connection.execute("pragma synchronous = normal"))
    return engine
