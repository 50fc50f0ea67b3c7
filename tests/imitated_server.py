"""A server in a folder: what tests/test_operations.py runs the commands of docs/operations.md in.

Real: bash, install, tar, openssl, htpasswd, curl, git, make, nginx, `mtm` and the files of deploy/.
Substituted, in the commands and in the files of deploy/: the places of PLACES lead into the folder,
/opt/mtm and REPOSITORY to this checkout (whose .venv is ready), the ports to free ones; what git does in
/opt/mtm it does in a clone of its own. The settings say `recorded` in place of `live`. PostgreSQL is
real, at a socket of its own that lets everybody in.
Imitated by scripts that come first on PATH: `systemctl` reads the unit from the folder and starts ExecStart
with the settings of its EnvironmentFile and nothing else; `journalctl` shows what a unit printed; `runuser`
runs the command as whoever runs the test; `apt-get`, `useradd` and `chown` do nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.servers import LOOPBACK, free_port

DOCUMENT = (ROOT / "docs" / "operations.md").read_text("utf-8")
PLACES = (
    *("/var/lib/mtm", "/var/backups/mtm", "/etc/mtm", "/etc/systemd/system", "/etc/ssl/mtm"),
    *("/etc/nginx", "/etc/cron.daily", "/usr/local/bin"),
)
NOTHING = "#!/bin/sh\nexit 0\n"
RUNUSER = '#!/bin/sh\nshift 3\nexec "$@"\n'
JOURNALCTL = '#!/bin/sh\nexec tail -n 50 "SANDBOX/run/$2.log"\n'
SYSTEMCTL = r"""#!/bin/bash
# systemctl VERB [--now] UNIT...
set -eu
verb=$1; shift
[ "${1:-}" != --now ] || shift
stop() {
    [ -f "$run.pid" ] || return 0
    pid=$(cat "$run.pid"); rm "$run.pid"
    kill -TERM -- "-$pid" 2>/dev/null || return 0
    for _ in $(seq 200); do kill -0 -- "-$pid" 2>/dev/null || return 0; sleep 0.1; done
    echo "$unit does not stop" >&2; kill -KILL -- "-$pid"; exit 1
}
start() {
    file="SANDBOX/etc/systemd/system/$unit.service"
    read_of() { sed -n "s/^$1=//p" "$file"; }
    mapfile -t settings < <(grep -v '^#' "$(read_of EnvironmentFile)" | tr -d '"')
    cd "$(read_of WorkingDirectory)"
    read -ra command < <(read_of ExecStart)
    exec < /dev/null >> "$run.log" 2>&1
    setsid env -i PATH=/usr/bin:/bin HOME=SANDBOX "${settings[@]}" "${command[@]}" &
    echo $! > "$run.pid"
}
for unit in "$@"; do
    run=SANDBOX/run/$unit
    case $verb:$unit in
        reload:nginx) if [ -s "$run.pid" ]; then nginx -s reload; else nginx; fi ;;
        start:mtm-*|enable:mtm-*) (start) ;;
        stop:mtm-*) stop ;;
        restart:mtm-*) stop; (start) ;;
        is-active:mtm-*|status:mtm-*) kill -0 "$(cat "$run.pid")"; echo active ;;
        *) echo "not imitated: $verb $unit" >&2; exit 1 ;;
    esac
done
"""
NGINX = '#!/bin/sh\nexec REAL -c SANDBOX/etc/nginx/nginx.conf -g "daemon on;" "$@"\n'
# In place of Debian's /etc/nginx/nginx.conf, which takes in sites-enabled as this one does.
NGINX_CONF = """\
user root;
pid SANDBOX/run/nginx.pid;
error_log SANDBOX/run/nginx.log;
events {}
http {
    access_log off;
    client_body_temp_path SANDBOX/run/body;
    proxy_temp_path SANDBOX/run/proxy;
    fastcgi_temp_path SANDBOX/run/fastcgi;
    uwsgi_temp_path SANDBOX/run/uwsgi;
    scgi_temp_path SANDBOX/run/scgi;
    include SANDBOX/etc/nginx/sites-enabled/*;
}
"""


class Server:
    """The folder, its free ports, and the commands of a section of the document run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgresql = folder  # where the socket is
        self.done: list[str] = []
        self.ui, self.http, self.https = (free_port() for _ in range(3))
        for place in ("bin", "run", "etc/nginx/sites-available", "etc/nginx/sites-enabled", "etc/cron.daily"):
            (folder / place).mkdir(parents=True)
        for place in ("usr/local/bin", "etc/systemd/system", "var/lib"):
            (folder / place).mkdir(parents=True)
        self._script("systemctl", SYSTEMCTL)
        self._script("journalctl", JOURNALCTL)
        self._script("runuser", RUNUSER)
        self._script("nginx", NGINX.replace("REAL", shutil.which("nginx") or "nginx"))
        for name in ("apt-get", "useradd", "chown"):
            self._script(name, NOTHING)
        (folder / "etc/nginx/nginx.conf").write_text(NGINX_CONF.replace("SANDBOX", str(folder)))
        shutil.copytree(ROOT / "deploy", folder / "deploy")
        for file in (folder / "deploy").iterdir():
            file.write_text(self.substituted(file.read_text("utf-8")), "utf-8")

    @property
    def home(self) -> Path:
        return self.folder / "var/lib/mtm"

    def substituted(self, text: str) -> str:
        """The same text with this folder's places and ports."""
        text = text.replace("/opt/mtm/deploy", f"{self.folder}/deploy")
        for place in PLACES:
            text = re.sub(rf"(?<![\w/]){place}\b", f"{self.folder}{place}", text)
        text = text.replace("/var/run/postgresql", str(self.postgresql))
        text = text.replace("REPOSITORY", str(ROOT)).replace("/opt/mtm", str(ROOT))
        text = text.replace("--port 3000", f"--port {self.ui}")
        text = text.replace("listen 443", f"listen {LOOPBACK}:{self.https}")
        text = text.replace("listen 80", f"listen {LOOPBACK}:{self.http}")
        text = text.replace("https://$host$", f"https://$host:{self.https}$")
        text = re.sub(r":3000\b", f":{self.ui}", re.sub(r":443\b", f":{self.https}", text))
        return text.replace("MTM_SOURCES=live", "MTM_SOURCES=recorded")

    def run(self, command: str) -> str:
        """Run one printed command; returns what it printed, and fails the test when it fails."""
        git = command.startswith("git ")
        command = self.substituted(command.replace("/opt/mtm", f"{self.folder}/clone") if git else command)
        path = f"{self.folder}/bin:{self.folder}/usr/local/bin:{os.environ['PATH']}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MTM_")}
        done = subprocess.run(
            ["bash", "-c", command],
            env={**inherited, "PATH": path, "PGHOST": str(self.postgresql), "PGUSER": "postgres"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}\n{self.logs()}"
        return done.stdout + done.stderr

    def run_section(self, title: str) -> dict[str, str]:
        """Run the commands of a section in order; returns what each printed, by its beginning."""
        self.done.append(title)
        return {command: self.run(command) for command in commands()[title]}

    def logs(self) -> str:
        return "\n".join(f"{log}:\n{log.read_text()[-3000:]}" for log in (self.folder / "run").glob("*.log"))

    def wait_for_ui(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex((LOOPBACK, self.ui)) == 0:
                    return
            time.sleep(0.2)
        raise AssertionError(f"the webserver is not ready\n{self.logs()}")

    def end(self) -> None:
        """End what this server started, by the numbers that it noted."""
        for file in (self.folder / "run").glob("*.pid"):
            number = file.read_text().strip()
            if number and file.name == "nginx.pid":
                os.kill(int(number), signal.SIGTERM)
            elif number:
                os.killpg(int(number), signal.SIGKILL)

    def _script(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(text.replace("SANDBOX", str(self.folder)), "utf-8")
        path.chmod(0o755)


def commands() -> dict[str, list[str]]:
    """The lines of the fenced `sh` blocks of the document, by section."""
    sections = dict(section.split("\n", 1) for section in DOCUMENT.split("\n## ")[1:])
    return {
        title: [
            line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()
        ]
        for title, text in sections.items()
    }
