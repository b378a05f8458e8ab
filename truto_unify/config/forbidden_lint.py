"""Finds forbidden parameters in provider files and mappings, the overrides of tenants among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.config.forbidden_parameters import forbidden_names, header_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from truto_unify.config.filters import NativeFilter, NativeRange
    from truto_unify.config.forbidden_parameters import Place
    from truto_unify.config.mapping import ListMethod
    from truto_unify.config.provider import ProviderConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem

RULE = "forbidden-parameter"
_Part = tuple[tuple[str, ...], "Place", str]
"""Where a list request gets a parameter: path in the file, place in the request, name."""


def check_constants(config: ProviderConfig, node: Node) -> Iterator[Problem]:
    """A problem for each constant of a provider file that changes the method, or that the same file forbids."""
    forbidden = forbidden_names(config)
    groups: list[tuple[tuple[str, ...], Iterable[str]]] = [(("headers",), config.headers), (("query",), config.query)]
    for resource, methods in config.resources.items():
        for method, endpoint in methods.items():
            path: tuple[str, ...] = ("resources", resource, method)
            groups += [((*path, "headers"), endpoint.headers), ((*path, "query"), endpoint.query)]
            groups.append(((*path, "body"), endpoint.body or {}))
    for group, names in groups:
        for name in names:
            kind = group[-1]
            reason = header_reason(name) if kind == "headers" else forbidden.override_reason(_place(kind), name)
            if reason is not None:
                message = f'"{name}" may not be sent, {reason}; the key method says how the endpoint is called'
                yield node.at((*group, name)).problem(message, rule=RULE, at_key=True)


def check_list_parameters(method: ListMethod | None, node: Node, provider: ProviderConfig) -> Iterator[Problem]:
    """A problem for each forbidden parameter that a mapping's list would send."""
    if method is None:
        return
    resource, _, call = method.endpoint.partition(".")
    endpoint = provider.resources.get(resource, {}).get(call)
    forbidden = forbidden_names(provider)
    for path, place, name in dict.fromkeys(_parts(method)):
        reason = forbidden.reason(place, name, endpoint)
        if reason is not None:
            yield node.at(path).problem(f'"{name}" may not be sent, {reason}', rule=RULE, at_key=True)


def _parts(method: ListMethod) -> Iterator[_Part]:
    """The query parameters and top keys of the body that a list sends."""
    yield from _named(("query",), "query", method.query, is_key=True)
    yield from _named(("body",), "body", method.body, is_key=True)
    if method.search is not None:
        yield from _target(("search",), method.search.param, method.search.path)
    for filter_name, rule in method.filters.items():
        path = ("filters", filter_name)
        for form in rule.native_forms:
            yield from _targets(path, form)
        if rule.native_range is not None:
            yield from _targets(path, rule.native_range)
    for sort_form in method.sort.forms:
        yield from _named(("sort",), "query", sort_form.query)
        yield from _named(("sort",), "body", sort_form.body)


def _named(path: tuple[str, ...], place: Place, names: Iterable[str], *, is_key: bool = False) -> Iterator[_Part]:
    for name in names:
        yield (*path, name) if is_key else path, place, name


def _targets(where: tuple[str, ...], form: NativeFilter | NativeRange) -> Iterator[_Part]:
    yield from _target(where, form.param, form.path)
    for param, path, _ in form.spread.places():
        yield from _target(where, param, path)


def _target(where: tuple[str, ...], param: str | None, path: tuple[str, ...] | None) -> Iterator[_Part]:
    if param is not None:
        yield where, "query", param
    if path:
        yield where, "body", path[0]


def _place(kind: str) -> Place:
    return "body" if kind == "body" else "query"
