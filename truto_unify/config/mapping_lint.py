"""Cross checks of a mapping file: faults between two places, which its schema cannot see."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from truto_unify.config.conditions_lint import check_conditions
from truto_unify.config.constants_lint import check_constants
from truto_unify.config.expression_costs import check_sizes, expressions_in
from truto_unify.config.field_rules import ObjectRule, Source, ValueRule, mapped_names, rules_at, tables_of
from truto_unify.config.filter_lint import check_filters, check_ties
from truto_unify.config.forbidden_lint import check_list_parameters
from truto_unify.config.lint import record_paths, suggest_field
from truto_unify.config.mapping import reason_text
from truto_unify.config.name_lint import check_custom_names
from truto_unify.config.paging_lint import check_paged_list
from truto_unify.config.places_lint import check_places
from truto_unify.config.reads_lint import check_reads
from truto_unify.config.selection_lint import check_selections
from truto_unify.config.variables_lint import check_variables
from truto_unify.config.words_lint import check_words
from truto_unify.expressions import (
    CALL_NAMES,
    ELEMENT_NAMES,
    bind_names,
    names_below,
    root_offset,
    suggest,
    variable,
)
from truto_unify.models.fields import Kind, field_kinds, nested_kinds
from truto_unify.values import compare_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from truto_unify.config.field_rules import Rule
    from truto_unify.config.mapping import MappingConfig
    from truto_unify.config.provider import Endpoint, ProviderConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.expressions import Expression
    from truto_unify.models.resource import ResourceSchema

_OLD_NAMES = {
    "item": 'the element is the root now: leave out "item."; a native key "item" is reached by @.item',
    "parent": 'the native record is "record" now; a native key "parent" is reached by @.parent',
}


def check_mapping(
    config: MappingConfig,
    node: Node,
    schema: ResourceSchema,
    provider: ProviderConfig,
    provider_node: Node,
    documents: Mapping[str, str],
) -> list[Problem]:
    """Endpoints, completeness, enums, time zones, names, filters, sorts and GraphQL fields of one mapping file."""
    kinds = field_kinds(schema.record)
    # If the declaration of the context is faulty, its fields are not known.
    context = None if "context" in provider_node.faulty else _keys(provider_node, "context")
    return [
        *_check_editions(config, node, context),
        *_check_methods(config, node, provider, provider_node),
        *check_reads(config, node, provider),
        *_check_definitions(config, node),
        *check_conditions(config, node),
        *check_sizes(config, node),
        *_check_fields(config, node, kinds, context),
        *_check_completeness(config, node, schema),
        *check_filters(config.list, node.at(("list",)), schema),
        *check_words(config, node, schema),
        *check_ties(config.list, node.at(("list",)), provider),
        *check_places(config.list, node.at(("list",)), provider),
        *check_paged_list(config, node, provider),
        *check_list_parameters(config.list, node.at(("list",)), provider),
        *check_custom_names(config, node, kinds),
        *check_selections(config, node, provider, documents),
        *check_variables(config, node, provider, documents),
    ]


def _keys(node: Node, name: str) -> tuple[str, ...]:
    """The keys of the mapping of this name, if it is there."""
    inner = node.child(name)
    return inner.keys if inner is not None else ()


def _check_editions(config: MappingConfig, node: Node, context: Collection[str] | None) -> Iterator[Problem]:
    """A problem for each edition that no account could choose."""
    for field in config.editions if context is not None else ():
        if field not in (context or ()):
            hint = suggest(field, context or ()) or f"; declared: {', '.join(context or ()) or 'none'}"
            message = f'no field "{field}" of the context{hint}'
            yield node.at(("editions", field)).problem(message, rule="undeclared-placeholder", at_key=True)


def _check_methods(
    config: MappingConfig, node: Node, provider: ProviderConfig, provider_node: Node
) -> Iterator[Problem]:
    if not {"list", "get"} & set(node.keys):
        yield node.problem('the mapping offers no method: give "list", "get" or both', rule="no-method")
    resources = provider_node.at(("resources",))
    known = [f"{resource}.{call}" for resource in provider.resources for call in _keys(resources, resource)]
    for name, load in config.side_loads.items():
        place = node.at(("side_loads", name))
        calls: dict[tuple[str, ...], str] = {("endpoint",): load.endpoint}
        if load.whole is not None:
            calls["whole", "endpoint"] = load.whole.endpoint
            yield from _check_whole(load.whole.endpoint, place.at(("whole", "endpoint")), provider)
        for path, called in calls.items():
            if called not in known and called.partition(".")[0] not in resources.faulty:
                hint = suggest(called, known) or f"; the provider has {', '.join(known) or 'none'}"
                yield place.at(path).problem(f'no endpoint "{called}"{hint}', rule="unknown-endpoint")
    for name, method in (("list", config.list), ("get", config.get)):
        if method is None:
            continue
        resource, _, call = method.endpoint.partition(".")
        if method.endpoint not in known and resource not in resources.faulty:
            hint = suggest(method.endpoint, known) or f"; the provider has {', '.join(known) or 'none'}"
            place = node.at((name, "endpoint"))
            yield place.problem(f'no endpoint "{method.endpoint}"{hint}', rule="unknown-endpoint")
        elif call in provider.resources.get(resource, {}):
            yield from _check_id(name, method.endpoint, provider.resources[resource][call], node.at((name, "endpoint")))
            paths = record_paths(resources.at((resource, call)))
            fits = "list_path" in paths if name == "list" else bool(paths)
            # The lint of the provider file reports an endpoint that has neither and is named after the method.
            if not fits and (paths or call != name):
                wanted = "list_path" if name == "list" else "record_path"
                message = f'endpoint "{method.endpoint}" has no {wanted}, which {name} needs'
                yield node.at((name, "endpoint")).problem(message, rule="endpoint-without-path")


def _check_whole(name: str, place: Node, provider: ProviderConfig) -> Iterator[Problem]:
    """A problem if the whole list of a side load could not be read, or never would be."""
    resource, _, call = name.partition(".")
    endpoint = provider.resources.get(resource, {}).get(call)
    if endpoint is None:
        return
    if endpoint.takes_id:
        message = f'endpoint "{name}" holds {{id}}, and a whole list is that of no record'
        yield place.problem(message, rule="list-with-id")
    paging = endpoint.pagination
    if not any(getattr(paging, key, None) for key in ("total_header", "total_path")):
        message = f'endpoint "{name}" has no total_header and no total_path: nothing tells whether the list is cheaper'
        yield place.problem(message, rule="whole-without-total")


def _check_id(method: str, name: str, endpoint: Endpoint, place: Node) -> Iterator[Problem]:
    if method == "list" and endpoint.takes_id:
        yield place.problem(f'endpoint "{name}" holds {{id}}, which only a get can fill', rule="list-with-id")
    if method == "get" and not endpoint.takes_id:
        message = f'endpoint "{name}" has no {{id}} in its path, query, headers or body, which get needs'
        yield place.problem(message, rule="get-without-id")


def _check_definitions(config: MappingConfig, node: Node) -> Iterator[Problem]:
    used = {name for expression in expressions_in(config) for name in expression.root_names}
    # A faulty expression, or one of an edition, may use it.
    is_complete = not _is_faulty(node) and not config.editions
    for name, expression in config.define.items():
        place = node.at(("define", name))
        yield from _check_loaded(expression, place, config.side_loads)
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            message = f'"{name}" is not a name that an expression can use: letters, digits and _, and no digit first'
            yield place.problem(message, rule="definition-name", at_key=True)
        elif name in {*CALL_NAMES, *ELEMENT_NAMES}:
            message = f'"{name}" has a meaning of its own in expressions; call it otherwise'
            yield place.problem(message, rule="definition-name", at_key=True)
        elif is_complete and name not in used:
            message = f'no expression uses "{name}"; use it, or remove it'
            yield replace(place.problem(message, rule="definition-unused", at_key=True), is_warning=True)


def _check_fields(
    config: MappingConfig, node: Node, kinds: Mapping[str, Kind], context: Collection[str] | None
) -> Iterator[Problem]:
    for name, rule in config.response_mapping.items():
        place = node.at(("response_mapping", name))
        if name == "remote_data":
            message = "remote_data is always the native record; it cannot be mapped"
            yield place.problem(message, rule="remote-data-mapped", at_key=True)
        else:
            yield from _check_rule(name, rule, kinds.get(name), place, config, context)
        if name == "id" and isinstance(rule, ValueRule) and _is_same_for_all(rule):
            message = "the id would be the same in each record, so that a list could hold only one of them"
            yield place.problem(message, rule="constant-id", at_key=True)


def _is_same_for_all(rule: ValueRule) -> bool:
    """Whether a rule gives records a value of the mapping: a literal, or a default."""
    return rule.default is not None or rule.expression.tree["type"] == "literal"


def _check_rule(
    name: str,
    rule: Rule,
    kind: Kind | None,
    place: Node,
    config: MappingConfig,
    context: Collection[str] | None,
    *,
    depth: int = 0,
) -> Iterator[Problem]:
    """The form, the rules and the expressions of a field, or of a part below it.

    Args:
        name: the field, as ``customer.emails.email``.
        rule: its rule.
        kind: its kind; None if the model lacks it.
        place: the rule in the file.
        config: the mapping.
        context: the fields of the account's context; None if they are not known.
        depth: how many lists the rule is an element of.
    """
    wrong_form = _wrong_form(rule, kind) if kind is not None else None
    if wrong_form is not None:
        yield place.problem(f'"{name}" {wrong_form}', rule="field-shape", at_key=True)
    if isinstance(rule, ValueRule):
        if wrong_form is None:
            of = kind.of if kind is not None else None
            yield from _check_value(name, rule, of or kind, place, config, context)
        if depth and rule.expr is not None:
            yield from _check_old_names(rule.expr, place.at(("expr",)), depth)
        return
    kinds = kind.parts if kind is not None else {}
    for number, table in enumerate(tables_of(rule)):
        table_place, inner = place if isinstance(rule, ObjectRule) else place.at((number,)), depth
        if isinstance(table, Source) and table.each is not None:
            inner += 1
            yield from _check_loaded(table.each, table_place.at(("each",)), config.side_loads)
        for part, part_rule in table.parts.items():
            part_place, label = table_place.at((part,)), f"{name}.{part}"
            yield from _check_rule(label, part_rule, kinds.get(part), part_place, config, context, depth=inner)


def _wrong_form(rule: Rule, kind: Kind) -> str | None:
    """Why a rule has not the form that the kind of its field needs; None if it has."""
    if kind.is_list and kind.item is not None:
        return None if isinstance(rule, tuple) else "is a list; give its sources, as [{each: …, part: …}]"
    if kind.name == "object":
        return None if isinstance(rule, ObjectRule) else "is an object; give a table of its parts, as {part: …}"
    if isinstance(rule, ValueRule):
        return None
    if kind.is_list:
        return "is a list of values; give an expression of the list"
    return f"is not {'an object' if isinstance(rule, ObjectRule) else 'a list'}; give an expression"


def _check_old_names(expression: Expression, place: Node, depth: int) -> Iterator[Problem]:
    """A problem for each name of an earlier edition; in a list inside of an element, ``parent`` is that element."""
    for old, message in _OLD_NAMES.items():
        if _names_at_root(expression, old) and not (old == "parent" and depth > 1):
            yield place.problem(message, rule="old-spelling", offset=root_offset(expression, old))


def _names_at_root(expression: Expression, name: str) -> bool:
    """Whether the expression uses this name at its root; after ``@.`` it is a native key."""
    return bool(bind_names(expression, {name: variable(name)}).tree != expression.tree)


def _check_loaded(expression: Expression, place: Node, side_loads: Collection[str]) -> Iterator[Problem]:
    """A problem for each ``loaded.<name>`` without a declared side load: it would always be null."""
    for name in sorted(names_below(expression, "loaded") - set(side_loads)):
        hint = suggest(name, side_loads) or f"; declared: {', '.join(side_loads) or 'none'}"
        yield place.problem(f'no side load "{name}"{hint}', rule="unknown-side-load")


def _check_value(
    name: str,
    rule: ValueRule,
    kind: Kind | None,
    place: Node,
    config: MappingConfig,
    context: Collection[str] | None,
) -> Iterator[Problem]:
    if rule.expr is not None:
        yield from _check_loaded(rule.expr, place.at(("expr",)), config.side_loads)
    if kind is not None and rule.type is not None and rule.type != kind.name:
        message = f'"{name}" is of type {kind.name} in the unified model, not {rule.type}'
        yield place.at(("type",)).problem(message, rule="field-type")
    is_time = (kind.name if kind else rule.type) == "time"
    if not is_time and rule.zone is not None:
        yield place.at(("zone",)).problem(f'"{name}" is not a time; only a time has a zone', rule="zone-without-time")
    if not is_time and place.child("format") is not None:
        message = f'"{name}" is not a time; only a time has a format'
        yield place.at(("format",)).problem(message, rule="format-without-time")
    if rule.zone is not None:
        yield from _check_zone(rule.zone, place.at(("zone",)), context)
    if rule.enum is not None:
        yield from _check_enum(name, rule.enum, kind, place.at(("enum",)))
    if kind is not None:
        yield from check_constants(name, rule, kind, place)


def _check_enum(name: str, enum: Mapping[str, str], kind: Kind | None, place: Node) -> Iterator[Problem]:
    spellings: dict[str, str] = {}
    for native, unified in enum.items():
        known = spellings.setdefault(compare_text(native), native)
        if known != native:
            message = f'"{known}" and "{native}" are the same native value: case and outer blanks do not count'
            yield place.at((native,)).problem(message, rule="enum-key-twice", at_key=True)
        if kind is not None and kind.values and unified not in kind.values:
            hint = suggest(unified, kind.values) or f"; declared: {', '.join(kind.values)}"
            message = f'"{unified}" is not a declared value of "{name}"{hint}'
            yield place.at((native,)).problem(message, rule="undeclared-enum-value")


def _check_zone(zone: str, place: Node, context: Collection[str] | None) -> Iterator[Problem]:
    known = _known_zones()
    field = re.fullmatch(r"\{context\.(\w+)\}", zone)
    if zone in known:
        return
    if field is None:
        hint = suggest(zone, known) or "; give utc, in_value, an IANA name or {context.<field>}"
        yield place.problem(f'unknown zone "{zone}"{hint}', rule="unknown-zone")
    elif context is not None and field[1] not in context:
        fields = [f"context.{name}" for name in context]
        hint = suggest_field(field[1], fields) or f"; declared: {', '.join(sorted(fields)) or 'none'}"
        message = f"placeholder {{context.{field[1]}}} is not declared{hint}"
        yield place.problem(message, rule="undeclared-placeholder")


@cache
def _known_zones() -> frozenset[str]:
    """What a zone may be; finding them takes longer than all other checks of a mapping."""
    setting_of_this_machine = {"localtime"}
    return frozenset({"utc", "in_value", *available_timezones()} - setting_of_this_machine)


def _check_completeness(config: MappingConfig, node: Node, schema: ResourceSchema) -> Iterator[Problem]:
    expected = dict(nested_kinds(schema.record))
    mapped, excuses = set(mapped_names(config.response_mapping)), _keys(node, "unsupported")
    table = node.at(("response_mapping",))
    if node.faulty & {"response_mapping", "unsupported"}:
        return
    for name, kind in expected.items():
        field, parent = name.partition(".")[0], name.rpartition(".")[0]
        above = _fields_above(name)
        # A field that an overlay removed does not count, nor does a part of a field that has no rule for parts.
        counts = not _is_left_out(table, name)
        if parent:
            has_tables = any(tables_of(rule) for rule in rules_at(config.response_mapping, parent))
            counts = counts and has_tables and not _is_faulty(table.at((field,)))
        excused = kind.is_derived or any(label in excuses for label in (name, *above))
        if counts and not excused and name not in mapped and name not in schema.custom_fields:
            message = f'unified field "{name}" is neither mapped nor listed under "unsupported" with a reason'
            excuse = node.at(("unsupported",))
            place = excuse if name in excuse.removed else table.at((field,)) if parent else table
            yield place.problem(message, rule="unmapped-field", at_key=True)
        if name in mapped and any(label in config.unsupported for label in (name, *above)):
            message = f'"{name}" is mapped and listed as unsupported; remove one'
            yield node.at(("unsupported", name)).problem(message, rule="mapped-and-unsupported", at_key=True)
    for name, reason in config.unsupported.items():
        if not reason_text(reason).strip():
            message = f'"{name}" has no reason; say why the provider lacks it, or not_yet: what is left to do'
            yield node.at(("unsupported", name)).problem(message, rule="empty-reason")
        if name not in expected:
            hint = suggest(name, expected)
            place = node.at(("unsupported", name))
            yield place.problem(f'no unified field "{name}"{hint}', rule="unknown-field", at_key=True)


def _fields_above(name: str) -> list[str]:
    """The fields that hold a part: ``customer.emails`` and ``customer`` of ``customer.emails.email``."""
    steps = name.split(".")
    return [".".join(steps[:count]) for count in range(len(steps) - 1, 0, -1)]


def _is_left_out(table: Node, name: str) -> bool:
    """Whether an overlay removed the rule of a field, or of a part of an object, or a fault of its own hides it."""
    node = table
    for step in name.split("."):
        if step in node.removed | node.faulty:
            return True
        child = node.child(step)
        if child is None:
            return False
        node = child
    return False


def _is_faulty(rule: Node) -> bool:
    """Whether a rule, or a part of it, is faulty, so that further parts may be missing from it."""
    inner = rule.value
    below = inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
    return bool(rule.faulty) or any(map(_is_faulty, below))
