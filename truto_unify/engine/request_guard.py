"""The last check of a native request before it is sent: no parameter changes its meaning, and a read is a read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from truto_unify.config.forbidden_parameters import forbidden_names, header_reason, refusal
from truto_unify.config.graphql_document import reads_only
from truto_unify.config.parameter_names import parameter_names
from truto_unify.errors import WriteRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from truto_unify.config.configuration import Provider
    from truto_unify.config.provider import Endpoint, ProviderConfig
    from truto_unify.types import Request

_FORM_FIELD = re.compile(rb"(?i)\bname\*?\s*=\s*([^;\r\n]*)")
_QUOTES = "\"'"
_JSON_KEY = re.compile(r'"((?:[^"\\]|\\.){0,200}+)"\s*:')
_DOCUMENT_PARAMETERS = frozenset({"operationname", "extensions", "variables", "documentid", "doc_id"})


def check_request(provider: Provider, endpoint: Endpoint, request: Request, *, may_write: bool, label: str) -> None:
    """Checks a request without its authorization, whatever it was built from: a caller, a mapping, an answer's link.

    Args:
        provider: the provider.
        endpoint: the native call.
        request: the request.
        may_write: whether the call may change anything.
        label: the call, for messages.

    Raises:
        ForbiddenParameter: a parameter or header changes the method or the meaning of the request.
        WriteRefused: the call may only read, and the request may write.
    """
    forbidden = forbidden_names(provider.config)
    for name, _ in query_pairs(request.query):
        reason = forbidden.override_reason("query", name)
        if reason is None and endpoint.graphql is not None:
            reason = forbidden.reason("query", name, endpoint)
        if reason is not None:
            raise refusal(f"{label}: the query", name, reason)
    for name, _ in request.headers:
        reason = header_reason(name)
        if reason is not None:
            raise refusal(f"{label}: the headers", name, reason)
    if not may_write:
        _check_read(provider, endpoint, request, label)


def _check_read(provider: Provider, endpoint: Endpoint, request: Request, label: str) -> None:
    if not request.is_safe:
        raise WriteRefused(f"{label} may write, and this call may only read (a POST that reads says read_only: true)")
    if request.method == "GET" and request.body is not None:
        raise WriteRefused(f"{label}: a GET with a body is not certain to read only, and this call may only read")
    if endpoint.graphql is not None:
        document = provider.document(endpoint) or ""
        if not reads_only(document, endpoint.graphql.operation):
            raise WriteRefused(f'{label}: "{endpoint.graphql.operation}" is no query, and this call may only read')


def check_document_parameters(config: ProviderConfig, pairs: Iterable[tuple[str, str]], label: str) -> None:
    """Checks that a GET of any path cannot carry a GraphQL document that writes, if the provider speaks GraphQL.

    Raises:
        WriteRefused: it might.
    """
    endpoints = (endpoint for methods in config.resources.values() for endpoint in methods.values())
    if not any(endpoint.graphql is not None for endpoint in endpoints):
        return
    for name, value in pairs:
        names = parameter_names(name)
        is_document = "query" in names and "{" in value and not reads_only(value)
        if is_document or names & _DOCUMENT_PARAMETERS:
            message = f'{label} may not set "{name[:80]}", which may carry a GraphQL mutation: this call may only read'
            raise WriteRefused(message)


def body_names(body: bytes | None, content_type: str | None) -> list[str]:
    """The names at the top of a body that the engine does not build: of a JSON object, or of the fields of a form.

    >>> body_names(b'{"_method": "DELETE"}', "text/plain"), body_names(b"a=1&b=2", "application/x-www-form-urlencoded")
    (['_method'], ['a', 'b'])
    """
    # PHP ends the type at each of these: https://github.com/php/php-src/blob/master/main/SAPI.c
    kind = re.split(r"[;,\s]", (content_type or "").strip().lower(), maxsplit=1)[0]
    if not body:
        return []
    if kind.startswith("multipart/"):
        fields = _FORM_FIELD.findall(body)
        return list(dict.fromkeys(name for field in fields for name in _field_names(field.decode("utf-8", "replace"))))
    if kind == "application/x-www-form-urlencoded":
        return [name for name, _ in query_pairs(body.decode("utf-8", "replace").replace("+", " "))]
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        # Some readers take what is not JSON in the end, with a NUL behind it or a comma too many: each key counts.
        return [name for text in _as_texts(body) for name in map(_unescaped, _JSON_KEY.findall(text))]
    return list(content) if isinstance(content, dict) else []


def _field_names(text: str) -> Iterator[str]:
    r"""The names that servers may read from the name of a form's field, in quotes of both kinds or with backslashes.

    >>> set(_field_names(r"'_me\thod'"))
    {'_method'}
    """
    bare = text.strip().lstrip(_QUOTES).rpartition("''")[2]
    for name in (bare.strip(_QUOTES), re.split(r"[\"']", bare, maxsplit=1)[0]):
        yield unquote(name.replace("\\", ""))


def _as_texts(body: bytes) -> list[str]:
    """The body as text of the encodings of JSON."""
    return [body.decode(encoding, "replace") for encoding in ("utf-8", "utf-16-le", "utf-16-be")]


def _unescaped(name: str) -> str:
    try:
        return str(json.loads(f'"{name}"', strict=False))
    except ValueError:
        return name


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The decoded pairs of a query string.

    >>> query_pairs("a=1&b%5B%5D=x%20y&c")
    [('a', '1'), ('b[]', 'x y'), ('c', '')]
    """
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in parts]
