"""What the compiler knows of a unified field: how its value is computed, and the values inside of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from truto_unify.element_rules import ElementRule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from truto_unify.compiler.emit import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How one unified value is computed.

    Attributes:
        tree: the syntax tree of its expression.
        kind: the kind of the unified value, which decides how it is cleaned; None for a value that stays as it is.
        finish: the interpreter's enum, default and cleaning, as ``finish(value, diagnostics, context)``; None for a
            value with neither enum nor default.
        enum: unified words by native ones.
        has_default: whether a default replaces null.
        read_time: the rule of a time; if ``needs_context``, it takes the account's context as a second argument.
        needs_context: whether the zone of a time comes from the context.
        is_iso: whether a time is read as ISO 8601 before any other form.
        is_utc: whether a time without a zone is in UTC.
    """

    tree: Tree
    kind: str | None
    finish: Callable[..., Any] | None
    enum: Mapping[str, str] = field(default_factory=dict)
    has_default: bool = False
    read_time: Callable[..., Any] | None = None
    needs_context: bool = False
    is_iso: bool = False
    is_utc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A list of values; its expression gives a list, and the rules apply to each element.

    Attributes:
        part: how each of them is computed.
        keep: which of them stay; None if all do.
    """

    part: Part
    keep: Callable[[list[Any]], list[Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """An object: null if none of the parts that count has a value.

    Attributes:
        parts: how each part is computed.
        counting: the parts that count.
    """

    parts: Mapping[str, Content]
    counting: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """One source of a list.

    Attributes:
        each: the tree of the native elements; None for a source of one element, computed from what encloses the list.
        parts: how each part of an element is computed.
    """

    each: Tree | None
    parts: Mapping[str, Content]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list of objects; it is empty without sources.

    Attributes:
        sources: the sources of the elements, in order.
        rule: which elements the list keeps.
        needs_id: whether each element must have an id.
    """

    sources: Sequence[Elements] = ()
    rule: ElementRule = field(default_factory=ElementRule)
    needs_id: bool = False


Content: TypeAlias = "Part | Values | Composed | Listed | None"
"""How a field or a part is computed; None if it is always null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One unified field.

    Attributes:
        name: the name of the field.
        content: how its value is computed.
        needs_interpreter: whether the field cannot be compiled.
        place: file, line and column of its rule.
    """

    name: str
    content: Content = None
    needs_interpreter: bool = False
    place: str = ""

    @property
    def is_mapped(self) -> bool:
        """Whether a rule computes the field."""
        return self.needs_interpreter or not (
            self.content is None or (isinstance(self.content, Listed) and not self.content.sources)
        )
