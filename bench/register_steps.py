"""One step of the register's way, in a process of its own: fetch, land or build in the home of MTM_HOME.

Run by bench/register.py: `python -m bench.register_steps STEP`; it prints the seconds that the step took,
without the imports, dbt's among them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module

from orchestration import dbt, steps
from orchestration.settings import Settings

DATASET = "border_service__crossing_register"
MODELS = "+quarterly_crossing_register"


def fetch(settings: Settings) -> None:
    """Files of the inbox into the archive; exits where one is refused."""
    answers = steps.fetch_datasets(settings, [DATASET])[DATASET]
    _refuse([str(answer.error) for answer in answers if answer.error])


def land(settings: Settings) -> None:
    """Archived files into their raw table; exits where one is refused."""
    landings = steps.land_answers(settings)
    _refuse([str(landing.error) for landing in landings if landing.error])


def build(settings: Settings) -> None:
    """The models that rest on the register, with their tests; exits where one fails."""
    results = dbt.build(settings.home, settings.build, MODELS)
    _refuse([f"{result.name}: {result.message}" for result in results if not result.is_good])


def _refuse(errors: list[str]) -> None:
    if errors:
        sys.exit("\n".join(errors))


STEPS: dict[str, Callable[[Settings], None]] = {"fetch": fetch, "land": land, "build": build}

if __name__ == "__main__":
    if sys.argv[1] == "build":
        import_module("dbt.cli.main")
        import_module("dbt.adapters.duckdb.connections")
    started = time.perf_counter()
    STEPS[sys.argv[1]](Settings())
    sys.stdout.write(f"{time.perf_counter() - started}\n")
