"""Finds the rule behind a unified field of a record, or behind a part of it such as ``customer.emails[1].email``."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import ObjectRule, Source, ValueRule, part_names, source_at
from truto_unify.errors import UnsupportedParameter
from truto_unify.expressions import EvaluationError, Expression, suggest
from truto_unify.mapping.interpreter import FieldFault, Scope, element_roots, evaluator
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.config.field_rules import Rule
    from truto_unify.models.fields import Kind

_STEP = re.compile(r"(?P<name>\w+)(\[(?P<index>\d+)\])?")


@dataclass(frozen=True)
class FieldPath:
    """A unified field, or a part of it.

    Attributes:
        steps: the names that lead to it, each with the index of the element; without one, the first element counts.
    """

    steps: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """The field of the record."""
        return self.steps[0][0]

    @property
    def label(self) -> str:
        """The field without indices, as ``customer.emails.email``."""
        return ".".join(name for name, _ in self.steps)

    @property
    def part(self) -> str | None:
        """The part below the field, as ``emails.email``; None for the field itself."""
        return self.label.partition(".")[2] or None

    def value_in(self, record: Mapping[str, Any]) -> Any:
        """The value of the field in a unified record; None if the element is not there."""
        value: Any = record
        for number, (name, _) in enumerate(self.steps):
            if isinstance(value, list):
                index = self.steps[number - 1][1]
                value = value[index] if index < len(value) else None
            value = value.get(name) if value is not None else None
        return value


def read_field(mapping: LoadedMapping, text: str) -> FieldPath:
    """The path of a field.

    Raises:
        UnsupportedParameter: the resource has no such field.
    """
    kinds: Mapping[str, Kind] = field_kinds(mapping.schema.record)
    known: Collection[str] = {*kinds, *mapping.config.response_mapping}
    rules: list[Rule] = []
    steps: list[tuple[str, int]] = []
    for number, step in enumerate(text.split(".")):
        match = _STEP.fullmatch(step)
        name = match["name"] if match else step
        if match is None or name not in known:
            hint = suggest(name, known) or f"; it has {', '.join(sorted(known)) or 'no parts'}"
            what = f'no part "{step}" of {steps[-1][0]}' if number else f'no field "{text}"'
            raise UnsupportedParameter(f"{what}{hint}", parameter="field", supported=tuple(sorted(known)))
        tables = [mapping.config.response_mapping] if not number else [table.parts for table in _tables(rules)]
        rules = [table[name] for table in tables if name in table]
        kinds = kinds[name].parts if name in kinds else {}
        known = {*kinds, *(part for rule in rules for part in part_names(rule))}
        steps.append((name, int(match["index"] or 0)))
    return FieldPath(tuple(steps))


def _tables(rules: list[Rule]) -> Iterator[ObjectRule]:
    for rule in rules:
        yield from (rule,) if isinstance(rule, ObjectRule) else rule if isinstance(rule, tuple) else ()


@dataclass(frozen=True)
class AppliedRule:
    """The rule that fills a field, or a part of it.

    Attributes:
        rule: the rule itself.
        field_rule: the rule of the whole field; of a list, the one source that the part comes from.
        steps: the path of the rule below the field's rule, in the mapping file.
        source: the innermost source whose elements the part belongs to.
        root: the value that the expressions are evaluated in.
        names: the names that they see there.
    """

    rule: Rule
    field_rule: Rule
    steps: tuple[str | int, ...] = ()
    source: Source | None = None
    root: Any = None
    names: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> ValueRule | None:
        """The rule of the value; None for an object or a list as a whole."""
        return self.rule if isinstance(self.rule, ValueRule) else None

    @property
    def lists(self) -> list[Expression]:
        """The expressions that give the elements: that of the source, or those of all sources."""
        own = self.rule if isinstance(self.rule, tuple) else ()
        sources = own or ((self.source,) if self.source is not None else ())
        return [source.each for source in sources if source.each is not None]

    def raw(self, name: str) -> Any:
        """What the rule gives before cleaning; of a list, the native elements; None if an expression fails."""
        if isinstance(self.rule, ValueRule):
            return _search(self.rule.expression, self.root, self.names)
        if isinstance(self.rule, ObjectRule):
            return _raw_parts(self.rule, self.root, self.names)
        return [
            _raw_parts(source, root, names) if source.each is None else root
            for _, source, root, names in _roots(name, self.rule, self.root, self.names)
        ]


def _raw_parts(table: ObjectRule, root: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    values = {part: rule for part, rule in table.parts.items() if isinstance(rule, ValueRule)}
    return {part: _search(rule.expression, root, names) for part, rule in values.items()}


def _search(expression: Expression, root: Any, names: Mapping[str, Any]) -> Any:
    try:
        return expression.search(root, names)
    except EvaluationError:
        return None


def find_rule(
    mapping: LoadedMapping, path: FieldPath, native: Any, call: Mapping[str, Any], mapped: Mapping[str, Any]
) -> AppliedRule | None:
    """The rule behind a field; None if nothing maps it.

    Args:
        mapping: the mapping.
        path: the field.
        native: the native record.
        call: the names that expressions see beside it.
        mapped: the unified record.
    """
    rule = mapping.config.response_mapping.get(path.name)
    if rule is None:
        return None
    kind = field_kinds(mapping.schema.record).get(path.name)
    applied = AppliedRule(rule, rule, root=native, names=call)
    for depth in range(1, len(path.steps)):
        inner = _below(applied, FieldPath(path.steps[:depth]), path.steps[depth][0], kind, native, mapped)
        if inner is None:
            return None
        kind = kind.parts.get(path.steps[depth][0]) if kind is not None else None
        applied = inner
    return applied


def _below(
    applied: AppliedRule, path: FieldPath, part: str, kind: Kind | None, native: Any, mapped: Mapping[str, Any]
) -> AppliedRule | None:
    """The rule of a part of what a rule fills."""
    rule, root, names, source = applied.rule, applied.root, applied.names, applied.source
    steps, field_rule = applied.steps, applied.field_rule
    table: ObjectRule
    if isinstance(rule, tuple):
        elements = path.value_in(mapped) or []
        number, root, names = _find_element(rule, path, part, kind, applied, native, elements)
        table = source = rule[number]
        steps = (*steps, number)
        field_rule = (source,) if field_rule is rule else field_rule
    elif isinstance(rule, ObjectRule):
        table = rule
    else:
        return None
    inner = table.parts.get(part)
    return AppliedRule(inner, field_rule, (*steps, part), source, root, names) if inner is not None else None


def _find_element(
    rule: tuple[Source, ...],
    path: FieldPath,
    part: str,
    kind: Kind | None,
    applied: AppliedRule,
    native: Any,
    elements: list[Any],
) -> tuple[int, Any, Mapping[str, Any]]:
    """The source and the root of the element at the path's index; blank and repeated elements do not count."""
    index = path.steps[-1][1]
    roots = list(_roots(path.label, rule, applied.root, applied.names))
    if index < len(elements):
        candidates = [
            (number, root, names, element)
            for number, source, root, names in roots
            for element in _map_element(path.label, source, kind, applied, native, root)
        ]
        key = next(iter(elements[index]))
        same = [candidate for candidate in candidates if candidate[3] == elements[index]]
        similar = [candidate for candidate in candidates if candidate[3].get(key) == elements[index][key]]
        for number, root, names, _ in same or similar:
            return number, root, names
    if index < len(roots):
        number, _, root, names = roots[index]
        return number, root, names
    fallback = source_at(rule, index)
    if fallback is not None and part in rule[fallback].parts:
        return fallback, None, {}
    return next((number for number, source in enumerate(rule) if part in source.parts), 0), None, {}


def _roots(
    name: str, rule: tuple[Source, ...], root: Any, names: Mapping[str, Any]
) -> Iterator[tuple[int, Source, Any, Mapping[str, Any]]]:
    for number, source in enumerate(rule):
        try:
            yield from ((number, source, item, inner) for item, inner in element_roots(name, source, root, names))
        except FieldFault:
            continue


def _map_element(
    name: str, source: Source, kind: Kind | None, applied: AppliedRule, native: Any, item: Any
) -> list[dict[str, Any]]:
    """The unified elements that a source gives for one native element."""
    tree = {"type": "literal", "value": [item], "children": []}
    each = Expression("", frozenset(), tree) if source.each is not None else None
    evaluate, _ = evaluator((source.model_copy(update={"each": each}),), kind)
    try:
        elements: list[dict[str, Any]] = evaluate(
            name, applied.root, applied.names, Scope(native, applied.names, Counter())
        )
    except FieldFault:
        return []
    return elements
