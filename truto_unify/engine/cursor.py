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

VERSION = 3
_TAG_BYTES = 16
_SHORT = 8
Top = tuple[str | None, str | None]
"""The first record of a list: its fingerprint, None if ties have no settled order, and what it is sorted by."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list.

    Attributes:
        page: what asks the provider for the page, as its paging kind writes it.
        skip: records of that page (or, with ``after``, of that key and id) which were already given out.
        size: the page size that was asked for; the same page needs the same size.
        after: (key, id) of the last record given out by an emulated sort.
        given: fingerprints of the last few records given out, by which the list is joined on if it has changed.
        asked: fingerprints of the pages that were read.
        last_page: the fingerprint of the ids of the page before.
        top: the first record of the list, when its reading began.
        passed: how many records were given in the engine's own order.
        total: how many records the list held, as the store said last.
        cap: records on a page, if the store gives fewer than are declared.
        is_cap_proven: whether two pages were cut alike, so that the larger size is not asked for again.
        full: the largest page size that came full.
        is_total_wrong: whether the store gave more records than it said there are.
        is_unsteady: whether the total changed.
        is_linked: whether a page said that more follow.
        is_silent: whether no answer said where the list ends.
        is_short: whether the last page of such a list was shorter than was asked for.
        ignores_size: whether the store gives more records than it is asked for, and numbers pages of its own size.
        is_rigid: whether the store cannot start a page in between, so that pages do not overlap.
        head: where the page before started, and the fingerprint of its first record.
        key: what the last record given out is sorted by.
        tied: fingerprints of the records given out that share that key, of the last ones if they are very many.
        tie_count: how many records given out share it.
        tie_start: the offset of the first record with that key.
        is_tie_open: whether more records with that key were seen, and not given out.
        has_ties: whether records of one key were seen, this key or one before.
        is_default_order: whether the list has its default order, because it cannot be read in the one that was chosen.
    """

    page: Mapping[str, Any] = field(default_factory=dict)
    skip: int = 0
    size: int | None = None
    after: tuple[int, str, str] | None = None
    given: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    last_page: str | None = None
    top: Top | None = None
    passed: int = 0
    total: int | None = None
    cap: int | None = None
    is_cap_proven: bool = False
    full: int = 0
    is_total_wrong: bool = False
    is_unsteady: bool = False
    is_linked: bool = False
    is_silent: bool = False
    is_short: bool = False
    ignores_size: bool = False
    is_rigid: bool = False
    head: tuple[int, str] | None = None
    key: str | None = None
    tied: tuple[str, ...] = ()
    tie_count: int = 0
    tie_start: int = 0
    is_tie_open: bool = False
    has_ties: bool = False
    is_default_order: bool = False

    @property
    def forgets_ties(self) -> bool:
        """Whether more records of the last key were given out than the position remembers."""
        return self.tie_count > len(self.tied)


_LETTERS = {
    "page": "p",
    "skip": "s",
    "size": "z",
    "after": "a",
    "given": "g",
    "asked": "q",
    "last_page": "l",
    "top": "o",
    "passed": "P",
    "total": "t",
    "cap": "c",
    "is_cap_proven": "C",
    "full": "f",
    "is_total_wrong": "w",
    "is_unsteady": "u",
    "is_linked": "n",
    "is_silent": "i",
    "is_short": "x",
    "ignores_size": "y",
    "is_rigid": "r",
    "head": "h",
    "key": "k",
    "tied": "e",
    "tie_count": "E",
    "tie_start": "d",
    "is_tie_open": "j",
    "has_ties": "J",
    "is_default_order": "m",
}
"""How the parts of a position are called in a cursor; those that hold nothing are left out."""


def short_fingerprint(record_id: str) -> str:
    """What a cursor holds of a record."""
    return fingerprint(record_id)[:_SHORT]


def fingerprint(*parts: Any) -> str:
    """A short text that tells these parts from others, such as the account, resource and query of a cursor."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def write_cursor(position: Position, query: str, key: bytes) -> str:
    """The cursor text of a position: URL-safe, without padding.

    Args:
        position: a place in a list.
        query: the fingerprint of the query that it belongs to.
        key: seals it.
    """
    parts = {letter: getattr(position, name) for name, letter in _LETTERS.items()}
    content = {"v": VERSION, "b": query, **{letter: part for letter, part in parts.items() if part or part == {}}}
    payload = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _to_text(_tag(payload, key) + payload)


def read_cursor(cursor: str, query: str, key: bytes) -> Position:
    """The position that a cursor means.

    Raises:
        InvalidCursor: damaged, sealed with another key, of another version, or of another call.
    """
    content = _open(cursor, key)
    if content.get("v") != VERSION:
        raise InvalidCursor("this cursor was made by another version; start again without a cursor")
    if content.get("b") != query:
        raise InvalidCursor(
            "this cursor belongs to another account, resource, query or sort; repeat the call it came from, "
            "or start again without a cursor"
        )
    parts: dict[str, Any] = {name: content[letter] for name, letter in _LETTERS.items() if letter in content}
    for name, part in parts.items():
        parts[name] = tuple(part) if isinstance(part, list) else part
    return Position(**parts)


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
