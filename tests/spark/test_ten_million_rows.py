"""Every published table is the same on both engines, also with a register of ten million rows."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bench.synthetic_register import Format, Register, write
from orchestration import steps
from tests.register_files import NAME, Post
from tests.spark.cluster import cluster
from tests.spark.conftest import Built
from tests.spark.test_same_tables import differences

ROWS = 10_000_000


@pytest.mark.proof
def test_a_register_of_ten_million_rows_gives_the_same_tables(refreshed: Path, tmp_path: Path) -> None:
    post = Post(Path(shutil.copytree(refreshed, tmp_path / "data", symlinks=True)))
    write(Register(ROWS, date(2023, 7, 1), 3, Format.CSV_ZST, malformed=0.001, late=0.005), post.inbox)
    steps.fetch_datasets(post.settings, [NAME])
    landed = [each.rows for each in steps.land_answers(post.settings) if each.dataset == NAME]
    assert sum(landed) > 0.99 * ROWS
    assert steps.build(post.settings).problems == []
    steps.audit(post.settings)
    with cluster(tmp_path) as master:
        Built(post.home, master, tmp_path / "lake", tmp_path).again()
    assert differences(post.home, tmp_path / "lake") == []
