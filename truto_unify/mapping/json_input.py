"""Reads JSON as it arrives: parses it, or cuts a list answer into the bytes of its records without parsing them.

JSON is UTF-8 (RFC 8259, 8.1). The decoder looks at the syntax of what it skips but not inside its texts, so these are
checked beside it.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from typing_extensions import Buffer

_BOM = b"\xef\xbb\xbf"
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode = msgspec.json.Decoder().decode


class NotJson(ValueError):
    """The bytes are no JSON text, or hold what no UTF-8 text can say."""


def parse_json(text: bytes) -> tuple[Any, bool]:
    r"""The value of a JSON text, and whether all text in it is known to be Unicode.

    msgspec is twice as fast as the standard library and gives the same values, integers of any size included. What it
    refuses and the standard library takes (``1e400``, half of a surrogate pair, UTF-16) is read by the latter.

    >>> parse_json(b'{"id": 123456789012345678901}'), parse_json(rb'"\ud83d"')
    (({'id': 123456789012345678901}, True), ('\ud83d', False))

    Raises:
        ValueError: the text is not JSON.
        RecursionError: it is nested too deeply.
    """
    try:
        return _decode(text), True
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return json.loads(text), False


def find_lone_surrogate(text: bytes) -> int | None:
    r"""Where a JSON text says half of a character, which no UTF-8 text can hold.

    >>> find_lone_surrogate(rb'"\ud83d\ude00 \\ud83d"'), find_lone_surrogate(rb'"a\ud83d"')
    (None, 2)
    """
    if b"\\ud" not in text and b"\\uD" not in text:
        return None
    return next((found.start() for found in _ESCAPE.finditer(text) if found["lone"]), None)


def cut_records(body: bytes, path: tuple[str, ...]) -> Sequence[Buffer] | None:
    """The bytes of each record of a list answer; None where there is no list at this path.

    Args:
        body: UTF-8; a byte order mark is passed over.
        path: where the records stand; ``edges[]`` goes into each element.

    Returns:
        Views of the body: who keeps one keeps all of it, until ``read_text`` copies it.

    >>> [read_text(one) for one in cut_records(b'{"data": [{"id": 1}, {"id": 2}], "next": null}', ("data",))]
    [b'{"id": 1}', b'{"id": 2}']
    >>> cut_records(b'{"data": {}}', ("data",)) is None
    True

    Raises:
        NotJson: the body is no JSON text.
    """
    found: Any = _find(_decoder(path, is_list=True), body)
    for index, step in enumerate(path):
        found = getattr(found, "found", None)
        if step.endswith("[]"):
            return _inside(found, len(path) - index - 1)
    records: Sequence[Buffer] | None = found
    return records


def cut_members(body: bytes, path: tuple[str, ...]) -> Sequence[Buffer]:
    """The bytes of each value in the object at this path, where PHP writes a list as one.

    >>> [bytes(record) for record in cut_members(b'{"data": {"0": {"id": 1.10}, "2": {"id": 2}}}', ("data",))]
    [b'{"id": 1.10}', b'{"id": 2}']
    """
    rest: Any = body.removeprefix(_BOM)
    for step in path:
        rest = _decode_members(rest)[step]
    return list(_decode_members(rest).values())


def cut_record(body: bytes, path: tuple[str, ...]) -> bytes | None:
    """The bytes of one record of an answer; None where there is none at this path.

    >>> cut_record(b'{"data": {"customer": {"id": 1.10}}}', ("data", "customer"))
    b'{"id": 1.10}'

    Raises:
        NotJson: the body is no JSON text.
    """
    found = _find(_decoder(path, is_list=False), body)
    for _ in path:
        found = getattr(found, "found", None)
    return None if found is None else read_text(found)


def split_page(body: bytes, path: tuple[str, ...]) -> tuple[Any, Sequence[Buffer]] | None:
    """What an answer says beside its records, parsed, with ``[]`` in their place; and views of the records.

    None where there is no list at this path, where the two cannot be told apart, or where it is no JSON text.

    >>> envelope, records = split_page(b'{"data": [{"id": 1}, {"id": 2}], "next": "x"}', ("data",))
    >>> envelope, len(records)
    ({'data': [], 'next': 'x'}, 2)
    """
    try:
        records = cut_records(body, path)
        if records is None or any(step.endswith("[]") for step in path):
            return None
        check_texts(records)
        if not records:
            return json.loads(body), records
        # The first text that is like the first record may stand elsewhere: what is left over then looks otherwise.
        last = bytes(records[-1])
        rest: Any = json.loads(body[: body.index(records[0])] + body[body.rindex(last) + len(last) :])
    except ValueError:
        return None
    found = rest
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return (rest, records) if found == [] else None


def read_text(record: Buffer) -> bytes:
    """The bytes of a record, by themselves.

    Raises:
        NotJson: they are not UTF-8.
    """
    text = bytes(record)
    _check(text)
    return text


def check_texts(records: Iterable[Buffer]) -> None:
    """Makes sure that records are UTF-8.

    They are checked one by one: Python reads a page of ASCII and a little else much slower.

    Raises:
        NotJson: one is not.
    """
    for record in records:
        text = record if isinstance(record, bytes) else bytes(record)
        if not text.isascii():
            _check(text)


def _check(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise NotJson(f"the record is not UTF-8: {error.reason} at byte {error.start}") from None


def _find(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body.removeprefix(_BOM))
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, RecursionError) as error:
        place = find_lone_surrogate(body)
        if place is not None:
            raise NotJson(f"half of a character ({body[place : place + 6].decode()}) at byte {place}") from None
        raise NotJson(_told(body) or f"the body is not JSON: {error}") from None


def _told(body: bytes) -> str:
    """What the standard library says is wrong with the text: it names line and column."""
    try:
        json.loads(body)
    except UnicodeDecodeError as error:
        return f"the body is not UTF-8: {error.reason} at byte {error.start}"
    except (ValueError, RecursionError) as error:
        return f"the body is not JSON: {error}"
    return ""


def _inside(elements: list[Any] | None, depth: int) -> list[Any] | None:
    if elements is None:
        return None
    for _ in range(depth):
        elements = [one.found for one in elements]
    return None if any(one is None for one in elements) else elements


@lru_cache(maxsize=256)
def _decoder(path: tuple[str, ...], *, is_list: bool) -> msgspec.json.Decoder[Any]:
    """A decoder that looks for nothing but the path."""
    is_raw = not is_list or any(step.endswith("[]") for step in path)
    inner: Any = msgspec.Raw if is_raw else list[msgspec.Raw]
    for step in reversed(path):
        name = step.removesuffix("[]")
        kind: Any = list[inner] if step.endswith("[]") else inner
        optional: Any = kind if kind is msgspec.Raw else kind | None
        inner = msgspec.defstruct("Found", [("found", optional, None)], rename={"found": name}, gc=False)
    return msgspec.json.Decoder(inner)
