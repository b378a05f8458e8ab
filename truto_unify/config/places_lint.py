"""Finds places of a list request that two parts of the configuration fill, so that one of them is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.filters import OPERATORS
from truto_unify.config.schema import overlaps, read_path
from truto_unify.config.spread import LAST, has_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.filters import FilterRule, NativeFilter, NativeRange
    from truto_unify.config.mapping import ListMethod
    from truto_unify.config.provider import ProviderConfig
    from truto_unify.config.sorts import SortForm, SortRules
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem

RULE = "place-used-twice"


def check_places(method: ListMethod | None, node: Node, provider: ProviderConfig) -> Iterator[Problem]:
    """A problem for each place that a filter, the search text or a sort fills, and every list request too."""
    if method is None:
        return
    resource, _, call = method.endpoint.partition(".")
    endpoint = provider.resources.get(resource, {}).get(call)
    params = dict.fromkeys(endpoint.query if endpoint else (), "the endpoint") | dict.fromkeys(
        method.query, "list.query"
    )
    fixed = (endpoint.body if endpoint else None) or {}
    body = dict.fromkeys(_leaves(fixed), "the endpoint") | dict.fromkeys(_leaves(method.body), "list.body")
    for name, rule in method.filters.items():
        place = node.at(("filters", name))
        yield from _check_filter(name, rule, place, params, body)
    yield from _check_search(method, node.at(("search",)), params)
    yield from _check_sort(method.sort, node, params, body)
    for name in method.query:
        if endpoint is not None and name in endpoint.query:
            message = f'"{name}" is sent by the endpoint too, which would be lost'
            yield node.at(("query", name)).problem(message, rule=RULE, at_key=True)


def _check_filter(
    name: str, rule: FilterRule, place: Node, params: Mapping[str, str], body: Mapping[str, str]
) -> Iterator[Problem]:
    forms: list[tuple[str, NativeFilter | NativeRange]] = [
        (op, native) for op in OPERATORS if (native := rule.native(op)) is not None and not native.replaces
    ]
    if rule.native_range is not None:
        forms.append(("range", rule.native_range))
    targets: list[tuple[str, str | None, tuple[str, ...] | None]] = []
    for op, form in forms:
        targets.append((op, form.param, form.path))
        # A constant replaces others on purpose, and an appended element replaces nothing.
        places = [(param, path) for param, path, value in form.spread.places() if has_words(value)]
        targets += [(op, param, path) for param, path in places if path is None or path[-1] != LAST]
    for op, param, path in targets:
        owner = params.get(param or "") or _owner(".".join(path or ()), body)
        if owner is not None:
            what = param or ".".join(path or ())
            message = f'"{what}" is sent with every list by {owner}, which a filter on {name} would replace'
            yield place.at((op,)).problem(message, rule=RULE)


def _owner(path: str, body: Mapping[str, str]) -> str | None:
    return next((owner for place, owner in body.items() if path and overlaps(path, place)), None)


def _check_search(method: ListMethod, place: Node, params: Mapping[str, str]) -> Iterator[Problem]:
    search = method.search
    if search is None:
        return
    if search.param is not None and params.get(search.param) == "the endpoint":
        message = (
            f'"{search.param}" is sent by the endpoint too, which a search would replace; move it to list.query, '
            "whose text is joined with the terms"
        )
        yield place.at(("param",)).problem(message, rule=RULE)
    if search.path is not None:
        exists, fixed = read_path(method.body, search.path)
        if exists and not isinstance(fixed, str):
            message = f'list.body has no text at "{".".join(search.path)}" that a term can be joined with'
            yield place.at(("path",)).problem(message, rule=RULE)


def _check_sort(sort: SortRules, node: Node, params: Mapping[str, str], body: Mapping[str, str]) -> Iterator[Problem]:
    names = {name for form in sort.forms for name in form.query}
    for name in sorted(names & params.keys()):
        place = node.at(("query", name) if params[name] == "list.query" else ("sort",))
        yield place.problem(_sort_message(name, params[name]), rule=RULE, at_key=True)
    places = {path for form in sort.forms for path in _leaves(form.body)}
    orders = _order_objects(list(sort.forms))
    for path, owner in body.items():
        is_order = any(path.startswith(f"{order}.") for order in orders)
        if is_order or any(overlaps(path, other) for other in places):
            place = node.at(("body", *path.split(".")) if owner == "list.body" else ("sort",))
            yield place.problem(_sort_message(path, owner), rule=RULE, at_key=True)


def _sort_message(name: str, owner: str) -> str:
    return (
        f'"{name}" is sent with every list by {owner} and by a sort; the order without a sort belongs in sort.default'
    )


def _order_objects(forms: list[SortForm]) -> set[str]:
    """Objects in which different sorts share no key: they hold the order and nothing else."""
    shared: dict[str, frozenset[str]] = {}
    for form in forms:
        for path, names in _objects(form.body):
            shared[path] = shared.get(path, names) & names
    return {path for path, names in shared.items() if path and not names}


def _objects(body: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    yield above, frozenset(body)
    for name, value in body.items():
        if isinstance(value, dict):
            yield from _objects(value, f"{above}.{name}".removeprefix("."))


def _leaves(body: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in body.items():
        path = f"{above}.{name}".removeprefix(".")
        if isinstance(value, dict) and value:
            yield from _leaves(value, path)
        else:
            yield path
