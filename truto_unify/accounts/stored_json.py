"""What the database and an answer cannot hold of a JSON value, and the rest of a stored value that they cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

import orjson

_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**64 - 1


def storage_faults(value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    r"""The path of each key and value that cannot be stored or answered, with what is wrong with it.

    Half characters are not in UTF-8, PostgreSQL has no NUL, and JSON has no NaN.

    >>> list(storage_faults({"a": ["fine", "half \ud800"], "b": 1e999}))
    [(('a', '1'), 'holds half a character'), (('b',), 'must be a finite number')]
    """
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while waiting:
        path, part = waiting.pop()
        if isinstance(part, Mapping):
            for key in part:
                reason = _fault(key)
                if reason is not None:
                    yield (*path, cleaned(str(key)[:100].replace("\0", "?"))), f"is a key that {reason}"
            waiting += reversed([((*path, str(key)), inner) for key, inner in part.items() if _fault(key) is None])
        elif isinstance(part, list | tuple):
            waiting += reversed([((*path, str(index)), inner) for index, inner in enumerate(part)])
        else:
            reason = _fault(part)
            if reason is not None:
                yield path, reason


def _fault(value: Any) -> str | None:
    if isinstance(value, str):
        if "\0" in value:
            return "holds the character NUL"
        return None if _is_whole(value) else "holds half a character"
    if isinstance(value, float) and not isfinite(value):
        return "must be a finite number"
    if isinstance(value, int) and not _MIN_INTEGER <= value <= _MAX_INTEGER:
        return "must be a number of at most 64 bits"
    return None


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def cleaned(value: Any) -> Any:
    r"""A stored value as it can be answered: question marks stand for half characters.

    >>> cleaned({"a\ud800": "b"})
    {'a?': 'b'}
    """
    try:
        orjson.dumps(value)
    except TypeError:
        return _replaced(value)
    return value


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_replaced(key): _replaced(part) for key, part in value.items()}
    return [_replaced(part) for part in value] if isinstance(value, list) else value
