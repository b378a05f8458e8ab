"""Puts the plan's terms, the sort, the page and the caller's ``remote_query`` together: the native query."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from truto_unify.config.authorization import OAuth1Authorization, QueryAuthorization
from truto_unify.config.schema import overlaps
from truto_unify.engine.json_body import merge_objects, set_path
from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from truto_unify.config.mapping import ListMethod, SortForm
    from truto_unify.config.provider import Endpoint, ProviderConfig


_SIGNATURE = {
    *("oauth_consumer_key", "oauth_token", "oauth_signature", "oauth_signature_method"),
    *("oauth_timestamp", "oauth_nonce", "oauth_version"),
}


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

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query parameters one by one."""
        return [(name, value) for name, values in self.params.items() for value in values]


def build_query(
    method: ListMethod,
    terms: Iterable[Term],
    sort: SortForm | None,
    remote_query: Mapping[str, Any],
    endpoint: Endpoint,
    reserved: frozenset[str] = frozenset(),
) -> NativeQuery:
    """The native query without its page.

    Args:
        method: the mapping's list declarations.
        terms: native conditions.
        sort: what is sent to sort.
        remote_query: the caller's own native parameters; they win.
        endpoint: the native call; a GraphQL one takes ``remote_query`` as variables.
        reserved: query parameters that belong to the account.

    Raises:
        InvalidInput: ``remote_query`` touches paging or authorization, or is not made of plain values.
    """
    native = NativeQuery({name: [value] for name, value in method.query.items()}, copy.deepcopy(dict(method.body)))
    if sort is not None:
        native.params |= {name: [value] for name, value in sort.query.items()}
        native.body = merge_objects(native.body, sort.body)
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
    _add_remote(native, remote_query, endpoint, reserved)
    return native


def build_record_query(
    remote_query: Mapping[str, Any],
    endpoint: Endpoint,
    reserved: frozenset[str] = frozenset(),
    label: str = "remote_query",
) -> NativeQuery:
    """The native query of a ``get``: what the caller passes through, and nothing else; ``label`` is its name.

    Raises:
        InvalidInput: ``remote_query`` touches what names the record, or is not made of plain values.
    """
    native = NativeQuery()
    _add_remote(native, remote_query, endpoint, reserved, label)
    return native


def account_params(config: ProviderConfig) -> frozenset[str]:
    """Query parameters that say who asks, which ``remote_query`` may not touch."""
    facts = {name for name, template in config.query.items() if template.placeholders}
    keys = {name for rule in config.authorization if isinstance(rule, QueryAuthorization) for name in rule.params}
    keys |= _SIGNATURE if any(isinstance(rule, OAuth1Authorization) for rule in config.authorization) else set()
    # Some stores take from the query, too, what we send in a header, and let it win.
    return frozenset(facts | keys | set(config.credentials))


def remote_places(remote_query: Mapping[str, Any], endpoint: Endpoint) -> frozenset[str]:
    """The places that ``remote_query`` sets, which therefore carry no filter and no sort of ours."""
    return frozenset(place for _, place in _remote_places(remote_query, endpoint))


def _remote_places(remote_query: Mapping[str, Any], endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """Each name of ``remote_query`` with the places that it sets."""
    for name, value in remote_query.items():
        if endpoint.graphql is not None:
            yield from ((name, place) for place in _leaves(f"variables.{name}", value))
        elif endpoint.method != "GET":
            yield from ((name, place) for place in _leaves(name, value))
        else:
            yield from ((name, place) for place in {name, name.partition("[")[0]})


def _lenient(name: str) -> str:
    """A query parameter as lenient servers read it: PHP cuts at a bracket and at NUL, and writes _ for . and blank."""
    return re.sub(r"[. ]", "_", name.strip().partition("\0")[0].partition("[")[0]).casefold()


def _leaves(place: str, value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield place
        return
    for key, inner in value.items():
        yield from _leaves(f"{place}.{key}", inner)


def _add_remote(
    native: NativeQuery,
    remote_query: Mapping[str, Any],
    endpoint: Endpoint,
    reserved: frozenset[str],
    label: str = "remote_query",
) -> None:
    pages = endpoint.pagination.places if endpoint.pagination else ()
    ids = {name for name, template in endpoint.query.items() if "id" in template.placeholders}
    ids.update(_leaves_holding_id(endpoint.body or {}))
    read = _lenient if endpoint.graphql is None and endpoint.method == "GET" else str
    for name, place in _remote_places(remote_query, endpoint):
        if any(overlaps(read(place), read(one)) for one in pages):
            raise InvalidInput(f'{label} may not set "{name}", which pages the list; use limit and next_cursor')
        if any(overlaps(read(place), read(one)) for one in ids):
            raise InvalidInput(f'{label} may not set "{name}", which names the record')
        if read(place) in {*map(read, reserved)}:
            raise InvalidInput(f'{label} may not set "{name}", which belongs to the account')
    for name, value in remote_query.items():
        if endpoint.graphql is not None:
            native.body = merge_objects(native.body, {"variables": {name: _json_value(name, value)}})
        elif endpoint.method != "GET":
            native.body = merge_objects(native.body, {name: _json_value(name, value)})
        else:
            native.params[name] = [_plain(name, one) for one in (value if isinstance(value, list | tuple) else [value])]


def _leaves_holding_id(body: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for key, value in body.items():
        if isinstance(value, Mapping):
            yield from _leaves_holding_id(value, f"{above}{key}.")
        elif "{id}" in str(value):
            yield f"{above}{key}"


def _plain(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise InvalidInput(f"remote_query[{name}] must be a plain value or a list of them, not {type(value).__name__}")
    _json_value(name, value)
    return str(value)


def _json_value(name: str, value: Any) -> Any:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput(f"remote_query[{name}] holds what JSON cannot say") from None
    return value
