"""A pretend server that a provider's file describes: its endpoints, envelopes and pages. It needs no sandbox."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl

import httpx

from truto_unify.config.authorization import ApiAddress, TokenAuthorization
from truto_unify.engine.account_fields import account_values
from truto_unify.engine.json_body import set_path
from truto_unify.engine.request import build_request
from truto_unify.engine.route import find_route
from truto_unify.testing.contract.error_bodies import good_body
from truto_unify.testing.contract.page_servers import ServedPage, read_json, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from truto_unify.config.error_rules import ErrorRules
    from truto_unify.config.provider import Endpoint
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.types import Account

Break = Literal["missing_path", "null_path", "lost_cursor"]
TOKEN = "contract-fetched-token"  # noqa: S105 - invented
_RARE_IDS = {"text": "0contract0", "number": "902100902100"}
"""For each type of ids, an id that occurs in no other part of an address."""
_CONTENT_HEADERS = {"content-length", "content-type"}


class ScriptedProvider:
    """Finds the endpoint of a request and lets its script answer; also issues tokens.

    Args:
        under_test: the pair to test.
        scripts: answers by endpoint name; any other endpoint gets a 404.
        account: the account that the server belongs to.

    Attributes:
        sent: (endpoint name, request) in order; the name is None for an unknown endpoint.
        counts: requests by endpoint name; ``token`` counts the fetched tokens.
    """

    def __init__(
        self,
        under_test: ProviderUnderTest,
        scripts: Mapping[str, Callable[[httpx.Request], httpx.Response]],
        account: Account | None = None,
    ) -> None:
        self.under_test = under_test
        self.scripts = scripts
        self.account = account or under_test.account
        self.sent: list[tuple[str | None, httpx.Request]] = []
        self.counts: Counter[str | None] = Counter()
        self._patterns = _own_patterns(under_test) if account is None else _endpoint_patterns(under_test, account)
        self._token_rules = {
            rule.token_url.fill(account_values(under_test.provider, self.account)): rule
            for rule in under_test.provider.config.authorization
            if isinstance(rule, TokenAuthorization)
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request."""
        rule = self._token_rules.get(str(request.url.copy_with(query=None)))
        if rule is not None and not self._names_operation(request):
            self.counts["token"] += 1
            return _token_answer(rule, f"{TOKEN}-{self.counts['token']}")
        name = self.identify(request)
        self.sent.append((name, request))
        self.counts[name] += 1
        script = self.scripts.get(name or "")
        return script(request) if script else httpx.Response(404, json={})

    def _names_operation(self, request: httpx.Request) -> bool:
        """Whether the request names an operation of the API; a GraphQL login, at the same address, does not."""
        operation = _operation_of(request)
        return operation is not None and any(pattern.operation == operation for pattern in self._patterns)

    def requests_of(self, name: str) -> list[httpx.Request]:
        """The requests to this endpoint."""
        return [request for sent_name, request in self.sent if sent_name == name]

    def identify(self, request: httpx.Request) -> str | None:
        """The endpoint of a request; if several match, that with a script, then that with the most constants."""
        query = parse_qsl(str(request.url.query, "ascii"), keep_blank_values=True)
        address = self._as_declared(request.url.copy_with(query=None))
        body = read_json(request) or {}
        operation = _operation_of(request)
        matches = [pattern for pattern in self._patterns if pattern.fits(request.method, address, query, operation)]
        return (
            max(matches, key=lambda pattern: (pattern.name in self.scripts, pattern.weight(body))).name
            if matches
            else None
        )

    def _as_declared(self, url: httpx.URL) -> str:
        """The address of a request; a host that came with a token is replaced by the host of the provider file."""
        moved = {_api_host(rule.api_address) for rule in self._token_rules.values() if rule.api_address is not None}
        if url.host not in moved:
            return str(url)
        base = find_route(self.under_test.mapping, self.account, self.under_test.methods[0]).base_url
        return str(url.copy_with(scheme=httpx.URL(base).scheme, host=httpx.URL(base).host, port=httpx.URL(base).port))


@dataclass(frozen=True)
class _EndpointPattern:
    """The form of the requests to an endpoint."""

    name: str
    method: str
    address: re.Pattern[str]
    constants: tuple[tuple[str, str], ...]
    operation: str | None
    body: Any

    def weight(self, body: Any) -> int:
        """How many constants of the endpoint a request has, minus the number that its body lacks."""
        return len(self.constants) + (0 if self.operation else _agreement(self.body, body))

    def fits(self, method: str, address: str, query: Sequence[tuple[str, str]], operation: Any) -> bool:
        named = {name for name, _ in query}
        fits_address = self.method == method and self.address.fullmatch(address) is not None
        return fits_address and self.operation == operation and all(name in named for name, _ in self.constants)


def _endpoint_patterns(under_test: ProviderUnderTest, account: Account) -> list[_EndpointPattern]:
    config = under_test.provider.config
    route = find_route(under_test.mapping, account, under_test.methods[0])
    patterns = []
    for resource, methods in config.resources.items():
        for method, endpoint in methods.items():
            mark = _RARE_IDS[endpoint.id_type]
            request = build_request(config, endpoint, route.base_of(endpoint), route.values, record_id=mark)
            pattern = re.escape(request.url).replace(mark, "[^/]+")
            constants = tuple(parse_qsl(request.query, keep_blank_values=True))
            operation = endpoint.graphql.operation if endpoint.graphql else None
            patterns.append(
                _EndpointPattern(
                    f"{resource}.{method}", endpoint.method, re.compile(pattern), constants, operation, endpoint.body
                )
            )
    return patterns


@lru_cache(maxsize=8)
def _own_patterns(under_test: ProviderUnderTest) -> list[_EndpointPattern]:
    """The patterns of the pair's own account, which every check of the pair asks for."""
    return _endpoint_patterns(under_test, under_test.account)


def body_without_document(request: httpx.Request) -> dict[str, Any] | None:
    """The JSON object in a request's body, without the text of a GraphQL document; None if there is no object."""
    body = read_json(request)
    if body is None or "operationName" not in body:
        return body
    return {name: value for name, value in body.items() if name != "query"}


def _operation_of(request: httpx.Request) -> Any:
    return (read_json(request) or {}).get("operationName")


def _agreement(declared: Any, sent: Any) -> int:
    """How many fixed values of the declared body the sent body has, minus the number that it lacks.

    >>> _agreement({"domain": ["parent", "{id}"], "order": "id"}, {"domain": ["parent", 5], "order": "name"})
    0
    """
    if isinstance(declared, dict):
        return sum(
            _agreement(value, sent.get(key) if isinstance(sent, dict) else None) for key, value in declared.items()
        )
    if isinstance(declared, list | tuple):
        values = list(sent) if isinstance(sent, list) else []
        return sum(_agreement(value, at) for value, at in zip_longest(declared, values[: len(declared)]))
    if declared is None or (isinstance(declared, str) and "{" in declared):
        return 0
    return 1 if declared == sent else -1


def _api_host(rule: ApiAddress) -> str:
    """A host of the API that the answer to a token request may name."""
    return rule.hosts[0].replace("*", "contract")


def _token_answer(rule: TokenAuthorization, token: str) -> httpx.Response:
    body: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if rule.token_path == ():
        return httpx.Response(200, json=token)
    if rule.token_path is not None:
        set_path(body, rule.token_path, token)
    elif rule.access_token_header is not None:
        headers[rule.access_token_header] = token
    else:
        headers["Set-Cookie"] = f"{rule.access_token_cookie}={token}; Path=/; HttpOnly"
    set_path(body, rule.expires_in_path, 3600)
    if rule.api_address is not None:
        set_path(body, rule.api_address.path, _api_host(rule.api_address))
    return httpx.Response(200, json=body, headers=headers)


def json_response(body: Any, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """A successful answer with this body; unlike httpx's own, it can hold null."""
    content = json.dumps(body, ensure_ascii=False).encode()
    return httpx.Response(200, headers={"content-type": "application/json", **(headers or {})}, content=content)


def as_success(rules: ErrorRules, response: httpx.Response, *, keeps_headers: bool = True) -> httpx.Response:
    """A successful answer whose body the error rules do not take for an error.

    Args:
        rules: the error rules of the provider.
        response: an answer with a JSON body.
        keeps_headers: whether its headers stay, as those that hold the total of a list.

    Raises:
        AssertionError: each body looks like an error.
    """
    headers = {name: value for name, value in response.headers.items() if name not in _CONTENT_HEADERS}
    return json_response(good_body(rules, response.json()), headers if keeps_headers else None)


def wrap_records(path: tuple[str, ...], records: Any) -> Any:
    """A body with the records at the path.

    >>> wrap_records(("data", "edges[]", "node"), [1, 2])
    {'data': {'edges': [{'node': 1}, {'node': 2}]}}
    """
    if not path:
        return records
    head, rest = path[0], path[1:]
    if head.endswith("[]"):
        return {head.removesuffix("[]"): [wrap_records(rest, record) for record in records]}
    return {head: wrap_records(rest, records)}


def record_body(endpoint: Endpoint, native: Any) -> Any:
    """An answer that holds this record; a filtered list if the provider has no call for a single record."""
    if endpoint.record_path is not None:
        return wrap_records(endpoint.record_path[0], native)
    return wrap_records((endpoint.list_path or ((),))[0], [] if native is None else [native])


@dataclass
class ListScript:
    """Serves these records in pages, as the endpoint's pagination declares.

    Attributes:
        endpoint: the native list call.
        records: the records of the whole list.
        has_totals: whether the answers say how long the list is.
        begins_empty: whether an empty page comes first, which is not the last page.
        is_stuck: whether every answer is the same page, with more to follow.
        breaks: the defect of the envelope.
        path_number: the index of the declared list path that the answers use.
        sizes: the page size of each request.
        starts: the start index of each page.
    """

    endpoint: Endpoint
    records: list[Any]
    has_totals: bool = True
    begins_empty: bool = False
    is_stuck: bool = False
    breaks: Break | None = None
    path_number: int = 0
    sizes: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request for a page."""
        rules = self.endpoint.pagination
        size = self._size(request)
        if rules is not None and size > rules.max_page_size:
            return httpx.Response(400, json={"message": f"a page holds {rules.max_page_size} at most"})
        start, is_first = self._start(request, size)
        self.sizes.append(size)
        self.starts.append(start)
        is_empty_first = self.begins_empty and is_first
        page_records = [] if is_empty_first else self.records[start : start + size]
        following: int | None = start + len(page_records)
        if is_empty_first:
            following = start
        elif following is not None and following >= len(self.records) and not self.is_stuck:
            following = None
        body = self._body(page_records)
        headers = self._add_page_info(body, request, size, following)
        return json_response(body, headers)

    def _size(self, request: httpx.Request) -> int:
        rules = self.endpoint.pagination
        return serve(rules).size(request) if rules is not None else max(len(self.records), 1)

    def _start(self, request: httpx.Request, size: int) -> tuple[int, bool]:
        """The start index of the page, and whether it is the first page."""
        rules = self.endpoint.pagination
        start = serve(rules).start(request, size) if rules is not None else None
        is_first = start in (None, 0)
        index = serve(rules).index(start, self.records) if rules is not None else 0
        return 0 if self.is_stuck else index, is_first

    def _body(self, page_records: list[Any]) -> Any:
        path = (self.endpoint.list_path or ((),))[self.path_number]
        if self.breaks == "missing_path":
            return {"contract": "renamed"}
        if self.breaks == "null_path":
            plain = tuple(step.removesuffix("[]") for step in path)
            cut = next((index for index, step in enumerate(path) if step.endswith("[]")), len(path) - 1)
            return wrap_records(plain[: cut + 1], None)
        return wrap_records(path, page_records)

    def _add_page_info(self, body: Any, request: httpx.Request, size: int, following: int | None) -> dict[str, str]:
        """Adds what follows to the body, and returns the headers that say it."""
        rules = self.endpoint.pagination
        if rules is None:
            return {}
        page = ServedPage(
            total=len(self.records) + (size if self.is_stuck else 0),
            size=size,
            following=following,
            cursor="c0" if self.is_stuck else f"c{following}",
            has_totals=self.has_totals,
            is_lost=self.breaks == "lost_cursor",
        )
        info = serve(rules).describe(request, page)
        for path, value in info.values:
            if path is not None and isinstance(body, dict) and self.breaks not in {"missing_path", "null_path"}:
                set_path(body, path, value)
        return info.headers
