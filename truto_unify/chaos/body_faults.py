"""Faults in the bytes of a body: cut JSON, other types, other contents, and what costs memory."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from truto_unify.chaos.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.chaos.answer import Answer
    from truto_unify.chaos.fault import Alter, Exchange

_MEBIBYTE = 1024 * 1024
BOMB_MEBIBYTES = 128
_DEPTH = 100_000


def _replace_body(body: Callable[[bytes], bytes], **headers: str) -> Alter:
    def alter(exchange: Exchange) -> Answer | None:
        answer = exchange.answer
        if not answer.body:
            return None
        return replace(answer, headers=answer.headers_with(**headers), body=body(answer.body))

    return alter


def _first_half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _bad_letters(body: bytes) -> bytes:
    """Latin-1 where UTF-8 is due: in the first text of the body."""
    return body.replace(b'"', b'"\xe9', 1) if b'"' in body else b"\xe9"


@cache
def _bomb() -> bytes:
    """A JSON text of many mebibytes, in a few hundred kilobytes of gzip."""
    packer = zlib.compressobj(1, wbits=31)
    parts = [packer.compress(b'"'), *(packer.compress(b" " * _MEBIBYTE) for _ in range(BOMB_MEBIBYTES))]
    return b"".join([*parts, packer.compress(b'"'), packer.flush()])


@cache
def _double_bomb() -> bytes:
    return zlib.compress(_bomb(), 9, wbits=31)


@cache
def _many_values() -> bytes:
    return b"[" + b"0," * 2_000_000 + b"0]"


BODY_FAULTS = (
    Fault("truncated", "body", "half of the JSON, as if it were all", _replace_body(_first_half)),
    Fault("empty", "body", "no bytes", _replace_body(lambda _: b"")),
    Fault(
        "web-page", "body", "200 with a web page", _replace_body(lambda _: b"<p>Hello</p>", Content_Type="text/html")
    ),
    Fault("null", "body", "the JSON null", _replace_body(lambda _: b"null")),
    Fault("error-in-200", "body", "200 with an error as JSON", _replace_body(lambda _: b'{"error":"planted"}')),
    Fault("bad-utf8", "body", "a letter that is no UTF-8", _replace_body(_bad_letters)),
    Fault("not-gzip", "body", "says gzip and is none", _replace_body(lambda body: body, Content_Encoding="gzip")),
    Fault("wrong-type", "body", "JSON that says text/html", _replace_body(lambda body: body, Content_Type="text/html")),
    Fault(
        "bomb",
        "body",
        f"gzip that inflates to {BOMB_MEBIBYTES} MiB",
        _replace_body(lambda _: _bomb(), Content_Encoding="gzip"),
    ),
    Fault(
        "double-bomb",
        "body",
        "the same, compressed twice",
        _replace_body(lambda _: _double_bomb(), Content_Encoding="gzip, gzip"),
    ),
    Fault("value-bomb", "body", "two million JSON values", _replace_body(lambda _: _many_values())),
    Fault("deep-bomb", "body", f"{_DEPTH:,} nested arrays", _replace_body(lambda _: b"[" * _DEPTH + b"]" * _DEPTH)),
)
