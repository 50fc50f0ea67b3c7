"""A full refresh, a refresh with nothing to do and `dbt build`, beside the bare import of the frameworks.

Whole processes, median of 5, wall time and peak memory. Run `make bench`; it writes bench/RESULTS.md.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import ROUNDS, Cost, cost, machine, medians, write_section
from orchestration.dbt import PROJECT

IMPORT = "import dagster, dagster_dbt, dbt.cli.main, duckdb, pandas"
# By process: its yardstick and the most that it may cost of it (docs/adr/0004).
LIMITS = {"full refresh": ("dbt build", 1.3), "refresh with nothing to do": ("bare import", 1.3)}
MEMORY_LIMIT = 500
BIN = Path(sys.executable).parent


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with TemporaryDirectory() as folder:
        homes = iter(range(1_000_000))
        standing = Path(folder) / "standing"
        cost([str(BIN / "mtm"), "refresh"], {"MTM_HOME": str(standing)})

        def full() -> Cost:
            return cost([str(BIN / "mtm"), "refresh"], {"MTM_HOME": f"{folder}/{next(homes)}"})

        def nothing() -> Cost:
            return cost([str(BIN / "mtm"), "refresh"], {"MTM_HOME": str(standing)})

        def dbt_build() -> Cost:
            places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
            outputs = ["--target-path", f"{folder}/dbt", "--log-path", f"{folder}/dbt"]
            options = ["--exclude-resource-type", "unit_test", "--threads", "1"]
            command = [str(BIN / "dbt"), "build", *options, *places, *outputs]
            return cost(command, {"MTM_BUILD_DB": str(standing / "build.duckdb")})

        measured = medians(
            {
                "bare import": lambda: cost([sys.executable, "-c", IMPORT], {}),
                "full refresh": full,
                "refresh with nothing to do": nothing,
                "dbt build": dbt_build,
            }
        )
    bare = measured["bare import"].seconds
    lines = [
        "| process | s | ratio to the import | yardstick | ratio to it | at most | peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    missed = []
    for name, of in measured.items():
        line = f"| {name} | {of.seconds:.2f} | {of.seconds / bare:.2f} |"
        if name in LIMITS:
            yardstick, limit = LIMITS[name]
            ratio = of.seconds / measured[yardstick].seconds
            line += f" {yardstick} | {ratio:.2f} | {limit} |"
            if ratio > limit:
                missed.append(f"{name}: {ratio:.2f} of {yardstick}")
        else:
            line += " | | |"
        lines.append(f"{line} {of.megabytes:.0f} |")
        if of.megabytes > MEMORY_LIMIT:
            missed.append(f"{name}: {of.megabytes:.0f} MB")
    head = f"{date.today()}, median of {ROUNDS}, {machine()}."
    limits = f"Import: `{IMPORT}`. Memory at most {MEMORY_LIMIT} MB."
    text = "\n".join([head, limits, "", *lines])
    write_section("refresh", text)
    sys.stdout.write(text + "\n")
    sys.exit(f"over the limit: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
