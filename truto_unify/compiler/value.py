"""The typed intermediate form: what is known of a value before anything runs.

A syntax tree is evaluated twice: by the compiler over ``Value``, which knows types, constants and the members of
objects that the expression itself constructs, and later by the generated code over records, for what remains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.compiler.access_path import AccessPath

Types = frozenset[str]
ANY: Types = frozenset({"null", "boolean", "number", "string", "array", "object"})
_UNKNOWN = object()


class Value(msgspec.Struct, frozen=True):
    """A value in the generated code.

    A compilation creates some hundreds, so a msgspec struct: with a frozen dataclass it took a fifth longer.

    Attributes:
        code: the Python variable or literal that holds it; empty if it is constructed and no variable holds it.
        types: the JMESPath types that it may have.
        is_clean: whether its text, if it is a text, is neither blank nor has outer white space.
        path: its access path in the native record; None if it does not come from there as it is.
        members: the members of an object that the expression constructs.
        elements: the elements of a list that the expression constructs.
        constant: the value itself if it is known; see ``is_constant``.
        when_true: what else is known of it if it is true: ``a && 'b'`` is then 'b'.
    """

    code: str
    types: Types = ANY
    is_clean: bool = False
    path: AccessPath | None = None
    members: Mapping[str, Value] | None = None
    elements: tuple[Value, ...] | None = None
    constant: Any = _UNKNOWN
    when_true: Value | None = None

    @property
    def is_constant(self) -> bool:
        """Whether the value itself is known."""
        return self.constant is not _UNKNOWN

    @property
    def is_constructed(self) -> bool:
        """Whether the expression constructs it from other values."""
        return self.members is not None or self.elements is not None

    @property
    def may_be_null(self) -> bool:
        """Whether it may be null."""
        return "null" in self.types

    @property
    def is_null(self) -> bool:
        """Whether it is null for certain."""
        return self.types == {"null"}

    def may_be(self, *types: str) -> bool:
        """Whether it may have one of these types."""
        return not self.types.isdisjoint(types)

    def is_only(self, *types: str) -> bool:
        """Whether it has one of these types for certain."""
        return self.types <= set(types)

    def not_null(self) -> Value:
        """The same value after a test that it is not null."""
        return self.with_facts(types=self.types - {"null"})

    def with_facts(self, **facts: Any) -> Value:
        """The same value with other facts."""
        return msgspec.structs.replace(self, **facts)


NULL = Value("None", frozenset({"null"}), constant=None)


def clean_text_value(code: str, *, may_be_null: bool = True) -> Value:
    """A text that is neither blank nor has outer white space, or null."""
    return Value(code, frozenset({"string", "null"} if may_be_null else {"string"}), is_clean=True)
