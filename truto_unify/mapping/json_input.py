"""Reads JSON as it arrives: parses it, or cuts a list answer into the bytes of its records without parsing them.

JSON is UTF-8 (RFC 8259, 8.1). The decoder checks the syntax of skipped values but not the encoding of their texts, so
this module checks that.
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

_SEARCHED_BYTES = 64
_MAX_PLACES = 100  # with the same beginning, or the same end; beyond that the whole text is searched for
_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_NOT_STRICT = re.compile(rb'(?P<text>"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z))|-?\bInfinity\b|\bNaN\b', re.DOTALL)
# https://docs.python.org/3/library/stdtypes.html#integer-string-conversion-length-limitation
_MAX_DIGITS = 4300
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode = msgspec.json.Decoder().decode


class NotJson(ValueError):
    """The bytes are not JSON, or hold a text that UTF-8 cannot represent."""


def parse_json(text: bytes) -> tuple[Any, bool]:
    r"""The value of a JSON text, and whether the text is strict JSON in UTF-8.

    msgspec is twice as fast as the standard library and returns the same values, integers of any size included. The
    standard library parses what msgspec refuses (``1e400``, a byte order mark). A number beyond a double is infinite.

    >>> parse_json(b'{"id": 123456789012345678901}'), parse_json(rb'["\ud83d", NaN]')
    (({'id': 123456789012345678901}, True), (['�', None], False))

    Raises:
        ValueError: the text is not JSON.
        RecursionError: it is nested too deeply.
    """
    try:
        return _decode(text), True
    except (msgspec.DecodeError, ValueError, RecursionError):
        return json.loads(to_strict_json(text) or text, parse_int=_parse_int), False


def _parse_int(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def to_strict_json(text: bytes) -> bytes | None:
    r"""The text in strict JSON, if it only lacks that for what many servers write; None if there is nothing to replace.

    NaN and infinities become null, as in JavaScript; half of a surrogate pair becomes U+FFFD, as in every text that is
    encoded for the web; UTF-16 and UTF-32 become UTF-8. All other bytes stay as they are.

    >>> to_strict_json(rb'[{"id": 1.10}, {"id": 2, "x": NaN, "name": "Ana \ud83d"}]')
    b'[{"id": 1.10}, {"id": 2, "x": null, "name": "Ana \\ufffd"}]'
    >>> to_strict_json(rb'["NaN", "\ud83d\ude00"]') is None
    True
    """
    strict = _NOT_STRICT.sub(_replacement, _to_utf8(text))
    return strict if strict != text else None


def _replacement(match: re.Match[bytes]) -> bytes:
    text = match["text"]
    if text is None:
        return b"null"
    return _SURROGATE.sub(lambda part: b"\\ufffd" if part["lone"] else part[0], text) if b"\\u" in text else text


def _to_utf8(text: bytes) -> bytes:
    """The text in UTF-8; unchanged if its encoding is unknown."""
    encoding = json.detect_encoding(text)
    try:
        # UTF-8 of old databases writes a character beyond U+FFFF as two surrogates (CESU-8).
        plain = text.decode(encoding.removesuffix("-sig"), "surrogatepass")
        return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    except UnicodeError:
        return text


def cut_records(body: bytes, path: tuple[str, ...]) -> Sequence[Buffer] | None:
    """The bytes of each record of a list answer; None if there is no list at this path.

    Args:
        body: UTF-8; a byte order mark is skipped.
        path: the path of the list; ``edges[]`` goes on in each element.

    Returns:
        Views of the body, which keep all of it in memory; ``read_text`` copies one.

    >>> [read_text(record) for record in cut_records(b'{"data": [{"id": 1}, {"id": 2}], "next": null}', ("data",))]
    [b'{"id": 1}', b'{"id": 2}']
    >>> cut_records(b'{"data": {}}', ("data",)) is None
    True

    Raises:
        NotJson: the body is not JSON.
    """
    level: Any = _decode_path(_path_decoder(path, is_list=True), body)
    for index, step in enumerate(path):
        level = getattr(level, "value", None)
        if step.endswith("[]"):
            return _values_below(level, len(path) - index - 1)
    records: Sequence[Buffer] | None = level
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
    """The bytes of one record of an answer; None if absent.

    >>> cut_record(b'{"data": {"customer": {"id": 1.10}}}', ("data", "customer"))
    b'{"id": 1.10}'

    Raises:
        NotJson: the body is not JSON.
    """
    level = _decode_path(_path_decoder(path, is_list=False), body)
    for _ in path:
        level = getattr(level, "value", None)
    return None if level is None else read_text(level)


def split_page(body: bytes, path: tuple[str, ...]) -> tuple[Any, Sequence[Buffer]] | None:
    """Splits a list answer into its envelope, parsed, with ``[]`` in place of the records, and views of the records.

    None if there is no list at this path, if the two cannot be separated, or if the body is not JSON.

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
        # Equal bytes may also stand outside the list. Then the rest does not have [] at the path.
        rest: Any = json.loads(
            body[: _first_place(body, bytes(records[0]))] + body[_last_end(body, bytes(records[-1])) :]
        )
    except ValueError:
        return None
    value = rest
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return (rest, records) if value == [] else None


def _first_place(body: bytes, text: bytes) -> int:
    """Where a text stands in a body for the first time.

    A search for its beginning is enough for nearly every text: a search for megabytes prepares them for longer than
    it searches, and no other thread runs meanwhile.

    >>> _first_place(b'[{"id": 1}, {"id": 2}]', b'{"id": 2}')
    12
    """
    place = -1
    for _ in range(_MAX_PLACES):
        place = body.index(text[:_SEARCHED_BYTES], place + 1)
        if body.startswith(text, place):
            return place
    return body.index(text)


def _last_end(body: bytes, text: bytes) -> int:
    """The end of a text in a body where it stands for the last time.

    >>> _last_end(b'[{"id": 1}, {"id": 2}]', b'{"id": 1}')
    10
    """
    end = len(body) + 1
    for _ in range(_MAX_PLACES):
        end = body.rindex(text[-_SEARCHED_BYTES:], 0, end - 1) + len(text[-_SEARCHED_BYTES:])
        if body.endswith(text, 0, end):
            return end
    return body.rindex(text) + len(text)


def read_text(record: Buffer) -> bytes:
    """A copy of the bytes of a record.

    Raises:
        NotJson: they are not UTF-8.
    """
    text = bytes(record)
    check_texts([text])
    return text


def check_texts(records: Iterable[Buffer]) -> None:
    """Checks that records are UTF-8.

    Each record is checked alone: Python decodes ASCII much faster than a page that holds some other character.

    Raises:
        NotJson: a record is not.
    """
    try:
        for record in records:
            str(record, "utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"the record is not UTF-8: {error.reason} at byte {error.start}") from None


def _decode_path(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body.removeprefix(_BOM))
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotJson(_exact_fault(body) or f"the body is not JSON: {error}") from None


def _exact_fault(body: bytes) -> str:
    """The fault of a text as the standard library reports it, with line and column; empty if it finds none."""
    try:
        json.loads(body)
    except UnicodeDecodeError as error:
        return f"the body is not UTF-8: {error.reason} at byte {error.start}"
    except (ValueError, RecursionError) as error:
        return f"the body is not JSON: {error}"
    return ""


def _values_below(elements: list[Any] | None, depth: int) -> list[Any] | None:
    """The values so many steps below each element; None if an element lacks its value."""
    if elements is None:
        return None
    for _ in range(depth):
        elements = [element.value for element in elements]
    return None if any(element is None for element in elements) else elements


@lru_cache(maxsize=256)
def _path_decoder(path: tuple[str, ...], *, is_list: bool) -> msgspec.json.Decoder[Any]:
    """A decoder that parses only the value at a path."""
    is_raw = not is_list or any(step.endswith("[]") for step in path)
    inner: Any = msgspec.Raw if is_raw else list[msgspec.Raw]
    for step in reversed(path):
        name = step.removesuffix("[]")
        kind: Any = list[inner] if step.endswith("[]") else inner
        optional: Any = kind if kind is msgspec.Raw else kind | None
        inner = msgspec.defstruct("Level", [("value", optional, None)], rename={"value": name}, gc=False)
    return msgspec.json.Decoder(inner)
