"""Reads query strings in the bracket grammar of unified calls: ``created_at[gte]=…&emails[][email]=…``.

https://www.truto.one/docs/api-reference/overview/querying
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MAX_DEPTH = 6
MAX_PAIRS = 200
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_INDEX = re.compile(r"[0-9]{0,4}")
_PART = re.compile(r"\[([^\[\]]*)\]")


def split_query(text: str) -> list[tuple[str, str]]:
    """The (name, value) pairs of a query string, percent-decoded.

    >>> split_query("a%5B%5D=1&b=x+y")
    [('a[]', '1'), ('b', 'x y')]
    """
    pairs = []
    for piece in text.removeprefix("?").split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((unquote_plus(name), unquote_plus(value)))
    return pairs


def read_query(pairs: Iterable[tuple[str, str]], *, single: Collection[str] = ()) -> dict[str, Any]:
    """Nested mappings and lists from bracketed names.

    Args:
        pairs: names and values.
        single: names that never take several values, for the message about a second one.

    >>> read_query([("created_at[gte]", "2024-01-01"), ("emails[][email]", "a"), ("emails[][type]", "work")])
    {'created_at': {'gte': '2024-01-01'}, 'emails': [{'email': 'a', 'type': 'work'}]}
    >>> read_query([("id[0]", "1"), ("id[1]", "2")])
    {'id': ['1', '2']}

    Raises:
        InvalidInput: a name is malformed, too deep, given twice, or used both as a value and as a group.
    """
    query: dict[str, Any] = {}
    for count, (name, value) in enumerate(pairs, start=1):
        if count > MAX_PAIRS:
            raise InvalidInput(f"the query has more than {MAX_PAIRS} parameters")
        match = _KEY.fullmatch(name)
        if match is None:
            raise InvalidInput(f'cannot read the query parameter "{name[:80]}"; write name[part]=value')
        steps = [match[1], *_PART.findall(match[2])]
        if len(steps) > MAX_DEPTH:
            raise InvalidInput(f'the query parameter "{name[:80]}" is nested more than {MAX_DEPTH} deep')
        _put(query, steps, value, name, single)
    return {key: _lists(group) for key, group in query.items()}


class _Elements(dict[str, Any]):
    """Elements of a list while it is read, by index.

    An empty index means the last element, or a new one if the last has the part already.
    """


def _put(group: dict[str, Any], steps: list[str], value: str, name: str, single: Collection[str]) -> None:
    step, rest = steps[0], steps[1:]
    if isinstance(group, _Elements):
        step = str(int(step)) if step else _open_element(group, rest)
    if not rest:
        if isinstance(group.get(step), dict):
            raise _mixed(name)
        if step in group:
            hint = "" if isinstance(group, _Elements) or name in single else _several(name)
            raise InvalidInput(f'the query parameter "{name[:80]}" is given twice; give it once{hint}')
        group[step] = value
        return
    is_list = _INDEX.fullmatch(rest[0]) is not None
    inner = group.setdefault(step, _Elements() if is_list else {})
    if not isinstance(inner, dict) or isinstance(inner, _Elements) != is_list:
        raise _mixed(name)
    _put(inner, rest, value, name, single)


def _several(name: str) -> str:
    """What to write for several values.

    >>> _several("email"), _several("email[eq]"), _several("sort_by[created_at]")
    (', or email[]=… for each value', ', or email[in]=… with commas between the values', '')
    """
    match = _KEY.fullmatch(name)
    steps = [match[1], *_PART.findall(match[2])] if match is not None else []
    if len(steps) == 1:
        return f", or {name[:80]}[]=… for each value"
    return f", or {steps[0][:80]}[in]=… with commas between the values" if steps[1:] == ["eq"] else ""


def _open_element(group: _Elements, rest: list[str]) -> str:
    last = max((int(index) for index in group), default=-1)
    element = group.get(str(last))
    has_room = bool(rest) and isinstance(element, dict) and rest[0] not in element
    return str(last if has_room else last + 1)


def _mixed(name: str) -> InvalidInput:
    return InvalidInput(f'the query parameter "{name[:80]}" is used both as a value and as a group')


def _lists(value: Any) -> Any:
    if isinstance(value, _Elements):
        ordered = sorted(value.items(), key=lambda pair: int(pair[0]))
        return [_lists(element) for _, element in ordered]
    return {key: _lists(inner) for key, inner in value.items()} if isinstance(value, dict) else value
