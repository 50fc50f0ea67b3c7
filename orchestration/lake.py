"""The lake: a folder or bucket of Parquet files, a folder a table, that Spark reads and writes.

All goes through Hadoop's file systems, the same way for a folder and for a bucket. What belongs here: files
and their names. What does not: sessions of Spark, and what its tables hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class LakeError(Exception):
    """The lake cannot be used; the message says why and what to do."""


def address_of(lake: str | None) -> str:
    """MTM_LAKE as Spark is given it: an address as it stands, a folder by its whole path."""
    if not lake or not lake.strip():
        raise LakeError(
            "MTM_LAKE is not set: name the folder or bucket of the lake, such as"
            " `MTM_LAKE=/srv/lake mtm build --target spark` or MTM_LAKE=s3a://bucket/lake."
        )
    return lake.rstrip("/") if "://" in lake else Path(lake).expanduser().absolute().as_uri()


class Lake:
    """Files of the lake by their names below it, such as `raw/landing/landing.parquet`."""

    def __init__(self, session: SparkSession, address: str) -> None:
        self.address = address
        self._java: Any = session._jvm
        with self._refusals():
            root = self._path("")
            self._files = root.getFileSystem(session._jsc.hadoopConfiguration())
            self._files.mkdirs(root)
            mark = self._path(".writable")
            self._files.create(mark, True).close()
            self._files.delete(mark, False)

    def files(self, folder: str) -> set[str]:
        """The names of the Parquet files in a folder; of one that is not there, none."""
        with self._refusals():
            if not self._files.exists(self._path(folder)):
                return set()
            names = {status.getPath().getName() for status in self._files.listStatus(self._path(folder))}
        return {name for name in names if name.endswith(".parquet")}

    def put(self, file: Path, name: str) -> None:
        """Move a local file into the lake, in place of what has its name."""
        with self._refusals():
            self._files.mkdirs(self._path(name).getParent())
            self._files.copyFromLocalFile(True, True, self._path(file.as_uri(), False), self._path(name))

    def fetch(self, name: str, file: Path) -> None:
        """Copy a file of the lake to a local path."""
        with self._refusals():
            self._files.copyToLocalFile(False, self._path(name), self._path(file.as_uri(), False), True)

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with all that is in it; one that is not there is no error."""
        with self._refusals():
            self._files.delete(self._path(name), True)

    def _path(self, name: str, is_inside: bool = True) -> Any:
        return self._java.org.apache.hadoop.fs.Path(f"{self.address}/{name}" if is_inside else name)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        from py4j.protocol import Py4JJavaError

        try:
            yield
        except Py4JJavaError as error:
            raise LakeError(
                f"MTM_LAKE={self.address} cannot be used: {error.java_exception.toString()}."
                " Name a folder or bucket that this user may write;"
                " s3a:// needs hadoop-aws among the jars of Spark."
            ) from None
