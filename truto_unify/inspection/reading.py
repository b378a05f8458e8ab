"""Which native fields a mapping reads, told from its expressions alone.

A native field is named by the keys that lead to it; lists are passed through, so that ``phones[0].number`` and
``phones[].number`` are one field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import ValueRule
from truto_unify.expressions import CALL_NAMES, ELEMENT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.field_rules import Rule, Source
    from truto_unify.config.registry import LoadedMapping
    from truto_unify.expressions import Expression

NativePath = tuple[str, ...]
Tree = Mapping[str, Any]


@dataclass
class Reads:
    """Native fields that something reads.

    Attributes:
        values: those whose values count, with all that is below them.
        tests: those of which only the truth is asked.
    """

    values: set[NativePath] = field(default_factory=set)
    tests: set[NativePath] = field(default_factory=set)

    def add(self, other: Reads) -> None:
        """Takes over what others read."""
        self.values |= other.values
        self.tests |= other.tests

    def covers(self, path: NativePath) -> bool:
        """Whether a native field, or what it stands in, is read for its value."""
        return any(path[:length] in self.values for length in range(1, len(path) + 1))


@dataclass(frozen=True)
class _Origin:
    """Where a value may come from: native fields, and the keys of objects that the expression makes."""

    paths: frozenset[NativePath] = frozenset()
    keys: Mapping[str, _Origin] = field(default_factory=dict)

    def key(self, name: str) -> _Origin:
        below = _Origin(frozenset((*path, name) for path in self.paths))
        return below.join(self.keys[name]) if name in self.keys else below

    def join(self, other: _Origin) -> _Origin:
        keys = dict(self.keys)
        for name, one in other.keys.items():
            keys[name] = keys[name].join(one) if name in keys else one
        return _Origin(self.paths | other.paths, keys)

    def every(self) -> frozenset[NativePath]:
        """All native fields in it."""
        return self.paths.union(*(one.every() for one in self.keys.values()))


_NOTHING = _Origin()
ROOT = _Origin(frozenset({()}))
_CALL = {name: _Origin(frozenset({(name,)})) for name in CALL_NAMES}
_NAMES = {**_CALL, **dict.fromkeys(ELEMENT_NAMES, ROOT)}


def reads_of_expression(expression: Expression) -> Reads:
    """What an expression reads of a native record.

    >>> from truto_unify.expressions import parse_expression
    >>> sorted(reads_of_expression(parse_expression("name.first || contacts[?main].{to: mail}[].to")).values)
    [('contacts', 'mail'), ('name', 'first')]
    """
    reads = Reads()
    reads.values |= _walk(expression.tree, ROOT, reads).every()
    return _of_the_record(reads)


def reads_of_field(rule: Rule, part: str | None = None) -> Reads:
    """What a unified field reads, or one part of each element of a list.

    Args:
        rule: of the field.
        part: ``number`` of ``phones``; all parts where it is None.
    """
    if isinstance(rule, ValueRule):
        return reads_of_expression(rule.expression)
    reads = Reads()
    for source in rule:
        reads.add(reads_of_source(source, part))
    return reads


def reads_of_source(source: Source, part: str | None = None) -> Reads:
    """As ``reads_of_field``, for one source of a list."""
    reads = Reads()
    root = _walk(source.each.tree, ROOT, reads) if source.each is not None else ROOT
    for name, inner in source.parts.items():
        if part in {None, name}:
            reads.values |= _walk(inner.expression.tree, root, reads).every()
    return _of_the_record(reads)


def reads_of_mapping(mapping: LoadedMapping) -> Reads:
    """What a mapping reads of its native records altogether, side loads left out."""
    reads = Reads()
    config = mapping.config
    for rule in config.response_mapping.values():
        reads.add(reads_of_field(rule))
    conditions = [config.where, config.list.is_partial if config.list else None]
    for load in config.side_loads.values():
        conditions += [load.where, load.id]
    for condition in conditions:
        if condition is not None:
            found = reads_of_expression(condition)
            reads.tests |= found.values | found.tests
    return Reads(
        {path for path in reads.values if path[0] not in CALL_NAMES},
        {path for path in reads.tests if path[0] not in CALL_NAMES},
    )


def _of_the_record(reads: Reads) -> Reads:
    """Without the empty path, which stands for the whole record."""
    return Reads(reads.values - {()}, reads.tests - {()})


def _walk(tree: Tree, origin: _Origin, reads: Reads) -> _Origin:
    """Where the value of an expression comes from; notes what is read on the way."""
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
        return _Origin(keys={one["value"]: _walk(one["children"][0], origin, reads) for one in children})
    found = [_walk(child, origin, reads) for child in children if child["type"] != "expref"]
    return _joined(kind, found, reads)


def _joined(kind: str, found: list[_Origin], reads: Reads) -> _Origin:
    """Where a value comes from that is made of several, or tells something about them."""
    if kind in {"or_expression", "and_expression", "not_expression", "comparator"}:
        tested = found[:1] if kind in {"or_expression", "and_expression"} else found
        reads.tests |= frozenset[NativePath]().union(*(one.every() for one in tested))
        passed = {"or_expression": found, "and_expression": found[1:]}.get(kind, [])
    else:  # a list that is written out or flattened, or what a function makes of its arguments
        passed = found
    joined = _NOTHING
    for one in passed:
        joined = joined.join(one)
    return joined


def _children(tree: Tree) -> Iterator[Tree]:
    return (child for child in tree.get("children", ()) if isinstance(child, dict))
