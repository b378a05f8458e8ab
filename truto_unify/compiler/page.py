"""Cuts the bytes of a list answer into those of its records, without decoding the records.

JSON is UTF-8 (RFC 8259, 8.1). The decoder looks at the syntax of what it skips but not inside its texts, so the body
is checked once as a whole.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

import msgspec

_BOM = b"\xef\xbb\xbf"
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


class NotJson(ValueError):
    """The bytes are no JSON text, or hold what no UTF-8 text can say."""


def check_encoding(body: bytes) -> bytes:
    """The body without a byte order mark.

    Raises:
        NotJson: it is not UTF-8.
    """
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise NotJson(f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
    return body.removeprefix(_BOM)


def find_lone_surrogate(text: bytes) -> int | None:
    r"""Where a JSON text says half of a character, which no UTF-8 text can hold.

    >>> find_lone_surrogate(rb'"\ud83d\ude00 \\ud83d"'), find_lone_surrogate(rb'"a\ud83d"')
    (None, 2)
    """
    if b"\\ud" not in text and b"\\uD" not in text:
        return None
    return next((found.start() for found in _ESCAPE.finditer(text) if found["lone"]), None)


def cut_records(body: bytes, path: tuple[str, ...]) -> list[bytes] | None:
    """The bytes of each record of a list answer; None where there is no list at this path.

    Args:
        body: UTF-8, without a byte order mark.
        path: where the records stand; ``edges[]`` goes into each element.

    >>> cut_records(b'{"data": [{"id": 1}, {"id": 2}], "next": null}', ("data",))
    [b'{"id": 1}', b'{"id": 2}']
    >>> cut_records(b'{"data": {}}', ("data",)) is None
    True

    Raises:
        NotJson: the body is no JSON text.
    """
    try:
        found: Any = _decoder(path).decode(body)
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotJson(f"the body is not JSON: {_told(body) or error}") from None
    for index, step in enumerate(path):
        found = found.found
        if found is None:
            return None
        if step.endswith("[]"):
            return _inside(found, len(path) - index - 1)
    return None if found is None else [bytes(one) for one in found]


def _told(body: bytes) -> str:
    """What the standard library says is wrong with the text: it names line and column."""
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        return str(error)
    return ""


def _inside(elements: list[Any], depth: int) -> list[bytes] | None:
    for _ in range(depth):
        elements = [one.found for one in elements]
    return None if any(one is None for one in elements) else [bytes(one) for one in elements]


@lru_cache(maxsize=256)
def _decoder(path: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    """A decoder that looks for nothing but the path."""
    inner: Any = msgspec.Raw if any(step.endswith("[]") for step in path) else list[msgspec.Raw]
    for step in reversed(path):
        name = step.removesuffix("[]")
        kind: Any = list[inner] if step.endswith("[]") else inner
        optional: Any = kind if kind is msgspec.Raw else kind | None
        inner = msgspec.defstruct("Found", [("found", optional, None)], rename={"found": name}, gc=False)
    return msgspec.json.Decoder(inner)
