"""Finds the native fields that a mapping reads, from its expressions alone.

The path of a native field is the keys that lead to it. A list has no step of its own, so that ``phones[0].number`` and
``phones[].number`` are the same field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import Source, ValueRule, tables_of
from truto_unify.expressions import CALL_NAMES, ELEMENT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.config.field_rules import Rule
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
_AT_ROOT = {**_CALL, **dict.fromkeys(ELEMENT_NAMES, ROOT)}


def reads_of_expression(expression: Expression) -> Reads:
    """The native fields that an expression reads.

    >>> from truto_unify.expressions import parse_expression
    >>> sorted(reads_of_expression(parse_expression("name.first || contacts[?main].{to: mail}[].to")).values)
    [('contacts', 'mail'), ('name', 'first')]
    """
    reader = _Reader()
    reader.read(expression, ROOT)
    return _of_the_record(reader.reads)


def reads_of_field(rule: Rule, part: str | None = None) -> Reads:
    """The native fields that a unified field reads, or a part of it.

    Args:
        rule: the rule of the field.
        part: a part of it, such as ``number`` of ``phones`` or ``emails.email`` of ``customer``; None for all parts.
    """
    reader = _Reader()
    reader.read_rule(rule, part, ROOT)
    return _of_the_record(reader.reads)


def reads_of_mapping(mapping: LoadedMapping) -> Reads:
    """The native fields that a whole mapping reads, side loads left out."""
    reads = Reads()
    config = mapping.config
    for rule in config.response_mapping.values():
        reads.add(reads_of_field(rule))
    conditions = [config.where, config.list.is_partial if config.list else None]
    for load in config.side_loads.values():
        conditions += [load.where, load.id]
        conditions += [load.inline.items, load.inline.has_more] if load.inline is not None else []
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


@dataclass(frozen=True)
class _Reader:
    """Follows rules and expressions.

    Attributes:
        names: what the names mean that expressions may use.
        reads: what was read so far.
    """

    names: Mapping[str, _Origin] = field(default_factory=lambda: _AT_ROOT)
    reads: Reads = field(default_factory=Reads)

    def read_rule(self, rule: Rule, part: str | None, root: _Origin) -> None:
        """Follows a rule, or one part of it, whose expressions are evaluated in the root."""
        if isinstance(rule, ValueRule):
            self.read(rule.expression, root)
            return
        for table in tables_of(rule):
            inner, item = self, root
            if isinstance(table, Source) and table.each is not None:
                item = self.walk(table.each.tree, root)
                inner = replace(self, names={**self.names, "parent": root})
            first, _, rest = (part or "").partition(".")
            for name, part_rule in table.parts.items():
                if first in {"", name}:
                    inner.read_rule(part_rule, rest or None, item)

    def read(self, expression: Expression, root: _Origin) -> None:
        """Follows an expression, and notes what its value comes from."""
        self.reads.values |= self.walk(expression.tree, root).every()

    def walk(self, tree: Tree, origin: _Origin) -> _Origin:
        """The sources of an expression's value; notes what the expression tests on the way."""
        kind, children = tree["type"], list(_children(tree))
        if kind in {"field", "current", "identity", "index", "slice", "variable"}:
            return origin.key(tree["value"]) if kind == "field" else self.names.get(str(tree.get("value")), origin)
        if kind == "of_record":
            return self.walk(children[0], ROOT)
        if kind in {"subexpression", "pipe", "index_expression", "projection", "value_projection"}:
            for child in children:
                origin = self.walk(child, origin)
            return origin
        if kind == "filter_projection":
            left, right, condition = children
            items = self.walk(left, origin)
            self.reads.tests |= self.walk(condition, items).every()
            return self.walk(right, items)
        if kind == "multi_select_dict":
            return _Origin(keys={entry["value"]: self.walk(entry["children"][0], origin) for entry in children})
        operands = [self.walk(child, origin) for child in children if child["type"] != "expref"]
        return self._joined(kind, operands)

    def _joined(self, kind: str, operands: list[_Origin]) -> _Origin:
        """The sources of a value that several operands give; notes the operands that are tested."""
        if kind in {"or_expression", "and_expression", "not_expression", "comparator"}:
            tested = operands[:1] if kind in {"or_expression", "and_expression"} else operands
            self.reads.tests |= frozenset[NativePath]().union(*(operand.every() for operand in tested))
            results = {"or_expression": operands, "and_expression": operands[1:]}.get(kind, [])
        else:  # a list that is written out or flattened, or the result of a function
            results = operands
        joined = _NOTHING
        for result in results:
            joined = joined.join(result)
        return joined


def _children(tree: Tree) -> Iterator[Tree]:
    return (child for child in tree.get("children", ()) if isinstance(child, dict))
