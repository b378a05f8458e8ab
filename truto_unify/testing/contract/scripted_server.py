"""A pretend server made of what a provider's file declares: endpoints, envelopes and pages. It needs no sandbox."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl

import httpx

from truto_unify.config.authorization import OAuth2Authorization
from truto_unify.engine.json_body import set_path
from truto_unify.engine.request import build_request
from truto_unify.engine.route import account_values, find_route
from truto_unify.testing.contract.page_servers import PageFacts, read_json, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from truto_unify.config.provider import Endpoint
    from truto_unify.testing.provider_under_test import Subject
    from truto_unify.types import Account

Break = Literal["missing_path", "null_path", "lost_cursor"]
TOKEN = "contract-fetched-token"  # noqa: S105 - invented
_ID_MARK = "0contract0"


class ScriptedProvider:
    """Finds out which endpoint a request means and lets its script answer; gives tokens to whom asks.

    Args:
        subject: the pair that is tried.
        scripts: answers by endpoint name; another endpoint is answered with 404.
        account: whose server this is.

    Attributes:
        sent: (endpoint name, request) in order; the name is None for what the provider does not have.
        counts: requests by endpoint name; ``token`` counts the tokens that were fetched.
    """

    def __init__(
        self,
        subject: Subject,
        scripts: Mapping[str, Callable[[httpx.Request], httpx.Response]],
        account: Account | None = None,
    ) -> None:
        self.subject = subject
        self.scripts = scripts
        self.account = account or subject.account
        self.sent: list[tuple[str | None, httpx.Request]] = []
        self.counts: Counter[str | None] = Counter()
        self._doors = list(self._find_doors())
        self._token_rules = {
            rule.token_url.fill(account_values(subject.provider, self.account)): rule
            for rule in subject.provider.config.authorization
            if isinstance(rule, OAuth2Authorization)
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request."""
        rule = self._token_rules.get(str(request.url.copy_with(query=None)))
        if rule is not None:
            self.counts["token"] += 1
            body: dict[str, Any] = {}
            set_path(body, rule.access_token_path, f"{TOKEN}-{self.counts['token']}")
            set_path(body, rule.expires_in_path, 3600)
            return httpx.Response(200, json=body)
        name = self.identify(request)
        self.sent.append((name, request))
        self.counts[name] += 1
        script = self.scripts.get(name or "")
        return script(request) if script else httpx.Response(404, json={})

    def requests_of(self, name: str) -> list[httpx.Request]:
        """The requests that meant this endpoint."""
        return [request for one, request in self.sent if one == name]

    def identify(self, request: httpx.Request) -> str | None:
        """The endpoint that a request means: the one with the most constants in common."""
        query = parse_qsl(str(request.url.query, "ascii"), keep_blank_values=True)
        address = str(request.url.copy_with(query=None))
        operation = (read_json(request) or {}).get("operationName")
        fitting = [door for door in self._doors if door.fits(request.method, address, query, operation)]
        return max(fitting, key=lambda door: door.weight).name if fitting else None

    def _find_doors(self) -> Any:
        subject = self.subject
        route = find_route(subject.mapping, self.account, subject.methods[0])
        for resource, methods in subject.provider.config.resources.items():
            for method, endpoint in methods.items():
                request = build_request(
                    subject.provider.config, endpoint, route.base_url, route.values, record_id=_ID_MARK
                )
                pattern = re.escape(request.url).replace(_ID_MARK, "[^/]+")
                constants = tuple(parse_qsl(request.query, keep_blank_values=True))
                operation = endpoint.graphql.operation if endpoint.graphql else None
                yield _Door(f"{resource}.{method}", endpoint.method, re.compile(pattern), constants, operation)


@dataclass(frozen=True)
class _Door:
    """How the requests of one endpoint look."""

    name: str
    method: str
    address: re.Pattern[str]
    constants: tuple[tuple[str, str], ...]
    operation: str | None

    @property
    def weight(self) -> int:
        return len(self.constants)

    def fits(self, method: str, address: str, query: Sequence[tuple[str, str]], operation: Any) -> bool:
        named = {name for name, _ in query}
        is_here = self.method == method and self.address.fullmatch(address) is not None
        return is_here and self.operation == operation and all(name in named for name, _ in self.constants)


def json_response(body: Any, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """A good answer with this body; unlike httpx's own, null is a body too."""
    content = json.dumps(body, ensure_ascii=False).encode()
    return httpx.Response(200, headers={"content-type": "application/json", **(headers or {})}, content=content)


def wrap_records(path: tuple[str, ...], records: Any) -> Any:
    """A body with the records where the path says.

    >>> wrap_records(("data", "edges[]", "node"), [1, 2])
    {'data': {'edges': [{'node': 1}, {'node': 2}]}}
    """
    if not path:
        return records
    head, rest = path[0], path[1:]
    if head.endswith("[]"):
        return {head.removesuffix("[]"): [wrap_records(rest, one) for one in records]}
    return {head: wrap_records(rest, records)}


def record_body(endpoint: Endpoint, native: Any) -> Any:
    """The answer that holds this one record; a filtered list where the provider has no call for one."""
    if endpoint.record_path is not None:
        return wrap_records(endpoint.record_path[0], native)
    return wrap_records((endpoint.list_path or ((),))[0], [] if native is None else [native])


@dataclass
class ListScript:
    """Pages of these records, as the endpoint's pagination says.

    Attributes:
        endpoint: the native list call.
        records: what the whole list holds.
        tells_totals: whether the answers say how much there is.
        begins_empty: whether an empty page, which is not the last, comes first.
        is_stuck: whether the same page comes whatever is asked, and says that more follows.
        breaks: what is wrong with the envelope.
        path_number: which of the declared record paths is used.
        sizes: the page size of each request.
        starts: where each page began.
    """

    endpoint: Endpoint
    records: list[Any]
    tells_totals: bool = True
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
        is_held_back = self.begins_empty and is_first
        held = [] if is_held_back else self.records[start : start + size]
        following: int | None = start + len(held)
        if is_held_back:
            following = start
        elif following is not None and following >= len(self.records) and not self.is_stuck:
            following = None
        body = self._body(held)
        headers = self._tell(body, request, size, following)
        return json_response(body, headers)

    def _size(self, request: httpx.Request) -> int:
        rules = self.endpoint.pagination
        return serve(rules).size(request) if rules is not None else max(len(self.records), 1)

    def _start(self, request: httpx.Request, size: int) -> tuple[int, bool]:
        """Where the page begins, and whether it is the first."""
        rules = self.endpoint.pagination
        start = serve(rules).start(request, size) if rules is not None else None
        is_first = start in (None, 0)
        return 0 if self.is_stuck else int(str(start or 0).removeprefix("c")), is_first

    def _body(self, held: list[Any]) -> Any:
        path = (self.endpoint.list_path or ((),))[self.path_number]
        if self.breaks == "missing_path":
            return {"contract": "renamed"}
        if self.breaks == "null_path":
            plain = tuple(step.removesuffix("[]") for step in path)
            cut = next((index for index, step in enumerate(path) if step.endswith("[]")), len(path) - 1)
            return wrap_records(plain[: cut + 1], None)
        return wrap_records(path, held)

    def _tell(self, body: Any, request: httpx.Request, size: int, following: int | None) -> dict[str, str]:
        """Writes into the body what follows, and gives the headers that say it."""
        rules = self.endpoint.pagination
        if rules is None:
            return {}
        facts = PageFacts(
            total=len(self.records) + (size if self.is_stuck else 0),
            size=size,
            following=following,
            mark="c0" if self.is_stuck else f"c{following}",
            tells_totals=self.tells_totals,
            is_lost=self.breaks == "lost_cursor",
        )
        said = serve(rules).tell(request, facts)
        for path, value in said.places:
            if path is not None and isinstance(body, dict) and self.breaks not in {"missing_path", "null_path"}:
                set_path(body, path, value)
        return said.headers
