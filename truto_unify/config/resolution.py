"""Completes a checked mapping file: binds the names in expressions, and adds derived filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from truto_unify.config.field_rules import ObjectRule, ValueRule
from truto_unify.expressions import (
    CALL_NAMES,
    ELEMENT_NAMES,
    bind_names,
    first_true,
    of_record,
    parse_expression,
    variable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.config.field_rules import Rule, Source
    from truto_unify.config.filters import FilterRule
    from truto_unify.config.mapping import ListMethod, MappingConfig, SideLoad
    from truto_unify.expressions import Expression, Tree
    from truto_unify.models.resource import ResourceSchema

Names = dict[str, "Tree"]


class Guard(Protocol):
    """Decides how an expression with bound names is evaluated."""

    def __call__(self, expression: Expression, *, in_element: bool) -> Expression:
        """The expression as it is, or with a meter."""
        raise NotImplementedError


def _trust(expression: Expression, *, in_element: bool) -> Expression:  # noqa: ARG001 - the arguments of a guard
    return expression


def resolve_mapping(config: MappingConfig, schema: ResourceSchema, guard: Guard = _trust) -> MappingConfig:
    """The mapping as the engine takes it, with bound names and derived filters.

    Args:
        config: the mapping as the file has it.
        schema: the unified resource.
        guard: sees each expression with its names bound.
    """
    call: Names = {name: variable(name) for name in CALL_NAMES}
    definitions: Names = {}
    for name, expression in config.define.items():
        definitions[name] = bind_names(expression, {**call, **definitions}).tree
    elements = {name: of_record(tree) for name, tree in definitions.items()}
    root = {**call, **definitions}
    inner = {**call, **elements, **{name: variable(name) for name in ELEMENT_NAMES}}
    return config.model_copy(
        update={
            "response_mapping": {
                name: _bind_rule(rule, root, inner, guard) for name, rule in config.response_mapping.items()
            },
            "where": _bind(config.where, definitions, guard),
            "side_loads": {
                name: _bind_load(_with_id(load, config), definitions, guard) for name, load in config.side_loads.items()
            },
            "list": _resolve_list(config.list, definitions, schema, guard) if config.list is not None else None,
        }
    )


def _bind(
    expression: Expression | None, names: Mapping[str, Tree], guard: Guard, *, in_element: bool = False
) -> Expression | None:
    return guard(bind_names(expression, names), in_element=in_element) if expression is not None else None


def _bind_rule(rule: Rule, names: Names, inner: Names, guard: Guard, *, in_element: bool = False) -> Rule:
    """The rule with bound names: those of its scope, or the inner names in an element of a list."""
    if isinstance(rule, ValueRule):
        return rule.model_copy(update={"expr": _bind(rule.expr, names, guard, in_element=in_element)})
    if isinstance(rule, ObjectRule):
        return rule.model_copy(update=_bind_parts(rule, names, inner, guard, in_element=in_element))
    return tuple(_bind_source(source, names, inner, guard, in_element=in_element) for source in rule)


def _bind_source(source: Source, names: Names, inner: Names, guard: Guard, *, in_element: bool) -> Source:
    if source.each is None:
        return source.model_copy(update=_bind_parts(source, names, inner, guard, in_element=in_element))
    each = _bind(source.each, names, guard, in_element=in_element)
    return source.model_copy(update={"each": each, **_bind_parts(source, inner, inner, guard, in_element=True)})


def _bind_parts(table: ObjectRule, names: Names, inner: Names, guard: Guard, *, in_element: bool) -> dict[str, Rule]:
    return {name: _bind_rule(part, names, inner, guard, in_element=in_element) for name, part in table.parts.items()}


def _with_id(load: SideLoad, config: MappingConfig) -> SideLoad:
    """The side load with the id by which it asks: the native ``id``, or what the mapping calls the id."""
    rule = config.response_mapping.get("id")
    if load.id is not None or not isinstance(rule, ValueRule) or rule.expr is None or rule.expr.text.strip() == "id":
        return load
    return load.model_copy(update={"id": first_true(parse_expression("id"), rule.expr)})


def _bind_load(load: SideLoad, definitions: Names, guard: Guard) -> SideLoad:
    bound = {name: _bind(getattr(load, name), definitions, guard) for name in ("where", "id", "count")}
    if (inline := load.inline) is not None:
        parts = {name: _bind(getattr(inline, name), definitions, guard) for name in ("items", "has_more")}
        return load.model_copy(update={**bound, "inline": inline.model_copy(update=parts)})
    return load.model_copy(update=bound)


def _resolve_list(method: ListMethod, definitions: Names, schema: ResourceSchema, guard: Guard) -> ListMethod:
    return method.model_copy(
        update={
            "is_partial": _bind(method.is_partial, definitions, guard),
            "filters": _derived(method.filters, schema),
        }
    )


def _derived(filters: Mapping[str, FilterRule], schema: ResourceSchema) -> dict[str, FilterRule]:
    """The filters with those that follow from others: ``email`` serves ``emails.email``, too."""
    rules: dict[str, FilterRule] = {}
    for name, rule in filters.items():
        rules[name] = rule
        inner = schema.inner_filters.get(name, ("", ""))
        label = ".".join(inner) if inner[0] in schema.element_filters else ""
        if label and label not in filters and rule.native("eq") is not None:
            rules[label] = rule.only_equal()
    return rules
