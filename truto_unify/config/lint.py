"""Cross checks: what a schema cannot see because it takes two places to be wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from truto_unify.config.filter_lint import check_filters, pattern_fault
from truto_unify.config.provider import Endpoint, FieldDeclaration, ProviderConfig, provider_templates
from truto_unify.expressions import names_below, nearest, suggest
from truto_unify.models.fields import Kind, field_kinds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from truto_unify.config.mapping import FieldRule, MappingConfig, _Rule
    from truto_unify.config.pagination import PageSize
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.expressions import Expression
    from truto_unify.models.resource import ResourceSchema


def check_provider(config: ProviderConfig, node: Node, documents: Mapping[str, str]) -> list[Problem]:
    """Placeholders, patterns, GraphQL operations and pagination keys of one provider file."""
    problems = [*_check_placeholders(config, node), *_check_patterns(config, node)]
    for resource, methods in config.resources.items():
        for method, endpoint in methods.items():
            path = ("resources", resource, method)
            problems += _check_endpoint(method, endpoint, node.at(path), documents)
    return problems


def _keys(node: Node, name: str) -> tuple[str, ...]:
    """The keys of the mapping of this name, if it is there."""
    inner = node.child(name)
    return inner.keys if inner is not None else ()


def _check_placeholders(config: ProviderConfig, node: Node) -> Iterator[Problem]:
    groups = ("context", "credentials")
    declared = {f"{group}.{name}" for group in groups for name in _keys(node, group)}
    for path, template, further in provider_templates(config):
        known = declared | further
        for name in template.placeholders:
            if name not in known and name.partition(".")[0] not in node.faulty:
                hint = _suggest_field(name, known) or f"; declared: {', '.join(sorted(known)) or 'none'}"
                message = f"placeholder {{{name}}} is not declared{hint}"
                yield node.at(path).problem(message, rule="undeclared-placeholder")


def _suggest_field(name: str, known: Iterable[str]) -> str:
    """The nearest field whatever its group: {shop} means {context.shop}."""
    fields = {one.rpartition(".")[2]: one for one in sorted(known)}
    near = nearest(name.rpartition(".")[2], fields)
    return f" (did you mean {{{fields[near]}}}?)" if near else ""


def _check_patterns(config: ProviderConfig, node: Node) -> Iterator[Problem]:
    for group in ("context", "credentials"):
        for name, declaration in getattr(config, group).items():
            place = node.at((group, name))
            patterns: dict[tuple[str, ...], str | None] = {("pattern",): declaration.pattern}
            patterns |= {("mistakes", mistake): mistake for mistake in declaration.mistakes}
            faults = {path: pattern_fault(pattern) for path, pattern in patterns.items()}
            for path, fault in faults.items():
                if fault:
                    yield place.at(path).problem(fault, rule="bad-pattern", at_key=path[0] == "mistakes")
            if not any(faults.values()):
                yield from _check_samples(declaration, place)


def _check_samples(declaration: FieldDeclaration, place: Node) -> Iterator[Problem]:
    """The example and the default of a field must pass its own checks."""
    for key in ("example", "default"):
        text = getattr(declaration, key)
        if text is None:
            continue
        fault = None
        if declaration.pattern and not re.fullmatch(declaration.pattern, text):
            fault = f'the {key} "{text}" does not match the pattern {declaration.pattern}'
        elif declaration.choices and text not in declaration.choices:
            fault = f'the {key} "{text}" is none of the choices'
        elif any(re.fullmatch(mistake, text) for mistake in declaration.mistakes):
            fault = f'the {key} "{text}" is listed as a mistake'
        if fault:
            yield place.at((key,)).problem(fault, rule="pattern-mismatch")


def _check_endpoint(method: str, endpoint: Endpoint, node: Node, documents: Mapping[str, str]) -> Iterator[Problem]:
    given = {"record_path", "records_path"} & set(node.keys)
    if method == "list" and "records_path" not in given:
        message = 'missing key "records_path": a list must say where its records are'
        yield node.problem(message, rule="endpoint-without-path", at_key=True)
    if method == "get" and not given:
        message = 'missing key "record_path": a get must say where its record is'
        yield node.problem(message, rule="endpoint-without-path", at_key=True)
    fault = pattern_fault(endpoint.id_pattern)
    if fault:
        yield node.at(("id_pattern",)).problem(fault, rule="bad-pattern")
    if endpoint.graphql is not None:
        yield from _check_operation(endpoint, node.at(("graphql",)), documents)
    if endpoint.pagination is not None:
        yield from _check_pagination(endpoint.pagination, node.at(("pagination",)))


def _check_operation(endpoint: Endpoint, node: Node, documents: Mapping[str, str]) -> Iterator[Problem]:
    assert endpoint.graphql is not None  # noqa: S101 - narrows the type; the caller checked it
    document, operation = endpoint.graphql.document, endpoint.graphql.operation
    if document not in documents:
        message = f'no file "{document}" beside the provider file'
        yield node.at(("document",)).problem(message, rule="graphql-document")
        return
    names = re.findall(r"\b(?:query|mutation)\s+(\w+)", documents[document])
    if operation not in names:
        hint = suggest(operation, names) or f"; it has {', '.join(names) or 'none'}"
        message = f'"{document}" has no operation "{operation}"{hint}'
        yield node.at(("operation",)).problem(message, rule="graphql-operation")


def _check_pagination(pagination: PageSize, node: Node) -> Iterator[Problem]:
    for one, other in pagination.alternatives():
        if len({one, other} & set(node.keys)) != 1:
            yield node.problem(f'pagination needs exactly one of "{one}" and "{other}"', rule="pagination-parameter")


def check_mapping(
    config: MappingConfig, node: Node, schema: ResourceSchema, provider: ProviderConfig, provider_node: Node
) -> list[Problem]:
    """Endpoints, completeness, enums, time zones, filters and sorts of one mapping file."""
    kinds = field_kinds(schema.record)
    # Nobody knows what a faulty declaration of the context was meant to hold.
    context = None if "context" in provider_node.faulty else _keys(provider_node, "context")
    return [
        *_check_methods(config, node, provider, provider_node),
        *_check_fields(config, node, kinds, context),
        *_check_completeness(config, node, kinds),
        *check_filters(config.list, node.at(("list",)), schema),
    ]


def _check_methods(
    config: MappingConfig, node: Node, provider: ProviderConfig, provider_node: Node
) -> Iterator[Problem]:
    if not {"list", "get"} & set(node.keys):
        yield node.problem('the mapping offers no method: give "list", "get" or both', rule="no-method")
    resources = provider_node.at(("resources",))
    known = [f"{resource}.{call}" for resource in provider.resources for call in _keys(resources, resource)]
    for name, load in config.side_loads.items():
        if load.endpoint not in known and load.endpoint.partition(".")[0] not in resources.faulty:
            hint = suggest(load.endpoint, known) or f"; the provider has {', '.join(known) or 'none'}"
            place = node.at(("side_loads", name, "endpoint"))
            yield place.problem(f'no endpoint "{load.endpoint}"{hint}', rule="unknown-endpoint")
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
            given = {"record_path", "records_path"} & set(resources.at((resource, call)).keys)
            fits = "records_path" in given if name == "list" else bool(given)
            # An endpoint that says neither, and is named after the method, was found wrong in the provider file.
            if not fits and (given or call != name):
                wanted = "records_path" if name == "list" else "record_path"
                message = f'endpoint "{method.endpoint}" has no {wanted}, which {name} needs'
                yield node.at((name, "endpoint")).problem(message, rule="endpoint-without-path")


def _check_id(method: str, name: str, endpoint: Endpoint, place: Node) -> Iterator[Problem]:
    templates = (endpoint.path, *endpoint.query.values(), *endpoint.headers.values())
    has_id = any("id" in one.placeholders for one in templates) or "{id}" in str(endpoint.body)
    if method == "list" and has_id:
        yield place.problem(f'endpoint "{name}" holds {{id}}, which only a get can fill', rule="list-with-id")
    if method == "get" and not has_id:
        message = f'endpoint "{name}" has no {{id}} in its path, query, headers or body, which get needs'
        yield place.problem(message, rule="get-without-id")


def _check_fields(
    config: MappingConfig, node: Node, kinds: Mapping[str, Kind], context: Collection[str] | None
) -> Iterator[Problem]:
    for name, rule in config.response_mapping.items():
        place = node.at(("response_mapping", name))
        kind = kinds.get(name)
        yield from _check_loaded(rule, place, config.side_loads)
        if name == "remote_data":
            message = "remote_data is always the native record; it cannot be mapped"
            yield place.problem(message, rule="remote-data-mapped", at_key=True)
        elif rule.map is not None:
            inner = field_kinds(kind.item) if kind and kind.item else {}
            if kind is not None and kind.item is None:
                yield place.problem(f'"{name}" is not a list; give an expression', rule="field-shape", at_key=True)
            for part, part_rule in rule.map.items():
                part_place = place.at(("map", part))
                yield from _check_rule(f"{name}.{part}", part_rule, inner.get(part), part_place, context)
        elif kind is not None and kind.item is not None:
            yield place.problem(f'"{name}" is a list; give "each" with "map"', rule="field-shape", at_key=True)
        else:
            yield from _check_rule(name, rule, kind, place, context)


def _check_loaded(rule: FieldRule, place: Node, side_loads: Collection[str]) -> Iterator[Problem]:
    """``loaded.<name>`` of a side load that is not declared would be null for ever."""
    expressions: list[tuple[tuple[str, ...], Expression | None]] = [(("expr",), rule.expr), (("each",), rule.each)]
    expressions += [(("map", part, "expr"), inner.expr) for part, inner in (rule.map or {}).items()]
    for path, expression in expressions:
        for name in sorted(names_below(expression, "loaded") - set(side_loads)) if expression else ():
            hint = suggest(name, side_loads) or f"; declared: {', '.join(side_loads) or 'none'}"
            yield place.at(path).problem(f'no side load "{name}"{hint}', rule="unknown-side-load")


def _check_rule(
    name: str, rule: _Rule, kind: Kind | None, place: Node, context: Collection[str] | None
) -> Iterator[Problem]:
    if kind is not None and rule.type is not None and rule.type != kind.name:
        message = f'"{name}" is of type {kind.name} in the unified model, not {rule.type}'
        yield place.at(("type",)).problem(message, rule="field-type")
    is_time = (kind.name if kind else rule.type) == "time"
    if is_time and rule.zone is None:
        message = f'time field "{name}" has no zone rule; give zone: utc, in_value or {{context.<field>}}'
        yield place.problem(message, rule="time-without-zone", at_key=True)
    if not is_time and rule.zone is not None:
        yield place.at(("zone",)).problem(f'"{name}" is not a time; only a time has a zone', rule="zone-without-time")
    if rule.zone is not None:
        yield from _check_zone(rule.zone, place.at(("zone",)), context)
    if rule.enum is not None and kind is not None and kind.values:
        for native, unified in rule.enum.items():
            if unified not in kind.values:
                hint = suggest(unified, kind.values) or f"; declared: {', '.join(kind.values)}"
                message = f'"{unified}" is not a declared value of "{name}"{hint}'
                yield place.at(("enum", native)).problem(message, rule="undeclared-enum-value")


def _check_zone(zone: str, place: Node, context: Collection[str] | None) -> Iterator[Problem]:
    known = {"utc", "in_value", *available_timezones()} - {"localtime"}  # a setting of this machine, not a zone
    found = re.fullmatch(r"\{context\.(\w+)\}", zone)
    if zone in known:
        return
    if found is None:
        hint = suggest(zone, known) or "; give utc, in_value, an IANA name or {context.<field>}"
        yield place.problem(f'unknown zone "{zone}"{hint}', rule="unknown-zone")
    elif context is not None and found[1] not in context:
        fields = [f"context.{name}" for name in context]
        hint = _suggest_field(found[1], fields) or f"; declared: {', '.join(sorted(fields)) or 'none'}"
        message = f"placeholder {{context.{found[1]}}} is not declared{hint}"
        yield place.problem(message, rule="undeclared-placeholder")


def _check_completeness(config: MappingConfig, node: Node, kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    expected = {name: (parent, kind) for name, parent, kind in _field_names(kinds)}
    mapped, excuses = set(_mapped_names(config.response_mapping)), _keys(node, "unsupported")
    table = node.at(("response_mapping",))
    if node.faulty & {"response_mapping", "unsupported"}:
        return
    for name, (parent, kind) in expected.items():
        excused = name in excuses or parent in excuses or kind.is_derived
        rule = config.response_mapping.get(parent) if parent else None
        # An overlay took a field away on purpose; the parts of a list count where the list is made of parts.
        inner = table.at((parent, "map")) if parent else table
        removed = inner.removed | inner.faulty
        counts = parent is None or (rule is not None and rule.map is not None)
        if counts and not excused and name not in mapped and name.rpartition(".")[2] not in removed:
            message = f'unified field "{name}" is neither mapped nor listed under "unsupported" with a reason'
            excuse = node.at(("unsupported",))
            place = excuse if name in excuse.removed else inner
            yield place.problem(message, rule="unmapped-field", at_key=True)
        if name in mapped and (name in config.unsupported or parent in config.unsupported):
            message = f'"{name}" is mapped and listed as unsupported; remove one'
            yield node.at(("unsupported", name)).problem(message, rule="mapped-and-unsupported", at_key=True)
    for name in config.unsupported:
        if name not in expected:
            hint = suggest(name, expected)
            place = node.at(("unsupported", name))
            yield place.problem(f'no unified field "{name}"{hint}', rule="unknown-field", at_key=True)


def _field_names(kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str | None, Kind]]:
    for name, kind in kinds.items():
        yield name, None, kind
        if kind.item is not None:
            for part, part_kind in field_kinds(kind.item).items():
                yield f"{name}.{part}", name, part_kind


def _mapped_names(rules: Mapping[str, FieldRule]) -> Iterator[str]:
    for name, rule in rules.items():
        yield name
        for part in rule.map or ():
            yield f"{name}.{part}"
