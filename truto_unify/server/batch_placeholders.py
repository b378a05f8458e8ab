"""Fills ``{{resources.ecommerce.customers.id}}`` and ``{{args.since}}`` in the items of a batch request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from truto_unify.errors import InvalidInput

MAX_FILLED_CHARS = 100_000
"""Characters of the id and the query of one call, with their placeholders filled."""
VALUE_CHARS = 10
"""How many characters each value counts beside those of its text and its name."""
MAX_DEPTH = 32
"""Objects and lists inside each other in a query, with its placeholders filled."""
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_.\-/]{1,200})\s*\}\}")


def find_placeholders(value: Any) -> Iterator[str]:
    """Every placeholder in a value, by its path.

    >>> list(find_placeholders({"id": "{{resources.ecommerce.customers.id}}", "limit": 3}))
    ['resources.ecommerce.customers.id']
    """
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from find_placeholders(part)
    elif isinstance(value, list):
        for part in value:
            yield from find_placeholders(part)


def is_too_deep(value: Any, levels: int = MAX_DEPTH) -> bool:
    """Whether objects and lists stand inside each other in more than so many levels.

    >>> is_too_deep({"a": [1]}, levels=2), is_too_deep({"a": [[1]]}, levels=2)
    (False, True)
    """
    if not isinstance(value, Mapping | list):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(is_too_deep(part, levels - 1) for part in inner)


def fill_placeholders(value: Any, scope: Mapping[str, Any]) -> Any:
    """The value with its placeholders filled; a text of one placeholder becomes the value itself.

    The result is measured before it is built: a placeholder may name a long text many times.

    >>> fill_placeholders({"id": "{{args.id}}", "q": "id={{args.id}}"}, {"args": {"id": 7}})
    {'id': 7, 'q': 'id=7'}

    Raises:
        InvalidInput: a path leads nowhere, or leads to an object or a list inside a longer text; or the result is
            larger or deeper than the limits above.
    """
    filling = _Filling(scope)
    filling.measure(value, ())
    return filling.fill(value)


class _Filling:
    """The filling of one item: what its placeholders stand for, and how much of the limits is used.

    Args:
        scope: the values that placeholders may name.
    """

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self._scope = scope
        self._values: dict[str, Any] = {}
        self._chars = 0

    def measure(self, value: Any, path: tuple[str, ...]) -> None:
        """Counts the value with its placeholders filled.

        Raises:
            InvalidInput: see ``fill_placeholders``.
        """
        whole = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
        if whole is not None:
            self._weigh(self._find(whole[1]), path)
        elif isinstance(value, str):
            self._add(path, VALUE_CHARS + _length_between(value))
            for name in _PLACEHOLDER.findall(value):
                self._add(path, len(_as_text(name, self._find(name))))
        elif isinstance(value, Mapping | list):
            self._add_container(value, path)
            for name, part in _parts(value):
                self.measure(part, (*path, name))
        else:
            self._weigh(value, path)

    def fill(self, value: Any) -> Any:
        """The value with its placeholders filled."""
        if isinstance(value, Mapping):
            return {key: self.fill(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.fill(part) for part in value]
        if not isinstance(value, str):
            return value
        whole = _PLACEHOLDER.fullmatch(value)
        if whole is not None:
            return self._find(whole[1])
        return _PLACEHOLDER.sub(lambda match: _as_text(match[1], self._find(match[1])), value)

    def _weigh(self, value: Any, path: tuple[str, ...]) -> None:
        """Counts a value that is taken as it is: what looks like a placeholder in it is text."""
        if not isinstance(value, Mapping | list):
            self._add(path, VALUE_CHARS + (len(value) if isinstance(value, str) else 0))
            return
        self._add_container(value, path)
        for name, part in _parts(value):
            self._weigh(part, (*path, name))

    def _add_container(self, value: Mapping[str, Any] | list[Any], path: tuple[str, ...]) -> None:
        if len(path) > MAX_DEPTH:
            raise _too_large(path, f"is nested more than {MAX_DEPTH} levels deep")
        self._add(path, VALUE_CHARS + (sum(map(len, value)) if isinstance(value, Mapping) else 0))

    def _add(self, path: tuple[str, ...], chars: int) -> None:
        self._chars += chars
        if self._chars > MAX_FILLED_CHARS:
            raise _too_large(path, f"takes the item over {MAX_FILLED_CHARS} characters")

    def _find(self, path: str) -> Any:
        if path not in self._values:
            self._values[path] = _find(path, self._scope)
        return self._values[path]


def _length_between(text: str) -> int:
    """The characters of a text outside its placeholders.

    >>> _length_between("id={{args.id}}")
    3
    """
    return len(text) - sum(match.end() - match.start() for match in _PLACEHOLDER.finditer(text))


def _parts(value: Mapping[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    else:
        yield from ((str(index), part) for index, part in enumerate(value))


def _too_large(path: tuple[str, ...], reason: str) -> InvalidInput:
    place = ".".join(name[:_MAX_NAME_CHARS] for name in path[:_MAX_SHOWN_STEPS])
    return InvalidInput(f'"{place or "item"}" {reason}, with its placeholders filled; ask for less in one item')


_MAX_NAME_CHARS = 80
_MAX_SHOWN_STEPS = 6


def _find(path: str, scope: Mapping[str, Any]) -> Any:
    value: Any = scope
    for step in re.split(r"[./]", path):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise InvalidInput(f'the placeholder {{{{{path}}}}} leads nowhere: "{step}" is missing')
    return value


def _as_text(path: str, value: Any) -> str:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    raise InvalidInput(f"the placeholder {{{{{path}}}}} is not a text or a number; it cannot stand inside a text")
