"""Saved queries: the analyses of the dbt project, with the tables of a release in place of their refs.

Each answers a question of the report. `mtm sql --saved` runs one, and a release holds them as views.
"""

from __future__ import annotations

import re
from typing import Any

from orchestration import dbt
from publish.tables import View

REF = re.compile(r"\{\{ ref\('(\w+)'\) \}\}")
JINJA = re.compile(r"\{[{%#]")


def views() -> list[View]:
    """Every saved query by name; raises BuildError when one asks for what a release does not hold."""
    nodes = dbt.manifest()["nodes"].values()
    found = [_view(node) for node in nodes if node["resource_type"] == "analysis"]
    return sorted(found, key=lambda view: view.name)


def _view(node: dict[str, Any]) -> View:
    return View(
        name=node["name"],
        sql=_sql(node),
        comment=node["description"],
        columns={column["name"]: column["description"] for column in node["columns"].values()},
    )


def _sql(node: dict[str, Any]) -> str:
    tables = {name.table: str(name) for name in dbt.published_tables()}

    def published(ref: re.Match[str]) -> str:
        if ref[1] not in tables:
            raise dbt.BuildError(_refusal(node, f"{ref[1]} is no model of marts, indicators or audit"))
        return tables[ref[1]]

    sql = REF.sub(published, node["raw_code"])
    if jinja := JINJA.search(sql):
        line = sql[: jinja.start()].count("\n") + 1
        raise dbt.BuildError(_refusal(node, f"line {line} has more of Jinja than {{{{ ref('...') }}}}"))
    return str(sql)


def _refusal(node: dict[str, Any], problem: str) -> str:
    return f"dbt_project/{node['original_file_path']}: {problem}; a saved query reads tables of a release."
