"""Explains one field of one record: what was read, by which rule of which file, what came out, and why."""

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
    """What stands at a native field that a rule reads.

    Attributes:
        path: the field, with the places in lists where it is found.
        is_there: whether the record has it.
        value: what it holds.
    """

    path: str
    is_there: bool
    value: Any = None


@dataclass(frozen=True)
class FieldExplanation:
    """Why a field is what it is.

    Attributes:
        field: as it was asked for.
        verdict: in one word; ``reason`` says it in a sentence.
        reads: what its rule reads of the record.
        expression: the rule; None where there is none. For a part of a list, that of the part.
        each: for a part of a list, what makes its element; None where the record itself does.
        layer: what set the rule: base, overlay, environment or account, with the file.
        place: file, line and column of the rule.
        raw: what the expression gives.
        value: what the field holds.
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
class Subject:
    """The record that is looked at.

    Attributes:
        native: as the provider gives it.
        context: of the account.
        loaded: results of side loads.
        is_listed: whether ``native`` comes from a list.
        listed: the same record as the list gives it, where ``native`` comes from a ``get``.
    """

    native: Mapping[str, Any]
    context: Mapping[str, str] | None = None
    loaded: Mapping[str, Any] | None = None
    is_listed: bool = False
    listed: Mapping[str, Any] | None = None

    @property
    def call(self) -> dict[str, Any]:
        """What expressions see beside the record."""
        return {"query": None, "context": self.context, "loaded": self.loaded}


def explain_field(mapper: Mapper, subject: Subject, field: str, override_names: Sequence[str] = ()) -> FieldExplanation:
    """Explains a field, or a part of one element of a list as ``phones[0].number``.

    Args:
        mapper: of the provider and resource, overrides included.
        subject: the record.
        field: unified, as ``status`` or ``phones[0].number``; without a place in the list the first is meant.
        override_names: what each of the mapper's overrides is, as ``environment`` and ``account``.

    Raises:
        UnsupportedParameter: there is no such field.
    """
    name, index, part = _read_field(mapper, field)
    mapped = mapper.interpret_record(subject.native, **subject.call)
    value = _value_at(mapped.fields[name], index, part)
    fault = next((text for one, text in mapped.faults if one == name or one.startswith((f"{name}[", f"{name}."))), None)
    chosen = _choose(mapper, subject, name, index, part)
    if chosen is None:
        return _unmapped(mapper, field, name, part, value)
    raw = _raw(chosen, subject, name)
    reads = tuple(_native_values(chosen, part, subject.native))
    shown = str(raw).lower() if isinstance(raw, bool) else str(raw)[:60]
    told = _Told(raw, value, fault, f"{name}.{part}={shown}" in mapped.unmapped or f"{name}={shown}" in mapped.unmapped)
    verdict, reason = _judge(mapper, subject, chosen, reads, told)
    if verdict == "mapped" and subject.listed is not None:
        listed = mapper.interpret_record(subject.listed, query=None, context=subject.context, loaded=None)
        if _value_at(listed.fields[name], index, part) in (None, []):
            verdict, reason = "not in list answer", "get gives it, and the list answer of the same record does not"
    node = mapper.mapping.node.at(["response_mapping", name, *chosen.steps])
    return FieldExplanation(
        field=field,
        verdict=verdict,
        reason=reason,
        reads=reads,
        expression=chosen.value.expression.text if chosen.value is not None else None,
        each=", ".join(one.text for one in chosen.lists) or None,
        layer=layer_of(node.place.file, _file_name(mapper), override_names),
        place=str(node.place),
        raw=raw,
        value=value,
    )


def _unmapped(mapper: Mapper, field: str, name: str, part: str | None, value: Any) -> FieldExplanation:
    """Why a field without a rule holds what it holds."""
    excuse = mapper.mapping.config.unsupported.get(f"{name}.{part}" if part else name)
    why = "no rule of the mapping fills it"
    if excuse is not None:
        why = excuse if isinstance(excuse, str) else f"not yet: {reason_text(excuse)}"
    if value is not None and value != []:  # an extension is cut off its number
        return _made(field, "mapped", "the engine fills it from another part", value=value)
    kind = field_kinds(mapper.mapping.schema.record).get(name)
    item = kind.item if kind is not None else None
    if part is not None and item is not None and part in field_kinds(item) and field_kinds(item)[part].is_derived:
        why = "the engine cuts it off another part of the element, which has none"
    return _made(field, "absent", why, value=value)


@dataclass(frozen=True)
class _Chosen:
    """The rule that made a field, or a part of one element of a list.

    Attributes:
        rule: of the whole field.
        value: what makes the value; None for a list as a whole.
        source: for a part of a list, the source of the element.
        number: the place of that source.
        root: what the expression is evaluated in.
        names: what names mean there.
    """

    rule: Rule
    value: ValueRule | None
    source: Source | None = None
    number: int | None = None
    part: str | None = None
    root: Any = None
    names: Mapping[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[str | int, ...]:
        """Where the rule stands below the field."""
        return () if self.number is None or self.part is None else (self.number, self.part)

    @property
    def lists(self) -> list[Expression]:
        """What makes the elements: of the one source, or of the whole list."""
        if isinstance(self.rule, ValueRule):
            return []
        sources = self.rule if self.source is None else (self.source,)
        return [source.each for source in sources if source.each is not None]


def _choose(mapper: Mapper, subject: Subject, name: str, index: int, part: str | None) -> _Chosen | None:
    """The rule behind a field, or behind a part of the element at this place."""
    rule = mapper.mapping.config.response_mapping.get(name)
    if rule is None:
        return None
    if isinstance(rule, ValueRule):
        return _Chosen(rule, rule, root=subject.native, names=subject.call)
    if part is None:
        return _Chosen(rule, None)
    number, root, names = _find_element(mapper, subject, name, rule, index, part)
    source = rule[number]
    value = source.parts.get(part)
    return None if value is None else _Chosen(rule, value, source, number, part, root, names)


def _find_element(
    mapper: Mapper, subject: Subject, name: str, rule: tuple[Source, ...], index: int, part: str
) -> tuple[int, Any, Mapping[str, Any]]:
    """The source and the root of the unified element at this place: blanks and repeats have left before it."""
    roots = list(_all_roots(subject, name, rule))
    kept = [
        (number, root, names, element)
        for number, root, names in roots
        for element in _alone(mapper, subject, name, rule[number], root)
    ]
    mapped = mapper.interpret_record(subject.native, **subject.call).fields[name]
    if index < len(mapped):
        key = next(iter(mapped[index]))
        same = [one for one in kept if one[3] == mapped[index]]
        for number, root, names, _ in same or [one for one in kept if one[3].get(key) == mapped[index][key]]:
            return number, root, names
    if index < len(roots):
        return roots[index]
    fallback = source_at(rule, index)
    having = [number for number, source in enumerate(rule) if part in source.parts]
    return (fallback if fallback is not None and part in rule[fallback].parts else having[0] if having else 0), None, {}


def _all_roots(subject: Subject, name: str, rule: tuple[Source, ...]) -> Iterator[tuple[int, Any, Mapping[str, Any]]]:
    scope = Scope(subject.native, subject.call, Counter())
    for number, source in enumerate(rule):
        try:
            yield from ((number, root, names) for root, names in element_roots(name, source, scope))
        except FieldFault:
            continue


def _alone(mapper: Mapper, subject: Subject, name: str, source: Source, root: Any) -> list[Any]:
    """What a source makes of one native element, by itself."""
    tree = {"type": "literal", "value": [root], "children": []}
    each = Expression("", frozenset(), tree) if source.each is not None else None
    rules = {name: (source.model_copy(update={"each": each}),)}
    make, _ = make_fields(mapper.mapping.schema.record, rules)[name]
    try:
        elements: list[Any] = make(Scope(subject.native, subject.call, Counter()))
    except FieldFault:
        return []
    return elements


def _file_name(mapper: Mapper) -> str:
    return f"mappings/{mapper.mapping.schema.name}/{mapper.mapping.provider.slug}.yaml"


def _made(field: str, verdict: Verdict, reason: str, *, value: Any) -> FieldExplanation:
    return FieldExplanation(field, verdict, reason, (), None, None, None, None, None, value)


def _read_field(mapper: Mapper, field: str) -> tuple[str, int, str | None]:
    """The name, the place in the list and the part."""
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
class _Told:
    """What came out, for the verdict."""

    raw: Any
    value: Any
    fault: str | None
    is_unmapped: bool


def _raw(chosen: _Chosen, subject: Subject, name: str) -> Any:
    """What the expression gives before it is cleaned, of a list the native elements; null where it fails."""
    if chosen.value is not None:
        return _search(chosen.value.expression, chosen.root, chosen.names)
    assert not isinstance(chosen.rule, ValueRule)  # noqa: S101 - only a list has no rule of one value
    elements = []
    for number, root, names in _all_roots(subject, name, chosen.rule):
        source = chosen.rule[number]
        parts = {part: _search(rule.expression, root, names) for part, rule in source.parts.items()}
        elements.append(parts if source.each is None else root)
    return elements


def _search(expression: Expression, root: Any, names: Mapping[str, Any]) -> Any:
    try:
        return expression.search(root, names)
    except EvaluationError:
        return None


def _native_values(chosen: _Chosen, part: str | None, native: Any) -> Iterator[NativeValue]:
    """Every native field that the rule reads, at each place where the record has it."""
    reads = reads_of_source(chosen.source, part) if chosen.source is not None else reads_of_field(chosen.rule, part)
    for path in sorted(reads.values):
        found = list(_find(native, path, ""))
        if path[0] in CALL_NAMES or not found:
            yield NativeValue(show_native(path), is_there=False)
        yield from found if path[0] not in CALL_NAMES else ()


def _find(value: Any, path: tuple[str, ...], place: str) -> Iterator[NativeValue]:
    if place and value in (None, []):
        yield NativeValue(place, is_there=True, value=value)
    elif isinstance(value, list) and path:
        for number, one in enumerate(value):
            yield from _find(one, path, f"{place}[{number}]")
    elif not path:
        yield NativeValue(place, is_there=True, value=value)
    elif isinstance(value, dict) and path[0] in value:
        step = show_native(path[:1])
        yield from _find(value[path[0]], path[1:], f"{place}.{step}" if place else step)


def _judge(
    mapper: Mapper,
    subject: Subject,
    chosen: _Chosen,
    reads: tuple[NativeValue, ...],
    told: _Told,
) -> tuple[Verdict, str]:
    """The verdict and its reason."""
    if told.fault is not None:
        return "error", told.fault
    if told.is_unmapped:
        table = (chosen.value.enum if chosen.value is not None else None) or {}
        return "unmapped enum", f"the enum has {', '.join(table)}; another value passes through raw and is counted"
    if told.value is not None and told.value != []:
        return "mapped", "the record has it"
    missing = _missing_in_list(mapper, subject, chosen)
    if missing is not None:
        return "not in list answer", missing
    return _judge_empty(reads, told.raw)


def _judge_empty(reads: tuple[NativeValue, ...], raw: Any) -> tuple[Verdict, str]:
    """Why nothing came out, by what the record has."""
    there = [one for one in reads if one.is_there]
    if not there:
        return "absent", "the record has none of the native fields that the rule reads"
    if all(one.value is None for one in there):
        return "null", "the provider gives null"
    if all(one.value is None or _is_blank(one.value) for one in there):
        return "blank", "the provider gives blank text or an empty list, which means that there is nothing"
    if raw is None:
        return "null", "the rule makes null of what the record has"
    return "blank", "what the rule gives is dropped: blank, repeated, or without what such an element needs"


def _is_blank(value: Any) -> bool:
    return value in ([], {}) or (isinstance(value, str) and not value.strip())


def _missing_in_list(mapper: Mapper, subject: Subject, chosen: _Chosen) -> str | None:
    """Why a list lacks what ``get`` gives; None where it is not so."""
    if not subject.is_listed:
        return None
    expressions = [*chosen.lists, *([chosen.value.expression] if chosen.value is not None else [])]
    needed = {name for one in expressions for name in names_below(one, "loaded")}
    own = {name for name, load in mapper.mapping.config.side_loads.items() if "get" in load.methods}
    if needed & own - set(subject.loaded or ()):
        return f"get loads it with the side load {', '.join(sorted(needed & own))}, and list does not unless asked"
    if mapper.is_partial(subject.native):
        told = mapper.mapping.config.list
        why = told.is_partial.text if told and told.is_partial else ""
        return f"the list gives less of this record than get does ({why})"
    return None
