"""Builds a native request from an endpoint and its parts; authorization comes later."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from truto_unify.types import LEFT_OUT, Request

if TYPE_CHECKING:
    from truto_unify.config.provider import Endpoint, ProviderConfig

_ID = re.compile(r"\{id\}")


def build_request(
    config: ProviderConfig,
    endpoint: Endpoint,
    base_url: str,
    values: Mapping[str, str],
    *,
    params: Iterable[tuple[str, str]] = (),
    body: Mapping[str, Any] | None = None,
    document: str | None = None,
    record_id: str | None = None,
) -> Request:
    """The request of one native call.

    Args:
        config: the provider, for its headers and query rules.
        endpoint: the native call.
        base_url: the API root without a slash at the end.
        values: the account's fields by placeholder name.
        params: query parameters, in order; they replace constants of the same name.
        body: what goes into the JSON body beside the endpoint's own; ``LEFT_OUT`` takes a part of it away.
        document: the GraphQL text, for a GraphQL endpoint.
        record_id: fills ``{id}``; percent-encoded in the path and in headers, as it is in the body.
    """
    fields = {**values, "id": quote(record_id or "", safe="")}
    pairs = list(params)
    given = {name for name, _ in pairs}
    constants = [
        (name, template.fill({**fields, "id": record_id or ""}))  # encoded with the rest of the query
        for name, template in {**config.query, **endpoint.query}.items()
        if name not in given
    ]
    headers = {name: template.fill(fields) for name, template in {**config.headers, **endpoint.headers}.items()}
    content = _content(endpoint, body, document, record_id)
    if content is not None:
        headers.setdefault("Content-Type", "application/json")
    return Request(
        method=endpoint.method,
        url=_address(base_url, endpoint.path.fill(fields)),
        query=encode_query([*constants, *pairs], config.query_safe),
        headers=tuple(headers.items()),
        body=content,
        is_safe=endpoint.is_safe,
    )


def _address(base_url: str, path: str) -> str:
    """The path below the API root; ``/..`` at its head leaves the root's last step (another version of the API)."""
    while path.startswith("/../"):
        parts = urlsplit(base_url)  # never beyond the host, to which the credentials belong
        base_url, path = parts._replace(path=parts.path.rpartition("/")[0]).geturl(), path.removeprefix("/..")
    return base_url + path


def follow_link(request: Request, url: str) -> Request:
    """The same request to an address that the provider gave."""
    parts = urlsplit(url)
    return Request(
        request.method,
        parts._replace(query="", fragment="").geturl(),
        parts.query,
        request.headers,
        request.body,
        request.is_safe,
    )


def encode_query(pairs: Sequence[tuple[str, str]], safe: str = "") -> str:
    """A query string; only unreserved characters and ``safe`` stay as they are (RFC 3986).

    >>> encode_query([("email", "a+b@c.test"), ("created", "a:b")], safe=":")
    'email=a%2Bb%40c.test&created=a:b'
    """
    return "&".join(f"{quote(name, safe=safe)}={quote(value, safe=safe)}" for name, value in pairs)


def _content(
    endpoint: Endpoint, body: Mapping[str, Any] | None, document: str | None, record_id: str | None
) -> bytes | None:
    if endpoint.body is None and endpoint.graphql is None and not body:
        return None
    content = _merge(_fill_id(endpoint.body or {}, record_id), body or {})
    if endpoint.graphql is not None:
        content = {"query": document, "operationName": endpoint.graphql.operation, **content}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _fill_id(value: Any, record_id: str | None) -> Any:
    if isinstance(value, str):
        return _ID.sub(lambda _: record_id or "", value)
    if isinstance(value, Mapping):
        return {key: _fill_id(one, record_id) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_fill_id(one, record_id) for one in value]
    return value


def _merge(base: Any, extra: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in extra.items():
        inner = merged.get(key)
        if value is LEFT_OUT:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            merged[key] = _merge(inner if isinstance(inner, dict) else {}, value)
        else:
            merged[key] = value
    return merged
