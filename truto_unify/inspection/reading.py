"""Finds the native fields that a mapping reads, from its expressions alone.

The path of a native field is the keys that lead to it. A list has no step of its own, so that ``phones[0].number`` and
``phones[].number`` are the same field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import ValueRule
from truto_unify.expressions import CALL_NAMES, ELEMENT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.config.field_rules import Rule, Source
    from truto_unify.expressions import Expression

NativePath = tuple[str, ...]
Tree = Mapping[str, Any]


@dataclass
class Reads:
    """Native fields that a rule reads.

    Attributes:
        values: fields that the rule reads for their values, with everything below them.
        tests: fields that the rule tests for truth only.
    """

    values: set[NativePath] = field(default_factory=set)
    tests: set[NativePath] = field(default_factory=set)

    def add(self, other: Reads) -> None:
        """Adds the fields of other reads."""
        self.values |= other.values
        self.tests |= other.tests

    def covers(self, path: NativePath) -> bool:
        """Whether a rule reads the value of this native field, or of an object around it."""
        return any(path[:length] in self.values for length in range(1, len(path) + 1))


@dataclass(frozen=True)
class _Origin:
    """The possible sources of a value: native fields, and the keys of objects that the expression builds."""

    paths: frozenset[NativePath] = frozenset()
    keys: Mapping[str, _Origin] = field(default_factory=dict)

    def key(self, name: str) -> _Origin:
        below = _Origin(frozenset((*path, name) for path in self.paths))
        return below.join(self.keys[name]) if name in self.keys else below

    def join(self, other: _Origin) -> _Origin:
        keys = dict(self.keys)
        for name, origin in other.keys.items():
            keys[name] = keys[name].join(origin) if name in keys else origin
        return _Origin(self.paths | other.paths, keys)

    def every(self) -> frozenset[NativePath]:
        """All native fields among the sources."""
        return self.paths.union(*(origin.every() for origin in self.keys.values()))


_NOTHING = _Origin()
ROOT = _Origin(frozenset({()}))
_CALL = {name: _Origin(frozenset({(name,)})) for name in CALL_NAMES}
_NAMES = {**_CALL, **dict.fromkeys(ELEMENT_NAMES, ROOT)}


def reads_of_expression(expression: Expression) -> Reads:
    """The native fields that an expression reads.

    >>> from truto_unify.expressions import parse_expression
    >>> sorted(reads_of_expression(parse_expression("name.first || contacts[?main].{to: mail}[].to")).values)
    [('contacts', 'mail'), ('name', 'first')]
    """
    reads = Reads()
    reads.values |= _walk(expression.tree, ROOT, reads).every()
    return _of_the_record(reads)


def reads_of_field(rule: Rule, part: str | None = None) -> Reads:
    """The native fields that a unified field reads, or a part of a list.

    Args:
        rule: the rule of the field.
        part: a part of a list, such as ``number`` of ``phones``; None for all parts.
    """
    if isinstance(rule, ValueRule):
        return reads_of_expression(rule.expression)
    reads = Reads()
    for source in rule:
        reads.add(reads_of_source(source, part))
    return reads


def reads_of_source(source: Source, part: str | None = None) -> Reads:
    """The native fields that one source of a list reads.

    Args:
        source: the source.
        part: a part of the list; None for all parts.
    """
    reads = Reads()
    root = _walk(source.each.tree, ROOT, reads) if source.each is not None else ROOT
    for name, inner in source.parts.items():
        if part in {None, name}:
            reads.values |= _walk(inner.expression.tree, root, reads).every()
    return _of_the_record(reads)


def reads_of_mapping(mapping: LoadedMapping) -> Reads:
    """The native fields that a whole mapping reads, side loads left out."""
    reads = Reads()
    config = mapping.config
    for rule in config.response_mapping.values():
        reads.add(reads_of_field(rule))
    conditions = [config.where, config.list.is_partial if config.list else None]
    for load in config.side_loads.values():
        conditions += [load.where, load.id]
    for condition in conditions:
        if condition is not None:
            condition_reads = reads_of_expression(condition)
            reads.tests |= condition_reads.values | condition_reads.tests
    return Reads(
        {path for path in reads.values if path[0] not in CALL_NAMES},
        {path for path in reads.tests if path[0] not in CALL_NAMES},
    )


def _of_the_record(reads: Reads) -> Reads:
    """The reads without the empty path, which is the whole record."""
    return Reads(reads.values - {()}, reads.tests - {()})


def _walk(tree: Tree, origin: _Origin, reads: Reads) -> _Origin:
    """The sources of an expression's value; adds what the expression tests on the way."""
    kind, children = tree["type"], list(_children(tree))
    if kind in {"field", "current", "identity", "index", "slice", "variable"}:
        return origin.key(tree["value"]) if kind == "field" else _NAMES.get(str(tree.get("value")), origin)
    if kind == "of_record":
        return _walk(children[0], ROOT, reads)
    if kind in {"subexpression", "pipe", "index_expression", "projection", "value_projection"}:
        for child in children:
            origin = _walk(child, origin, reads)
        return origin
    if kind == "filter_projection":
        left, right, condition = children
        items = _walk(left, origin, reads)
        reads.tests |= _walk(condition, items, reads).every()
        return _walk(right, items, reads)
    if kind == "multi_select_dict":
        return _Origin(keys={entry["value"]: _walk(entry["children"][0], origin, reads) for entry in children})
    operands = [_walk(child, origin, reads) for child in children if child["type"] != "expref"]
    return _joined(kind, operands, reads)


def _joined(kind: str, operands: list[_Origin], reads: Reads) -> _Origin:
    """The sources of a value that several operands give; adds the operands that are tested."""
    if kind in {"or_expression", "and_expression", "not_expression", "comparator"}:
        tested = operands[:1] if kind in {"or_expression", "and_expression"} else operands
        reads.tests |= frozenset[NativePath]().union(*(operand.every() for operand in tested))
        results = {"or_expression": operands, "and_expression": operands[1:]}.get(kind, [])
    else:  # a list that is written out or flattened, or the result of a function
        results = operands
    joined = _NOTHING
    for result in results:
        joined = joined.join(result)
    return joined


def _children(tree: Tree) -> Iterator[Tree]:
    return (child for child in tree.get("children", ()) if isinstance(child, dict))
