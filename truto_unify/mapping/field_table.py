"""Prepares the field table of a mapping for the compiler."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from truto_unify.compiler.content import Composed, Elements, Field, Listed, Part, Values
from truto_unify.config.field_rules import ObjectRule, ValueRule, expressions_of, part_names
from truto_unify.element_rules import element_rule, keep_values
from truto_unify.mapping.interpreter import Scope, find_zone, make_finisher, needs_id, read_first_time
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from truto_unify.compiler.content import Content
    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.config.field_rules import Rule
    from truto_unify.mapping.record import Diagnostics
    from truto_unify.models.fields import Kind


def compilable_fields(mapping: LoadedMapping, names: Iterable[str]) -> list[Field]:
    """The fields of these names, prepared for the compiler."""
    kinds = field_kinds(mapping.schema.record)
    return [_field(mapping, name, kinds.get(name)) for name in names]


def _field(mapping: LoadedMapping, name: str, kind: Kind | None) -> Field:
    rule, place = mapping.config.response_mapping.get(name), mapping.place_of(name)
    if rule is None:
        return Field(name=name, content=_content(name, None, kind))
    if any(expression.is_metered for expression in expressions_of(rule)):
        return Field(name=name, needs_interpreter=True, place=place)
    return Field(name=name, content=_content(name, rule, kind), place=place)


def _content(name: str, rule: Rule | None, kind: Kind | None) -> Content:
    if rule is None:
        return Listed() if kind is not None and kind.is_list else None
    if isinstance(rule, ObjectRule):
        parts = _parts(name, rule, kind)
        counting = [part for part in (kind.required if kind else ()) or parts if part in parts]
        return Composed(parts=parts, counting=counting)
    if not isinstance(rule, ValueRule):
        further = part_names(rule)
        sources = [
            Elements(
                each=source.each.tree if source.each is not None else None, parts=_parts(name, source, kind, further)
            )
            for source in rule
        ]
        return Listed(sources=sources, rule=element_rule(kind), needs_id=needs_id(kind))
    if kind is not None and kind.of is not None:
        keep = partial(keep_values, kind=kind.of.name) if kind.unique else None
        return Values(part=_part(name, rule, kind.of), keep=keep)
    return _part(name, rule, kind)


def _parts(name: str, table: ObjectRule, kind: Kind | None, further: Collection[str] = ()) -> dict[str, Content]:
    """The parts of an object or an element, those of the model first."""
    kinds = kind.parts if kind is not None else {}
    names = [*kinds, *(further or table.parts)]
    return {part: _content(f"{name}.{part}", table.parts.get(part), kinds.get(part)) for part in names}


def _part(name: str, rule: ValueRule, kind: Kind | None) -> Part:
    form = kind.name if kind else rule.type or "raw"
    has_default = rule.default is not None
    zone, forms = rule.zone or "in_value", rule.format
    needs_context = zone.startswith("{")
    read_time: Callable[..., Any] | None = None
    if form == "time" and needs_context:

        def read_time_in(value: Any, context: Any) -> str | None:
            return read_first_time(value, find_zone(zone, Scope(None, {"context": context}, Counter())), forms)

        read_time = read_time_in
    elif form == "time":
        read_time = _time_rule(zone, forms)
    return Part(
        tree=rule.expression.tree,
        kind=None if form == "raw" else form,
        finish=_finish(name, rule, kind) if rule.enum or has_default else None,
        enum=rule.enum or {},
        has_default=has_default,
        read_time=read_time,
        needs_context=needs_context,
        is_iso=forms[:1] == ("iso",),
        is_utc=zone == "utc",
    )


def _finish(name: str, rule: ValueRule, kind: Kind | None) -> Callable[..., Any]:
    """The interpreter's enum, default and cleaning of one value."""
    finish = make_finisher(rule, kind)

    def run(value: Any, diagnostics: Diagnostics | None, context: Any) -> Any:
        scope = Scope(None, {"context": context}, Counter())
        unified = finish(value, scope, name)
        if diagnostics is not None:
            diagnostics.unmapped += scope.unmapped.elements()
        return unified

    return run


def _time_rule(zone: str, forms: tuple[str, ...]) -> Callable[[Any], str | None]:
    """The rule of times whose zone the mapping states."""
    scope = Scope(None, {}, Counter())

    def read(value: Any) -> str | None:
        return read_first_time(value, find_zone(zone, scope), forms)

    return read
