"""Cross checks of a provider file: faults between two places, which its schema cannot see."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from truto_unify.config.address_lint import check_addresses
from truto_unify.config.authorization import (
    BasicAuthorization,
    BearerAuthorization,
    HeaderAuthorization,
    TokenAuthorization,
)
from truto_unify.config.filter_lint import pattern_fault
from truto_unify.config.forbidden_lint import check_constants
from truto_unify.config.graphql_document import operation_of
from truto_unify.config.graphql_lint import check_operation, check_required, sent_by_endpoint
from truto_unify.config.paging_lint import check_paged_endpoint
from truto_unify.config.provider import Endpoint, FieldDeclaration, ProviderConfig, provider_templates
from truto_unify.config.reads_lint import check_read
from truto_unify.expressions import nearest, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from truto_unify.config.authorization import Authorization
    from truto_unify.config.pagination import PageSize
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem


def check_provider(config: ProviderConfig, node: Node, documents: Mapping[str, str]) -> list[Problem]:
    """Placeholders, patterns, GraphQL operations and pagination keys of one provider file."""
    problems = [*_check_placeholders(config, node), *_check_patterns(config, node), *check_constants(config, node)]
    problems += [*check_addresses(config, node), *_check_verify(config, node, documents), *_check_headers(config, node)]
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
                hint = suggest_field(name, known) or f"; declared: {', '.join(sorted(known)) or 'none'}"
                message = f"placeholder {{{name}}} is not declared{hint}"
                yield node.at(path).problem(message, rule="undeclared-placeholder")


def suggest_field(name: str, known: Iterable[str]) -> str:
    """A suggestion of the nearest field of any group: {shop} means {context.shop}."""
    fields = {field.rpartition(".")[2]: field for field in sorted(known)}
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


def _check_headers(config: ProviderConfig, node: Node) -> Iterator[Problem]:
    """A problem for each constant header that every authentication scheme replaces."""
    written = [_written_headers(rule) for rule in config.authorization]
    always = frozenset.intersection(*written) if written else frozenset[str]()
    groups: list[tuple[tuple[str, ...], Iterable[str]]] = [(("headers",), config.headers)]
    for resource, methods in config.resources.items():
        groups += [
            (("resources", resource, method, "headers"), endpoint.headers) for method, endpoint in methods.items()
        ]
    for path, names in groups:
        for name in names:
            if name.lower() in always:
                message = f'the header "{name}" is never sent: authorization sends its own; remove it here'
                yield node.at((*path, name)).problem(message, rule="place-used-twice", at_key=True)


def _written_headers(rule: Authorization) -> frozenset[str]:
    """The headers that a scheme writes, in lower case."""
    if isinstance(rule, BasicAuthorization | BearerAuthorization):
        return frozenset({"authorization"})
    if isinstance(rule, HeaderAuthorization | TokenAuthorization):
        return frozenset(name.lower() for name in (rule.header, *rule.headers))
    return frozenset()


def _check_verify(config: ProviderConfig, node: Node, documents: Mapping[str, str]) -> Iterator[Problem]:
    """The call that proves an account exists, needs no id, and only reads."""
    name = config.verify
    if name is None:
        if config.credentials and "verify" not in node.faulty:
            message = 'no "verify": name a cheap read that proves an account, for example verify: customers.list'
            yield replace(node.problem(message, rule="provider-without-verify", at_key=True), is_warning=True)
        return
    place, resources = node.at(("verify",)), node.at(("resources",))
    resource, _, method = name.partition(".")
    known = [f"{group}.{call}" for group in config.resources for call in _keys(resources, group)]
    if name not in known:
        if resource not in resources.faulty:
            hint = suggest(name, known) or f"; the provider has {', '.join(known) or 'none'}"
            yield place.problem(f'no endpoint "{name}"{hint}', rule="unknown-endpoint")
        return
    endpoint = config.resources[resource].get(method)
    if endpoint is None:
        return  # its own fault is reported already
    if endpoint.takes_id:
        yield place.problem(f'endpoint "{name}" holds {{id}}, which verify cannot fill', rule="list-with-id")
    if not endpoint.is_safe:
        message = f'endpoint "{name}" is a {endpoint.method} without read_only: true, and verify must only read'
        yield place.problem(message, rule="verify-may-write")
    else:
        yield from check_read(name, endpoint, place, "verify")
    operation = operation_of(endpoint, documents)
    if operation is not None and not endpoint.takes_id:
        yield from check_required(sent_by_endpoint(endpoint), operation, place, "verify")
    # A list or a get without a path is reported at its own place.
    if method not in {"list", "get"} and not record_paths(resources.at((resource, method))):
        message = f'endpoint "{name}" has neither list_path nor record_path, which show that the provider answered'
        yield place.problem(message, rule="endpoint-without-path")


def _check_endpoint(method: str, endpoint: Endpoint, node: Node, documents: Mapping[str, str]) -> Iterator[Problem]:
    paths = record_paths(node)
    if method == "list" and "list_path" not in paths:
        message = 'missing key "list_path": a list must say where its records are'
        yield node.problem(message, rule="endpoint-without-path", at_key=True)
    if method == "get" and not paths:
        message = 'missing key "record_path": a get must say where its record is'
        yield node.problem(message, rule="endpoint-without-path", at_key=True)
    fault = pattern_fault(endpoint.id_pattern)
    if fault:
        yield node.at(("id_pattern",)).problem(fault, rule="bad-pattern")
    elif endpoint.id_example is not None:
        yield from _check_id_example(endpoint, endpoint.id_example, node.at(("id_example",)))
    if endpoint.graphql is not None:
        yield from check_operation(endpoint, node, documents)
    if endpoint.pagination is not None:
        yield from _check_pagination(endpoint.pagination, node.at(("pagination",)))
        yield from check_paged_endpoint(endpoint, node)
        total = getattr(endpoint.pagination, "total_path", None)
        if total is not None and total in (endpoint.list_path or ()):
            message = f'"{".".join(total) or "@"}" is the list of records, and not how many there are'
            yield node.at(("pagination", "total_path")).problem(message, rule="total-is-a-list")


def _check_id_example(endpoint: Endpoint, example: str, place: Node) -> Iterator[Problem]:
    """The example of an id must be one that a get takes."""
    if endpoint.id_pattern is not None and not re.fullmatch(endpoint.id_pattern, example):
        fault = f'the id_example "{example}" does not match the id_pattern {endpoint.id_pattern}'
        yield place.problem(fault, rule="pattern-mismatch")
    elif endpoint.id_type == "number" and endpoint.id_pattern is None and not example.isdecimal():
        yield place.problem(f'the id_example "{example}" is no number, which id_type asks for', rule="pattern-mismatch")


def record_paths(node: Node) -> set[str]:
    """Which of ``record_path`` and ``list_path`` an endpoint holds; an old spelling is reported already, and counts."""
    return {"record_path", "list_path"} & {Endpoint.renamed.get(key, key) for key in node.keys}


def _check_pagination(pagination: PageSize, node: Node) -> Iterator[Problem]:
    for names in pagination.alternatives():
        if len(set(names) & set(node.keys)) != 1:
            *others, last = (f'"{name}"' for name in names)
            message = f"pagination needs exactly one of {', '.join(others)} and {last}"
            yield node.problem(message, rule="pagination-parameter")
    used: dict[str, str] = {}
    for name, value in pagination:
        if value and name.endswith(("_param", "_body_path")):
            place = value if isinstance(value, str) else ".".join(value)
            first = used.setdefault(place, name)
            if first != name:
                message = f'"{place}" is asked for two things: {first} and {name}'
                yield node.at((name,)).problem(message, rule="pagination-parameter")
