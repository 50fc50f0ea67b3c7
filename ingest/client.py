"""The polite HTTP client: one request, answered in bounded time or refused with a reason.

What belongs here: TLS, allowed hosts, redirects, size and time limits, retries, pauses. What does
not: what to ask for (fetch.py) and the meaning of an answer (the dataset's own module).
"""

from __future__ import annotations

import html
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import httpx
import stamina

from ingest.dataset import Dataset, Request
from ingest.errors import SourceError

Mode = Literal["recorded", "live"]

USER_AGENT = "mobility-tracking-matrix/0.1 (statistics warehouse; public data only)"
READ_TIMEOUT = 30.0
CONNECT_TIMEOUT = 10.0
DEADLINE_SECONDS = 120.0
LONGEST_WAIT = 60.0
SIZE_LIMIT = 256 * 1024 * 1024
REDIRECT_LIMIT = 5
TRIES = 4
FIRST_WAIT = 0.5
WAIT_JITTER = 1.0
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
KEPT_HEADERS = ("content-type", "content-disposition", "etag", "last-modified", "date")
LATER = "Try again later; the last good data stays published meanwhile."
TRUST = "If a proxy of yours ends TLS, give its CA file in MTM_CA_BUNDLE; otherwise trust nothing, ask."


# Retries are told in the attempt log; stamina would print them among the output of `mtm`.
stamina.instrumentation.set_on_retry_hooks([])


@dataclass
class Answer:
    """What came of one request. `error` is None only for a whole answer with status 200 or 304.

    letter: the file of a register, in place of its content.
    is_unanswered: the server gave nothing in all tries, as opposed to an answer that is refused.
    """

    url: str
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    letter: Path | None = None
    tries: int = 0
    retried: list[str] = field(default_factory=list)
    error: SourceError | None = None
    is_unanswered: bool = False


class BusyError(Exception):
    """The server asked to wait (seconds in `wait`), or answered with an error that may pass."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Client:
    """HTTP for one refresh. `transport` stands in for the network in recorded mode."""

    def __init__(
        self,
        mode: Mode,
        transport: httpx.BaseTransport | None = None,
        ca_bundle: str | None = None,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self.mode = mode
        self.deadline = deadline
        self._http = httpx.Client(
            transport=transport,
            verify=ssl.create_default_context(cafile=ca_bundle) if ca_bundle else True,
            headers={"User-Agent": USER_AGENT},
        )
        self._answered_at: dict[str, float] = {}
        self._streams: list[Any] = []

    def get(self, dataset: Dataset, request: Request, validators: dict[str, str]) -> Answer:
        """Ask, and ask again while the server is busy, within TRIES and the deadline.

        validators: `If-None-Match` and `If-Modified-Since` of the last answer, where it gave any.
        """
        answer = Answer(full_url(request))
        stop_at = time.monotonic() + self.deadline
        # httpx limits the wait for each piece of an answer, not for the whole: a server that drips its
        # headers would hold us for hours.
        watchdog = threading.Timer(self.deadline, self._hang_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            for attempt in stamina.retry_context(
                on=_may_pass,
                attempts=TRIES,
                timeout=self.deadline,
                wait_initial=FIRST_WAIT,
                wait_jitter=WAIT_JITTER,
            ):
                with attempt:
                    answer.tries = attempt.num
                    self._ask(dataset, request, validators, answer, stop_at)
        except SourceError as error:
            answer.error = error
        except (BusyError, httpx.HTTPError, httpx.InvalidURL) as error:
            rule = f"no answer in {answer.tries} tries: {answer.retried.pop()}"
            step = TRUST if _is_untrusted(error) else LATER
            answer.error = SourceError(dataset.name, rule, answer.url, next_step=step)
            answer.error.__cause__ = error
            answer.is_unanswered = True
        finally:
            watchdog.cancel()
        return answer

    def _ask(
        self,
        dataset: Dataset,
        request: Request,
        validators: dict[str, str],
        answer: Answer,
        stop_at: float,
    ) -> None:
        answer.status, answer.content = None, None
        self._pause(dataset)
        try:
            response = self._send(dataset, request, validators, stop_at)
            answer.status = response.status_code
            answer.headers = {
                name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
            }
            try:
                if response.status_code in BUSY:
                    raise _busy(dataset, response, stop_at)
                answer.content = _read(dataset, response, stop_at)
            finally:
                response.close()
        except (BusyError, httpx.HTTPError, httpx.InvalidURL) as error:
            is_late = time.monotonic() >= stop_at
            reason = f"no whole answer within {self.deadline:g} s" if is_late else str(error)
            answer.retried.append(reason or type(error).__name__)
            raise
        finally:
            self._answered_at |= dict.fromkeys(dataset.hosts, time.monotonic())
        if answer.status not in (200, 304):
            step = "Open the address in a browser: it may have moved."
            rule = f"HTTP {answer.status} in place of 200"
            raise SourceError(dataset.name, rule, answer.url, next_step=step)

    def _send(
        self, dataset: Dataset, request: Request, validators: dict[str, str], stop_at: float
    ) -> httpx.Response:
        left = max(0.001, stop_at - time.monotonic())
        limits = httpx.Timeout(min(READ_TIMEOUT, left), connect=min(CONNECT_TIMEOUT, left)).as_dict()
        following: httpx.Request | None = self._http.build_request(
            "GET",
            full_url(request),
            headers=validators,
            extensions={"timeout": limits, "trace": self._note_stream},
        )
        for _ in range(REDIRECT_LIMIT + 1):
            assert following is not None
            _refuse_foreign_host(dataset, following.url)
            response = self._http.send(following, stream=True)
            following = response.next_request
            if following is None:
                return response
            response.close()
        rule = f"more than {REDIRECT_LIMIT} redirects"
        raise SourceError(dataset.name, rule, full_url(request))

    def _pause(self, dataset: Dataset) -> None:
        if self.mode == "recorded":
            return
        for host in dataset.hosts:
            earliest = self._answered_at.get(host, 0.0) + dataset.pause_seconds
            time.sleep(max(0.0, earliest - time.monotonic()))

    def _note_stream(self, event: str, info: dict[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._streams.append(info["return_value"])

    def _hang_up(self) -> None:
        """End every connection, so that whoever reads from one is woken up."""
        for stream in self._streams:
            with suppress(OSError, AttributeError):
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._streams.clear()


def full_url(request: Request) -> str:
    """The address with its parameters, in their declared order."""
    url = httpx.URL(request.url)
    return str(url.copy_with(params=list(request.params)) if request.params else url)


def _read(dataset: Dataset, response: httpx.Response, stop_at: float) -> bytes:
    content = bytearray()
    rule = f"the answer is larger than {SIZE_LIMIT:,} bytes"
    stated = response.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > SIZE_LIMIT:
        raise SourceError(dataset.name, rule, str(response.url), next_step=LATER)
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > SIZE_LIMIT:
            raise SourceError(dataset.name, rule, str(response.url), next_step=LATER)
        if time.monotonic() > stop_at:
            raise BusyError("the answer came too slowly")
    return bytes(content)


def _refuse_foreign_host(dataset: Dataset, url: httpx.URL) -> None:
    if url.scheme != "https" or url.host not in dataset.hosts:
        allowed = ", ".join(sorted(dataset.hosts))
        raise SourceError(
            dataset.name,
            f"only https to {allowed} is allowed",
            str(url),
            next_step=f"If the agency has moved, change the hosts of {dataset.name}.",
        )


def _may_pass(error: Exception) -> bool | float:
    """Whether to try again; the server's own Retry-After in seconds where it gave one."""
    if isinstance(error, BusyError):
        if error.wait is None:
            return True
        return error.wait
    return (
        isinstance(error, httpx.TransportError)
        and not isinstance(error, httpx.UnsupportedProtocol)
        and not _is_untrusted(error)
    )


def _is_untrusted(error: Exception) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _busy(dataset: Dataset, response: httpx.Response, stop_at: float) -> Exception:
    """What to raise for a busy server: no wait is begun that would end after the deadline."""
    if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR and dataset.final_errors:
        page = html.unescape(_read(dataset, response, stop_at).decode("utf-8", "replace"))
        for words, step in dataset.final_errors:
            if words in page:
                return SourceError(dataset.name, "HTTP 500", str(response.url), "", step, words)
    wait, rule = _retry_after(response), f"HTTP {response.status_code}"
    if wait is not None and wait > min(LONGEST_WAIT, stop_at - time.monotonic()):
        rule = f"{rule}, and the server asks to wait {wait:.0f} s"
        return SourceError(dataset.name, rule, str(response.url), next_step=LATER)
    return BusyError(rule, wait)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After header, given as a number or as a date."""
    value = str(response.headers.get("retry-after", "")).strip()
    if value.isdecimal():
        return float(value)
    try:
        wait = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None
    return max(0.0, wait)
