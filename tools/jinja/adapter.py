"""dbt's `adapter` where no dbt renders the SQL, in its lint and in tests of macros: DuckDB's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, name: str) -> Callable[..., str]:
    """The macro of this name for DuckDB."""
    macro: Any = context.resolve(f"duckdb__{name}")
    return macro  # type: ignore[no-any-return]
