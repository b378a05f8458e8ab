"""Puts the plan's terms, the sort, the page and the caller's ``remote_query`` together: the native query."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from truto_unify.config.mapping import ListMethod, SortForm
    from truto_unify.config.provider import Endpoint, PageSize


class Term(Protocol):
    """A condition in the provider's words."""

    @property
    def text(self) -> str:
        """As in the plan."""

    @property
    def param(self) -> str | None:
        """As in the plan."""

    @property
    def body_path(self) -> tuple[str, ...] | None:
        """As in the plan."""


@dataclass(slots=True)
class NativeQuery:
    """Query parameters and JSON body of a native list call."""

    params: dict[str, list[str]] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)


def build_query(
    method: ListMethod,
    terms: Iterable[Term],
    sort: SortForm | None,
    remote_query: Mapping[str, Any],
    endpoint: Endpoint,
) -> NativeQuery:
    """The native query without its page.

    Args:
        method: the mapping's list declarations.
        terms: native conditions.
        sort: what is sent to sort.
        remote_query: the caller's own native parameters; they win.
        endpoint: the native call; a GraphQL one takes ``remote_query`` as variables.

    Raises:
        InvalidInput: ``remote_query`` touches a paging key, or is not made of plain values.
    """
    native = NativeQuery({name: [value] for name, value in method.query.items()}, copy.deepcopy(dict(method.body)))
    if sort is not None:
        native.params |= {name: [value] for name, value in sort.query.items()}
        merge_into(native.body, sort.body)
    searched: list[str] = []
    for term in terms:
        if term.param is not None:
            native.params[term.param] = [term.text]
        elif term.body_path is not None:
            set_path(native.body, term.body_path, term.text)
        else:
            searched.append(term.text)
    if searched and method.search is not None:
        text = method.search.join.join(searched)
        if method.search.param is not None:
            native.params[method.search.param] = [text]
        elif method.search.body_path is not None:
            set_path(native.body, method.search.body_path, text)
    _add_remote(native, remote_query, endpoint)
    return native


def remote_places(remote_query: Mapping[str, Any], method: ListMethod, endpoint: Endpoint) -> frozenset[str]:
    """The places that ``remote_query`` sets, which therefore carry no filter of ours."""
    names = set(remote_query)
    if endpoint.graphql is not None:
        names |= {f"variables.{name}" for name in remote_query}
    search = method.search
    place = search and (search.param or ".".join(search.body_path or ()))
    return frozenset(names | ({"search"} if place in names else set()))


def _add_remote(native: NativeQuery, remote_query: Mapping[str, Any], endpoint: Endpoint) -> None:
    reserved = _reserved(endpoint.pagination)
    for name, value in remote_query.items():
        full = f"variables.{name}" if endpoint.graphql is not None else name
        if full in reserved:
            raise InvalidInput(f'remote_query may not set "{name}", which pages the list; use limit and next_cursor')
        if endpoint.graphql is not None:
            set_path(native.body, ("variables", name), value)
        elif endpoint.method != "GET":
            native.body[name] = value
        else:
            native.params[name] = [_plain(name, one) for one in (value if isinstance(value, list | tuple) else [value])]


def _reserved(pagination: PageSize | None) -> set[str]:
    if pagination is None:
        return set()
    found = set()
    for name, value in pagination:
        if value and name.endswith("_param"):
            found.add(value)
        elif value and name in {
            "page_size_body_path",
            "page_body_path",
            "offset_body_path",
            "cursor_body_path",
        }:
            found.add(".".join(value))
    return found


def _plain(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise InvalidInput(f"remote_query[{name}] must be a plain value or a list of them, not {type(value).__name__}")


def set_path(body: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Sets a value deep inside a JSON body, making the objects on the way."""
    for step in path[:-1]:
        inner = body.setdefault(step, {})
        if not isinstance(inner, dict):
            inner = body[step] = {}
        body = inner
    body[path[-1]] = value


def merge_into(body: dict[str, Any], extra: Mapping[str, Any]) -> None:
    """Merges one JSON object into another, object by object."""
    for key, value in extra.items():
        if isinstance(value, Mapping) and isinstance(body.get(key), dict):
            merge_into(body[key], value)
        else:
            body[key] = copy.deepcopy(value)
