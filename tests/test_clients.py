"""Clients of other DuckDB versions read a release: tables, views, comments, keys, Parquet, any alias.

Each version stands in an environment of its own, made by its lock in tests/clients; this one is 2.0. A lock
is
written by `uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url
--no-annotate --no-header` from a line such as `duckdb>=1.4,<1.5`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from publish.tables import DATABASE
from tests.conftest import ROOT

SCRIPT = ROOT / "tests" / "clients" / "read_release.py"
CLIENTS = ("duckdb_1_1", "duckdb_1_4", "this one")
Client = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def changed(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the views of the release on tables that are empty."""
    path = tmp_path_factory.mktemp("changed") / "changed.duckdb"
    with duckdb.connect() as con:
        con.execute(f"attach '{refreshed / 'current' / DATABASE}' as original (read_only)")
        con.execute(f"attach '{path}' as changed (storage_version 'v1.0.0')")
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'original'"
        ).fetchall()
        views = con.execute(
            "select schema_name, sql from duckdb_views() where database_name = 'original' and not internal"
        ).fetchall()
        con.execute("use changed")
        for schema in sorted({schema for schema, _ in tables + views}):
            con.execute(f"create schema {schema}")
        for schema, table in tables:
            con.execute(f"create table {schema}.{table} as from original.{schema}.{table} limit 0")
        for _, sql in views:
            con.execute(sql)
    return path


@pytest.fixture(scope="session")
def read(
    refreshed: Path, changed: Path, environment: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Client:
    """What a client reads of the release, asked once a session."""
    found: dict[str, dict[str, Any]] = {}

    def read(client: str) -> dict[str, Any]:
        if client not in found:
            python = sys.executable if client == "this one" else environment(client) / "bin" / "python"
            done = subprocess.run(
                [python, SCRIPT, (refreshed / "current").resolve(), changed],
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            found[client] = json.loads(done.stdout)
        return found[client]

    return read


def test_the_versions_are_those_that_are_named(read: Client) -> None:
    assert read("duckdb_1_1")["version"] == "1.1.3"
    assert read("duckdb_1_4")["version"].startswith("1.4.")
    assert read("this one")["version"] == duckdb.__version__


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_reads_what_is_there(read: Client, refreshed: Path, client: str) -> None:
    seen = read(client)["direct"]
    with duckdb.connect(str(refreshed / "current" / DATABASE), read_only=True) as con:
        amounts = con.execute(
            "select quarter, direction, cast(amount_mln_kzt as varchar) from indicators.quarterly_remittances"
            " order by all"
        ).fetchall()
        names = con.execute("select view_name from duckdb_views() where schema_name = 'saved'").fetchall()
    columns = [name for name, _ in seen["columns"]]
    place = columns.index("amount_mln_kzt")
    assert [(row[0], row[1], row[place]) for row in seen["table"]] == amounts
    assert sorted(seen["views"]) == sorted(name for (name,) in names)
    assert all(isinstance(rows, list) and rows for rows in seen["views"].values())
    assert seen["comment"][0][0].startswith("Grain: ")
    assert seen["comment of the view"][0][0].startswith("How much money")
    assert all(comment for _, comment in seen["columns"] + seen["columns of the view"])
    assert seen["keys"] == [["PRIMARY KEY", "['quarter', 'direction']"]]


@pytest.mark.parametrize("client", CLIENTS)
def test_another_alias_changes_nothing(read: Client, client: str) -> None:
    seen = read(client)
    direct, attached = seen["direct"], dict(seen["attached"])
    if client == "duckdb_1_1":
        # Its views look tables up in the database in use: docs/querying.md tells to `use` the release first.
        assert set(attached.pop("views").values()) == {"CatalogException"}
        direct = {name: value for name, value in direct.items() if name != "views"}
    assert attached == direct
    assert seen["used"]["views"] == seen["direct"]["views"]
    assert seen["parquet"] == seen["direct"]["table"]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_view_reads_its_own_file_beside_another(read: Client, client: str) -> None:
    seen = read(client)
    # 1.1 answers from the file in use, whatever the alias says: docs/querying.md warns of it.
    own: list[object] = seen["direct"]["views"]["remittances"] if client == "duckdb_1_1" else []
    assert seen["beside another"] == own


@pytest.mark.parametrize("client", CLIENTS[:2])
def test_an_older_client_reads_the_same_as_this_one(read: Client, client: str) -> None:
    mine, theirs = read("this one"), read(client)
    assert theirs["direct"] == mine["direct"]
    assert theirs["parquet"] == mine["parquet"]
