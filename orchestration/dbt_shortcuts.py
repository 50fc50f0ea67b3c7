"""What dbt does for each node and nobody here needs: left out from the first call of dbt in this process on.

dbt fills thirty messages a node for a log that this project does not keep, makes new testers of column types
for each result of a query, and holds its settings against schemas that it makes anew, which it did when it
parsed the project. Nothing else of a build differs (docs/adr/0004).
"""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def leave_out_idle_work() -> None:
    """Fill a message only when something looks at it, and make the testers of column types once."""
    from dbt_common.clients import agate_helper
    from dbt_common.events import base_types

    message: Any = base_types.BaseEvent
    fill, find, build_type_tester = message.__init__, message.__getattr__, agate_helper.build_type_tester

    @cache
    def type_tester(text_columns: tuple[str, ...], **null_values: Any) -> Any:
        return build_type_tester(text_columns, **null_values)

    def keep(event: Any, *args: Any, **content: Any) -> None:
        event.__dict__["unread"] = args, content

    def fill_and_find(event: Any, name: str) -> Any:
        if "unread" in event.__dict__:
            args, content = event.__dict__.pop("unread")
            fill(event, *args, **content)
        return find(event, name)

    message.__init__, message.__getattr__ = keep, fill_and_find
    agate_helper.build_type_tester = lambda text_columns, **null_values: type_tester(
        tuple(text_columns), **null_values
    )


@cache
def trust_parsed_settings() -> None:
    """Hold settings against no schema: those of a project that dbt has parsed as it stands are in order."""
    from dbt_common.dataclass_schema import dbtClassMixin

    mixin: Any = dbtClassMixin
    mixin.validate = classmethod(lambda cls, data: None)


def warnings_only() -> Any:
    """An event manager of dbt that acts on warnings alone."""
    from dbt_common.events.event_manager import EventManager

    class WarningsOnly(EventManager):
        def fire_event(
            self, e: Any, level: Any = None, node: Any = None, force_warn_or_error_handling: bool = False
        ) -> None:
            if force_warn_or_error_handling or self.require_warn_or_error_handling:
                super().fire_event(e, level, node, force_warn_or_error_handling)

    return WarningsOnly()
