"""What a DuckDB client of any version reads of a release: prints it as JSON.

Run by tests/test_clients.py in each client's own environment: nothing but duckdb may be imported here.
Arguments: the folder of a release, and a copy of its database with other figures under the same names.
"""

import json
import sys

import duckdb

OF_TABLE = "schema_name = 'indicators' and table_name = 'quarterly_remittances'"
OF_VIEW = "schema_name = 'saved' and {kind}_name = 'remittances'"
ALIAS = "other_name"


def answer(con, query):
    """Rows as text, or the kind of error."""
    try:
        return [
            [None if value is None else str(value) for value in row] for row in con.execute(query).fetchall()
        ]
    except duckdb.Error as error:
        return type(error).__name__


def views(con, at=""):
    """The answers of all saved queries by name."""
    names = con.execute(
        "select distinct view_name from duckdb_views() where schema_name = 'saved' order by 1"
    )
    return {name: answer(con, f"from {at}saved.{name}") for (name,) in names.fetchall()}


def described(con, database):
    """Comments and keys as the client's own catalogue shows them."""
    here = f"database_name = '{database}' and "
    view = here + OF_VIEW
    return {
        "comment": answer(con, f"select comment from duckdb_tables() where {here + OF_TABLE}"),
        "columns": answer(
            con,
            "select column_name, comment from duckdb_columns()"
            f" where {here + OF_TABLE} order by column_index",
        ),
        "comment of the view": answer(
            con, f"select comment from duckdb_views() where {view.format(kind='view')}"
        ),
        "columns of the view": answer(
            con,
            "select column_name, comment from duckdb_columns()"
            f" where {view.format(kind='table')} order by column_index",
        ),
        "keys": answer(
            con,
            "select distinct constraint_type, constraint_column_names from duckdb_constraints()"
            f" where {here + OF_TABLE} and constraint_type = 'PRIMARY KEY'",
        ),
    }


def main(folder, changed):
    database = f"{folder}/warehouse.duckdb"
    direct = duckdb.connect(database, read_only=True)
    attached = duckdb.connect()
    attached.execute(f"attach '{database}' as {ALIAS} (read_only)")
    two = duckdb.connect(database, read_only=True)
    two.execute(f"attach '{changed}' as {ALIAS} (read_only)")
    parquet = f"'{folder}/parquet/indicators.quarterly_remittances.parquet'"
    found = {
        "version": duckdb.__version__,
        "direct": {
            "table": answer(direct, "from indicators.quarterly_remittances order by all"),
            "views": views(direct),
            **described(direct, "warehouse"),
        },
        "attached": {
            "table": answer(attached, f"from {ALIAS}.indicators.quarterly_remittances order by all"),
            "views": views(attached, f"{ALIAS}."),
            **described(attached, ALIAS),
        },
        "parquet": answer(attached, f"from {parquet} order by all"),
        "beside another": answer(two, f"from {ALIAS}.saved.remittances"),
    }
    attached.execute(f"use {ALIAS}")
    found["used"] = {"views": views(attached)}
    print(json.dumps(found))


main(*sys.argv[1:])
