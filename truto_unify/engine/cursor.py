"""Opaque cursors: a place in a provider's list, bound to the query it belongs to and sealed against change."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidCursor

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
_TAG_BYTES = 16
_MARK_LETTERS = 8
DEFAULT_KEY = b"truto_unify cursor"
"""Seals against accidents only. A service passes a secret key of its own."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list.

    Attributes:
        page: what asks the provider for the page, as the pagination wrote it.
        skip: records of that page (or, with ``after``, of that key and id) which were already given out.
        marks: the last few of these records, by which their end is found when the page has changed meanwhile.
        size: the page size that was asked for; the same page needs the same size.
        after: (key, id) of the last record given out by an emulated sort.
    """

    page: Mapping[str, Any] = field(default_factory=dict)
    skip: int = 0
    size: int | None = None
    after: tuple[int, str, str] | None = None
    marks: tuple[str, ...] = ()


def mark_record(record_id: Any) -> str:
    """A short sign of a record, for ``Position.marks``."""
    return query_binding(str(record_id))[:_MARK_LETTERS]


def query_binding(*parts: Any) -> str:
    """A short fingerprint of what a cursor belongs to: account, resource, query, sort."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def write_cursor(position: Position, binding: str, key: bytes = DEFAULT_KEY) -> str:
    """The cursor text of a position: URL-safe, without padding."""
    content: dict[str, Any] = {"v": VERSION, "b": binding, "p": dict(position.page)}
    if position.skip:
        content["s"] = position.skip
    if position.size is not None:
        content["z"] = position.size
    if position.after is not None:
        content["a"] = list(position.after)
    if position.marks:
        content["m"] = list(position.marks)
    payload = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _to_text(_tag(payload, key) + payload)


def read_cursor(cursor: str, binding: str, key: bytes = DEFAULT_KEY) -> Position:
    """The position that a cursor means.

    Raises:
        InvalidCursor: damaged, sealed with another key, of another version, or of another call.
    """
    content = _open(cursor, key)
    if content.get("v") != VERSION:
        raise InvalidCursor("this cursor was made by another version; start again without a cursor")
    if content.get("b") != binding:
        raise InvalidCursor(
            "this cursor belongs to another account, resource, query or sort; repeat the call it came from, "
            "or start again without a cursor"
        )
    after, marks = content.get("a"), content.get("m", ())
    place = tuple(after) if after else None
    return Position(content.get("p", {}), content.get("s", 0), content.get("z"), place, tuple(marks))


def _open(cursor: str, key: bytes) -> dict[str, Any]:
    damaged = InvalidCursor("this cursor is damaged; pass next_cursor exactly as it was given")
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError, UnicodeEncodeError):
        raise damaged from None
    tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    # Base64 has several spellings of the same bytes; only the one that we write counts.
    if _to_text(raw) != cursor or not payload or not hmac.compare_digest(tag, _tag(payload, key)):
        raise damaged
    content = json.loads(payload)
    return content if isinstance(content, dict) else {}


def _to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _tag(payload: bytes, key: bytes) -> bytes:
    return hmac.new(key, payload, hashlib.sha256).digest()[:_TAG_BYTES]
