"""Ways in which an agency's server can fail, each a field of Fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Fault:
    """What to do in place of the usual answer; fields may be combined.

    times: to so many requests, then the usual answer again; None = always.
    status, headers: of the answer (with an empty body where only a status is given).
    body: makes the bytes to send from the usual ones (`lambda _: page`, `lambda b: b[:100]`).
    drip: seconds before each byte of headers and body. hang: never answer.
    reset: end the connection with RST. truncate: announce the whole body, send half of it.
    huge: send so many bytes of blanks.
    """

    times: int | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Callable[[bytes], bytes] | None = None
    drip: float = 0.0
    drip_body: float = 0.0
    hang: bool = False
    reset: bool = False
    truncate: bool = False
    huge: int = 0

    def take(self) -> bool:
        """Whether it strikes now; counts down."""
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


def page(_usual: bytes) -> bytes:
    """A firewall's page."""
    return b"<!DOCTYPE html>\n<html><body><h1>Request rejected</h1></body></html>"


def cp1251(usual: bytes) -> bytes:
    """The same text in the charset that the old site used."""
    return usual.decode("utf-8").encode("cp1251", "replace")
