"""A native request with its answer, and its meaning in the provider's files: a list, a get, a side load."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from truto_unify.config.schema import read_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.config.evidence import Level
    from truto_unify.config.pagination import PageSize
    from truto_unify.config.provider import Endpoint
    from truto_unify.testing.provider_under_test import Method, ProviderUnderTest

_PLACEHOLDER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, its answer, and where both come from.

    Attributes:
        uri: the address of the request.
        request: the parsed JSON body of the request; None if absent.
        status: the HTTP status of the answer.
        answer: the parsed JSON body of the answer; None if it is not JSON.
        level: where the answer comes from.
        day: the day of the recording; None if unknown.
        resource: the unified resource that it belongs to; None if unknown.
        method: the HTTP method of the request.
        headers: the headers of the answer, names in lower case.
    """

    uri: str
    request: Any
    status: int
    answer: Any
    level: Level
    day: str | None = None
    resource: str | None = None
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        """The query parameters."""
        return dict(parse_qsl(urlsplit(self.uri).query, keep_blank_values=True))

    @property
    def key(self) -> str:
        """A text that is equal for two equal requests."""
        return f"{self.method} {self.uri} {json.dumps(self.request, sort_keys=True)}"


def parse_body(text: Any) -> Any:
    """The JSON of a body; None if it is not JSON."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def is_call_of(exchange: Exchange, endpoint: Endpoint) -> bool:
    """Whether the request goes to this endpoint, with any API root and any record."""
    if endpoint.graphql is not None:
        body = exchange.request if isinstance(exchange.request, dict) else {}
        return bool(body.get("operationName") == endpoint.graphql.operation)
    path = endpoint.path.text.lstrip("/.")
    pattern = "[^/]+".join(map(re.escape, _PLACEHOLDER.split(path)))
    return (
        exchange.method == endpoint.method
        and re.search(rf"/{pattern}/?$", unquote(urlsplit(exchange.uri).path)) is not None
    )


def records_of(under_test: ProviderUnderTest, method: Method, answer: Any) -> list[Any]:
    """The native records of an answer to this unified method; empty if it answers another method."""
    endpoint = under_test.endpoint(method)
    paths = endpoint.list_path if method == "list" else endpoint.record_path or endpoint.list_path
    for path in paths or ():
        is_there, value = read_path(answer, path)
        if is_there and isinstance(value, list) and (method == "list" or len(value) == 1):
            return [record for record in value if isinstance(record, dict)]
        if is_there and isinstance(value, dict) and method == "get":
            return [value]
    return []


def answered_records(under_test: ProviderUnderTest, method: Method, exchange: Exchange) -> list[Any]:
    """The native records of an answer to this unified method, without those that the mapping leaves out.

    An exchange without an address is an answer alone, and its form tells what it answers.
    """
    is_other = exchange.resource not in {None, under_test.resource}
    if exchange.status >= 400 or is_other or (exchange.uri and not is_call_of(exchange, under_test.endpoint(method))):
        return []
    return [record for record in records_of(under_test, method, exchange.answer) if under_test.mapper.is_kept(record)]


def store_total(pagination: PageSize | None, exchange: Exchange) -> int | None:
    """The store's own count of the whole list; None if it does not say."""
    header = getattr(pagination, "total_header", None)
    value = exchange.headers.get(header.lower()) if header else _at(exchange.answer, pagination, "total_path")
    return _whole_number(value)


def requested_size(pagination: PageSize | None, exchange: Exchange) -> int | None:
    """The page size that the request asks for; None if it asks for none."""
    param = getattr(pagination, "page_size_param", None)
    value = exchange.query.get(param) if param else _at(exchange.request, pagination, "page_size_body_path")
    return _whole_number(value)


def _at(document: Any, pagination: PageSize | None, name: str) -> Any:
    path = getattr(pagination, name, None)
    return read_path(document, path)[1] if path else None


def _whole_number(value: Any) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None
