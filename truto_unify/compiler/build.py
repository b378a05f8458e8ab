"""Turns a syntax tree into a Python function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.compiler.emit import Emitter
from truto_unify.compiler.runtime import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = "<compiled mapping>"


def write_source(tree: dict[str, Any]) -> tuple[str, str]:
    """The Python source for a syntax tree, and the name of the function in it that evaluates it."""
    emitter = Emitter()
    name = emitter.function(tree)
    return emitter.source(), name


def compile_tree(tree: dict[str, Any]) -> Callable[[Any], Any]:
    """The function that evaluates a syntax tree in a document.

    >>> compile_tree({"type": "field", "children": [], "value": "a"})({"a": 1})
    1
    """
    source, name = write_source(tree)
    scope: dict[str, Any] = {**NAMES, "__builtins__": {}}
    exec(compile(source, FILE, "exec"), scope)  # noqa: S102 - the source is ours: input stands in it only as repr
    found: Callable[[Any], Any] = scope[name]
    return found
