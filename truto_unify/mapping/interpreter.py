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
from truto_unify.config.field_rules import ObjectRule, ValueRule, part_names
from truto_unify.element_rules import element_rule, keep_values
from truto_unify.expressions import EvaluationError, Expression
from truto_unify.models.fields import Kind, field_kinds

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Iterator

    from pydantic import BaseModel

    from truto_unify.config.field_rules import Rule, Source

_INDEX = re.compile(r"\[\d+\]")


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


Names = Mapping[str, Any]
Evaluate = Callable[[str, Any, Names, Scope], Any]
"""``evaluate(name, root, names, scope)`` computes a value; ``name`` is its place, for faults."""
_Clean = Callable[[Any, Scope], Any]


def make_fields(record: type[BaseModel], rules: Mapping[str, Rule]) -> dict[str, tuple[Evaluate, bool]]:
    """The function that computes each field, and whether the field is a list; the fields of the model come first.

    Args:
        record: the unified model.
        rules: the merged field table.
    """
    kinds = field_kinds(record)
    return {name: evaluator(rules.get(name), kinds.get(name)) for name in field_names(record, rules)}


def field_names(record: type[BaseModel], rules: Mapping[str, Rule]) -> list[str]:
    """The unified fields, those of the model first."""
    return list(dict.fromkeys([*field_kinds(record), *rules]))


def evaluator(rule: Rule | None, kind: Kind | None) -> tuple[Evaluate, bool]:
    """The function that computes a field or a part, and whether its value is a list."""
    if rule is None:
        return (_empty_list, True) if kind is not None and kind.is_list else (_null, False)
    if isinstance(rule, ObjectRule):
        return _object_evaluator(rule, kind), False
    if not isinstance(rule, ValueRule):
        return _list_evaluator(rule, kind), True
    if kind is not None and kind.of is not None:
        return _values_evaluator(rule, kind.of, is_unique=bool(kind.unique)), True
    return _value_evaluator(rule, kind), False


def _null(_name: str, _root: Any, _names: Names, _scope: Scope) -> None:
    return None


def _empty_list(_name: str, _root: Any, _names: Names, _scope: Scope) -> list[Any]:
    return []


def _value_evaluator(rule: ValueRule, kind: Kind | None) -> Evaluate:
    expression = rule.expression
    finish = make_finisher(rule, kind)

    def evaluate(name: str, root: Any, names: Names, scope: Scope) -> Any:
        return finish(_search(name, expression, root, names), scope, name)

    return evaluate


def _values_evaluator(rule: ValueRule, kind: Kind, *, is_unique: bool) -> Evaluate:
    """A list of values: each of them follows the rules, and null is dropped."""
    expression = rule.expression
    finish = make_finisher(rule, kind)

    def evaluate(name: str, root: Any, names: Names, scope: Scope) -> list[Any]:
        items = _search_list(name, expression, root, names)
        finished = [finish(item, scope, f"{name}[{index}]") for index, item in enumerate(items)]
        present = [value for value in finished if value is not None]
        return keep_values(present, kind.name) if is_unique else present

    return evaluate


def _parts_of(table: ObjectRule, kind: Kind | None, further: Collection[str] = ()) -> dict[str, tuple[Evaluate, bool]]:
    """The function of each part of an object or an element, those of the model first."""
    kinds = kind.parts if kind is not None else {}
    return {name: evaluator(table.parts.get(name), kinds.get(name)) for name in [*kinds, *(further or table.parts)]}


def _object_evaluator(rule: ObjectRule, kind: Kind | None) -> Evaluate:
    """An object, or null if none of the parts that count has a value."""
    parts = _parts_of(rule, kind)
    counting = [name for name in (kind.required if kind else ()) or parts if name in parts]

    def evaluate(name: str, root: Any, names: Names, scope: Scope) -> dict[str, Any] | None:
        value = {part: run(f"{name}.{part}", root, names, scope) for part, (run, _) in parts.items()}
        has_values = (value[part] if parts[part][1] else value[part] is not None for part in counting)
        return value if any(has_values) else None

    return evaluate


def needs_id(kind: Kind | None) -> bool:
    """Whether each element of the list must have an id."""
    id_field = kind.item.model_fields.get("id") if kind and kind.item else None
    return id_field is not None and id_field.is_required()


def _list_evaluator(sources: tuple[Source, ...], kind: Kind | None) -> Evaluate:
    names_of_parts = part_names(sources)
    tables = [(source, _parts_of(source, kind, names_of_parts)) for source in sources]
    keep = element_rule(kind).keep
    is_id_needed = needs_id(kind)

    def evaluate(name: str, root: Any, names: Names, scope: Scope) -> list[dict[str, Any]]:
        elements: list[dict[str, Any]] = []
        for source, parts in tables:
            for item, inner_names in element_roots(name, source, root, names):
                place = f"{name}[{len(elements)}]"
                elements.append(
                    {part: run(f"{place}.{part}", item, inner_names, scope) for part, (run, _) in parts.items()}
                )
        for index, element in enumerate(elements):
            if is_id_needed and element["id"] is None:
                raise FieldFault(f"{name}[{index}].id", "every element must have an id")
        return keep(elements)

    return evaluate


def element_roots(name: str, source: Source, root: Any, names: Names) -> Iterator[tuple[Any, Names]]:
    """The root of each element's expressions, with the names that they may use.

    Args:
        name: the place of the list, for faults.
        source: the source of the elements.
        root: what encloses the list: the native record, or an element.
        names: the names that expressions may use there.

    Raises:
        FieldFault: the source is not a list.
    """
    if source.each is None:
        yield root, names
        return
    inner = {"record": root, **names, "parent": root}
    yield from ((item, inner) for item in _search_list(name, source.each, root, names))


def _search_list(name: str, expression: Expression, root: Any, names: Names) -> list[Any]:
    """The elements of a list; none for null."""
    items = _search(name, expression, root, names)
    if items is not None and not isinstance(items, list):
        raise FieldFault(name, f"expected a list, got {values.type_in_words(items)}")
    return items or []


def _search(name: str, expression: Expression, root: Any, names: Names) -> Any:
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
    simple = values.CLEANERS.get(kind)
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
