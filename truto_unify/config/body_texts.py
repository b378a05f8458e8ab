"""The placeholders in the texts of a JSON body; braces of other texts, as of GraphQL, stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_FIELD = re.compile(r"\{((?:context|credentials)\.[^{}]*|refresh_token|assertion)\}")


def body_templates(body: Any) -> Iterator[tuple[tuple[str | int, ...], Template]]:
    """A template for each placeholder of an account's field, with the path of its text."""
    for path, text in _texts(body):
        for name in _FIELD.findall(text):
            yield path, Template(f"{{{name}}}")


def fill_body(body: Any, fields: Mapping[str, str]) -> Any:
    """The body with the placeholders of its texts filled; a field without a value is left out.

    >>> fill_body({"query": "{ me }", "variables": {"name": "{credentials.user}"}}, {"credentials.user": "ana"})
    {'query': '{ me }', 'variables': {'name': 'ana'}}
    """
    return replace_texts(body, lambda text: _FIELD.sub(lambda match: fields.get(match[1], ""), text))


def replace_texts(body: Any, replace: Callable[[str], Any], ids: Sequence[Any] = ()) -> Any:
    """The body with each of its texts replaced; in a list, the ids take the place of ``{id}``.

    >>> replace_texts({"ids": ["{id}"], "sort": "name"}, str.upper, ids=[17, 18])
    {'ids': [17, 18], 'sort': 'NAME'}
    """
    if isinstance(body, str):
        return replace(body)
    if isinstance(body, Mapping):
        return {key: replace_texts(inner, replace, ids) for key, inner in body.items()}
    if isinstance(body, list | tuple):
        parts = [ids if ids and inner == "{id}" else (replace_texts(inner, replace, ids),) for inner in body]
        return [element for elements in parts for element in elements]
    return body


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text inside a JSON body with its path."""
    if isinstance(value, str):
        yield path, value
    inner: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list | tuple):
        inner = enumerate(value)
    for step, child in inner:
        yield from _texts(child, (*path, step))
