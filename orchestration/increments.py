"""Whether the incremental tables of a build are of today's models, macros and seeds.

Such a model adds to what earlier builds left, and keeps what is there; rows that other code made must not
stay among its own. A line in the build database, beside these tables, says which code they are of.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

TABLE = """
create schema if not exists ops;
create table if not exists ops.increments (project_sha256 varchar)
"""
FORGET = "delete from ops.increments"


def are_of(database: Path, project_sha256: str) -> bool:
    """Whether they are; where not, the line goes, since what is made anew is a mixture until `note`."""
    with duckdb.connect(str(database)) as con:
        con.execute(TABLE)
        is_noted = con.execute("from ops.increments").fetchall() == [(project_sha256,)]
        if not is_noted:
            con.execute(FORGET)
        return is_noted


def note(database: Path, project_sha256: str) -> None:
    """Say that all of them are of this code."""
    with duckdb.connect(str(database)) as con:
        con.execute("insert into ops.increments values (?)", [project_sha256])


def forget(database: Path) -> None:
    """Have the next build make all of them anew."""
    with duckdb.connect(str(database)) as con:
        con.execute(FORGET)
