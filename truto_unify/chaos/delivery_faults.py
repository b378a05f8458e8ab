"""Faults of time and of the connection: the store's answer is right, and arrives late, in part or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.chaos.answer import Delivery
from truto_unify.chaos.fault import Fault

if TYPE_CHECKING:
    from truto_unify.chaos.answer import Answer
    from truto_unify.chaos.fault import Alter, Exchange

DELAY_SECONDS = 1.0
DRIP_SECONDS = 0.1
HANG_SECONDS = 600.0
_ENDLESS_HEAD = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-Header-%d: %s\r\n" % (n, b"x" * 1000) for n in range(2000))


def _deliver(**changes: Any) -> Alter:
    def alter(exchange: Exchange) -> Answer:
        return replace(exchange.answer, delivery=Delivery(**changes))

    return alter


def _break_chunks(exchange: Exchange) -> Answer:
    """Half of the body in a chunk, then a chunk whose size is no number."""
    body = exchange.answer.body
    half = body[: len(body) // 2]
    framing = b"%x\r\n%s\r\nno size\r\n" % (len(half), half) if half else b"no size\r\n"
    return replace(exchange.answer, delivery=Delivery(framing=framing))


DELIVERY_FAULTS = (
    Fault("delay", "time", f"the answer begins after {DELAY_SECONDS:g} s", _deliver(delay=DELAY_SECONDS)),
    Fault("hang", "time", f"no answer for {HANG_SECONDS:g} s", _deliver(delay=HANG_SECONDS)),
    Fault("drip", "time", f"a byte of the body each {DRIP_SECONDS:g} s", _deliver(body_pause=DRIP_SECONDS)),
    Fault("drip-head", "time", f"a byte of the headers each {DRIP_SECONDS:g} s", _deliver(head_pause=DRIP_SECONDS)),
    Fault(
        "no-name",
        "connection",
        "DNS does not know the host",
        _deliver(fails_at="name"),
        needs_store=False,
        needs_transport=True,
    ),
    Fault(
        "refused",
        "connection",
        "nothing listens at the address",
        _deliver(fails_at="connect"),
        needs_store=False,
        needs_transport=True,
    ),
    Fault("reset", "connection", "reset instead of an answer", _deliver(fails_at="head", is_reset=True)),
    Fault("closed", "connection", "closed instead of an answer", _deliver(fails_at="head")),
    Fault("reset-body", "connection", "reset in the middle of the body", _deliver(fails_at="body", is_reset=True)),
    Fault("cut", "connection", "closed before the stated length is sent", _deliver(fails_at="body")),
    Fault(
        "cut-no-length",
        "connection",
        "closed in the middle of a body that states no length",
        _deliver(fails_at="body", has_length=False),
    ),
    Fault("bad-chunk", "connection", "the second chunk has no size", _break_chunks),
    Fault("not-http", "connection", "bytes that are no HTTP", _deliver(head=b"220 mail.example ESMTP\r\n")),
    Fault("endless-head", "connection", "2 MB of headers that do not end", _deliver(head=_ENDLESS_HEAD)),
)
