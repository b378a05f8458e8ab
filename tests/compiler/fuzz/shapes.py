"""Derives from a syntax tree the shape of the documents that the expression reads.

A random document lacks nearly everything that a random expression reads. A document of this shape has most of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.compiler.fuzz.grammar import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

Tree = dict[str, Any]


@dataclass(slots=True)
class Shape:
    """What an expression reads of one value of a document.

    Attributes:
        keys: the shapes under the keys that it reads of an object.
        element: the shape of the elements that it reads of a list.
        kinds: the JMESPath types that a function takes.
        hints: the literals that the value is compared with.
        constructed_list: the elements, if the expression itself constructs the value, a list.
        constructed_object: the values under its keys, if the expression itself constructs the value, an object.
    """

    keys: dict[str, Shape] = field(default_factory=dict)
    element: Shape | None = None
    kinds: list[str] = field(default_factory=list)
    hints: list[Any] = field(default_factory=list)
    constructed_list: list[Shape] | None = None
    constructed_object: dict[str, list[Shape]] | None = None

    def field(self, key: str) -> list[Shape]:
        """The shapes under a key."""
        if self.constructed_object is not None:
            return self.constructed_object.get(key, [])
        return [] if self.constructed_list is not None else [self.keys.setdefault(key, Shape())]

    def items(self) -> list[Shape]:
        """The shapes of the elements."""
        if self.constructed_list is not None:
            return self.constructed_list
        if self.constructed_object is not None:
            return []
        self.element = self.element or Shape()
        return [self.element]

    def values(self) -> list[Shape]:
        """The shapes under all keys."""
        if self.constructed_object is not None:
            return [value for shapes in self.constructed_object.values() for value in shapes]
        return [] if self.constructed_list is not None else list(self.keys.values()) or self.field("some")


NAMES: dict[str, list[Shape]] = {}
"""The shapes of the names that the current trees may use."""


def read(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    """Adds what the tree reads to these shapes; returns the shapes of its result."""
    return _READERS.get(tree["type"], _logic)(tree, shapes)


def shape_of(tree: Tree) -> Shape:
    """The shape of the documents that the tree reads."""
    root = Shape()
    read(tree, [root])
    return root


def _flat(lists: list[list[Shape]]) -> list[Shape]:
    return [shape for shapes in lists for shape in shapes]


def _items(shapes: list[Shape]) -> list[Shape]:
    return [item for shape in shapes for item in shape.items()]


def _chain(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    for child in tree["children"]:
        shapes = read(child, shapes)
    return shapes


def _field(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    return [value for shape in shapes for value in shape.field(tree["value"])]


def _hash(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    return [
        Shape(constructed_object={child["value"]: read(child["children"][0], shapes) for child in tree["children"]})
    ]


def _logic(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    """The result of ``||`` and ``&&`` may be either side; that of other nodes is not a value of the document."""
    results = [read(child, shapes) for child in tree["children"]]
    if tree["type"] == "comparator":
        _hint(tree["children"], results)
    returns_child = tree["type"] in {"or_expression", "and_expression", "key_val_pair", "expref"}
    return _flat(results) if returns_child else []


def _projection(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    items = _items(read(tree["children"][0], shapes))
    for condition in tree["children"][2:]:
        read(condition, items)
    return [Shape(constructed_list=read(tree["children"][1], items))]


def _value_projection(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    values = [value for shape in read(tree["children"][0], shapes) for value in shape.values()]
    return [Shape(constructed_list=read(tree["children"][1], values))]


def _flatten(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    # An element may be a list or not: the shape allows both, and the maker of documents chooses.
    items = _items(read(tree["children"][0], shapes))
    inner = [inner for item in items if item.constructed_list is not None for inner in item.constructed_list]
    outer = [item for item in items if item.constructed_list is None]
    opened = (
        [inner for item in outer[:3] if item.constructed_object is None for inner in item.items()]
        if len(items) > 1
        else []
    )
    return [Shape(constructed_list=[*inner, *outer, *opened])]


def _select(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    return [Shape(constructed_list=[element for child in tree["children"] for element in read(child, shapes)])]


def _call(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    name, children = tree["value"], tree["children"]
    arguments = [[] if child["type"] == "expref" else read(child, shapes) for child in children]
    signature = TABLE[name]["signature"] if name in TABLE else ()
    for shapes_of_argument, wanted in zip(arguments, signature, strict=False):
        for shape in shapes_of_argument:
            _want(shape, [name for name in wanted["types"] if name != "expref"])
    items = _items(_flat(arguments)) if name in _BY_ITEM else []
    results = [read(child["children"][0], items) for child in children if child["type"] == "expref"]
    if name == "map":
        return [Shape(constructed_list=_flat(results))]
    if name in {"min_by", "max_by"}:
        return items
    if name in {"values", "to_array"}:
        return [Shape(constructed_list=[value for shape in _flat(arguments) for value in shape.values()])]
    return _flat(arguments) if name in _RETURN_ARGUMENT else []


_BY_ITEM = {"map", "sort_by", "min_by", "max_by"}
_RETURN_ARGUMENT = {"sort_by", "sort", "reverse", "not_null", "merge", "first_text"}


def _want(shape: Shape, types: list[str]) -> None:
    for name in types:
        first, _, inner = name.partition("-")
        shape.kinds.append(first)
        for element in shape.items() if inner else ():
            element.kinds.append(inner)


def _hint(children: list[Tree], results: list[list[Shape]]) -> None:
    for child, others in zip(children, reversed(results), strict=True):
        if child["type"] == "literal":
            for shape in others:
                shape.hints.append(child["value"])


_READERS: dict[str, Callable[[Tree, list[Shape]], list[Shape]]] = {
    "current": lambda _tree, shapes: shapes,
    "identity": lambda _tree, shapes: shapes,
    "field": _field,
    "subexpression": _chain,
    "pipe": _chain,
    "index_expression": _chain,
    "index": lambda _tree, shapes: _items(shapes),
    "slice": lambda _tree, shapes: [Shape(constructed_list=_items(shapes))],
    "literal": lambda _tree, _shapes: [],
    "variable": lambda tree, _shapes: NAMES.get(tree["value"], []),
    "of_record": lambda tree, _shapes: read(tree["children"][0], NAMES.get("record", [])),
    "projection": _projection,
    "filter_projection": _projection,
    "value_projection": _value_projection,
    "flatten": _flatten,
    "multi_select_list": _select,
    "multi_select_dict": _hash,
    "function_expression": _call,
}
