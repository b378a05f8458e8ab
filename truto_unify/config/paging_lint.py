"""Finds places of a list request that paging fills, and that the provider file or the mapping fills as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.config.request_parts import constant_parts, endpoint_parts, inline_parts, query_parts
from truto_unify.config.schema import overlaps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from truto_unify.config.mapping import MappingConfig
    from truto_unify.config.pagination import PageSize
    from truto_unify.config.provider import Endpoint, ProviderConfig
    from truto_unify.config.request_parts import RequestPart
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem

RULE = "place-used-twice"


def check_paged_endpoint(endpoint: Endpoint, node: Node) -> Iterator[Problem]:
    """A problem for each constant of an endpoint that paging replaces on every page."""
    paging = endpoint.pagination
    if paging is None:
        return
    for part, owner in _shared(endpoint_parts(endpoint), paging, paging.constant_places):
        message = f'"{part.name}" is never sent: {owner} takes its place; remove it here'
        yield node.at(part.source).problem(message, rule=RULE, at_key=True)


def check_paged_list(config: MappingConfig, node: Node, provider: ProviderConfig) -> Iterator[Problem]:
    """A problem for each rule of a mapping that fills a place by which its list is paged."""
    method = config.list
    if method is None:
        return
    resource, _, call = method.endpoint.partition(".")
    endpoint = provider.resources.get(resource, {}).get(call)
    paging = endpoint.pagination if endpoint is not None else None
    if paging is None:
        return
    place_of_list = node.at(("list",))
    yield from _check_constants(constant_parts(method), paging, place_of_list)
    for name, load in config.side_loads.items():
        if load.inline is not None:
            yield from _check_constants(inline_parts(load.inline, name), paging, node.at(("side_loads", name)))
    parts = list(query_parts(method))
    filters = [part for part in parts if part.source[0] != "sort"]
    sorts = [part for part in parts if part.source[0] == "sort"]
    # A sort may set what callers may not, if the pages depend on an order.
    for part, owner in [*_shared(filters, paging, paging.places), *_shared(sorts, paging, paging.own_places)]:
        message = (
            f'{part.label} fills "{part.name}", and so does {owner}; '
            "nothing but paging may fill it: take another place, or remove the rule"
        )
        yield place_of_list.at(part.source).problem(message, rule=RULE, at_key=part.is_key)


def _check_constants(parts: Iterable[RequestPart], paging: PageSize, node: Node) -> Iterator[Problem]:
    parts = list(parts)
    params = [part for part in parts if part.param is not None]
    bodies = [part for part in parts if part.path is not None]
    for part, owner in _shared(params, paging, paging.repeated_places):
        message = f'"{part.name}" would be sent twice: {owner} sends it with each page; remove it here'
        yield node.at(part.source).problem(message, rule=RULE, at_key=True)
    for part, owner in _shared(bodies, paging, paging.constant_places):
        message = f'"{part.name}" is never sent: {owner} takes its place; remove it here'
        yield node.at(part.source).problem(message, rule=RULE, at_key=True)


def _shared(
    parts: Iterable[RequestPart], paging: PageSize, places: Collection[str]
) -> Iterator[tuple[RequestPart, str]]:
    """Each part that fills one of these places of paging, with the key of the pagination block that names the place."""
    keys = [*_keys(paging)]
    for part in parts:
        is_param = part.param is not None
        for key, place, is_other in keys:
            is_same = part.name == place if is_param else overlaps(part.name, place)
            # An element of a list may take paging, and may then stand in the constant too.
            is_same = is_same and not (part.is_list and place.startswith(f"{part.name}."))
            if is_same and place in places and is_other != is_param:
                yield part, f"pagination.{key}"
                break


def _keys(paging: PageSize) -> Iterator[tuple[str, str, bool | None]]:
    """Each place with its key, and whether it is a place of the body; None if it may be either."""
    for name, value in paging:
        if value and name.endswith("_param"):
            yield name, value, False
        elif value and name.endswith("_body_path"):
            yield name, ".".join(value), True
    yield from (("reserved", place, None) for place in paging.reserved)
