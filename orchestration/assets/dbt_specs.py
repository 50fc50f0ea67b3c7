"""Asset and check specs of the dbt project, read from its manifest.

Written here because importing dagster_dbt costs more than a whole refresh that has nothing to do
(docs/adr/0004). Keys, deps and checks follow its conventions.
"""

from typing import Any

import dagster as dg

from orchestration import dbt

STATEMENTS = {
    "accepted_values": "{column_name} is one of: {values}.",
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


def _asset_spec(node: dict[str, Any]) -> dg.AssetSpec:
    manifest = dbt.manifest()
    known = manifest["nodes"] | manifest["sources"]
    columns = [
        dg.TableColumn(column["name"], column["data_type"] or "", column["description"])
        for column in node["columns"].values()
    ]
    return dg.AssetSpec(
        node_key(node),
        deps=[node_key(known[unique_id]) for unique_id in node.get("depends_on", {}).get("nodes", [])],
        description=node["description"],
        group_name=node["schema"],
        kinds={"dbt", "duckdb"},
        metadata={
            "dagster/column_schema": dg.TableSchema(columns),
            "dagster/table_name": f"{node['schema']}.{node['alias']}",
            "code": f"dbt_project/{node['original_file_path']}",
        },
    )


def _statement(node: dict[str, Any]) -> str:
    test = node["test_metadata"]
    values = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else value
        for name, value in test["kwargs"].items()
    }
    return STATEMENTS[test["name"]].format(**values)
