"""Makes random syntax trees, in the form of the official parser but also in combinations that no text gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.compiler.fuzz.grammar import TABLE, Grammar

if TYPE_CHECKING:
    from random import Random

Tree = dict[str, Any]


class TreeMaker:
    """Random syntax trees that read these names."""

    def __init__(self, random: Random, names: tuple[str, ...] = ("a", "b", "c")) -> None:
        self._random = random
        self._names = names
        self._grammar = Grammar(random, names)

    def tree(self, depth: int = 5) -> Tree:
        """Any tree."""
        if depth <= 0:
            return self._leaf()
        kind = self._random.choice(_KINDS)
        if kind == "leaf":
            return self._leaf()
        if kind == "function_expression":
            return self._call(depth - 1)
        if kind == "comparator":
            return self._node(kind, depth, 2, self._random.choice(("eq", "ne", "lt", "lte", "gt", "gte")))
        if kind == "multi_select_dict":
            pairs = [self._node("key_val_pair", depth, 1, name) for name in self._names[: self._random.randrange(1, 4)]]
            return {"type": kind, "children": pairs}
        return self._node(kind, depth, _CHILDREN.get(kind) or self._random.randrange(1, 4))

    def _node(self, kind: str, depth: int, count: int, value: Any = None) -> Tree:
        children = [self.tree(depth - 1) for _ in range(count)]
        return {"type": kind, "children": children, **({} if value is None else {"value": value})}

    def _leaf(self) -> Tree:
        kind = self._random.randrange(12)
        if kind < 6:
            return {"type": "field", "children": [], "value": self._random.choice(self._names)}
        if kind < 8:
            return {"type": self._random.choice(("current", "identity")), "children": []}
        if kind == 8:
            return {"type": "index", "children": [], "value": self._random.choice((0, 1, -1, -3, 10**20))}
        if kind == 9:
            parts = [self._random.choice((None, 0, 1, -1, 2)) for _ in range(2)]
            return {"type": "slice", "children": [*parts, self._random.choice((None, None, 1, -1, 2, 0))]}
        text = self._random.choice(
            ("null", "true", "false", "0", "1", "1.0", '""', '"a"', "[]", "{}", '[1, {"a": true}]')
        )
        return {"type": "literal", "children": [], "value": json.loads(text)}

    def _call(self, depth: int) -> Tree:
        name = self._random.choice(tuple(TABLE))
        signature = TABLE[name]["signature"]
        wanted = [argument["types"] for argument in signature]
        if signature[-1].get("variadic"):
            wanted += [signature[-1]["types"]] * self._random.randrange(3)
        children = [self.tree(depth) for _ in wanted]
        for index, types in enumerate(wanted):
            if "expref" in types:
                children[index] = {"type": "expref", "children": [children[index]]}
        return {"type": "function_expression", "children": children, "value": name}


_CHILDREN = {
    "subexpression": 0,
    "index_expression": 2,
    "pipe": 2,
    "or_expression": 2,
    "and_expression": 2,
    "not_expression": 1,
    "projection": 2,
    "value_projection": 2,
    "filter_projection": 3,
    "flatten": 1,
    "multi_select_list": 0,
}
_KINDS = ("leaf", "leaf", "function_expression", "comparator", "multi_select_dict", *_CHILDREN, "projection", "flatten")
