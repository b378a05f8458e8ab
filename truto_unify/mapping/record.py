"""The records of a call: native records as they came, and unified records as they were mapped."""

from __future__ import annotations

import json
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from truto_unify.compiler.result import Result
from truto_unify.mapping.json_input import parse_json

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from typing_extensions import Buffer

_ENCODER = msgspec.json.Encoder()
NOTHING_UNMAPPED: Mapping[str, int] = MappingProxyType({})
NO_ID = "every record must have an id"


class Diagnostics(msgspec.Struct):
    """What a mapping function reports about a record; without it, the function raises for the first fault.

    Attributes:
        faults: (unified field, what is wrong) for each field that failed.
        unmapped: each enum value that the table lacks, as ``status=INVITED``.
    """

    faults: list[tuple[str, str]] = []
    unmapped: list[str] = []


class NativeRecord(msgspec.Struct, gc=False):
    """A record in the provider's own shape: its JSON, its value, or both.

    Created for each record of a call, so a msgspec struct and not a slower dataclass.

    Attributes:
        source: the JSON, usually a view into the whole answer; None if only the value is known.
        parsed: the value; unset until it is needed.
        is_unicode: whether all its text is known to be Unicode; JSON can also hold half of a surrogate pair.

    >>> record = NativeRecord(b'{"id": 1.10}')
    >>> record.value, record.text
    ({'id': 1.1}, b'{"id": 1.10}')
    """

    source: Buffer | None = None
    parsed: Any = msgspec.UNSET
    is_unicode: bool = False

    @property
    def text(self) -> bytes:
        """The JSON: the bytes that came, or the encoded value if only that is known."""
        return bytes(self.source) if self.source is not None else _dump(self.parsed)

    @property
    def value(self) -> Any:
        """The value.

        Raises:
            ValueError: the bytes are not JSON.
        """
        if self.parsed is msgspec.UNSET:
            self.parsed, self.is_unicode = parse_json(self.text)
        return self.parsed


def _dump(value: Any) -> bytes:
    """The JSON of a value; a number that JSON lacks is null.

    >>> _dump({"a": float("inf"), "b": 1.5})
    b'{"a":null,"b":1.5}'
    """
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
    except ValueError:
        return json.dumps(_without_infinities(value), separators=(",", ":")).encode()


def _without_infinities(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_infinities(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_infinities(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


class UnifiedRecord(msgspec.Struct, gc=False):
    """The result of mapping one native record.

    Attributes:
        id: the unified id; None if it is missing or invalid.
        fields: the unified record with ``remote_data``; a field that failed is null, or ``[]`` for a list. None for a
            record that was encoded at once because no later step reads its fields.
        native: the native record that was mapped; None for an encoded record.
        faults: (unified field, what is wrong) for each field that failed.
        unmapped: how often an enum met a native value that its table lacks, as ``{"status=INVITED": 1}``.
        is_partial: whether ``get`` would return more of a listed record.
        is_valid: whether the record is known to satisfy the unified model and needs no further check.
        is_from_bytes: whether the byte path mapped it.
        encoded: the JSON of a record that was encoded at once.
        shares_id: whether another record of its page has its id and differs; its last fault says so.
    """

    id: str | None
    fields: Any = None
    native: NativeRecord | None = None
    faults: list[tuple[str, str]] = []
    unmapped: Mapping[str, int] = NOTHING_UNMAPPED
    is_partial: bool = False
    is_valid: bool = False
    is_from_bytes: bool = False
    encoded: bytes | None = None
    shares_id: bool = False

    def to_json(self, left_out: Collection[str] = ()) -> bytes:
        """The record as JSON in UTF-8, with the bytes of the native record as ``remote_data``.

        Args:
            left_out: the fields to omit.

        >>> native = NativeRecord(b'{"id": 1.10}')
        >>> UnifiedRecord("1", {"id": "1", "remote_data": native.value}, native).to_json()
        b'{"id":"1","remote_data":{"id": 1.10}}'
        """
        if self.encoded is not None:
            return self.encoded
        assert self.native is not None  # noqa: S101 - only an encoded record lacks it
        names = self.fields.keys()
        values = {name: self.fields[name] for name in names if name not in left_out and name != "remote_data"}
        if "remote_data" not in left_out:
            values["remote_data"] = msgspec.Raw(self.native.text)
        try:
            return _ENCODER.encode(values)
        except (TypeError, ValueError, OverflowError):
            return _encode_with_escapes(values)


def json_line(text: bytes) -> bytes:
    r"""The JSON on one line: a native record has the line ends that its store writes between values.

    A string of JSON holds no line end, so each one stands between two values.

    >>> json_line(b'{"id":"1","remote_data":{\n "id": 1\n}}')
    b'{"id":"1","remote_data":{  "id": 1 }}\n'
    """
    return text.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def _encode_with_escapes(values: dict[str, Any]) -> bytes:
    """Encodes what msgspec refuses: numbers beyond 64 bits, and halves of characters, as escapes."""
    remote_data = values.pop("remote_data", None)
    head = json.dumps(values, separators=(",", ":"), default=_as_dict).encode()
    if remote_data is None:
        return head
    return b"".join([head[:-1], b"," if values else b"", b'"remote_data":', bytes(remote_data), b"}"])


def _as_dict(value: Any) -> dict[str, Any]:
    if isinstance(value, Result):
        return {name: value[name] for name in value.keys()}  # noqa: SIM118 - a struct is not iterable
    raise TypeError(f"{type(value).__name__} is not a JSON value")
