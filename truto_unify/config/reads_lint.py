"""Finds calls of a mapping, and of ``verify``, that the engine refuses because they are not certain to read only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.config.request_parts import constant_parts, inline_parts, query_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from truto_unify.config.mapping import GetMethod, ListMethod, MappingConfig
    from truto_unify.config.provider import Endpoint, ProviderConfig
    from truto_unify.config.request_parts import RequestPart
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem

RULE = "read-may-write"
BODY_RULE = "body-of-a-get"


def check_reads(config: MappingConfig, node: Node, provider: ProviderConfig) -> Iterator[Problem]:
    """A problem for each list, get and side load whose request may write, and for each body of a GET."""
    calls: dict[tuple[str, ...], str] = {(name, "endpoint"): method.endpoint for name, method in _methods(config)}
    for name, load in config.side_loads.items():
        calls["side_loads", name, "endpoint"] = load.endpoint
        if load.whole is not None:
            calls["side_loads", name, "whole", "endpoint"] = load.whole.endpoint
    for path, call in calls.items():
        endpoint = _find(call, provider)
        if endpoint is not None:
            label = f"the side load {path[1]}" if path[0] == "side_loads" else path[0]
            yield from check_read(call, endpoint, node.at(path), label)
    for name, method in _methods(config):
        endpoint = _find(method.endpoint, provider)
        if endpoint is None or endpoint.method != "GET":
            continue
        if name == "list" and config.list is not None:
            yield from _check_bodies([*constant_parts(config.list), *query_parts(config.list)], node.at(("list",)))
        for load_name, load in config.side_loads.items():
            if load.inline is not None:
                yield from _check_bodies(inline_parts(load.inline, load_name), node.at(("side_loads", load_name)))


def check_read(name: str, endpoint: Endpoint, place: Node, label: str) -> Iterator[Problem]:
    """A problem if an endpoint may write, or is a GET with a body.

    Args:
        name: of the endpoint.
        endpoint: the native call.
        place: what names the endpoint.
        label: what calls it, for messages.
    """
    if not endpoint.is_safe:
        hint = "; if it only reads, say read_only: true there" if endpoint.method == "POST" else ""
        message = f'endpoint "{name}" is a {endpoint.method}, which may write, and {label} must only read{hint}'
        yield place.problem(message, rule=RULE)
    elif endpoint.method == "GET" and (endpoint.body is not None or endpoint.graphql is not None):
        message = (
            f'endpoint "{name}" is a GET with a body, which {label} never sends; '
            "send query parameters, or a POST with read_only: true"
        )
        yield place.problem(message, rule=BODY_RULE)


def _check_bodies(parts: Iterable[RequestPart], node: Node) -> Iterator[Problem]:
    for part in parts:
        if part.path is not None:
            message = (
                f'{part.label} fills "{part.name}" of the body, and a GET is not sent with a body; '
                "name a query parameter, or an endpoint that is a POST with read_only: true"
            )
            yield node.at(part.source).problem(message, rule=BODY_RULE, at_key=part.is_key)


def _methods(config: MappingConfig) -> list[tuple[str, ListMethod | GetMethod]]:
    return [(name, method) for name, method in (("list", config.list), ("get", config.get)) if method is not None]


def _find(name: str, provider: ProviderConfig) -> Endpoint | None:
    resource, _, call = name.partition(".")
    return provider.resources.get(resource, {}).get(call)
