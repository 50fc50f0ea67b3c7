"""The server: a CONNECT proxy that ends TLS for the agencies' host names and answers for them."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from tests.agencies import statistics_bureau
from tests.agencies.faults import Fault
from tests.agencies.national_bank import DATA_NBK, NBK, NationalBank
from tests.agencies.reply import Reply
from tests.agencies.statistics_bureau import StatisticsBureau

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@dataclass
class Seen:
    """One request as it came: target is the path with the raw query; times are monotonic seconds."""

    host: str
    target: str
    headers: dict[str, str]
    began: float
    ended: float = 0.0
    status: int | None = None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass
class _State:
    agencies: dict[str, NationalBank | StatisticsBureau]
    contexts: dict[str, ssl.SSLContext]
    seen: list[Seen] = field(default_factory=list)
    faults: dict[tuple[str, str], list[Fault]] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    validated: set[tuple[str, str]] = field(default_factory=set)
    most_at_once: int = 0
    at_once: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Agencies:
    """The running imitation. Use as a context manager, or through the fixture `agencies`."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.ca_bundle = str(folder / "agencies.pem")
        authority.cert_pem.write_to_path(self.ca_bundle)
        contexts = {}
        self.bank, self.bureau = NationalBank(), StatisticsBureau()
        agencies: dict[str, NationalBank | StatisticsBureau] = {DATA_NBK: self.bank, NBK: self.bank}
        agencies |= dict.fromkeys(statistics_bureau.HOSTS, self.bureau)
        for host in agencies:
            contexts[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(host).configure_cert(contexts[host])
        self._state = _State(agencies, contexts)
        handler = type("Handler", (_Handler,), {"state": self._state})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.proxy = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Agencies:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._state.over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def settings(self) -> dict[str, str]:
        """The variables that lead the code under test here."""
        return {"HTTPS_PROXY": self.proxy, "MTM_CA_BUNDLE": self.ca_bundle}

    @property
    def env(self) -> dict[str, str]:
        """A whole environment for a child process, without other proxies."""
        kept = {name: value for name, value in os.environ.items() if name.lower() not in PROXY_VARIABLES}
        return kept | self.settings

    @property
    def seen(self) -> list[Seen]:
        """Every request in the order in which it came, redirects and retries included."""
        return list(self._state.seen)

    @property
    def most_at_once(self) -> int:
        """The most requests that were under way at one time."""
        return self._state.most_at_once

    def fail(self, host: str, path: str, *faults: Fault) -> None:
        """Let requests for the path (without query) fail, by the first fault that still strikes."""
        self._state.faults[host, path] = list(faults)

    def mend(self) -> None:
        """Take back all faults and dead hosts."""
        self._state.faults.clear()
        self._state.dead.clear()

    def kill(self, host: str) -> None:
        """The host is dead: CONNECT is refused."""
        self._state.dead.add(host)

    def give_validators(self, host: str, path: str) -> None:
        """Answer with an ETag from now on, and with 304 to a request that names it."""
        self._state.validated.add((host, path))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: _State
    host = ""

    def log_message(self, *_: object) -> None:
        pass

    def do_CONNECT(self) -> None:
        self.host = self.path.rpartition(":")[0]
        context = self.state.contexts.get(self.host)
        if context is None or self.host in self.state.dead:
            self.send_error(502, "the host does not answer")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def do_GET(self) -> None:
        state = self.state
        seen = Seen(self.host, self.path, dict(self.headers), time.monotonic())
        with state.lock:
            state.seen.append(seen)
            state.at_once += 1
            state.most_at_once = max(state.most_at_once, state.at_once)
        try:
            self._answer(seen)
        except OSError:
            self.close_connection = True
        finally:
            seen.ended = time.monotonic()
            with state.lock:
                state.at_once -= 1

    def _answer(self, seen: Seen) -> None:
        url = urlsplit(self.path)
        reply = self.state.agencies[self.host].reply(self.host, url.path, url.query)
        fault = self._fault(url.path)
        if fault.hang:
            self.state.over.wait()
            self.close_connection = True
            return
        if fault.reset:
            self._reset()
            return
        if fault.status is not None:
            reply = Reply(fault.status, {}, b"")
        if fault.body:
            reply = Reply(reply.status, reply.headers, fault.body(reply.body))
        if fault.huge:
            reply = Reply(reply.status, reply.headers, b" " * fault.huge)
        reply = Reply(reply.status, reply.headers | fault.headers, reply.body)
        if (self.host, url.path) in self.state.validated and reply.status == 200:
            reply = self._validated(reply, seen)
        seen.status = reply.status
        self._send(reply, fault)

    def _fault(self, path: str) -> Fault:
        with self.state.lock:
            faults = self.state.faults.get((self.host, path), [])
            return next((fault for fault in faults if fault.take()), Fault())

    def _validated(self, reply: Reply, seen: Seen) -> Reply:
        etag = f'"{sha256(reply.body).hexdigest()[:16]}"'
        if seen.headers.get("If-None-Match") == etag:
            return Reply(304, {}, b"")
        return Reply(reply.status, reply.headers | {"ETag": etag}, reply.body)

    def _send(self, reply: Reply, fault: Fault) -> None:
        headers = {"Content-Length": str(len(reply.body))} | reply.headers
        head = f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value) + "\r\n"
        body = b"" if reply.status == 304 else reply.body
        if fault.truncate:
            body = body[: len(body) // 2]
        self.close_connection |= fault.truncate or headers.get("Connection") == "close"
        if fault.drip or fault.drip_body:
            self._write(head.encode(), fault.drip)
            self._write(body, fault.drip or fault.drip_body)
        else:
            self.connection.sendall(head.encode() + body)

    def _write(self, content: bytes, drip: float) -> None:
        if not drip:
            self.connection.sendall(content)
            return
        for byte in content:
            if self.state.over.wait(drip):
                self.close_connection = True
                return
            self.connection.sendall(bytes([byte]))

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()
