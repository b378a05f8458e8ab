"""Explains one field of one record: what its rule reads, where the rule stands, the result, and the reason."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.config.field_rules import ValueRule, part_names, source_at
from truto_unify.config.mapping import reason_text
from truto_unify.errors import UnsupportedParameter
from truto_unify.expressions import CALL_NAMES, EvaluationError, Expression, names_below, suggest
from truto_unify.inspection.native_fields import show_native
from truto_unify.inspection.origin import layer_of
from truto_unify.inspection.reading import reads_of_field, reads_of_source
from truto_unify.mapping.interpreter import FieldFault, Scope, element_roots, make_fields
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.config.field_rules import Rule, Source
    from truto_unify.mapping.mapper import Mapper

Verdict = Literal["mapped", "absent", "null", "blank", "unmapped enum", "not in list answer", "error"]
_FIELD = re.compile(r"(?P<name>\w+)(\[(?P<index>\d+)\])?(\.(?P<part>\w+))?")


@dataclass(frozen=True)
class NativeValue:
    """The value at a native field that a rule reads.

    Attributes:
        path: the field, with the index in each list on the way.
        is_there: whether the record has the field.
        value: the value of the field.
    """

    path: str
    is_there: bool
    value: Any = None


@dataclass(frozen=True)
class FieldExplanation:
    """Why a field has its value.

    Attributes:
        field: the field, as the caller names it.
        verdict: the result in a word; ``reason`` is the sentence.
        reads: the native values that its rule reads.
        expression: the expression of the rule, or of the part's rule; None without a rule.
        each: for a part of a list, the expression that gives its elements; None if the record itself is the element.
        layer: the layer that sets the rule: base, overlay, environment or account, with the file.
        place: the file, line and column of the rule.
        raw: the result of the expression.
        value: the value of the field.
    """

    field: str
    verdict: Verdict
    reason: str
    reads: tuple[NativeValue, ...]
    expression: str | None
    each: str | None
    layer: str | None
    place: str | None
    raw: Any
    value: Any


@dataclass(frozen=True)
class ExplainedRecord:
    """The record to explain.

    Attributes:
        native: the record as the provider gives it.
        context: the context of the account.
        loaded: the results of side loads.
        is_listed: whether ``native`` comes from a list call.
        listed: the same record in a list answer, if ``native`` comes from a get call.
    """

    native: Mapping[str, Any]
    context: Mapping[str, str] | None = None
    loaded: Mapping[str, Any] | None = None
    is_listed: bool = False
    listed: Mapping[str, Any] | None = None

    @property
    def call(self) -> dict[str, Any]:
        """The names that expressions see beside the record."""
        return {"query": None, "context": self.context, "loaded": self.loaded}


def explain_field(
    mapper: Mapper, record: ExplainedRecord, field: str, override_names: Sequence[str] = ()
) -> FieldExplanation:
    """Explains a field, or a part of a list element such as ``phones[0].number``.

    Args:
        mapper: the mapper of the provider and resource, overrides included.
        record: the record to explain.
        field: a unified field, such as ``status`` or ``phones[0].number``; without an index, the first element counts.
        override_names: the names of the mapper's overrides, such as ``environment`` and ``account``.

    Raises:
        UnsupportedParameter: the resource has no such field.
    """
    name, index, part = _read_field(mapper, field)
    mapped = mapper.interpret_record(record.native, **record.call)
    value = _value_at(mapped.fields[name], index, part)
    fault = next(
        (text for path, text in mapped.faults if path == name or path.startswith((f"{name}[", f"{name}."))), None
    )
    rule = _choose(mapper, record, name, index, part)
    if rule is None:
        return _explain_without_rule(mapper, field, name, part, value)
    raw = _raw(rule, record, name)
    reads = tuple(_native_values(rule, part, record.native))
    shown = str(raw).lower() if isinstance(raw, bool) else str(raw)[:60]
    is_unmapped = f"{name}.{part}={shown}" in mapped.unmapped or f"{name}={shown}" in mapped.unmapped
    result = _Result(raw, value, fault, is_unmapped)
    verdict, reason = _judge(mapper, record, rule, reads, result)
    if verdict == "mapped" and record.listed is not None:
        listed = mapper.interpret_record(record.listed, query=None, context=record.context, loaded=None)
        if _value_at(listed.fields[name], index, part) in (None, []):
            verdict = "not in list answer"
            reason = "the get answer has it, and the list answer of the same record does not"
    node = mapper.mapping.node.at(["response_mapping", name, *rule.steps])
    return FieldExplanation(
        field=field,
        verdict=verdict,
        reason=reason,
        reads=reads,
        expression=rule.value.expression.text if rule.value is not None else None,
        each=", ".join(each.text for each in rule.lists) or None,
        layer=layer_of(node.place.file, _file_name(mapper), override_names),
        place=str(node.place),
        raw=raw,
        value=value,
    )


def _explain_without_rule(mapper: Mapper, field: str, name: str, part: str | None, value: Any) -> FieldExplanation:
    """Explains a field without a rule."""
    excuse = mapper.mapping.config.unsupported.get(f"{name}.{part}" if part else name)
    why = "no rule of the mapping fills it"
    if excuse is not None:
        why = excuse if isinstance(excuse, str) else f"not yet: {reason_text(excuse)}"
    if value is not None and value != []:  # for example an extension, which the engine takes from the number
        return _without_rule(field, "mapped", "the engine fills it from another part", value=value)
    kind = field_kinds(mapper.mapping.schema.record).get(name)
    item = kind.item if kind is not None else None
    if part is not None and item is not None and part in field_kinds(item) and field_kinds(item)[part].is_derived:
        why = "the engine takes it from another part of the element, which does not hold it"
    return _without_rule(field, "absent", why, value=value)


@dataclass(frozen=True)
class _AppliedRule:
    """The rule that fills a field, or a part of a list element.

    Attributes:
        field_rule: the rule of the whole field.
        value: the rule of the value; None for a list as a whole.
        source: for a part of a list element, the source of the element.
        number: the index of that source.
        root: the value that the expression is evaluated in.
        names: the names that the expression sees there.
    """

    field_rule: Rule
    value: ValueRule | None
    source: Source | None = None
    number: int | None = None
    part: str | None = None
    root: Any = None
    names: Mapping[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[str | int, ...]:
        """The path of the rule below the field's rule."""
        return () if self.number is None or self.part is None else (self.number, self.part)

    @property
    def lists(self) -> list[Expression]:
        """The expressions that give the elements: that of the source, or those of all sources."""
        if isinstance(self.field_rule, ValueRule):
            return []
        sources = self.field_rule if self.source is None else (self.source,)
        return [source.each for source in sources if source.each is not None]


def _choose(mapper: Mapper, record: ExplainedRecord, name: str, index: int, part: str | None) -> _AppliedRule | None:
    """The rule behind a field, or behind a part of the element at this index."""
    rule = mapper.mapping.config.response_mapping.get(name)
    if rule is None:
        return None
    if isinstance(rule, ValueRule):
        return _AppliedRule(rule, rule, root=record.native, names=record.call)
    if part is None:
        return _AppliedRule(rule, None)
    number, root, names = _find_element(mapper, record, name, rule, index, part)
    source = rule[number]
    value = source.parts.get(part)
    return None if value is None else _AppliedRule(rule, value, source, number, part, root, names)


def _find_element(
    mapper: Mapper, record: ExplainedRecord, name: str, rule: tuple[Source, ...], index: int, part: str
) -> tuple[int, Any, Mapping[str, Any]]:
    """The source and the root of the unified element at this index; blank and repeated elements do not count."""
    roots = list(_all_roots(record, name, rule))
    candidates = [
        (number, root, names, element)
        for number, root, names in roots
        for element in _map_element(mapper, record, name, rule[number], root)
    ]
    mapped = mapper.interpret_record(record.native, **record.call).fields[name]
    if index < len(mapped):
        key = next(iter(mapped[index]))
        same = [candidate for candidate in candidates if candidate[3] == mapped[index]]
        similar = [candidate for candidate in candidates if candidate[3].get(key) == mapped[index][key]]
        for number, root, names, _ in same or similar:
            return number, root, names
    if index < len(roots):
        return roots[index]
    fallback = source_at(rule, index)
    numbers = [number for number, source in enumerate(rule) if part in source.parts]
    if fallback is not None and part in rule[fallback].parts:
        return fallback, None, {}
    return numbers[0] if numbers else 0, None, {}


def _all_roots(
    record: ExplainedRecord, name: str, rule: tuple[Source, ...]
) -> Iterator[tuple[int, Any, Mapping[str, Any]]]:
    scope = Scope(record.native, record.call, Counter())
    for number, source in enumerate(rule):
        try:
            yield from ((number, root, names) for root, names in element_roots(name, source, scope))
        except FieldFault:
            continue


def _map_element(mapper: Mapper, record: ExplainedRecord, name: str, source: Source, root: Any) -> list[Any]:
    """The unified elements that a source gives for one native element."""
    tree = {"type": "literal", "value": [root], "children": []}
    each = Expression("", frozenset(), tree) if source.each is not None else None
    rules = {name: (source.model_copy(update={"each": each}),)}
    make, _ = make_fields(mapper.mapping.schema.record, rules)[name]
    try:
        elements: list[Any] = make(Scope(record.native, record.call, Counter()))
    except FieldFault:
        return []
    return elements


def _file_name(mapper: Mapper) -> str:
    return f"mappings/{mapper.mapping.schema.name}/{mapper.mapping.provider.slug}.yaml"


def _without_rule(field: str, verdict: Verdict, reason: str, *, value: Any) -> FieldExplanation:
    return FieldExplanation(field, verdict, reason, (), None, None, None, None, None, value)


def _read_field(mapper: Mapper, field: str) -> tuple[str, int, str | None]:
    """Splits a field into its name, its index in the list and its part."""
    kinds = field_kinds(mapper.mapping.schema.record)
    known = {*kinds, *mapper.mapping.config.response_mapping}
    match = _FIELD.fullmatch(field)
    name = match["name"] if match else field
    if match is None or name not in known:
        hint = suggest(name, known) or f"; it has {', '.join(sorted(known))}"
        raise UnsupportedParameter(f'no field "{field}"{hint}', parameter="field", supported=tuple(sorted(known)))
    rule = mapper.mapping.config.response_mapping.get(name)
    item = kinds[name].item if name in kinds else None
    parts = {*(field_kinds(item) if item else ()), *part_names(rule)}
    if match["part"] is not None and match["part"] not in parts:
        hint = suggest(match["part"], parts) or f"; it has {', '.join(sorted(parts)) or 'no parts'}"
        raise UnsupportedParameter(f'no part "{match["part"]}" of {name}{hint}', parameter="field")
    return name, int(match["index"] or 0), match["part"]


def _value_at(value: Any, index: int, part: str | None) -> Any:
    if part is None:
        return value
    return value[index].get(part) if isinstance(value, list) and index < len(value) else None


@dataclass(frozen=True)
class _Result:
    """The result of the rule, for the verdict."""

    raw: Any
    value: Any
    fault: str | None
    is_unmapped: bool


def _raw(rule: _AppliedRule, record: ExplainedRecord, name: str) -> Any:
    """The result of the expression before cleaning; for a list, the native elements; None if the expression fails."""
    if rule.value is not None:
        return _search(rule.value.expression, rule.root, rule.names)
    assert not isinstance(rule.field_rule, ValueRule)  # noqa: S101 - only a list has no rule of one value
    elements = []
    for number, root, names in _all_roots(record, name, rule.field_rule):
        source = rule.field_rule[number]
        parts = {part: _search(inner.expression, root, names) for part, inner in source.parts.items()}
        elements.append(parts if source.each is None else root)
    return elements


def _search(expression: Expression, root: Any, names: Mapping[str, Any]) -> Any:
    try:
        return expression.search(root, names)
    except EvaluationError:
        return None


def _native_values(rule: _AppliedRule, part: str | None, native: Any) -> Iterator[NativeValue]:
    """Every native field that the rule reads, with an entry for each list element that has it."""
    reads = reads_of_source(rule.source, part) if rule.source is not None else reads_of_field(rule.field_rule, part)
    for path in sorted(reads.values):
        values = list(_values_at(native, path, ""))
        if path[0] in CALL_NAMES or not values:
            yield NativeValue(show_native(path), is_there=False)
        yield from values if path[0] not in CALL_NAMES else ()


def _values_at(value: Any, path: tuple[str, ...], place: str) -> Iterator[NativeValue]:
    if place and value in (None, []):
        yield NativeValue(place, is_there=True, value=value)
    elif isinstance(value, list) and path:
        for number, item in enumerate(value):
            yield from _values_at(item, path, f"{place}[{number}]")
    elif not path:
        yield NativeValue(place, is_there=True, value=value)
    elif isinstance(value, dict) and path[0] in value:
        step = show_native(path[:1])
        yield from _values_at(value[path[0]], path[1:], f"{place}.{step}" if place else step)


def _judge(
    mapper: Mapper,
    record: ExplainedRecord,
    rule: _AppliedRule,
    reads: tuple[NativeValue, ...],
    result: _Result,
) -> tuple[Verdict, str]:
    """The verdict and its reason."""
    if result.fault is not None:
        return "error", result.fault
    if result.is_unmapped:
        table = (rule.value.enum if rule.value is not None else None) or {}
        return (
            "unmapped enum",
            f"the enum has {', '.join(table)}; the engine keeps and counts any other value",
        )
    if result.value is not None and result.value != []:
        return "mapped", "the record has it"
    missing = _missing_in_list(mapper, record, rule)
    if missing is not None:
        return "not in list answer", missing
    return _judge_empty(reads, result.raw)


def _judge_empty(reads: tuple[NativeValue, ...], raw: Any) -> tuple[Verdict, str]:
    """The verdict and its reason for a field without a value."""
    present = [native for native in reads if native.is_there]
    if not present:
        return "absent", "the record has none of the native fields that the rule reads"
    if all(native.value is None for native in present):
        return "null", "the provider gives null"
    if all(native.value is None or _is_blank(native.value) for native in present):
        return "blank", "the provider gives blank text or an empty list, which counts as no value"
    if raw is None:
        return "null", "the rule gives null for what the record has"
    return "blank", "the engine drops the rule's result: it is blank, repeated, or lacks what such an element needs"


def _is_blank(value: Any) -> bool:
    return value in ([], {}) or (isinstance(value, str) and not value.strip())


def _missing_in_list(mapper: Mapper, record: ExplainedRecord, rule: _AppliedRule) -> str | None:
    """Why a list answer lacks what a get answer has; None if it does not lack it."""
    if not record.is_listed:
        return None
    expressions = [*rule.lists, *([rule.value.expression] if rule.value is not None else [])]
    needed = {name for expression in expressions for name in names_below(expression, "loaded")}
    own = {name for name, load in mapper.mapping.config.side_loads.items() if "get" in load.methods}
    if needed & own - set(record.loaded or ()):
        loads = ", ".join(sorted(needed & own))
        return f"a get call loads it with the side load {loads}; a list call does so only on request"
    if mapper.is_partial(record.native):
        list_call = mapper.mapping.config.list
        why = list_call.is_partial.text if list_call and list_call.is_partial else ""
        return f"the list answer has less of this record than the get answer ({why})"
    return None
