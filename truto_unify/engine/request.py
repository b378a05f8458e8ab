"""Builds a native request from an endpoint and its parts, without authorization."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from truto_unify.config.body_texts import replace_texts
from truto_unify.engine.api_root import split_root
from truto_unify.engine.encoding import check_header, encode_query
from truto_unify.engine.json_body import merge_objects, write_json_text
from truto_unify.errors import InvalidId, InvalidInput
from truto_unify.types import LEFT_OUT, Request
from truto_unify.values import show_value

if TYPE_CHECKING:
    from truto_unify.config.provider import Endpoint, ProviderConfig

_CONTENT_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
_FIELD = re.compile(r"\{(id|(?:context|credentials)\.\w+)\}")


def build_request(
    config: ProviderConfig,
    endpoint: Endpoint,
    base_url: str,
    values: Mapping[str, str],
    *,
    params: Iterable[tuple[str, str]] = (),
    body: Mapping[str, Any] | None = None,
    document: str | None = None,
    record_id: str | tuple[str, ...] | None = None,
) -> Request:
    """The request of one native call.

    Args:
        config: the provider, for its headers and query rules.
        endpoint: the native call.
        base_url: the API root, without a slash at the end.
        values: the account's fields by placeholder name.
        params: query parameters, in order; they replace constants of the same name.
        body: merged into the endpoint's own JSON body; ``LEFT_OUT`` removes a part of it.
        document: the GraphQL text, for a GraphQL endpoint.
        record_id: fills ``{id}``; percent-encoded in the path and in headers, unchanged in the body. The ids of a batch
            are joined by commas; in a list of the body, each of them is an element.
    """
    batch = record_id if isinstance(record_id, tuple) else ()
    joined = ",".join(record_id) if isinstance(record_id, tuple) else record_id or ""
    fields = {**values, "id": quote(joined, safe="")}
    pairs = list(params)
    replaced = {name for name, _ in pairs}
    constants = [
        (name, text)
        for name, template in {**config.query, **endpoint.query}.items()
        if name not in replaced
        # Encoded with the rest of the query; a parameter without a value is left out.
        if (text := template.fill({**fields, "id": joined})) or not {*template.placeholders} - {"id"}
    ]
    headers = {name: template.fill(fields) for name, template in {**config.headers, **endpoint.headers}.items()}
    for name, text in headers.items():
        check_header(name, text, fields)
    content = _content(endpoint, body, document, {**values, "id": joined}, batch)
    if content is not None:
        headers.setdefault("Content-Type", _CONTENT_TYPES[endpoint.send_as])
    return Request(
        method=endpoint.method,
        url="".join(split_root(base_url, endpoint.path.fill(fields))),
        query=encode_query([*constants, *pairs], config.query_safe),
        headers=tuple(headers.items()),
        body=content,
        is_safe=endpoint.is_safe,
    )


def follow_link(request: Request, url: str) -> Request:
    """The same request to an address that an answer holds."""
    parts = urlsplit(url)
    return Request(
        request.method,
        parts._replace(query="", fragment="").geturl(),
        parts.query,
        request.headers,
        request.body,
        request.is_safe,
    )


def _content(
    endpoint: Endpoint,
    body: Mapping[str, Any] | None,
    document: str | None,
    fields: Mapping[str, str],
    batch: tuple[str, ...],
) -> bytes | None:
    if endpoint.body is None and endpoint.graphql is None and not body:
        return None
    own = _own_body(endpoint, fields, batch)
    content = _without_left_out(merge_objects(own, body or {}))
    for path in endpoint.json_texts:
        write_json_text(content, path)
    if endpoint.graphql is not None:
        # The document comes last: nothing in the body replaces it.
        document_parts = {"query": document, "operationName": endpoint.graphql.operation}
        content = {**document_parts, **content, **document_parts}
    if endpoint.send_as == "form":
        return encode_query(list(_form_pairs(content))).encode()
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _own_body(endpoint: Endpoint, fields: Mapping[str, str], batch: tuple[str, ...]) -> Any:
    """The body of the endpoint with the placeholders in its texts filled; other braces stay as they are."""
    is_number = endpoint.id_type == "number"

    def fill(text: str) -> Any:
        if text == "{id}" and is_number and not batch:
            return int(fields["id"])
        return _FIELD.sub(lambda match: fields.get(match[1], ""), text)

    return replace_texts(endpoint.body or {}, fill, [int(text) if is_number else text for text in batch])


def _form_pairs(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The fields of a form; a part of an object or list has the name of its place, as ``address[city]``.

    >>> list(_form_pairs({"email": "a@b.test", "tags": ["new"], "is_live": True, "note": None}))
    [('email', 'a@b.test'), ('tags[0]', 'new'), ('is_live', 'true'), ('note', '')]
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _form_pairs(inner, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _form_pairs(inner, f"{name}[{index}]")
    else:
        yield name, "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _without_left_out(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_left_out(value) if isinstance(value, Mapping) else value
        for key, value in body.items()
        if value is not LEFT_OUT
    }


def check_id(record_id: str | None, endpoint: Endpoint, *, call: str, owner: str) -> str:
    """Checks that an id has the form of this provider's ids, and returns the text that is sent.

    Args:
        record_id: the id of the caller.
        endpoint: the native call, which declares the pattern of its ids.
        call: the call, for messages.
        owner: the provider or resource, for messages.

    Raises:
        InvalidInput: the id is missing.
        InvalidId: it does not match.
    """
    if record_id is None or not record_id.strip():
        raise InvalidInput(f"{call} needs an id")
    match = re.fullmatch(endpoint.id_pattern, record_id) if endpoint.id_pattern else None
    if endpoint.id_pattern and match is None:
        example = f"; an id looks like {endpoint.id_example}" if endpoint.id_example else ""
        raise InvalidId(f'"{record_id[:80]}" is not a valid id of {owner}{example}')
    if endpoint.id_type == "number" and not (record_id.isascii() and record_id.isdecimal()):
        raise InvalidId(f'"{record_id[:80]}" is not a valid id of {owner}; an id is a number')
    # A server would not receive a path step of only dots, or half of a surrogate pair, as an id.
    if not record_id.strip(".") or any(0xD800 <= ord(letter) <= 0xDFFF for letter in record_id):
        raise InvalidId(f"{show_value(record_id)} is not a valid id of {owner}")
    return match["id"] if match is not None and "id" in match.re.groupindex else record_id
