"""The Dagster definitions: one connected graph, stable names, a schedule that works."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb
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


def test_the_webserver_can_load_them() -> None:
    dg.Definitions.validate_loadable(defs)
    defs.get_repository_def().load_all_definitions()


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


def test_every_asset_is_described_grouped_owned_and_tagged(graph: dg.AssetGraph) -> None:  # type: ignore[name-defined]
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.group_name != "default", key
        assert node.kinds, key
        assert node.owners in (["team:data-engineering"], ["team:analysis"]), key
        assert node.tags["layer"] == key.path[0], key


def test_every_asset_leads_to_its_code(graph: dg.AssetGraph) -> None:  # type: ignore[name-defined]
    for key in graph.get_all_asset_keys():
        references = graph.get(key).metadata["dagster/code_references"].code_references
        assert references, key
        for reference in references:
            assert Path(reference.file_path).exists(), reference


def test_a_dataset_leads_to_its_source_page_and_its_dictionary(graph: dg.AssetGraph) -> None:  # type: ignore[name-defined]
    for name, dataset in DATASETS.items():
        for layer in ("source_file", "raw"):
            node = graph.get(dg.AssetKey([layer, name]))
            assert node.metadata["source_page"].value == dataset.source_page
            tags = {"layer": layer, "agency": dataset.agency, "dataset": name}
            assert tags.items() <= node.tags.items()
    aliases = dg.AssetKey(["seeds", "alias"])
    for key in ("raw/national_bank__money_transfers", "staging/stg_national_bank__money_transfers"):
        assert graph.get(dg.AssetKey(key.split("/"))).metadata["dictionary"].value == aliases


def test_the_columns_of_a_raw_table_are_those_that_land(
    graph: dg.AssetGraph,  # type: ignore[name-defined]
    refreshed: Path,
) -> None:
    with duckdb.connect(str(refreshed / "build.duckdb"), read_only=True) as con:
        for name in DATASETS:
            landed = con.execute(f"select column_name, column_type from (describe raw.{name})").fetchall()
            schema = graph.get(dg.AssetKey(["raw", name])).metadata["dagster/column_schema"]
            shown = [(each.name, each.type.replace(" ", "").upper()) for each in schema.columns]
            assert shown == [(column, kind.replace(" ", "").upper()) for column, kind in landed]


def test_a_chart_is_of_a_column_that_the_model_has() -> None:
    columns = {(node["schema"], node["alias"]): node["columns"] for node in dbt.manifest()["nodes"].values()}
    for name, column in dbt.charted_values().items():
        assert column in columns[name.schema, name.table], name
