"""Faults in which the store, or what stands before it, refuses a request; and what it says about the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from truto_unify.chaos.answer import Answer
from truto_unify.chaos.fault import Fault
from truto_unify.chaos.json_lists import parse, write

if TYPE_CHECKING:
    from truto_unify.chaos.fault import Alter, Exchange

_HTML = b"<!doctype html><title>Down for maintenance</title><h1>We will be back soon</h1>"
_JUMP = timedelta(hours=1)
_RUDE_WAITS = ("0", "-5", "soon", "nan", "1e308", "Fri, 31 Dec 9999 23:59:59 GMT")
_LIFETIMES = (0, -1, 1e308, "soon", None)


def _refuse(status: int, body: bytes = b'{"message":"planted"}', **headers: str) -> Alter:
    kind = "text/html" if body.startswith(b"<") else "application/json"
    names = tuple((name.replace("_", "-"), value) for name, value in headers.items())

    def alter(_: Exchange) -> Answer:
        return Answer(status, (("Content-Type", kind), *names), body)

    return alter


def _refuse_rudely(exchange: Exchange) -> Answer:
    wait = exchange.random.choice(_RUDE_WAITS)
    return Answer(429, (("Content-Type", "application/json"), ("Retry-After", wait)), b'{"message":"planted"}')


def _repeat_request(exchange: Exchange) -> Answer:
    """The body repeats everything that the client sent, its credentials too."""
    request = exchange.request
    repeated = {
        "message": f"cannot serve {request.path}?{request.query}",
        "headers": [f"{name}: {value}" for name, value in request.headers],
        "body": request.body.decode("utf-8", "replace"),
    }
    return Answer(500, (("Content-Type", "application/json"),), write(repeated))


def _move_clock(by: timedelta) -> Alter:
    def alter(exchange: Exchange) -> Answer:
        written = exchange.answer.header("Date")
        moment = (parsedate_to_datetime(written) if written else datetime.now(UTC)) + by
        text = format_datetime(moment, usegmt=True)
        return replace(exchange.answer, headers=exchange.answer.headers_with(Date=text, Expires=text))

    return alter


def _lie_about_lifetime(exchange: Exchange) -> Answer | None:
    body = parse(exchange.answer.body)
    if not isinstance(body, dict) or "expires_in" not in body:
        return None
    return replace(exchange.answer, body=write({**body, "expires_in": exchange.random.choice(_LIFETIMES)}))


STATUS_FAULTS = (
    Fault("error", "status", "500", _refuse(500), needs_store=False),
    Fault("gateway", "status", "502 with a web page", _refuse(502, _HTML), needs_store=False),
    Fault("unavailable", "status", "503, three times", _refuse(503), 3, needs_store=False),
    Fault("outage", "status", "503, 20 times", _refuse(503), 20, needs_store=False),
    Fault("storm", "status", "429, Retry-After: 1, three times", _refuse(429, Retry_After="1"), 3, needs_store=False),
    Fault("rude-storm", "status", "429, useless Retry-After, three times", _refuse_rudely, 3, needs_store=False),
    Fault("not-found", "status", "404 with the page of a web server", _refuse(404, _HTML), needs_store=False),
    Fault(
        "redirect",
        "status",
        "302 to another host",
        _refuse(302, b"", Location="https://elsewhere.example/"),
        needs_store=False,
    ),
    Fault("echo", "status", "500 that repeats the request with its credentials", _repeat_request, needs_store=False),
    Fault("expired", "token", "401, once", _refuse(401), needs_store=False),
    Fault("lifetime", "token", "a token's expires_in is 0, negative, huge or no number", _lie_about_lifetime),
    Fault("clock-back", "clock", "Date and Expires an hour back", _move_clock(-_JUMP)),
    Fault("clock-ahead", "clock", "Date and Expires an hour ahead", _move_clock(_JUMP)),
)
