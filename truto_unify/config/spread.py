"""The parts of a request that a native filter sets beside, or instead of, one place for its value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import Field

from truto_unify.config.schema import Path, Strict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
LAST = "last"
"""The step of a path that leads to the last element of a list."""


class Append(Strict):
    """An element that a filter adds to a list of the JSON body."""

    path: Path = Field(description="Place of the list.", examples=["domain"])
    value: Any = Field(description="The element; its texts may hold {value}.", examples=[["email", "=", "{value}"]])


class SpreadKeys(Strict):
    """Places that hold constants, or texts with placeholders."""

    query: dict[str, str] = Field(
        default_factory=dict,
        description="Query parameters that are sent with it; their texts may hold {value}. Constants give way to the "
        "caller's remote_query.",
        examples=[{"role": "all"}, {"filter[0][field]": "email", "filter[0][value]": "{value}"}],
    )
    body: dict[str, Any] = Field(
        default_factory=dict,
        description="Parts of the JSON body that are sent with it; their texts may hold {value}.",
        examples=[{"created": {"between": {"start": "{gte}", "end": "{lte}"}}}],
    )
    append: Append | None = Field(
        default=None,
        description="An element that is added to a list of the JSON body.",
        examples=[{"path": "domain", "value": ["email", "=", "{value}"]}],
    )

    @property
    def spread(self) -> Spread:
        """These keys alone."""
        return Spread(self.query, self.body, self.append)


@dataclass(frozen=True, slots=True)
class Spread:
    """What ``SpreadKeys`` declares."""

    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    append: Append | None = None

    @property
    def words(self) -> frozenset[str]:
        """The placeholders in it."""
        values = (self.query, self.body, self.append.value if self.append is not None else None)
        return frozenset(name for value in values for text in _texts(value) for name in _PLACEHOLDER.findall(text))

    def places(self) -> Iterator[tuple[str | None, tuple[str, ...] | None, Any]]:
        """Each place as (query parameter, path in the JSON body, what stands there).

        The path of an appended element ends in ``LAST``.
        """
        yield from ((name, None, text) for name, text in self.query.items())
        yield from ((None, path, leaf) for path, leaf in _leaves(self.body))
        if self.append is not None:
            yield None, (*self.append.path, LAST), self.append.value

    def place_of(self, word: str) -> tuple[str | None, tuple[str, ...] | None, str]:
        """The first text that holds a placeholder: its query parameter or path, and itself."""
        for param, path, value in self.places():
            for inner, text in _paths_of_texts(value):
                if f"{{{word}}}" in text:
                    return param, (*path, *inner) if path is not None else None, text
        return None, None, ""


def has_words(value: Any) -> bool:
    """Whether any text of the value holds a placeholder."""
    return any(_PLACEHOLDER.search(text) for text in _texts(value))


def fill_words(value: Any, words: Mapping[str, str]) -> Any:
    """The value with these placeholders filled in all of its texts.

    >>> fill_words(["email", {"is": "{value}"}], {"value": "a@b.test"})
    ['email', {'is': 'a@b.test'}]
    """
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), value)
    if isinstance(value, dict):
        return {key: fill_words(inner, words) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [fill_words(inner, words) for inner in value]
    return value


def _leaves(value: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from _leaves(inner, (*path, key))
        else:
            yield (*path, key), inner


def _paths_of_texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths_of_texts(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _paths_of_texts(inner, (*path, str(index)))


def _texts(value: Any) -> Iterator[str]:
    return (text for _, text in _paths_of_texts(value))
