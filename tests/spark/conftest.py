"""What tests of Spark share: a cluster, and a home whose tables were built on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.land import Landing
from orchestration import steps
from tests.register_files import Post, rows_of, text
from tests.spark.cluster import cluster, conf_dir


@dataclass(frozen=True)
class Built:
    """A refreshed home, the cluster and the lake that its tables were built into."""

    home: Path
    master: str
    lake: Path
    folder: Path

    def again(self, *settings: str) -> None:
        """Build on the cluster, with these settings of Spark besides."""
        done = build(
            self.home,
            MTM_LAKE=str(self.lake),
            MTM_SPARK_MASTER=self.master,
            SPARK_CONF_DIR=conf_dir(self.folder / "conf", *settings),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"built: {self.lake.as_uri()}" in done.stdout


def build(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `mtm build --target spark`."""
    mtm = str(Path(sys.executable).with_name("mtm"))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MTM_", "SPARK_"))}
    return subprocess.run(
        [mtm, "build", "--target", "spark"],
        env={**inherited, "SPARK_LOCAL_IP": "127.0.0.1", "MTM_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture(scope="session")
def with_register(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the recorded files and a register of crossings besides, built by DuckDB."""
    post = Post(Path(shutil.copytree(refreshed, tmp_path_factory.mktemp("home") / "data", symlinks=True)))
    for month in ("2023-07", "2023-08", "2023-09"):
        rows = rows_of(month, 90) + rows_of(month, 40, "Кордай,выезд,Киргизия,,road,31")
        assert isinstance(post.take(f"crossings_{month}.csv", text(rows)), Landing)
    assert steps.build(post.settings).problems == []
    steps.audit(post.settings)
    return post.home


@pytest.fixture(scope="session")
def built(with_register: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("spark")
    with cluster(folder) as master:
        made = Built(with_register, master, folder / "lake", folder)
        made.again()
        yield made
