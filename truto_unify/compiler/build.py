"""Turns generated source into functions."""

from __future__ import annotations

import linecache
import weakref
from itertools import count
from typing import TYPE_CHECKING, Any

from truto_unify.compiler.emit import Emitter
from truto_unify.compiler.nodes import NODES
from truto_unify.compiler.runtime import NAMES
from truto_unify.compiler.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.compiler.emit import Tree

FILE = "<compiled expression>"
_NUMBERS = count(1)


def write_source(tree: Tree) -> tuple[str, str]:
    """The Python source for a syntax tree, and the name of its function that evaluates the tree."""
    emitter = Emitter(NODES)
    result = emitter.code(emitter.emit(tree, Value("value")))
    body = ["def evaluate(value):", *emitter.out.lines, f"    return {result}"]
    return join_source([*emitter.functions, body]), "evaluate"


def compile_tree(tree: Tree) -> Callable[[Any], Any]:
    """Compiles a syntax tree to a function that evaluates it in a document.

    >>> compile_tree({"type": "field", "children": [], "value": "a"})({"a": 1})
    1
    """
    source, name = write_source(tree)
    function: Callable[[Any], Any] = run_code(compile(source, FILE, "exec"), {})[name]
    return function


def join_source(functions: list[list[str]]) -> str:
    """The module text; a function stands before those that call it."""
    return "\n\n".join("\n".join(lines) for lines in functions) + "\n"


def load_functions(
    owner: object, functions: list[list[str]], constants: dict[str, Any], name: str
) -> tuple[dict[str, Any], str]:
    """The names that functions define, and their source; tracebacks show its lines.

    Args:
        owner: tracebacks know the source for as long as this object exists.
        functions: the lines of each function; a function stands before those that call it.
        constants: by name, the values that the source cannot express.
        name: the name of the mapping, for tracebacks.
    """
    source = join_source(functions)
    file = f"<compiled {name} {next(_NUMBERS)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    weakref.finalize(owner, linecache.cache.pop, file, None)
    return run_code(compile(source, file, "exec"), constants), source


def run_code(code: Any, constants: dict[str, Any]) -> dict[str, Any]:
    """The names that code defines; it sees only the runtime and these constants."""
    scope: dict[str, Any] = {**NAMES, **constants, "__builtins__": {}}
    exec(code, scope)  # noqa: S102 - the source is ours: input stands in it only as repr
    return scope
