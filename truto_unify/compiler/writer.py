"""Holds Python source as it grows: numbered names, indented blocks, and the computed values that are in scope."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.compiler.value import Value

Key = tuple[str, ...]
_MAX_BLOCKS = 60  # Python allows 100 levels of indentation
_MAX_LOOPS = 15  # Python allows 20 nested loops and tries
_FIELD_SCOPES = 2  # the scopes of the function and of the field
_LOOPS = ("for ", "try:")


class TooDeep(Exception):
    """The code would be nested deeper than Python's grammar allows."""


@dataclass(slots=True)
class Writer:
    """The body of one function while it is written.

    Attributes:
        lines: the lines so far.
        loops: the number of loops around the next line.
        risks: the number of operations so far that may fail at run time.
        reuses: the number of reuses of a value that an earlier field computes; it is undefined if that field failed.
    """

    lines: list[str] = field(default_factory=list)
    loops: int = 0
    risks: int = 0
    reuses: int = 0
    _depth: int = 1
    _count: int = 0
    _is_in_field: bool = False
    _scopes: list[dict[Key, Value]] = field(default_factory=lambda: [{}])
    _keys_of_field: set[Key] = field(default_factory=set)

    @property
    def depth(self) -> int:
        """The number of blocks around the next line."""
        return self._depth

    def new_name(self, letter: str = "v") -> str:
        """A name that is not in use; names never come from input."""
        self._count += 1
        return f"{letter}{self._count}"

    def write(self, text: str) -> None:
        """Adds a line."""
        self.lines.append("    " * self._depth + text)

    def assign(self, expression: str) -> str:
        """Adds ``name = expression``; returns the name."""
        name = self.new_name()
        self.write(f"{name} = {expression}")
        return name

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Adds a compound statement; a value that is computed inside is in scope only inside.

        Raises:
            TooDeep: Python would refuse the code.
        """
        self._scopes.append({})
        is_loop, before = self._open(head), len(self.lines)
        yield
        if len(self.lines) == before:
            self.write("pass")
        self._close(is_loop=is_loop)
        self._scopes.pop()

    @contextmanager
    def transparent_block(self, head: str) -> Iterator[None]:
        """As ``block``, for a ``try``: a value that is computed inside stays in scope after it."""
        is_loop = self._open(head)
        yield
        self._close(is_loop=is_loop)

    def _open(self, head: str) -> bool:
        """Adds the head of a block; returns whether Python counts the block as a loop."""
        self.write(head)
        is_loop = head.startswith(_LOOPS)
        self._depth += 1
        self.loops += is_loop
        if self._depth > _MAX_BLOCKS or self.loops > _MAX_LOOPS:
            raise TooDeep(head)
        return is_loop

    def _close(self, *, is_loop: bool) -> None:
        self._depth -= 1
        self.loops -= is_loop

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Removes the lines written inside if they turn out to be nested too deeply, and raises the error again."""
        before = (len(self.lines), self._depth, self.loops, [dict(scope) for scope in self._scopes])
        try:
            yield
        except (TooDeep, RecursionError):
            count, self._depth, self.loops, self._scopes = before
            del self.lines[count:]
            raise

    def recall(self, key: Key) -> Value | None:
        """The value that was remembered under this key, if it is in scope."""
        for scope in reversed(self._scopes):
            if key in scope:
                self.reuses += self._is_in_field and scope is self._scopes[0] and key not in self._keys_of_field
                return scope[key]
        return None

    def remember(self, key: Key, value: Value, *, may_fail: bool = False) -> Value:
        """Remembers a computed value under a key, for all later fields if its computation cannot fail.

        A field that reused a value without computing it would not notice that the computation failed.
        """
        is_global = self.is_shared and not may_fail
        self._scopes[0 if is_global else -1][key] = value
        if is_global:
            self._keys_of_field.add(key)
        return value

    @property
    def is_shared(self) -> bool:
        """Whether later fields may reuse a value that is computed here."""
        return self._is_in_field and len(self._scopes) == _FIELD_SCOPES

    @contextmanager
    def field(self) -> Iterator[None]:
        """Opens the scope of one field."""
        self._scopes.append({})
        self._keys_of_field.clear()
        self._is_in_field = True
        yield
        self._is_in_field = False
        self._scopes.pop()
