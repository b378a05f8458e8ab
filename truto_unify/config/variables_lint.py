"""Compares the variables that the calls of a mapping send with those that their GraphQL operations declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.config.graphql_document import operation_of
from truto_unify.config.graphql_lint import check_declared, check_required, sent_by_endpoint, variables_of
from truto_unify.config.request_parts import constant_parts, inline_parts, query_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.graphql_document import Definition
    from truto_unify.config.mapping import ListMethod, MappingConfig
    from truto_unify.config.provider import Endpoint, ProviderConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem


def check_variables(
    config: MappingConfig, node: Node, provider: ProviderConfig, documents: Mapping[str, str]
) -> Iterator[Problem]:
    """A problem for each variable that is sent and not declared, or required and not sent."""

    def find(name: str) -> tuple[Endpoint, Definition] | None:
        resource, _, call = name.partition(".")
        endpoint = provider.resources.get(resource, {}).get(call)
        operation = operation_of(endpoint, documents) if endpoint is not None else None
        return (endpoint, operation) if endpoint is not None and operation is not None else None

    inlines = {name: load.inline for name, load in config.side_loads.items() if load.inline is not None}
    for key, method in (("list", config.list), ("get", config.get)):
        call = find(method.endpoint) if method is not None else None
        if call is None:
            continue
        endpoint, operation = call
        sent = sent_by_endpoint(endpoint)
        if key == "list" and config.list is not None:
            parts = [*constant_parts(config.list), *query_parts(config.list)]
            yield from check_declared(parts, operation, node.at(("list",)))
            sent |= _sent_by_list(config.list)
        for name, inline in inlines.items():
            yield from check_declared(inline_parts(inline, name), operation, node.at(("side_loads", name)))
        yield from check_required(sent, operation, node.at((key, "endpoint")), f"a {key}")
    for name, load in config.side_loads.items():
        calls: dict[tuple[str, ...], str] = {("side_loads", name, "endpoint"): load.endpoint}
        if load.whole is not None:
            calls["side_loads", name, "whole", "endpoint"] = load.whole.endpoint
        for path, label in calls.items():
            call = find(label)
            if call is not None:
                yield from check_required(sent_by_endpoint(call[0]), call[1], node.at(path), f"the side load {name}")


def _sent_by_list(method: ListMethod) -> frozenset[str]:
    """The variables that each list sends by ``list.body`` and by its order."""
    constants = variables_of(method.body)
    if method.sort.default_form is None:
        return constants
    return constants | frozenset.intersection(*(variables_of(form.body) for form in method.sort.forms))
