"""Processes that stay: `mtm ui` for one person; `mtm webserver` and `mtm daemon` for a server."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from orchestration.cli.tables import console
from orchestration.settings import ROOT, Settings

LOOPBACK = "127.0.0.1"
WORKSPACE = ("-w", str(ROOT / "workspace.yaml"))

Port = Annotated[int, typer.Option(help=f"Port on {LOOPBACK}", min=1, max=65535)]


def add_to(app: typer.Typer) -> None:
    app.command()(ui)
    app.command()(webserver)
    app.command()(daemon)


def ui(port: Port = 3000) -> None:
    """Serve the Dagster UI on 127.0.0.1 with the schedules' daemon. Ctrl-C ends it."""
    _become(f"Dagster on http://{LOOPBACK}:{port}", "dagster", "dev", *WORKSPACE, *_at(port))


def webserver(port: Port = 3000) -> None:
    """Serve the Dagster UI alone, on 127.0.0.1 behind a proxy; `mtm daemon` runs beside it."""
    _become(f"Dagster on http://{LOOPBACK}:{port}", "dagster_webserver", *WORKSPACE, *_at(port))


def daemon() -> None:
    """Run the daemon alone: it starts queued runs, ticks schedules and sensors, and watches over runs."""
    _become("Dagster's daemon", "dagster._daemon", "run", *WORKSPACE)


def _at(port: int) -> tuple[str, ...]:
    return "-h", LOOPBACK, "-p", str(port)


def _become(what: str, module: str, *arguments: str) -> NoReturn:
    """Replace this process by a module of Dagster's, which finds the instance of this home."""
    from orchestration.instance import dagster_instance

    settings = Settings()
    with dagster_instance(settings) as instance:
        dagster_home = instance.root_directory
    environment = {
        **os.environ,
        "DAGSTER_HOME": dagster_home,
        "MTM_HOME": str(settings.home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    console.print(f"{what} (Ctrl-C ends it)", highlight=False)
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "-m", module, *arguments], environment)
