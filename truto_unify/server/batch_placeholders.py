"""Fills ``{{resources.ecommerce.customers.id}}`` and ``{{args.since}}`` in the items of a batch request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from truto_unify.errors import InvalidInput

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


def fill_placeholders(value: Any, scope: Mapping[str, Any]) -> Any:
    """The value with its placeholders filled; a text of one placeholder becomes the value itself.

    >>> fill_placeholders({"id": "{{args.id}}", "q": "id={{args.id}}"}, {"args": {"id": 7}})
    {'id': 7, 'q': 'id=7'}

    Raises:
        InvalidInput: a path leads nowhere, or leads to an object or a list inside a longer text.
    """
    if isinstance(value, Mapping):
        return {key: fill_placeholders(part, scope) for key, part in value.items()}
    if isinstance(value, list):
        return [fill_placeholders(part, scope) for part in value]
    if not isinstance(value, str):
        return value
    whole = _PLACEHOLDER.fullmatch(value)
    if whole is not None:
        return _find(whole[1], scope)
    return _PLACEHOLDER.sub(lambda match: _as_text(match[1], _find(match[1], scope)), value)


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
