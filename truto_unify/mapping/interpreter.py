"""Interprets a field table: evaluates each expression by the official library and applies each rule.

It is the oracle that the compiled functions must equal, and it reports what is wrong with a field that failed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from truto_unify import values
from truto_unify.config.field_rules import ValueRule, part_names
from truto_unify.expressions import EvaluationError, Expression
from truto_unify.models.fields import Kind, field_kinds

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from pydantic import BaseModel

    from truto_unify.config.field_rules import Rule, Source

_INDEX = re.compile(r"\[\d+\]")
_KEEP: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "emails": values.keep_emails,
    "phones": values.keep_phones,
    "addresses": values.keep_addresses,
    "all": list,
}


class FieldFault(ValueError):
    """A field cannot be computed.

    Attributes:
        name: the field, as ``addresses[1].country``.
        message: what is wrong.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


@dataclass(slots=True)
class Scope:
    """What the rules of one record read, and the enum values that they could not map."""

    native: Any
    call: Mapping[str, Any]
    unmapped: Counter[str]


Make = Callable[[Scope], Any]
_Clean = Callable[[Any, Scope], Any]


def make_fields(record: type[BaseModel], rules: Mapping[str, Rule]) -> dict[str, tuple[Make, bool]]:
    """The function that computes each field, and whether the field is a list; the fields of the model come first.

    Args:
        record: the unified model.
        rules: the merged field table.
    """
    makers: dict[str, tuple[Make, bool]] = {}
    kinds = field_kinds(record)
    for name, kind in kinds.items():
        rule = rules.get(name)
        make: Make = _empty_list if kind.item else _null
        makers[name] = (_maker(name, rule, kind) if rule else make, kind.item is not None)
    for name, rule in rules.items():
        if name not in kinds:
            makers[name] = (_maker(name, rule, None), not isinstance(rule, ValueRule))
    return makers


def _null(_scope: Scope) -> None:
    return None


def _empty_list(_scope: Scope) -> list[Any]:
    return []


def _maker(name: str, rule: Rule, kind: Kind | None) -> Make:
    if not isinstance(rule, ValueRule):
        return _list_maker(name, rule, kind)
    expression = rule.expression
    finish = make_finisher(rule, kind)

    def make(scope: Scope) -> Any:
        return finish(_search(name, expression, scope.native, scope.call), scope, name)

    return make


def needs_id(kind: Kind | None) -> bool:
    """Whether each element of the list must have an id."""
    id_field = kind.item.model_fields.get("id") if kind and kind.item else None
    return id_field is not None and id_field.is_required()


def _list_maker(name: str, sources: tuple[Source, ...], kind: Kind | None) -> Make:
    inner = field_kinds(kind.item) if kind and kind.item else {}
    names = list(dict.fromkeys([*inner, *part_names(sources)]))
    makers = [
        (source, {part: _part_maker(source.parts.get(part), inner.get(part)) for part in names}) for source in sources
    ]
    keep = _KEEP[kind.elements if kind else "all"]
    is_id_needed = needs_id(kind)

    def make(scope: Scope) -> list[dict[str, Any]]:
        elements: list[dict[str, Any]] = []
        for source, parts in makers:
            for root, call in element_roots(name, source, scope):
                place = f"{name}[{len(elements)}]"
                elements.append({part: run(f"{place}.{part}", root, call, scope) for part, run in parts.items()})
        for index, element in enumerate(elements):
            if is_id_needed and element["id"] is None:
                raise FieldFault(f"{name}[{index}].id", "every element must have an id")
        return keep(elements)

    return make


def element_roots(name: str, source: Source, scope: Scope) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """The root of each element's expressions, with the names that they may use.

    Raises:
        FieldFault: the source is not a list.
    """
    if source.each is None:
        yield scope.native, scope.call
        return
    items = _search(name, source.each, scope.native, scope.call)
    if items is not None and not isinstance(items, list):
        raise FieldFault(name, f"expected a list, got {values.type_in_words(items)}")
    names = {**scope.call, "record": scope.native}
    yield from ((item, names) for item in items or ())


def _part_maker(rule: ValueRule | None, kind: Kind | None) -> Callable[[str, Any, Mapping[str, Any], Scope], Any]:
    if rule is None:
        return lambda _name, _root, _names, _scope: None
    expression = rule.expression
    finish = make_finisher(rule, kind)

    def make(name: str, root: Any, names: Mapping[str, Any], scope: Scope) -> Any:
        return finish(_search(name, expression, root, names), scope, name)

    return make


def _search(name: str, expression: Expression, root: Any, names: Mapping[str, Any]) -> Any:
    try:
        return expression.search(root, names)
    except EvaluationError as error:
        raise FieldFault(name, str(error)) from None


def make_finisher(rule: ValueRule, kind: Kind | None) -> Callable[[Any, Scope, str], Any]:
    """A function that applies the enum, the cleaning and the default of a rule."""
    clean = _cleaner(rule, kind.name if kind else rule.type or "raw")
    table = {values.compare_text(native): unified for native, unified in (rule.enum or {}).items()}
    default = rule.default

    def finish(value: Any, scope: Scope, name: str) -> Any:
        if table and value is not None and not isinstance(value, dict | list):
            value = _look_up(name, table, value, scope)
        try:
            cleaned = clean(value, scope)
            return clean(default, scope) if cleaned is None and default is not None else cleaned
        except ValueError as error:
            raise FieldFault(name, str(error)) from None

    return finish


def _look_up(name: str, table: Mapping[str, str], value: Any, scope: Scope) -> Any:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not values.strip_text(text):
        return None
    unified = table.get(values.compare_text(text))
    if unified is None:
        scope.unmapped[f"{_INDEX.sub('', name)}={text[:60]}"] += 1
        return text if isinstance(value, bool) else value
    return unified


def _cleaner(rule: ValueRule, kind: str) -> _Clean:
    if kind == "time":
        zone_rule, forms = rule.zone or "in_value", rule.format
        # Without a time, a missing zone is no fault.
        return lambda value, scope: (
            None if value is None else read_first_time(value, find_zone(zone_rule, scope), forms)
        )
    simple = {
        "id": values.clean_id,
        "text": values.clean_text,
        "status": values.clean_text,
        "country": values.clean_country,
        "money": values.clean_money,
        "boolean": values.clean_flag,
    }.get(kind)
    return (lambda value, _scope: simple(value)) if simple else (lambda value, _scope: value)


def read_first_time(value: Any, zone: tzinfo | None, forms: tuple[str, ...]) -> str | None:
    """The time, read in the first of these forms that fits."""
    for form in forms[:-1]:
        try:
            return values.clean_time(value, zone=zone, form=form)
        except ValueError:
            continue
    return values.clean_time(value, zone=zone, form=forms[-1])


def find_zone(rule: str, scope: Scope) -> tzinfo | None:
    """The zone of times that state none; None if each time must state its own.

    Raises:
        ValueError: no zone has this name.
    """
    if rule == "utc":
        return UTC
    if rule == "in_value":
        return None
    if rule.startswith("{"):
        rule = str((scope.call.get("context") or {}).get(rule.removeprefix("{context.").removesuffix("}"), ""))
    try:
        return ZoneInfo(rule)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'unknown time zone "{rule}"') from None
