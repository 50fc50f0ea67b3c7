"""One step of the register's way, in a process of its own: fetch, land or build in the home of MTM_HOME.

Run by bench/register.py: `python -m bench.register_steps STEP`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from orchestration import steps
from orchestration.dbt import PROJECT
from orchestration.settings import Settings

DATASET = "border_service__crossing_register"
MODELS = f"source:raw.{DATASET}+"


def fetch(settings: Settings) -> None:
    """Files of the inbox into the archive; exits where one is refused."""
    answers = steps.fetch_datasets(settings, [DATASET])[DATASET]
    _refuse([str(answer.error) for answer in answers if answer.error])


def land(settings: Settings) -> None:
    """Archived files into their raw table; exits where one is refused."""
    landings = steps.land_answers(settings)
    _refuse([str(landing.error) for landing in landings if landing.error])


def build(settings: Settings) -> None:
    """The models that rest on the register alone; their tests and those of others are not part of it."""
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    outputs = ["--target-path", str(settings.home / "dbt"), "--log-path", str(settings.home / "dbt")]
    dbt = [str(Path(sys.executable).with_name("dbt")), "run", "--select", MODELS]
    environment = {**os.environ, "MTM_BUILD_DB": str(settings.build)}
    subprocess.run([*dbt, *places, *outputs], env=environment, check=True)


def _refuse(errors: list[str]) -> None:
    if errors:
        sys.exit("\n".join(errors))


STEPS: dict[str, Callable[[Settings], None]] = {"fetch": fetch, "land": land, "build": build}

if __name__ == "__main__":
    STEPS[sys.argv[1]](Settings())
