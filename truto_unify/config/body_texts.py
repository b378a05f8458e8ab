"""The placeholders in the texts of a JSON body; braces of other texts, as of GraphQL, stay as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import Template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    if isinstance(body, str):
        return _FIELD.sub(lambda match: fields.get(match[1], ""), body)
    if isinstance(body, dict):
        return {key: fill_body(inner, fields) for key, inner in body.items()}
    if isinstance(body, list | tuple):
        return [fill_body(inner, fields) for inner in body]
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
