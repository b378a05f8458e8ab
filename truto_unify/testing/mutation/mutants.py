"""Generates the mutants of a mapping or a provider file: each is the file with a line broken in one way."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from truto_unify.config.filters import OPERATORS
from truto_unify.testing.mutation.expression_mutants import broken_expressions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.yaml import Node

Path = tuple[str | int, ...]
Change = tuple[str, Any]
"""The name of the change, and the new value."""


@dataclass(frozen=True)
class Mutant:
    """A file with one break.

    Attributes:
        name: where and how the file is broken; it does not change when lines move.
        line: the broken line, with its file.
        node: the whole file.
    """

    name: str
    line: str
    node: Node


_EXPRESSIONS = re.compile(
    r"""where | list\.is_partial | define\.\w+
    | side_loads\.\w+\.(where|id|count|order_by|must_hold|batch\.key|inline\.(items|has_more)|whole\.key)
    | errors\.(error_when|(message|code)(\.\d+)?|rules\.\d+\.when) | rate_limit\.wait
    | authorization(\.\d+)?\.error_when""",
    re.VERBOSE,
)
# Prose for people: a change of it breaks nothing.
_PROSE = re.compile(
    r"unsupported\.[\w.]+ | label | documentation | api_version | (context|credentials)\.\w+\.(title|example)",
    re.VERBOSE,
)
_CHOICES: dict[str, tuple[str, ...]] = {
    "match": ("exact", "wider", "may_miss"),
    "encode": ("plain", "quoted", "words", "list_item"),
    "zone": ("utc", "Asia/Tokyo"),
    "methods": ("list", "get"),
    "null_record": ("error", "not_found"),
}
_FORMS = ("iso", "rfc2822", "epoch_seconds", "epoch_milliseconds")
_QUERY_FORMS = ("rfc3339", "rfc3339_milliseconds", "rfc3339_offset", "date", "epoch_seconds")


def mutants_of(root: Node, endpoints: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """Every mutant of a file, in the order of its lines.

    Keys and list items on a single line are dropped; ``asc`` and ``desc`` are swapped; every word of an expression and
    every other value is changed.

    Args:
        root: the merged file with its places.
        endpoints: the native calls that a mapping may name.
    """
    names: Counter[str] = Counter()
    for path, node in _walk(root, ()):
        for what, changed in _changes(root, path, node, endpoints):
            place = ".".join(map(str, path))
            names[f"{place}: {what}"] += 1
            count = names[f"{place}: {what}"]
            at = node.key_place or node.place
            line = f"{at.file}:{at.line}"
            yield Mutant(f"{place}: {what}{f' (place {count})' if count > 1 else ''}", line, changed)


def _walk(node: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    """Every node below the root."""
    inner: Any = node.value.items() if isinstance(node.value, dict) else ()
    if isinstance(node.value, list):
        inner = enumerate(node.value)
    for step, child in inner:
        yield (*path, step), child
        yield from _walk(child, (*path, step))


def _changes(root: Node, path: Path, node: Node, endpoints: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    """(change, changed file) for every change of a node."""
    place = ".".join(map(str, path))
    if _PROSE.fullmatch(place) and not isinstance(node.value, dict):
        return
    if _last_line(node) == (node.key_place or node.place).line or not isinstance(node.value, dict | list):
        yield "dropped", _without(root, path)
    if isinstance(node.value, dict):
        for what, value in _other_tables(place, node, root):
            yield what, put_node(root, path, replace(node, value=value))
        return
    if not isinstance(node.value, list):
        for what, value in _other_values(path, place, node, endpoints, root):
            yield what, put_node(root, path, replace(node, value=value))


def _other_tables(place: str, node: Node, root: Node) -> Iterator[Change]:
    """Changed copies of a table: with its directions swapped, or with another value than a default."""
    table = node.value
    if {"asc", "desc"} <= table.keys():
        yield "asc and desc swapped", {**table, "asc": table["desc"], "desc": table["asc"]}
    if place == "list.sort" and "fields" in table and "directions" not in table:
        words = {"asc": replace(node, value="desc"), "desc": replace(node, value="asc")}
        yield "asc and desc swapped", {**table, "directions": replace(node, value=words)}
    if _takes_match(place, table, root):
        yield "match: wider -> exact", {**table, "match": replace(node, value="exact")}


def _takes_match(place: str, table: dict[str, Node], root: Node) -> bool:
    """Whether the place is a filter with an operator that does not say how exact its answer is."""
    filters = root.at(("list", "filters")).value
    if not place.startswith("list.filters.") or place.removeprefix("list.filters.") not in filters or "match" in table:
        return False
    forms = [form.value for name, form in table.items() if name in {*OPERATORS, "range", "operators"}]
    return any(not isinstance(form, dict) or "match" not in form for form in forms)


def _other_values(path: Path, place: str, node: Node, endpoints: tuple[str, ...], root: Node) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield f"{_json(value)} -> {_json(not value)}", not value
    elif isinstance(value, int | float):
        yield f"{value} -> {value + 1}", value + 1
    elif isinstance(value, str) and (_EXPRESSIONS.fullmatch(place) or _is_field_expression(root, path)):
        yield from broken_expressions(value)
    elif isinstance(value, str) and len(path) > 1 and path[-2:] == ("sort", "default"):
        yield from ((f"{value} -> {other}", other) for other in root.at((*path[:-1], "fields")).value if other != value)
    elif isinstance(value, str):
        yield from ((f"{value} -> {other}", other) for other in _other_texts(path, value, endpoints, root))


def _is_field_expression(root: Node, path: Path) -> bool:
    """Whether a text is the expression of a field, or of a part at any depth."""
    if path[0] != "response_mapping" or "enum" in path:
        return False
    table = root.at(path[:-1]).value
    is_rule = isinstance(table, dict) and not {"expr", "const"}.isdisjoint(table)
    return path[-1] == "expr" or not is_rule


def _json(value: bool) -> str:
    return str(value).lower()


def _other_texts(path: Path, value: str, endpoints: tuple[str, ...], root: Node) -> Iterator[str]:
    """Other texts in place of a text that is not an expression."""
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    if key == "endpoint" or path == ("get",) or (path[0] == "side_loads" and len(path) == 2):
        method = value.rpartition(".")[2]
        yield from (name for name in endpoints if name != value and name.rpartition(".")[2] == method)
    elif key == "format":
        yield _next(_FORMS if "response_mapping" in path else _QUERY_FORMS, value)
    elif key in _CHOICES:
        yield _next(_CHOICES[key], value)
    elif "enum" in path:
        rows = root.at(path[:-1]).value.values()
        yield next((str(row.value) for row in rows if row.value != value), f"{value}x")
    else:
        yield f"{value}x"


def _next(choices: tuple[str, ...], value: str) -> str:
    return choices[(choices.index(value) + 1) % len(choices)] if value in choices else choices[-1]


def _last_line(node: Node) -> int:
    below = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    return max([node.place.line, *(_last_line(child) for child in below)])


def put_node(root: Node, path: Path, changed: Node) -> Node:
    """The file with another node at this path."""
    if not path:
        return changed
    step: Any = path[0]
    inner = dict(root.value) if isinstance(root.value, dict) else list(root.value)
    inner[step] = put_node(inner[step], path[1:], changed)
    return replace(root, value=inner)


def _without(root: Node, path: Path) -> Node:
    """The file without the node at this path."""
    *above, last = path
    owner = root
    for step in above:
        child = owner.child(step)
        assert child is not None
        owner = child
    inner: Any = dict(owner.value) if isinstance(owner.value, dict) else list(owner.value)
    del inner[last]
    return put_node(root, tuple(above), replace(owner, value=inner))
