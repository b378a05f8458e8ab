"""Explains one field of one record: what its rule reads, where the rule stands, the result, and the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.config.mapping import reason_text
from truto_unify.expressions import CALL_NAMES, names_below
from truto_unify.inspection.applied_rule import find_rule, read_field
from truto_unify.inspection.native_fields import show_native
from truto_unify.inspection.origin import layer_of
from truto_unify.inspection.reading import reads_of_field
from truto_unify.models.fields import nested_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.inspection.applied_rule import AppliedRule, FieldPath
    from truto_unify.mapping.mapper import Mapper

Verdict = Literal["mapped", "absent", "null", "blank", "unmapped enum", "not in list answer", "error"]


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
    path = read_field(mapper.mapping, field)
    name, part = path.name, path.part
    mapped = mapper.interpret_record(record.native, **record.call)
    value = path.value_in(mapped.fields)
    fault = next(
        (text for place, text in mapped.faults if place == name or place.startswith((f"{name}[", f"{name}."))), None
    )
    rule = find_rule(mapper.mapping, path, record.native, record.call, mapped.fields)
    if rule is None:
        return _explain_without_rule(mapper, field, path, value)
    raw = rule.raw(path.label)
    reads = tuple(_native_values(rule, part, record.native))
    shown = str(raw).lower() if isinstance(raw, bool) else str(raw)[:60]
    result = _Result(raw, value, fault, f"{path.label}={shown}" in mapped.unmapped)
    verdict, reason = _judge(mapper, record, rule, reads, result)
    if verdict == "mapped" and record.listed is not None:
        listed = mapper.interpret_record(record.listed, query=None, context=record.context, loaded=None)
        if path.value_in(listed.fields) in (None, []):
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


def _explain_without_rule(mapper: Mapper, field: str, path: FieldPath, value: Any) -> FieldExplanation:
    """Explains a field without a rule."""
    excuse = mapper.mapping.config.unsupported.get(path.label)
    why = "no rule of the mapping fills it"
    if excuse is not None:
        why = excuse if isinstance(excuse, str) else f"not yet: {reason_text(excuse)}"
    if value is not None and value != []:  # for example an extension, which the engine takes from the number
        return _without_rule(field, "mapped", "the engine fills it from another part", value=value)
    kind = dict(nested_kinds(mapper.mapping.schema.record)).get(path.label)
    if kind is not None and kind.is_derived:
        why = "the engine takes it from another part of the element, which does not hold it"
    return _without_rule(field, "absent", why, value=value)


def _file_name(mapper: Mapper) -> str:
    return f"mappings/{mapper.mapping.schema.name}/{mapper.mapping.provider.slug}.yaml"


def _without_rule(field: str, verdict: Verdict, reason: str, *, value: Any) -> FieldExplanation:
    return FieldExplanation(field, verdict, reason, (), None, None, None, None, None, value)


@dataclass(frozen=True)
class _Result:
    """The result of the rule, for the verdict."""

    raw: Any
    value: Any
    fault: str | None
    is_unmapped: bool


def _native_values(rule: AppliedRule, part: str | None, native: Any) -> Iterator[NativeValue]:
    """Every native field that the rule reads, with an entry for each list element that has it."""
    reads = reads_of_field(rule.field_rule, part)
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
    rule: AppliedRule,
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


def _missing_in_list(mapper: Mapper, record: ExplainedRecord, rule: AppliedRule) -> str | None:
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
