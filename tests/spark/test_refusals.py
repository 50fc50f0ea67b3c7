"""What stands against a build on Spark is one message that names the next step, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spark.conftest import build

OLD_JAVA = "#!/bin/sh\necho 'openjdk version \"11.0.20\" 2023-07-18' >&2\n"


@pytest.fixture
def old_java(tmp_path: Path) -> str:
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(OLD_JAVA, "utf-8")
    java.chmod(0o755)
    return str(tmp_path / "jdk")


def said(home: Path, code: int, **environment: str) -> str:
    done = build(home, **environment)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("mtm: ")]
    return line


def test_no_java(refreshed: Path, tmp_path: Path) -> None:
    told = said(refreshed, 1, MTM_LAKE=str(tmp_path / "lake"), JAVA_HOME=str(tmp_path))
    assert "needs Java 17 or later" in told
    assert "apt-get install openjdk-17-jre-headless" in told


def test_an_old_java(refreshed: Path, tmp_path: Path, old_java: str) -> None:
    told = said(refreshed, 1, MTM_LAKE=str(tmp_path / "lake"), JAVA_HOME=old_java)
    assert "11.0.20" in told
    assert "openjdk-17-jre-headless" in told


def test_a_master_that_does_not_answer(refreshed: Path, tmp_path: Path) -> None:
    told = said(refreshed, 1, MTM_LAKE=str(tmp_path / "lake"), MTM_SPARK_MASTER="spark://127.0.0.1:9")
    assert "No master answers at MTM_SPARK_MASTER=spark://127.0.0.1:9" in told


def test_a_master_of_no_kind(refreshed: Path, tmp_path: Path) -> None:
    told = said(refreshed, 1, MTM_LAKE=str(tmp_path / "lake"), MTM_SPARK_MASTER="nowhere")
    assert "MTM_SPARK_MASTER=nowhere" in told


def test_a_lake_that_cannot_be_written(refreshed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    told = said(refreshed, 2, MTM_LAKE=str(tmp_path / "file" / "lake"), MTM_SPARK_MASTER="local[1]")
    assert "cannot be used" in told


def test_a_bucket_without_its_file_system(refreshed: Path) -> None:
    told = said(refreshed, 2, MTM_LAKE="s3a://bucket/lake", MTM_SPARK_MASTER="local[1]")
    assert "hadoop-aws" in told


def test_a_home_without_landed_rows(tmp_path: Path) -> None:
    assert "run `mtm refresh`" in said(tmp_path / "home", 1, MTM_LAKE=str(tmp_path / "lake"))
