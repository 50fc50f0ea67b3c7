"""The Dagster definitions: one connected graph, stable names, a schedule that works."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from ingest.catalogue import DATASETS
from orchestration import dbt
from orchestration.assets import exchange_rate_months
from orchestration.definitions import defs

SNAPSHOT = Path(__file__).parent / "asset_keys.txt"


@pytest.fixture(scope="module")
def graph() -> dg.AssetGraph:  # type: ignore[name-defined]
    return defs.resolve_asset_graph()


def test_asset_keys_change_only_on_purpose(graph: dg.AssetGraph) -> None:  # type: ignore[name-defined]
    keys = sorted(key.to_user_string() for key in graph.get_all_asset_keys())
    assert keys == SNAPSHOT.read_text("utf-8").split(), "if this is meant, write the keys to asset_keys.txt"


def test_no_asset_is_an_orphan(graph: dg.AssetGraph) -> None:  # type: ignore[name-defined]
    assert graph.materializable_asset_keys == graph.get_all_asset_keys()
    roots = {key for key in graph.get_all_asset_keys() if not graph.get(key).parent_keys}
    sources = {dg.AssetKey(["source_file", name]) for name in DATASETS}
    seeds = {key for key in roots if key.path[0] == "seeds"}
    assert roots - seeds - {dg.AssetKey(["marts", "dim_quarter"])} == sources | {exchange_rate_months.KEY}


def test_every_dbt_source_is_landed_by_an_asset(graph: dg.AssetGraph) -> None:  # type: ignore[name-defined]
    declared = {
        dg.AssetKey([source["source_name"], source["name"]]) for source in dbt.manifest()["sources"].values()
    }
    assert declared <= graph.materializable_asset_keys


def test_every_source_file_leads_to_the_release(graph: dg.AssetGraph) -> None:  # type: ignore[name-defined]
    for name in DATASETS:
        reached, edge = set(), {dg.AssetKey(["source_file", name])}
        while edge:
            reached |= edge
            edge = {child for key in edge for child in graph.get(key).child_keys} - reached
        assert dg.AssetKey("release") in reached, name


def test_every_asset_is_described_and_grouped(graph: dg.AssetGraph) -> None:  # type: ignore[name-defined]
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.group_name != "default", key
        assert node.kinds, key
