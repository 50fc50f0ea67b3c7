"""`mtm build`: the tables by DuckDB, and what it says where Spark is not at hand. See tests/spark too."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from orchestration import steps
from orchestration.settings import Settings
from tests.conftest import run_mtm

without_spark = pytest.mark.skipif(find_spec("pyspark") is not None, reason="Spark is installed here")


def test_a_build_makes_the_tables_of_the_release_again(home: Path) -> None:
    settings = Settings(home=home)
    before = steps.build_content(settings)
    done = run_mtm(home, "build")
    assert done.returncode == 0, done.stderr
    assert f"built: {home / 'build.duckdb'}" in done.stdout
    assert steps.build_content(settings) == before


def test_a_build_on_spark_needs_a_lake(home: Path) -> None:
    done = run_mtm(home, "build", "--target", "spark")
    assert done.returncode == 2
    assert "MTM_LAKE is not set" in done.stderr
    assert "Traceback" not in done.stderr


@without_spark
def test_a_build_without_the_packages_of_spark_names_the_next_command(home: Path, tmp_path: Path) -> None:
    done = run_mtm(home, "build", "--target", "spark", MTM_LAKE=str(tmp_path / "lake"))
    assert done.returncode == 1
    assert "make setup-spark" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "lake").exists()


def test_another_target_is_wrong_use(home: Path) -> None:
    assert run_mtm(home, "build", "--target", "postgres").returncode == 2
