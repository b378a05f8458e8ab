"""Walks and changes JSON documents by path, and finds the paths in an expression."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]

_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`")
_NAME = r'(?:[A-Za-z_]\w*|"(?:[^"\\]|\\.)*")'
_PATH = re.compile(rf'(?<![\w".\]])(?:{_NAME}|\[\d*\])(?:\.{_NAME}|\[\d*\])*(?!\w)(?!\()')
_STEP = re.compile(rf"({_NAME})|\[(\d*)\]")


def walk_nodes(document: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value below the root with its path, parents first.

    >>> list(walk_nodes({"a": [1]}))
    [(('a',), [1]), (('a', 0), 1)]
    """
    inner: Any = document.items() if isinstance(document, dict) else ()
    if isinstance(document, list):
        inner = enumerate(document)
    for step, value in inner:
        yield (*path, step), value
        yield from walk_nodes(value, (*path, step))


def walk_leaves(document: Any) -> Iterator[tuple[Path, Any]]:
    """Every value that is neither an object nor a list, with its path."""
    return ((path, value) for path, value in walk_nodes(document) if not isinstance(value, dict | list))


def leaf_values(document: Any) -> list[Any]:
    """Every value that is neither an object nor a list, without paths and in no order, which is much faster.

    >>> sorted(leaf_values({"a": [1, {"b": 2}]}))
    [1, 2]
    """
    leaves, open_nodes = [], [document]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, dict):
            open_nodes += node.values()
        elif isinstance(node, list):
            open_nodes += node
        else:
            leaves.append(node)
    return leaves


def replace_node(document: Any, path: Path, value: Any) -> Any:
    """A copy of the document with another value at this path; missing objects on the way are added.

    >>> replace_node({"a": [1, 2]}, ("a", 1), 5), replace_node({}, ("a", "b"), 5)
    ({'a': [1, 5]}, {'a': {'b': 5}})
    """
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(document) if isinstance(document, list) else []
        items += [None] * (step + 1 - len(items))
        items[step] = replace_node(items[step], rest, value)
        return items
    fields = dict(document) if isinstance(document, dict) else {}
    fields[step] = replace_node(fields.get(step), rest, value)
    return fields


def delete_node(document: Any, path: Path) -> Any:
    """A copy of the document without the value at this path.

    >>> delete_node({"a": [1, 2]}, ("a", 0))
    {'a': [2]}
    """
    step, rest = path[0], path[1:]
    changed: Any = document.copy()
    if rest:
        changed[step] = delete_node(document[step], rest)
    else:
        del changed[step]
    return changed


def show_path(path: Path) -> str:
    """The path in the usual notation.

    >>> show_path(("addresses", 1, "country"))
    'addresses[1].country'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def shape_of(path: Path) -> str:
    """The path without its list indexes.

    >>> shape_of(("addresses", 1, "country"))
    'addresses[].country'
    """
    return re.sub(r"\[\d+\]", "[]", show_path(path))


def paths_in(expression: str) -> list[Path]:
    """The paths in an expression, in order; a path into any element becomes a path into the first element.

    >>> paths_in("errors[0].message || lower(state) == 'x'")
    [('errors', 0, 'message'), ('state',)]
    """
    text = _LITERAL.sub("''", expression)
    return [_steps(path) for path in _PATH.findall(text)]


def paths_of(tree: Mapping[str, Any]) -> list[Path]:
    """The paths that a syntax tree reads, definitions included; any element becomes the first element.

    >>> from truto_unify.expressions import parse_expression
    >>> paths_of(parse_expression("errors[0].message || lower(list[].state)").tree)
    [('errors', 0, 'message'), ('list', 0, 'state')]
    """
    kind, children = tree["type"], [child for child in tree.get("children", ()) if isinstance(child, dict)]
    if kind in {"field", "index"}:
        return [(tree["value"],)]
    if kind in {"current", "identity"}:
        return [()]
    if kind in {"subexpression", "pipe", "index_expression"}:
        return [left + right for left in paths_of(children[0]) for right in paths_of(children[1])]
    if kind in {"projection", "filter_projection"}:
        return [(*left, 0, *right) for left in paths_of(children[0]) for right in paths_of(children[1])]
    return [path for child in children for path in paths_of(child)]


def whole_path(expression: str) -> Path | None:
    """The path, if the expression is nothing but a path; otherwise None.

    >>> whole_path("errors[0].message"), whole_path("a || b")
    (('errors', 0, 'message'), None)
    """
    return _steps(expression) if _PATH.fullmatch(expression.strip()) else None


def literals_in(expression: str) -> list[Any]:
    """The constants of an expression.

    >>> literals_in("id && 'primary' || `null`")
    ['primary', None]
    """
    constants = []
    for text in _LITERAL.findall(expression):
        inner = text[1:-1]
        if text[0] == "'":
            constants.append(inner.replace("\\'", "'"))
            continue
        try:
            constants.append(json.loads(inner.replace("\\`", "`")))
        except ValueError:
            constants.append(inner)
    return constants


def _steps(text: str) -> Path:
    return tuple(
        (json.loads(name) if name.startswith('"') else name) if name else int(index or 0)
        for name, index in _STEP.findall(text)
    )
