"""The dbt project: contracts, descriptions with the grain first, and its unit tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import dbt

MODELS = {node["name"]: node for node in dbt.manifest()["nodes"].values() if node["resource_type"] == "model"}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_every_model_has_a_contract_and_descriptions(model: dict[str, Any]) -> None:
    assert model["config"]["contract"]["enforced"]
    if model["schema"] in dbt.PUBLISHED_SCHEMAS:
        assert model["config"]["persist_docs"] == {"relation": True, "columns": True}
    assert model["description"].startswith("Grain: ")
    for column in model["columns"].values():
        assert column["description"], column["name"]
        assert column["data_type"], column["name"]


def test_unit_tests_of_the_arithmetic_pass(refreshed: Path, tmp_path: Path) -> None:
    shutil.copy(refreshed / "build.duckdb", tmp_path / "build.duckdb")
    done = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("test", "--select", "test_type:unit", "--project-dir", dbt.PROJECT),
            *("--profiles-dir", dbt.PROJECT, "--target-path", tmp_path / "target"),
            *("--log-path", tmp_path / "logs", "--no-use-colors"),
        ],
        env={**os.environ, "MTM_BUILD_DB": str(tmp_path / "build.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "PASS=0" not in done.stdout


def test_a_row_twice_breaks_the_grain(refreshed: Path, tmp_path: Path) -> None:
    (compiled,) = (refreshed / "dbt" / "compiled").rglob("quarterly_indicator_grain*.sql")
    grain, table = compiled.read_text("utf-8"), "indicators.quarterly_indicator"
    shutil.copy(refreshed / "build.duckdb", tmp_path / "build.duckdb")
    with duckdb.connect(str(tmp_path / "build.duckdb")) as con:
        assert con.execute(grain).fetchall() == []
        con.execute(f"insert into {table} from {table} where geography_code is null limit 1")
        (twice,) = con.execute(grain).fetchall()
        assert twice[-1] == 2
