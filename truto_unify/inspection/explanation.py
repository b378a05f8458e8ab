"""Explains one field of one record: what was read, by which rule of which file, what came out, and why."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.errors import UnsupportedParameter
from truto_unify.expressions import CALL_NAMES, EvaluationError, Expression, evaluate, names_below, suggest
from truto_unify.inspection.native_fields import show_native
from truto_unify.inspection.origin import layer_of
from truto_unify.inspection.reading import reads_of_field
from truto_unify.mapping.interpreter import Fault, Scope, make_fields
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.config.mapping import ElementRule, FieldRule
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
        each: for a part of a list, what makes the elements.
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
    rule = mapper.mapping.config.response_mapping.get(name)
    mapped = mapper.interpret_record(subject.native, **subject.call)
    value = _value_at(mapped.fields[name], index, part)
    fault = next((text for one, text in mapped.faults if one == name or one.startswith((f"{name}[", f"{name}."))), None)
    inner = (rule.map or {}).get(part) if rule is not None and part is not None else None
    if rule is None or (part is not None and inner is None):
        excuse = mapper.mapping.config.unsupported.get(f"{name}.{part}" if part else name)
        why = (excuse.never or f"not yet: {excuse.not_yet}") if excuse else "no rule of the mapping fills it"
        if value is not None and value != []:  # an extension is cut off its number
            return _made(field, "mapped", "the engine fills it from another part", value=value)
        kind = field_kinds(mapper.mapping.schema.record).get(name)
        item = kind.item if kind is not None else None
        if part is not None and item is not None and field_kinds(item)[part].is_derived:
            why = "the engine cuts it off another part of the element, which has none"
        return _made(field, "absent", why, value=value)
    raw = _raw(mapper, subject, name, rule, inner, index)
    reads = tuple(_native_values(rule, part, subject.native))
    shown = str(raw).lower() if isinstance(raw, bool) else str(raw)[:60]
    told = _Told(raw, value, fault, f"{name}.{part}={shown}" in mapped.unmapped or f"{name}={shown}" in mapped.unmapped)
    verdict, reason = _judge(mapper, subject, rule, inner, reads, told)
    if verdict == "mapped" and subject.listed is not None:
        listed = mapper.interpret_record(subject.listed, query=None, context=subject.context, loaded=None)
        if _value_at(listed.fields[name], index, part) in (None, []):
            verdict, reason = "not in list answer", "get gives it, and the list answer of the same record does not"
    node = mapper.mapping.node.at(["response_mapping", name, *(["map", part] if inner is not None and part else [])])
    expression = inner.expr if inner is not None else rule.expr
    return FieldExplanation(
        field=field,
        verdict=verdict,
        reason=reason,
        reads=reads,
        expression=expression.text if expression is not None else None,
        each=rule.each.text if rule.each is not None else None,
        layer=layer_of(node.place.file, _file_name(mapper), override_names),
        place=str(node.place),
        raw=raw,
        value=value,
    )


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
    parts = {*(field_kinds(item) if item else ()), *((rule.map or {}) if rule else ())}
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


def _raw(mapper: Mapper, subject: Subject, name: str, rule: FieldRule, inner: ElementRule | None, index: int) -> Any:
    """What the expression gives before it is cleaned; null where it fails."""
    try:
        if rule.each is None:
            return evaluate(rule.expr, subject.native, subject.call) if rule.expr is not None else None
        items = evaluate(rule.each, subject.native, subject.call)
        if inner is None or not isinstance(items, list):
            return items
        item = _item_of(mapper, subject, name, rule, items, index)
        return inner.expr.search({"item": item, "parent": subject.native, **subject.call})
    except EvaluationError:
        return None


def _item_of(mapper: Mapper, subject: Subject, name: str, rule: FieldRule, items: list[Any], index: int) -> Any:
    """The native element behind the unified one at this place: blanks and repeats have left before it."""
    left: list[tuple[Any, Any]] = []
    for item in items:
        tree = {"type": "literal", "value": [item], "children": []}
        alone = rule.model_copy(update={"each": Expression("", frozenset(), tree)})
        make, _ = make_fields(mapper.mapping.schema.record, {name: alone})[name]
        try:
            made = make(Scope(subject.native, subject.call, Counter()))
        except Fault:
            made = []
        left += [(item, one) for one in made]
    mapped = mapper.interpret_record(subject.native, **subject.call).fields[name]
    if index < len(mapped):
        key = next(iter(mapped[index]))
        wanted = [item for item, one in left if one == mapped[index]] or [
            item for item, one in left if one.get(key) == mapped[index][key]
        ]
        if wanted:
            return wanted[0]
    return items[index] if index < len(items) else None


def _native_values(rule: FieldRule, part: str | None, native: Any) -> Iterator[NativeValue]:
    """Every native field that the rule reads, at each place where the record has it."""
    for path in sorted(reads_of_field(rule, part).values):
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
    rule: FieldRule,
    inner: ElementRule | None,
    reads: tuple[NativeValue, ...],
    told: _Told,
) -> tuple[Verdict, str]:
    """The verdict and its reason."""
    if told.fault is not None:
        return "error", told.fault
    if told.is_unmapped:
        table = (inner or rule).enum or {}
        return "unmapped enum", f"the enum has {', '.join(table)}; another value passes through raw and is counted"
    if told.value is not None and told.value != []:
        return "mapped", "the record has it"
    missing = _missing_in_list(mapper, subject, rule, inner)
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


def _missing_in_list(mapper: Mapper, subject: Subject, rule: FieldRule, inner: ElementRule | None) -> str | None:
    """Why a list lacks what ``get`` gives; None where it is not so."""
    if not subject.is_listed:
        return None
    expressions = [one for one in (rule.expr, rule.each, inner.expr if inner else None) if one is not None]
    needed = {name for one in expressions for name in names_below(one, "loaded")}
    own = {name for name, load in mapper.mapping.config.side_loads.items() if "get" in load.methods}
    if needed & own - set(subject.loaded or ()):
        return f"get loads it with the side load {', '.join(sorted(needed & own))}, and list does not unless asked"
    if mapper.is_partial(subject.native):
        told = mapper.mapping.config.list
        return (
            f"the list gives less of this record than get does ({told.partial.text if told and told.partial else ''})"
        )
    return None
