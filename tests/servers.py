"""`mtm` as a process that stays: the UI, the webserver, the daemon; and runs asked of them by GraphQL."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import httpx

LOOPBACK = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 20
RUN_SECONDS = 90

LAUNCH = """
mutation($job: String!) {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "mobility_tracking_matrix", repositoryName: "__repository__", jobName: $job
    }
  }) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}
"""
RUN = """
query($id: ID!) {
  runOrError(runId: $id) {
    ... on Run { status eventConnection { events { ... on MessageEvent { message } } } }
  }
}
"""


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as free:
        return int(free.getsockname()[1])


class Server:
    """A verb of `mtm` that stays, as the leader of a session of its own, as in a terminal."""

    def __init__(self, home: Path, log: Path, *arguments: str) -> None:
        self._log = log
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MTM_")}
        with log.open("a") as output:
            self._process = subprocess.Popen(
                [str(Path(sys.executable).with_name("mtm")), *arguments],
                env={**inherited, "MTM_HOME": str(home), "MTM_SOURCES": "recorded"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # a shell's background job hands down an ignored SIGINT
                preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            )

    def interrupt(self) -> list[str]:
        """Press Ctrl-C: SIGINT to the session's processes. Returns those that are left at the end."""
        os.killpg(self._process.pid, signal.SIGINT)
        until = time.monotonic() + STOP_SECONDS
        while (left := self.processes()) and time.monotonic() < until:
            self._process.poll()
            time.sleep(0.2)
        return left

    def kill_first(self) -> None:
        """SIGKILL to the process that was started; those that it started itself are left alone."""
        self._process.kill()
        self._process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """SIGKILL to whatever there is of it, so that a failed test leaves nothing behind."""
        for process in self.processes():
            os.kill(int(process.split()[0]), signal.SIGKILL)
        self._process.wait(STOP_SECONDS)

    def processes(self) -> list[str]:
        """Number and command line of each process of this session that has not ended, as Linux tells."""
        running = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                state, _parent, _group, session, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_text().replace("\0", " ")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(session) == self._process.pid and state not in "ZX":
                running.append(f"{folder.name} {command}")
        return running


class Web(Server):
    """`mtm ui` or `mtm webserver` on a free port."""

    def __init__(self, home: Path, log: Path, verb: str = "ui") -> None:
        port = free_port()
        self.url = f"http://{LOOPBACK}:{port}"
        super().__init__(home, log, verb, "--port", str(port))

    def wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/server_info", trust_env=False, timeout=5).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError(f"{self.url} is not ready:\n{self._log.read_text('utf-8')[-4000:]}")

    def launch(self, job: str = "refresh") -> str:
        """Launch a run of a job as the UI does; its run id."""
        answer = self._ask(LAUNCH, job=job)["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return str(answer["run"]["runId"])

    def run(self, run_id: str) -> tuple[str, str]:
        """The status of a run as the UI shows it, and the messages of its log."""
        answer = self._ask(RUN, id=run_id)["runOrError"]
        messages = [event["message"] for event in answer["eventConnection"]["events"] if event]
        return answer["status"], "\n".join(messages)

    def wait_for_run(self, run_id: str, status: str, message: str = "") -> str:
        """Wait until a run has this status and its log this message; returns the log."""
        until = time.monotonic() + RUN_SECONDS
        while True:
            found, log = self.run(run_id)
            if found == status and message in log:
                return log
            is_over = found in {"SUCCESS", "FAILURE", "CANCELED"} - {status} or time.monotonic() > until
            assert not is_over, f"{found} in place of {status}:\n{log}"
            time.sleep(0.1)

    def _ask(self, query: str, **variables: str) -> Any:
        request = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.url}/graphql", json=request, trust_env=False, timeout=30).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]
