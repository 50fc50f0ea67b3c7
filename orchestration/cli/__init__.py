"""The `mtm` command. A module a group of verbs; heavy imports stay inside the verbs that need them."""

from __future__ import annotations

import atexit
import gc
import os
import sys

import duckdb
import typer
from pydantic import ValidationError

from ingest.errors import SourceError
from orchestration.cli import (
    audit,
    diff,
    export,
    inbox,
    jobs,
    labels,
    query,
    release,
    serve,
    state,
    trace,
)
from orchestration.dbt import BuildError
from orchestration.lake import LakeError
from orchestration.settings import InstanceError, ModeError
from orchestration.spark import SparkError
from publish.tables import PublishError

HELP = """Mobility Tracking Matrix: from an agency's file to a quarterly figure that leads back to its cell.

Start with `mtm refresh`, ask with `mtm sql "..."`, follow a figure home with `mtm trace`.

State lies under MTM_HOME (default: data/ of the checkout). MTM_SOURCES is `recorded` or `live`.

Exit codes: 0 done, 1 failed or stale, 2 wrong use.
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
jobs.add_to(app)
serve.add_to(app)
state.add_to(app)
labels.add_to(app)
query.add_to(app)
trace.add_to(app)
diff.add_to(app)
audit.add_to(app)
inbox.add_to(app)
release.add_to(app)
export.add_to(app)


def main() -> None:
    """Run `mtm` and end the process with its exit code."""
    # The process is short: only young objects are collected, seldom. Old ones are mostly in use.
    # The handlers of an exit are run, the taking apart of the interpreter is skipped.
    gc.set_threshold(100_000, 3, 1_000)
    code = _run()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run() -> int:
    """The exit code of the command; errors that a user can act on are one message, never a traceback."""
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except (SourceError, PublishError, InstanceError, SparkError) as error:
        return _say(str(error), 1)
    except (ModeError, LakeError) as error:
        return _say(str(error), 2)
    except ValidationError as error:
        first = error.errors()[0]
        return _say(f"MTM_{str(first['loc'][0]).upper()}: {first['msg'].removeprefix('Value error, ')}", 2)
    except duckdb.Error as error:
        return _say(f"{error}\nIf build.duckdb is damaged, `mtm rebuild` makes it again.", 1)
    except (BuildError, OSError, ValueError) as error:
        return _say(str(error), 1)
    except KeyboardInterrupt:
        return _say("interrupted; run the same command again to complete it", 1)
    return 0


def _say(message: str, code: int) -> int:
    typer.echo(f"mtm: {message}", err=True)
    return code
