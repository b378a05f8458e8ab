"""The schema of ``list.sort``: the request for each unified sort, and the default order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.schema import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class SortForm(Strict):
    """The parts of a request that sort in one direction."""

    query: dict[str, str] = Field(
        default_factory=dict, description="Query parameters.", examples=[{"orderby": "id", "order": "asc"}]
    )
    body: dict[str, Any] = Field(
        default_factory=dict,
        description="Parts of the JSON body.",
        examples=[{"sort": [{"field": "created", "order": "ASC"}]}],
    )


class SortForms(Strict):
    """A unified sort key that does not follow the pattern."""

    asc: SortForm = Field(description="Smallest or oldest first.", examples=[{"query": {"sort": "oldest"}}])
    desc: SortForm = Field(description="Largest or newest first.", examples=[{"query": {"sort": "newest"}}])


class SortDirections(Strict):
    """The provider's words for the directions."""

    asc: str | bool | int = Field(default="asc", description="Smallest or oldest first.", examples=["A", False])
    desc: str | bool | int = Field(default="desc", description="Largest or newest first.", examples=["D", True])


class SortRules(Strict):
    """The sorts of a list: a pattern with ``{field}`` and ``{direction}``, or a form of its own for each key."""

    query: dict[str, str] = Field(
        default_factory=dict,
        description="Query parameters; {field} and {direction} are filled.",
        examples=[{"sort": "{field}:{direction}"}],
    )
    body: dict[str, Any] = Field(
        default_factory=dict,
        description="Parts of the JSON body; {field} and {direction} are filled, in keys too.",
        examples=[{"sort": [{"field": "{field}", "order": "{direction}"}]}],
    )
    fields: dict[str, str | SortForms] = Field(
        default_factory=dict,
        description="Unified sort keys that the provider serves: the value of {field}, or a form of its own.",
        examples=[{"created_at": "date_created", "updated_at": "date_modified"}],
    )
    directions: SortDirections = Field(
        default=SortDirections(), description="The values of {direction}.", examples=[{"asc": "A", "desc": "D"}]
    )
    unique: bool | None = Field(
        default=None,
        description=(
            "Whether the provider sorts records of the same key by a second, unique key. If not, it may order them "
            "anew for each request, and lists that are read by page number or offset keep them together."
        ),
        examples=[False],
    )
    default: str | SortForm | None = Field(
        default=None,
        description="The order without a sort: one of the keys, ascending, or a form of its own.",
        examples=["created_at", {"query": {"orderby": "id"}}],
    )

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        names = set(_placeholders([self.query, self.body]))
        for name in sorted(names - {"field", "direction"}):
            what = "a sort knows {known}, not {name}"
            raise PydanticCustomError("form_error", what, {"known": "{field} and {direction}", "name": f"{{{name}}}"})
        has_pattern = names == {"field", "direction"}
        if names and not has_pattern:
            raise PydanticCustomError(
                "form_error", "the pattern holds both {known}", {"known": "{field} and {direction}"}
            )
        if (self.query or self.body) and not names:
            what = "the pattern holds {known}; the fixed parts of a list request belong in list.query or list.body"
            raise PydanticCustomError("form_error", what, {"known": "{field} and {direction}"})
        texts = [name for name, form in self.fields.items() if isinstance(form, str)]
        if texts and not has_pattern:
            what = 'the field "{name}" needs a pattern with {known} in "query" or "body"'
            raise PydanticCustomError("form_error", what, {"name": texts[0], "known": "{field} and {direction}"})
        if isinstance(self.default, str) and self.default not in self.fields:
            known = ", ".join(self.fields) or "none"
            what = 'the default "{name}" is not one of the fields ({known}); give its "query" or "body"'
            raise PydanticCustomError("form_error", what, {"name": self.default, "known": known})
        return self

    def form(self, name: str, direction: str) -> SortForm | None:
        """The parts of a request that sort by this key; None if the provider cannot."""
        form = self.fields.get(name)
        if form is None:
            return None
        if isinstance(form, SortForms):
            own_form: SortForm = getattr(form, direction)
            return own_form
        words = {"field": form, "direction": getattr(self.directions, direction)}
        query = {name: _text(_filled(text, words)) for name, text in self.query.items()}
        return SortForm(query=query, body=_filled(self.body, words))

    @property
    def default_form(self) -> SortForm | None:
        """The parts of a request without a sort."""
        return self.form(self.default, "asc") if isinstance(self.default, str) else self.default

    @property
    def forms(self) -> Iterator[SortForm]:
        """Every form, that of the default order included."""
        for name in self.fields:
            for direction in ("asc", "desc"):
                form = self.form(name, direction)
                if form is not None:
                    yield form
        if self.default_form is not None:
            yield self.default_form


def _placeholders(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        yield from _placeholders([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _placeholders(inner)


def _filled(value: Any, words: Mapping[str, Any]) -> Any:
    """The value with its placeholders filled; a text that is only a placeholder becomes the word itself.

    >>> _filled({"{field}": "{direction}", "by": ["{field}:{direction}"]}, {"field": "id", "direction": True})
    {'id': True, 'by': ['id:true']}
    """
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        return words[whole[1]] if whole else _PLACEHOLDER.sub(lambda match: _text(words[match[1]]), value)
    if isinstance(value, dict):
        return {_text(_filled(key, words)): _filled(inner, words) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, words) for inner in value]
    return value


def _text(word: Any) -> str:
    return str(word).lower() if isinstance(word, bool) else str(word)
