"""Native calls with our authorization, paging, retries and errors, and no mapping."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from truto_unify.config.forbidden_parameters import forbidden_names
from truto_unify.config.provider import Endpoint
from truto_unify.config.schema import Template
from truto_unify.engine import cursor as cursors
from truto_unify.engine.encoding import check_header, encode_query
from truto_unify.engine.native_pages import NativePages
from truto_unify.engine.native_query import NativeQuery, build_record_query
from truto_unify.engine.request import build_request, check_id
from truto_unify.engine.request_guard import body_names, check_document_parameters
from truto_unify.engine.route import NativeRoute, find_native_route
from truto_unify.engine.send import Settings, exchange, open_session
from truto_unify.engine.walks import open_walk
from truto_unify.errors import InvalidInput, ProviderError, UnknownResource, UnsupportedMethod
from truto_unify.expressions import suggest
from truto_unify.types import NativeAnswer, Page, Request

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from truto_unify.config.configuration import Provider
    from truto_unify.errors import UnifyError
    from truto_unify.types import Account

HttpMethod = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeCall:
    """One call in the provider's own words.

    Attributes:
        resource: native resource, as in the provider's file.
        method: native method of it: ``list``, ``get``, ``create``, …
        id: fills ``{id}`` of the endpoint.
        query: native parameters, for a call that carries them in its body: parts of the body.
        body: a JSON object, for a call that writes.
        limit: records on the page at most.
        next_cursor: from the page before.
    """

    resource: str
    method: str
    id: str | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    limit: int | None = None
    next_cursor: str | None = None


def find_endpoint(provider: Provider, resource: str, method: str) -> Endpoint:
    """The native endpoint of a call.

    Raises:
        UnknownResource: the provider's file has no such resource.
        UnsupportedMethod: the resource has no such method.
    """
    resources = provider.config.resources
    if resource not in resources:
        hint = suggest(resource, resources) or f"; it has {', '.join(sorted(resources))}"
        raise UnknownResource(f'{provider.slug} has no native resource "{resource[:80]}"{hint}')
    methods = resources[resource]
    if method not in methods:
        raise UnsupportedMethod(f'{provider.slug} {resource} has no "{method[:80]}"; it has {", ".join(methods)}')
    return methods[method]


def list_native(provider: Provider, account: Account, call: NativeCall, settings: Settings) -> Generator[Any, Any, Any]:
    """One native page as a ``Page`` of native records.

    Raises:
        CallError: the call is impossible.
        ProviderError, TransportError: see the error tree.
    """
    route = find_native_route(provider, account, find_endpoint(provider, call.resource, call.method))
    endpoint = route.endpoint
    if endpoint.list_path is None:
        raise UnsupportedMethod(f"{provider.slug} {call.resource}.{call.method} gives one record and no list")
    session = open_session(route, settings, may_write=True)
    label = f"{provider.slug} {call.resource}"

    def no_records(body: Any, message: str, status: int) -> UnifyError:
        shown = route.redactor.value(body)
        return ProviderError(f"{label}: {message}", status_code=status, code="no_records", raw_response=shown)

    record_id, query = _checked_id(route, call), _native_query(route, call)
    pages = NativePages(session, endpoint, label, no_records, query, record_id)
    fingerprint = cursors.fingerprint(
        session.account_key, "native", call.resource, call.method, call.id, _ordered(call.query)
    )
    position = None
    if call.next_cursor:
        position = cursors.read_cursor(call.next_cursor, fingerprint, settings.cursor_key)
    walk = open_walk(pages, position)
    new = yield from walk.read(_size(walk.largest, call.limit))
    indexes = new.indexes[: call.limit]
    rest = new.indexes[len(indexes) :]
    cursor = None
    if rest or not walk.is_done:
        after = walk.position(rest[0] if rest else None)
        cursor = cursors.write_cursor(after, fingerprint, settings.cursor_key)
    return Page(
        result=[new.records[index] for index in indexes],
        next_cursor=cursor,
        may_have_changed=walk.may_have_changed,
        total=pages.total,
        request_count=pages.requests,
        rate_limit=session.meter.last,
    )


def _size(largest: int | None, limit: int | None) -> int | None:
    return largest if limit is None or largest is None else min(limit, largest)


def _ordered(value: Any) -> Any:
    return sorted(value.items()) if hasattr(value, "items") else value


def _checked_id(route: NativeRoute, call: NativeCall) -> str | None:
    """The id that is sent, if the endpoint takes one."""
    label = f"{route.provider.slug} {call.resource}.{call.method}"
    return check_id(call.id, route.endpoint, call=label, owner=label) if route.endpoint.takes_id else call.id


def _native_query(route: NativeRoute, call: NativeCall) -> NativeQuery:
    """What the caller passes through."""
    endpoint = route.endpoint
    forbidden = forbidden_names(route.provider.config)
    native = build_record_query(call.query, endpoint, forbidden, "the query")
    forbidden.check("body", call.body or (), "the body", endpoint)
    return NativeQuery(native.params, {**native.body, **(call.body or {})})


def _native_request(route: NativeRoute, call: NativeCall) -> Request:
    record_id, query = _checked_id(route, call), _native_query(route, call)
    return build_request(
        route.provider.config,
        route.endpoint,
        route.base_of(route.endpoint),
        route.values,
        params=query.pairs,
        body=query.body,
        document=route.provider.document(route.endpoint),
        record_id=record_id,
    )


def call_native(provider: Provider, account: Account, call: NativeCall, settings: Settings) -> Generator[Any, Any, Any]:
    """One native call, answered with the provider's body as it came.

    Raises:
        CallError: the call is impossible.
        ProviderError, TransportError: see the error tree.
    """
    route = find_native_route(provider, account, find_endpoint(provider, call.resource, call.method))
    session = open_session(route, settings, may_write=True)
    answer = yield from exchange(session, route.endpoint, _native_request(route, call))
    return NativeAnswer(
        status=answer.response.status,
        headers=answer.response.headers,
        body=answer.response.body,
        is_json=answer.body is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomCall:
    """A call of any path below the provider's API root.

    Attributes:
        method: HTTP method.
        path: below the API root, with a slash at its head, not percent-encoded.
        query: native parameters, in order.
        body: sent as it is.
        content_type: of the body.
    """

    method: HttpMethod
    path: str
    query: Sequence[tuple[str, str]] = ()
    body: bytes | None = field(default=None, repr=False)
    content_type: str | None = None


def call_custom(provider: Provider, account: Account, call: CustomCall, settings: Settings) -> Generator[Any, Any, Any]:
    """A call of any path with the account's authorization; a good answer may hold anything.

    Raises:
        InvalidInput: the path leaves the API root.
        ForbiddenParameter: a parameter changes the method or the meaning of the request, or belongs to the account.
        WriteRefused: the account may only be read.
        ProviderError, TransportError: see the error tree.
    """
    endpoint = Endpoint.model_construct(method=call.method, path=Template(_checked_path(call.path)))
    route = find_native_route(provider, account, endpoint)
    config = provider.config
    forbidden = forbidden_names(config)
    forbidden.check("query", (name for name, _ in call.query), "the query")
    forbidden.check("body", body_names(call.body, call.content_type), "the body")
    if account.is_read_only:
        check_document_parameters(config, call.query, "the query")
    names = {name for name, _ in call.query}
    values = dict(route.values)
    constants = [(name, template.fill(values)) for name, template in config.query.items() if name not in names]
    headers = {name: template.fill(values) for name, template in config.headers.items()}
    for name, text in headers.items():
        check_header(name, text, values)
    if call.body is not None and call.content_type is not None:
        headers["Content-Type"] = call.content_type
    request = Request(
        method=call.method,
        url=route.base_url + endpoint.path.text,
        query=encode_query([*constants, *call.query], config.query_safe),
        headers=tuple(headers.items()),
        body=call.body,
        is_safe=call.method == "GET",
    )
    session = open_session(route, settings, may_write=True)
    answer = yield from exchange(session, endpoint, request, takes_any_body=True)
    is_json = answer.body is not None or answer.response.body.strip() == b"null"
    return NativeAnswer(
        status=answer.response.status, headers=answer.response.headers, body=answer.response.body, is_json=is_json
    )


def _checked_path(path: str) -> str:
    """The path percent-encoded; it must stay below the API root, to which the credentials belong."""
    steps = path.split("/")
    is_odd = any(ord(letter) < 32 or ord(letter) == 127 or 0xD800 <= ord(letter) <= 0xDFFF for letter in path)
    if not path.startswith("/") or is_odd or "\\" in path or any(step in {".", ".."} for step in steps):
        raise InvalidInput("the path must name something below the provider's API root, without . and .. steps")
    return quote(path, safe="/:@!$&'()*+,;=-._~")
