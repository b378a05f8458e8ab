"""Turns what the writers wrote into functions whose tracebacks point at the mapping file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from truto_unify.compiler.emit import Emitter
from truto_unify.compiler.runtime import NAMES
from truto_unify.compiler.value import Value
from truto_unify.compiler.writer import Line

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from truto_unify.compiler.emit import Tree

FILE = "<compiled expression>"


def write_source(tree: Tree) -> tuple[str, str]:
    """The Python source for a syntax tree, and the name of the function in it that evaluates it."""
    emitter = Emitter()
    result = emitter.code(emitter.emit(tree, Value("value")))
    body = [Line("def evaluate(value):"), *emitter.out.lines, Line(f"    return {result}")]
    return join_source([*emitter.functions, body]), "evaluate"


def compile_tree(tree: Tree) -> Callable[[Any], Any]:
    """The function that evaluates a syntax tree in a document.

    >>> compile_tree({"type": "field", "children": [], "value": "a"})({"a": 1})
    1
    """
    source, name = write_source(tree)
    found: Callable[[Any], Any] = run_code(compile(source, FILE, "exec"), {})[name]
    return found


def join_source(functions: list[list[Line]]) -> str:
    """The module text; a function stands before those that call it."""
    return "\n\n".join("\n".join(line.text for line in lines) for lines in functions) + "\n"


def compile_lines(functions: list[list[Line]], file: str) -> tuple[CodeType, str]:
    """The code of functions, each line of it known under its line of the mapping file; and the source.

    Args:
        functions: their lines; a function stands before those that call it.
        file: name of the mapping file.
    """
    source = join_source(functions)
    numbers = [0]
    for lines in functions:
        numbers += [*(line.source_line or 1 for line in lines), 1, 1]
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr | ast.excepthandler):
            node.lineno = node.end_lineno = numbers[node.lineno]
    return compile(tree, file, "exec"), source


def run_code(code: CodeType, constants: dict[str, Any]) -> dict[str, Any]:
    """The names that code defines, where it sees nothing but the runtime and these constants."""
    scope: dict[str, Any] = {**NAMES, **constants, "__builtins__": {}}
    exec(code, scope)  # noqa: S102 - the source is ours: input stands in it only as repr
    return scope
