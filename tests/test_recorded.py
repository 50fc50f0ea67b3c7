"""Recorded files: made from figures in the repository, byte for byte, and true to the real data."""

from __future__ import annotations

import csv
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from ingest.catalogue import DATASETS
from ingest.recorded import recorded_folder
from tests.conftest import ROOT, SHARED, needs_shared
from tools import (
    record_border_crossings_interior,
    record_border_crossings_service,
    record_foreign_labour,
    record_internal_migration,
    record_money_transfers,
    record_money_transfers_by_country,
    record_net_migration,
    record_temporary_residence_permits,
)


@pytest.mark.parametrize(
    "tool",
    [
        record_border_crossings_interior,
        record_border_crossings_service,
        record_foreign_labour,
        record_internal_migration,
        record_money_transfers,
        record_money_transfers_by_country,
        record_net_migration,
        record_temporary_residence_permits,
    ],
)
def test_recorded_files_are_reproduced_byte_for_byte(tool: ModuleType, tmp_path: Path) -> None:
    tool.main(tmp_path)
    recorded = recorded_folder(tool.DATASET)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for path in recorded.iterdir()
    )
    for path in recorded.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("name", DATASETS)
def test_every_recorded_folder_says_where_its_figures_come_from(name: str) -> None:
    folder = recorded_folder(DATASETS[name])
    index = next((path for path in (folder / "answers.yml", folder / "letters.yml") if path.exists()), None)
    if not index:
        pytest.skip(f"{name} is live only")
    assert len(yaml.safe_load(index.read_text("utf-8"))["origin"]) > 100


@needs_shared
def test_figures_of_money_transfers_are_those_of_the_real_data() -> None:
    with (ROOT / "tools/figures/national_bank__money_transfers.csv").open(encoding="utf-8") as file:
        ours = {(row["direction"], row["month"], row["amount_mln_kzt"]) for row in csv.DictReader(file)}
    real = set()
    for direction in ("sent", "received"):
        path = SHARED / "data/nbk" / f"nbk_form408_remittances_{direction}_total_mln_kzt.csv"
        with path.open(encoding="utf-8") as file:
            real |= {(direction, row["date"], row["value"]) for row in csv.DictReader(file)}
    assert ours == real
    assert len(ours) == 116
