"""What kind of document an expression reads, found from its syntax tree.

A random document has next to nothing that a random expression asks for. A document that is made from the shape
of the expression has it nearly everywhere, and now and then not.
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
    """What is read of one place of a document.

    Attributes:
        keys: what is read of it as an object.
        element: what is read of it as a list.
        kinds: JMESPath types that a function wants it to have.
        hints: literals that it is compared with.
        made: the elements, where the place is no place but a list that the expression makes.
        made_keys: likewise for an object.
    """

    keys: dict[str, Shape] = field(default_factory=dict)
    element: Shape | None = None
    kinds: list[str] = field(default_factory=list)
    hints: list[Any] = field(default_factory=list)
    made: list[Shape] | None = None
    made_keys: dict[str, list[Shape]] | None = None

    def field(self, key: str) -> list[Shape]:
        """What stands under a key."""
        if self.made_keys is not None:
            return self.made_keys.get(key, [])
        return [] if self.made is not None else [self.keys.setdefault(key, Shape())]

    def items(self) -> list[Shape]:
        """What stands in the list."""
        if self.made is not None:
            return self.made
        if self.made_keys is not None:
            return []
        self.element = self.element or Shape()
        return [self.element]

    def values(self) -> list[Shape]:
        """What stands under all keys."""
        if self.made_keys is not None:
            return [one for shapes in self.made_keys.values() for one in shapes]
        return [] if self.made is not None else list(self.keys.values()) or self.field("some")


NAMES: dict[str, list[Shape]] = {}
"""The places that names mean which were bound in the trees that are read now."""


def read(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    """Notes what the tree reads of these places; gives the places of its result."""
    return _READERS.get(tree["type"], _logic)(tree, shapes)


def shape_of(tree: Tree) -> Shape:
    """What the tree reads of a document."""
    root = Shape()
    read(tree, [root])
    return root


def _items(shapes: list[Shape]) -> list[Shape]:
    return [one for shape in shapes for one in shape.items()]


def _chain(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    for child in tree["children"]:
        shapes = read(child, shapes)
    return shapes


def _field(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    return [one for shape in shapes for one in shape.field(tree["value"])]


def _hash(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    return [Shape(made_keys={child["value"]: read(child["children"][0], shapes) for child in tree["children"]})]


def _logic(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    """Of ``||`` and ``&&`` either side may be the result; of the others it is no place of the document."""
    found = [read(child, shapes) for child in tree["children"]]
    if tree["type"] == "comparator":
        _hint(tree["children"], found)
    is_passing = tree["type"] in {"or_expression", "and_expression", "key_val_pair", "expref"}
    return [one for places in found for one in places] if is_passing else []


def _projection(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    items = _items(read(tree["children"][0], shapes))
    for condition in tree["children"][2:]:
        read(condition, items)
    return [Shape(made=read(tree["children"][1], items))]


def _value_projection(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    values = [one for shape in read(tree["children"][0], shapes) for one in shape.values()]
    return [Shape(made=read(tree["children"][1], values))]


def _flatten(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    # A place in the list may hold a list or not: both happen, and the maker of documents picks.
    items = _items(read(tree["children"][0], shapes))
    inner = [one for item in items if item.made is not None for one in item.made]
    outer = [item for item in items if item.made is None]
    opened = [one for item in outer[:3] if item.made_keys is None for one in item.items()] if len(items) > 1 else []
    return [Shape(made=[*inner, *outer, *opened])]


def _select(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    return [Shape(made=[one for child in tree["children"] for one in read(child, shapes)])]


def _call(tree: Tree, shapes: list[Shape]) -> list[Shape]:
    name, children = tree["value"], tree["children"]
    found = [[] if child["type"] == "expref" else read(child, shapes) for child in children]
    signature = TABLE[name]["signature"] if name in TABLE else ()
    for places, wanted in zip(found, signature, strict=False):
        for place in places:
            _want(place, [one for one in wanted["types"] if one != "expref"])
    items = [one for places in found for one in _items(places)] if name in _BY_ITEM else []
    results = [read(child["children"][0], items) for child in children if child["type"] == "expref"]
    if name == "map":
        return [Shape(made=[one for places in results for one in places])]
    if name in {"min_by", "max_by"}:
        return items
    if name in {"values", "to_array"}:
        return [Shape(made=[one for places in found for place in places for one in place.values()])]
    return [one for places in found for one in places] if name in _PASSING else []


_BY_ITEM = {"map", "sort_by", "min_by", "max_by"}
_PASSING = {"sort_by", "sort", "reverse", "not_null", "merge", "first_text"}


def _want(place: Shape, types: list[str]) -> None:
    for one in types:
        first, _, inner = one.partition("-")
        place.kinds.append(first)
        for element in place.items() if inner else ():
            element.kinds.append(inner)


def _hint(children: list[Tree], found: list[list[Shape]]) -> None:
    for child, others in zip(children, reversed(found), strict=True):
        if child["type"] == "literal":
            for place in others:
                place.hints.append(child["value"])


_READERS: dict[str, Callable[[Tree, list[Shape]], list[Shape]]] = {
    "current": lambda _tree, shapes: shapes,
    "identity": lambda _tree, shapes: shapes,
    "field": _field,
    "subexpression": _chain,
    "pipe": _chain,
    "index_expression": _chain,
    "index": lambda _tree, shapes: _items(shapes),
    "slice": lambda _tree, shapes: [Shape(made=_items(shapes))],
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
