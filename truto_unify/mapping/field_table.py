"""Prepares the field table of a mapping for the compiler."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from truto_unify.compiler.mapping import Elements, Field, Part
from truto_unify.config.field_rules import ValueRule, expressions_of, part_names
from truto_unify.mapping.interpreter import Scope, find_zone, make_finisher, needs_id, read_first_time
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.mapping.record import Diagnostics
    from truto_unify.models.fields import Kind


def compilable_fields(mapping: LoadedMapping, names: Iterable[str]) -> list[Field]:
    """The fields of these names, prepared for the compiler."""
    kinds = field_kinds(mapping.schema.record)
    return [_field(mapping, name, kinds.get(name)) for name in names]


def _field(mapping: LoadedMapping, name: str, kind: Kind | None) -> Field:
    rule, place = mapping.config.response_mapping.get(name), mapping.place_of(name)
    if rule is None:
        return Field(name=name, is_list=kind is not None and kind.item is not None)
    is_list = not isinstance(rule, ValueRule)
    if any(expression.is_metered for expression in expressions_of(rule)):
        return Field(name=name, needs_interpreter=True, is_list=is_list, place=place)
    if isinstance(rule, ValueRule):
        return Field(name=name, value=_part(name, rule, kind), place=place)
    inner = field_kinds(kind.item) if kind and kind.item else {}
    parts = list(dict.fromkeys([*inner, *part_names(rule)]))
    sources = [
        Elements(
            each=source.each.tree if source.each is not None else None,
            parts={part: _part(f"{name}.{part}", source.parts.get(part), inner.get(part)) for part in parts},
        )
        for source in rule
    ]
    return Field(
        name=name,
        sources=sources,
        element_kind=kind.elements if kind else "all",
        needs_id=needs_id(kind),
        is_list=True,
        place=place,
    )


def _part(name: str, rule: ValueRule | None, kind: Kind | None) -> Part | None:
    if rule is None:
        return None
    finish = make_finisher(rule, kind)
    form = kind.name if kind else rule.type or "raw"

    def run(value: Any, diagnostics: Diagnostics | None, context: Any) -> Any:
        scope = Scope(None, {"context": context}, Counter())
        unified = finish(value, scope, name)
        if diagnostics is not None:
            diagnostics.unmapped += scope.unmapped.elements()
        return unified

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
        finish=run,
        enum=rule.enum or {},
        has_default=rule.default is not None,
        read_time=read_time,
        needs_context=needs_context,
        is_iso=forms[:1] == ("iso",),
        is_utc=zone == "utc",
    )


def _time_rule(zone: str, forms: tuple[str, ...]) -> Callable[[Any], str | None]:
    """The rule of times whose zone the mapping states."""
    scope = Scope(None, {}, Counter())

    def read(value: Any) -> str | None:
        return read_first_time(value, find_zone(zone, scope), forms)

    return read
