"""The typed intermediate form: what is known of a value before anything runs.

A syntax tree is evaluated twice: by the compiler over ``Value``, which knows types, constants and the members of
objects that the expression itself makes, and later by the generated code over records, for what is left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.compiler.reading import Reading

Types = frozenset[str]
ANY: Types = frozenset({"null", "boolean", "number", "string", "array", "object"})
NOTHING = object()
"""Stands for "no constant"."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the generated code.

    Attributes:
        code: the Python variable or literal that holds it; empty where it was never put together.
        types: the JMESPath types that it may have.
        is_clean: whether its text, if it is one, is neither blank nor has outer white space.
        place: where in the native record it comes from.
        members: the members of an object that the expression makes.
        elements: the elements of a list that the expression makes.
        constant: the value itself, where it is known.
        when_true: what more is known of it where it is true: ``a && 'b'`` is then 'b'.
    """

    code: str
    types: Types = ANY
    is_clean: bool = False
    place: Reading | None = None
    members: Mapping[str, Value] | None = None
    elements: tuple[Value, ...] | None = None
    constant: Any = NOTHING
    when_true: Value | None = None

    @property
    def may_be_null(self) -> bool:
        """Whether it may be null."""
        return "null" in self.types

    @property
    def is_null(self) -> bool:
        """Whether it cannot be anything but null."""
        return self.types == {"null"}

    def may_be(self, *types: str) -> bool:
        """Whether it may have one of these types."""
        return not self.types.isdisjoint(types)

    def is_only(self, *types: str) -> bool:
        """Whether it has one of these types for certain."""
        return self.types <= set(types)

    def not_null(self) -> Value:
        """The same value where null was ruled out."""
        return replace(self, types=self.types - {"null"})


NULL = Value("None", frozenset({"null"}), constant=None)


def clean_text_value(code: str, *, may_be_null: bool = True) -> Value:
    """A text without outer white space that is not blank, or null."""
    return Value(code, frozenset({"string", "null"} if may_be_null else {"string"}), is_clean=True)
