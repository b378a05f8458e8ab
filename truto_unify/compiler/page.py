"""Cuts the bytes of a list answer into those of its records, without decoding the records.

JSON is UTF-8 (RFC 8259, 8.1). The decoder looks at the syntax of what it skips but not inside its texts, so these are
checked beside it.
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


def check_encoding(body: bytes, records: list[bytes]) -> None:
    """Checks the texts of records, each for itself: Python reads a page of ASCII and a little else much slower.

    Args:
        body: the whole answer, for the place in the message.
        records: parts of it.

    Raises:
        NotJson: one is not UTF-8.
    """
    if body.isascii():
        return
    try:
        for text in records:
            if not text.isascii():
                text.decode()
    except UnicodeDecodeError:
        raise NotJson(_bad_encoding(body) or "the body is not UTF-8") from None


def _bad_encoding(body: bytes) -> str:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return f"the body is not UTF-8: {error.reason} at byte {error.start}"
    return ""


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
        body: UTF-8; a byte order mark is passed over.
        path: where the records stand; ``edges[]`` goes into each element.

    >>> cut_records(b'{"data": [{"id": 1}, {"id": 2}], "next": null}', ("data",))
    [b'{"id": 1}', b'{"id": 2}']
    >>> cut_records(b'{"data": {}}', ("data",)) is None
    True

    Raises:
        NotJson: the body is no JSON text.
    """
    try:
        found: Any = _decoder(path).decode(body.removeprefix(_BOM))
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, RecursionError) as error:
        place = find_lone_surrogate(body)
        if place is not None:
            raise NotJson(f"half of a character ({body[place : place + 6].decode()}) at byte {place}") from None
        raise NotJson(_bad_encoding(body) or f"the body is not JSON: {_told(body) or error}") from None
    for index, step in enumerate(path):
        found = found.found
        if found is None:
            return None
        if step.endswith("[]"):
            found = _inside(found, len(path) - index - 1)
            break
    if found is None:
        return None
    records = [bytes(one) for one in found]
    check_encoding(body, records)
    return records


def _told(body: bytes) -> str:
    """What the standard library says is wrong with the text: it names line and column."""
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        return str(error)
    return ""


def _inside(elements: list[Any], depth: int) -> list[Any] | None:
    for _ in range(depth):
        elements = [one.found for one in elements]
    return None if any(one is None for one in elements) else elements


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
