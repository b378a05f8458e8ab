"""Finds conditions of a mapping that compare nothing, because a text or a word stands where a comparison is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.config.expression_costs import expressions_in, place_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from truto_unify.config.mapping import MappingConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.expressions import Expression, Tree

RULE = "idle-condition"
_WORDS = {"true", "false", "null"}


def check_conditions(config: MappingConfig, node: Node) -> Iterator[Problem]:
    """A problem for each condition, and each condition inside of an expression, that is the same for every record."""
    whole = {id(expression): path for path, expression in _conditions(config)}
    for path, expression in _conditions(config):
        for message in _faults(expression.tree, config.define.keys()):
            yield node.at(path).problem(message, rule=RULE)
    for expression in expressions_in(config):
        for tree in _inner_conditions(expression.tree):
            for message in _faults(tree, ()):
                place = node.at(whole[id(expression)]) if id(expression) in whole else place_of(expression, node)
                yield place.problem(message, rule=RULE)


def _conditions(config: MappingConfig) -> list[tuple[tuple[str, ...], Expression]]:
    """The expressions that are conditions as a whole, with their paths."""
    parts: list[tuple[tuple[str, ...], Expression | None]] = [(("where",), config.where)]
    if config.list is not None:
        parts.append((("list", "is_partial"), config.list.is_partial))
    for name, load in config.side_loads.items():
        parts += [(("side_loads", name, key), getattr(load, key)) for key in ("where", "must_hold")]
        if load.inline is not None:
            parts.append((("side_loads", name, "inline", "has_more"), load.inline.has_more))
    return [(path, expression) for path, expression in parts if expression is not None]


def _inner_conditions(tree: Tree) -> Iterator[Tree]:
    """The conditions of the filters ``[?…]`` and of the calls of ``when`` in an expression."""
    children = [child for child in tree.get("children", ()) if isinstance(child, dict)]
    if tree["type"] == "filter_projection":
        yield children[2]
    elif tree["type"] == "function_expression" and tree["value"] == "when" and children:
        yield children[0]
    for child in children:
        yield from _inner_conditions(child)


def _faults(tree: Tree, known: Collection[str]) -> Iterator[str]:
    """What is wrong with a condition, for each text or word that stands in it alone.

    Args:
        tree: of the condition.
        known: names with a meaning of their own at its root.
    """
    kind, value = tree["type"], tree.get("value")
    if kind == "literal" and isinstance(value, str) and value:
        yield f"the text '{value}' stands alone, and a text compares nothing; write a comparison, as field == '{value}'"
    elif kind == "field" and value in _WORDS and value not in known:
        yield f"{value} is the name of a key here, and the value `{value}` compares nothing either; write a comparison"
    elif kind in {"or_expression", "and_expression", "not_expression"}:
        # After &&, a text changes nothing.
        texts = {"literal"} if kind == "and_expression" else set[str]()
        for child in tree["children"]:
            yield from _faults(child, known) if child["type"] not in texts else ()
    elif kind == "comparator" and all(child["type"] == "literal" for child in tree["children"]):
        yield "two constants are compared, which is the same for every record; one side must be a field"
