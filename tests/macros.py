"""Macros of the dbt project rendered without dbt, for one engine."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from orchestration.dbt import PROJECT

MACROS = "".join(path.read_text("utf-8") for path in sorted((PROJECT / "macros").glob("*.sql")))


class Adapter:
    """What dbt calls `adapter`: finds the macro of an engine."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    @pass_context
    def dispatch(self, context: Context, name: str) -> Callable[..., str]:
        macro: Callable[..., str] = context.resolve(f"{self.engine}__{name}")
        return macro


def rendered(expression: str, engine: str = "duckdb") -> str:
    """The SQL of an expression such as `{{ divide('n', 'd') }}`."""
    environment = Environment(autoescape=False, extensions=["jinja2.ext.do"])
    environment.globals["adapter"] = Adapter(engine)
    return environment.from_string(MACROS + expression).render().strip()
