"""Guesses the bytes of the records of a list answer by a text search, which costs a fraction of reading the JSON.

Records of one store begin alike: where ``},{"id":"gid://shop/Customer/`` stands, one ends and the next begins, or so
it seems. A guess is right if each of its pieces decodes as one whole JSON value. The rest of the answer was read with
one value in their place, so that ``[``, whole values with commas between them, and ``]`` stand where the records
belong; and JSON can be read in one way only. Whoever uses a guess must decode every piece, and cut the answer by
``cut_records`` as soon as one does not decode.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from truto_unify.compiler.page import NotJson, cut_records

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = 4096
"""Bytes in which the first record must begin."""
_LEAST = 16
"""Bytes; CPython looks for longer texts in longer steps. Shorter ones stand inside records, and gain nothing."""
_PLACE = b'"%s"' % secrets.token_hex(16).encode()
"""Stands in the place of the records while the rest is read; nobody who writes an answer can know it."""


def guess_records(body: bytes, path: tuple[str, ...]) -> Iterator[bytes] | None:
    """The bytes of each record of a list answer, if all goes well; None where nothing can be guessed.

    Args:
        body: UTF-8, or what should be: nothing was checked.
        path: where the records stand.

    >>> body = b'{"people": [{"contact_id":"7"},{"contact_id":"8","likes":[{"id":1},{"id":2}]}], "next": null}'
    >>> list(guess_records(body, ("people",)))
    [b'{"contact_id":"7"}', b'{"contact_id":"8","likes":[{"id":1},{"id":2}]}']
    >>> guess_records(body.replace(b"contact_id", b"id"), ("people",)), guess_records(body, ("places",))
    (None, None)
    """
    begin = body.find(b'[{"', 0, _HEAD) + 1
    value = body.find(b'":', begin, begin + _HEAD) + 2
    if begin == 0 or value == 1:
        return None
    if body.startswith(b'"', value):
        value += 1
        value = body.rfind(b"/", value, max(value, body.find(b'"', value, begin + _HEAD))) + 1 or value
    between = b"}," + body[begin:value]
    if len(between) < _LEAST:
        return None
    end = body.rfind(b"}]", begin) + 1
    try:
        rest = cut_records(body[:begin] + _PLACE + body[end:], path)
    except NotJson:
        return None
    if rest is None or len(rest) != 1 or bytes(rest[0]) != _PLACE:
        return None
    return _pieces(body, begin, end, between)


def _pieces(body: bytes, begin: int, end: int, between: bytes) -> Iterator[bytes]:
    find = body.find
    following = find(between, begin, end)
    while following >= 0:
        yield body[begin : following + 1]
        begin = following + 2
        following = find(between, begin, end)
    yield body[begin:end]
