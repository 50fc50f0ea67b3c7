"""A standalone cluster of Spark on loopback: a master and two workers by the scripts of the pyspark wheel."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

WORKERS = 2
PATIENCE = 60.0
# Small: the recorded data are, and the tests share two cores.
JAVA = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=192m -XX:+UseSerialGC"
DEFAULTS = f"""
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.extraJavaOptions {JAVA}
spark.executor.extraJavaOptions {JAVA}
spark.executor.memory 768m
spark.sql.shuffle.partitions 2
"""


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of a master with two workers; all of it ends with the block."""
    master = f"spark://127.0.0.1:{_free_port()}"
    host, port = ["--host", "127.0.0.1"], master.rsplit(":", 1)[1]
    with ExitStack() as stack:
        log = folder / "master.log"
        stack.enter_context(_running(["master.Master", *host, "--port", port, "--webui-port", "0"], log))
        _wait_for(log, "I have been elected leader", 1)
        for number in range(WORKERS):
            size = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"worker{number}")]
            worker = ["worker.Worker", *host, "--port", "0", "--webui-port", "0", *size, master]
            stack.enter_context(_running(worker, folder / f"worker{number}.log"))
        _wait_for(log, "Registering worker", WORKERS)
        yield master


def conf_dir(folder: Path, *more: str) -> str:
    """A folder for SPARK_CONF_DIR with what suits this cluster."""
    folder.mkdir(exist_ok=True)
    (folder / "spark-defaults.conf").write_text(DEFAULTS + "\n".join(more), "utf-8")
    return str(folder)


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[None]:
    """A daemon of Spark and what it starts, in a process group of its own that is ended with the block."""
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    spark_class = str(Path(spec.origin).parent / "bin" / "spark-class")
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    with log.open("w") as output:
        process = subprocess.Popen(
            [spark_class, f"org.apache.spark.deploy.{command[0]}", *command[1:]],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    try:
        yield
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, sign)
                process.wait(10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def _wait_for(log: Path, words: str, times: int) -> None:
    end = time.monotonic() + PATIENCE
    while log.read_text("utf-8", "replace").count(words) < times:
        assert time.monotonic() < end, f"{words}: not in {log}:\n{log.read_text('utf-8', 'replace')[-2000:]}"
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])
