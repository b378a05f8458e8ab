"""Grows Python source: numbered names, indented blocks, and what was computed before and is still in reach."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.compiler.value import Value

Key = tuple[str, ...]
_MOST_BLOCKS = 60  # Python's own limit is 100 levels of indentation
_MOST_LOOPS = 15  # and 20 loops and tries
_FIELD_SCOPE = 2  # the function's own scope and that of the field
_LOOP = re.compile(r"(for|try)\b")


class TooDeep(Exception):
    """The code would be nested deeper than Python's grammar goes."""


@dataclass(slots=True)
class Writer:
    """The body of one function while it is written.

    Attributes:
        lines: what is written so far.
        loops: how many loops the next line stands in.
        risks: how many things were written that may fail when they run.
        borrowed: how often something was used that an earlier field computes, and does not have where that one failed.
    """

    lines: list[str] = field(default_factory=list)
    loops: int = 0
    risks: int = 0
    borrowed: int = 0
    _depth: int = 1
    _count: int = 0
    _is_in_field: bool = False
    _known: list[dict[Key, Value]] = field(default_factory=lambda: [{}])
    _own: set[Key] = field(default_factory=set)

    @property
    def depth(self) -> int:
        """How many blocks the next line stands in."""
        return self._depth

    def fresh(self, letter: str = "v") -> str:
        """A name that nothing has yet; names never come from input."""
        self._count += 1
        return f"{letter}{self._count}"

    def write(self, text: str) -> None:
        """Adds a line."""
        self.lines.append("    " * self._depth + text)

    def assign(self, expression: str) -> str:
        """Adds ``name = expression``; gives the name."""
        name = self.fresh()
        self.write(f"{name} = {expression}")
        return name

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Adds a compound statement; what is computed inside is known only inside.

        Raises:
            TooDeep: Python would refuse the code.
        """
        self._known.append({})
        with self.same_block(head):
            before = len(self.lines)
            yield
            if len(self.lines) == before:
                self.write("pass")
        self._known.pop()

    @contextmanager
    def same_block(self, head: str) -> Iterator[None]:
        """As ``block``, for a ``try``: what it computes stays known after it."""
        self.write(head)
        is_loop = _LOOP.match(head) is not None
        self._depth += 1
        self.loops += is_loop
        if self._depth > _MOST_BLOCKS or self.loops > _MOST_LOOPS:
            raise TooDeep(head)
        yield
        self._depth -= 1
        self.loops -= is_loop

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Takes back everything that is written inside when that turns out to be too deep, and raises again."""
        kept = (len(self.lines), self._depth, self.loops, [dict(scope) for scope in self._known])
        try:
            yield
        except (TooDeep, RecursionError):
            count, self._depth, self.loops, self._known = kept
            del self.lines[count:]
            raise

    def known(self, key: Key) -> Value | None:
        """What was computed under this key and is still in reach."""
        for scope in reversed(self._known):
            if key in scope:
                self.borrowed += self._is_in_field and scope is self._known[0] and key not in self._own
                return scope[key]
        return None

    def remember(self, key: Key, value: Value, *, may_fail: bool = False) -> Value:
        """Notes what was computed under this key; what may fail is known only to the field that computes it.

        Another field would not notice that it failed, unless it uses the value.
        """
        is_everywhere = self.is_shared and not may_fail
        self._known[0 if is_everywhere else -1][key] = value
        if is_everywhere:
            self._own.add(key)
        return value

    @property
    def is_shared(self) -> bool:
        """Whether other fields may use what is computed here."""
        return self._is_in_field and len(self._known) == _FIELD_SCOPE

    @contextmanager
    def field(self) -> Iterator[None]:
        """Writes one field."""
        self._known.append({})
        self._own.clear()
        self._is_in_field = True
        yield
        self._is_in_field = False
        self._known.pop()
