"""Asset and check specs of the dbt project, read from its manifest.

Written here because importing dagster_dbt costs more than a whole refresh that has nothing to do
(docs/adr/0004). Keys, deps and checks follow its conventions.
"""

from typing import Any

import dagster as dg

from ingest.catalogue import DATASETS
from orchestration import dbt
from orchestration.assets.metadata import ANALYSIS, ENGINEERING, code, column

ALIASES = "seed.mobility_tracking_matrix.alias"
# Layers that say what a figure means; the others say how it came.
MEANING = frozenset({"seeds", "marts", "indicators", "audit"})

STATEMENTS = {
    "accepted_values": "{column_name} is one of: {values}.",
    "counts_each_row": "The crossings counted of a file are its landed rows.",
    "grain": "These columns identify a row: {columns}.",
    "holds": "True for every row: {condition}",
    "is_empty": "The table has no rows: each would be something to mend.",
    "no_jump": "{column_name} is within a quarter of its value of the day before, by {by}.",
    "states_every_year": "Each year of Taldau has its balance in element 6567, from its first to its last.",
    "relationships": "Every {column_name} is found in {field} of {to}.",
    "sound_alias": "Every line can be used: a folded label with one meaning, a code that exists.",
    "sound_membership": "Groups and countries exist; no two spells of a membership overlap.",
}


def node_key(node: dict[str, Any]) -> dg.AssetKey:
    """Schema and name of a model or seed; source and table of a source."""
    if node["resource_type"] == "source":
        return dg.AssetKey([node["source_name"], node["name"]])
    return dg.AssetKey([node["schema"], node["alias"]])


def asset_specs() -> dict[str, dg.AssetSpec]:
    """The spec of each model and seed by dbt's unique id."""
    return {
        unique_id: _asset_spec(node)
        for unique_id, node in dbt.manifest()["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }


def check_specs() -> dict[str, dg.AssetCheckSpec]:
    """The spec of each data test by dbt's unique id, on the model or seed that it stands at."""
    nodes = dbt.manifest()["nodes"]
    return {
        unique_id: dg.AssetCheckSpec(
            node["name"],
            asset=node_key(nodes[node["attached_node"]]),
            description=node["description"] or _statement(node),
        )
        for unique_id, node in nodes.items()
        if node["resource_type"] == "test"
    }


def dictionary(unique_ids: list[str]) -> dict[str, Any]:
    """A link to the seed that codes printed labels, where it is among these nodes."""
    aliases = dbt.manifest()["nodes"][ALIASES]
    return {"dictionary": dg.MetadataValue.asset(node_key(aliases))} if ALIASES in unique_ids else {}


def dictionary_of(dataset: str) -> dict[str, Any]:
    """The link for a dataset: that of the models which read its raw table."""
    source = f"source.mobility_tracking_matrix.raw.{dataset}"
    readers = (node.get("depends_on", {}).get("nodes", []) for node in dbt.manifest()["nodes"].values())
    return dictionary([unique_id for upstream in readers if source in upstream for unique_id in upstream])


def _asset_spec(node: dict[str, Any]) -> dg.AssetSpec:
    manifest = dbt.manifest()
    known = manifest["nodes"] | manifest["sources"]
    upstream = node.get("depends_on", {}).get("nodes", [])
    return dg.AssetSpec(
        node_key(node),
        deps=[node_key(known[unique_id]) for unique_id in upstream],
        description=node["description"],
        group_name=node["schema"],
        kinds={"dbt", "duckdb"} | ({"csv"} if node["resource_type"] == "seed" else set()),
        owners=ANALYSIS if node["schema"] in MEANING else ENGINEERING,
        tags=_tags(node),
        metadata={
            "dagster/column_schema": dg.TableSchema([_column(each) for each in node["columns"].values()]),
            "dagster/table_name": f"{node['schema']}.{node['alias']}",
            **code(*_files(node)),
            **(dictionary(upstream) if node["schema"] == "staging" else {}),
        },
    )


def _tags(node: dict[str, Any]) -> dict[str, str]:
    """Layer, and of a model that stages one dataset its dataset and agency."""
    dataset = DATASETS.get(node["name"].removeprefix("stg_"))
    return {"layer": node["schema"]} | (
        {"agency": dataset.agency, "dataset": dataset.name} if dataset else {}
    )


def _column(declared: dict[str, Any]) -> dg.TableColumn:
    rules = {constraint["type"] for constraint in declared["constraints"]}
    return column(
        declared["name"], declared["data_type"] or "", declared["description"], "not_null" not in rules
    )


def _files(node: dict[str, Any]) -> list[str]:
    """The SQL or CSV of a node and the YAML that describes it, as paths in the checkout."""
    described = (node["patch_path"] or "").partition("://")[2]
    return [f"dbt_project/{path}" for path in (node["original_file_path"], described) if path]


def _statement(node: dict[str, Any]) -> str:
    test = node["test_metadata"]
    values = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else value
        for name, value in test["kwargs"].items()
    }
    return STATEMENTS[test["name"]].format(**values)
