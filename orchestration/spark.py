"""A session of Spark for dbt and the lake: what it needs, how it is started, how it ends.

What belongs here: Java, the master and settings that figures depend on. All other settings are Spark's own
(spark-defaults.conf). What does not: tables.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
# Seconds within which a master must answer; Spark itself would try for a minute.
PATIENCE = 5.0
# What figures depend on, whatever a machine or cluster is set to; and quiet.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.sources.default": "parquet",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


class SparkError(Exception):
    """Spark cannot run here; the message says what is missing and the next command."""


@contextmanager
def session_on(master: str, lake: str) -> Iterator[SparkSession]:
    """A session on this master with its tables in the lake; raises SparkError when it cannot start."""
    _refuse_missing_packages()
    _refuse_missing_java()
    _refuse_silent_master(master)
    # dbt asks Spark by SQL alone: whether its frames of pandas are whole does not matter.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("mtm build").master(master)
    for name, value in (SETTINGS | {"spark.sql.warehouse.dir": lake}).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        said = _first_line(error)
        raise SparkError(f"Spark did not start on MTM_SPARK_MASTER={master}: {said}") from error
    try:
        yield session
    except PySparkException as error:
        raise SparkError(f"Spark on MTM_SPARK_MASTER={master} failed: {_first_line(error)}") from error
    finally:
        session.stop()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _refuse_missing_packages() -> None:
    missing = [name for name in ("pyspark", "dbt.adapters.spark") if not find_spec(name)]
    if missing:
        raise SparkError(
            f"The target spark needs packages that are not installed here: {', '.join(missing)}."
            " Run `make setup-spark`, then `.venv-spark/bin/mtm build --target spark`."
        )


def _refuse_missing_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    step = "run `apt-get install openjdk-17-jre-headless`, or set JAVA_HOME to such a Java"
    if java is None or not Path(java).exists():
        where = f"JAVA_HOME={home} holds" if home else "this machine has"
        raise SparkError(f"Spark needs Java {OLDEST_JAVA} or later, and {where} none: {step}.")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        first = said.strip().splitlines()[0] if said.strip() else "nothing"
        raise SparkError(f"Spark needs Java {OLDEST_JAVA} or later, and {java} says {first}: {step}.")


def _refuse_silent_master(master: str) -> None:
    """Ask each standalone master for an answer; other kinds of master answer for themselves."""
    if not master.startswith("spark://"):
        return
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host, int(port)), PATIENCE).close()
        except (OSError, ValueError):
            continue
        return
    raise SparkError(
        f"No master answers at MTM_SPARK_MASTER={master}: start it (sbin/start-master.sh of Spark) or name"
        " another; without MTM_SPARK_MASTER Spark runs on this machine alone."
    )
