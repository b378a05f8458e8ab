"""Writes unified records as JSON, a native record inside them as the bytes that it arrived in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from truto_unify.types import NativeText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.types import Page


class RecordText(msgspec.Struct, gc=False):
    """A unified record that nothing more is done to, as JSON text, and what a list still asks of it.

    One is made for each record that passes, so that it is no dataclass, which would take its time.

    Attributes:
        id: of the record.
        text: the bytes.
        is_partial: whether ``get`` would give more of the record.
    """

    id: str
    text: bytes
    is_partial: bool


def dump_record(record: Any) -> bytes:
    """A record as JSON text in UTF-8.

    >>> dump_record({"id": "1", "remote_data": NativeText(b'{"id": 1.10}')})
    b'{"id":"1","remote_data":{"id": 1.10}}'
    """
    if record.__class__ is RecordText:
        text: bytes = record.text
        return text
    try:
        return orjson.dumps(record, _fragment)
    except (TypeError, ValueError):
        return _dump_in_full(record)


def dump_page(page: Page[Any], keyed: Mapping[str, Any] | None = None) -> bytes:
    """The envelope of a page as JSON text.

    Args:
        page: the page.
        keyed: its records by the value of a field, where the caller wants an object instead of a list.
    """
    result = page.result if keyed is None else keyed
    is_written = isinstance(result, list) and all([one.__class__ is RecordText for one in result])  # noqa: C419 - cheaper
    envelope: dict[str, Any] = {
        "result": result,
        "next_cursor": page.next_cursor,
        "prev_cursor": page.prev_cursor,
        "result_count": page.result_count,
        "is_partial_response": page.is_partial_response,
    }
    try:
        return _dump_by_record(envelope) if is_written else orjson.dumps(envelope, _fragment)
    except (TypeError, ValueError):
        return _dump_by_record(envelope)


def _dump_by_record(envelope: dict[str, Any]) -> bytes:
    """As ``dump_page``, where records are written already, or one of them is more than ``orjson`` can say."""
    result = envelope.pop("result")
    if isinstance(result, dict):
        pairs = (orjson.dumps(key) + b":" + dump_record(record) for key, record in result.items())
        text = b"{" + b",".join(pairs) + b"}"
    else:
        text = b"[" + b",".join(map(dump_record, result)) + b"]"
    return b'{"result":' + text + b"," + orjson.dumps(envelope)[1:]


def _fragment(value: Any) -> Any:
    if value.__class__ is NativeText:
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _dump_in_full(record: Any) -> bytes:
    """As ``dump_record``, for numbers beyond 64 bits and halves of characters, which leave escaped."""
    if isinstance(record, NativeText):
        text: bytes = record.text
        return text
    if not isinstance(record, dict) or not isinstance(record.get("remote_data"), NativeText):
        return json.dumps(record, separators=(",", ":")).encode()
    rest = {name: value for name, value in record.items() if name != "remote_data"}
    head = json.dumps(rest, separators=(",", ":")).encode()[:-1]
    return b"".join([head, b"," if rest else b"", b'"remote_data":', record["remote_data"].text, b"}"])
