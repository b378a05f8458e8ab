"""A pretend store without a network, which records its requests and computes equal answers only once."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import httpx

from tests.loopback import PEOPLE, Clock
from truto_unify import Account, Client, Page, Registry, Settings
from truto_unify.sandbox.serve import STORES, Sandbox
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from starlette.applications import Starlette

    from truto_unify.sandbox.people import Person

CUSTOMERS: Final = "ecommerce/customers"
SLUGS = tuple(STORES)
ORIGIN = "https://sandbox.example.test"
MAX_PAGES = 400
PAGING = {
    *("limit", "per_page", "page", "offset", "cursor", "page_info"),
    *("variables.first", "variables.after", "query.paging.limit", "query.paging.offset"),
}
GRAPHQL_KEYS = {"operationName"}
REST = 10.0  # seconds after which every store's quota takes another request
Record = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """A request as it was sent, parsed without the engine."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    body: Any

    @property
    def statements(self) -> set[str]:
        """Each parameter and each leaf of the JSON body, as ``path=value``, without the parameters of paging."""
        parts = {key: value for key, value in (self.body or {}).items() if key not in GRAPHQL_KEYS}
        statements = {f"{name}={value}" for name, value in self.params} | set(leaves(parts))
        return {statement for statement in statements if statement.partition("=")[0] not in PAGING}

    @property
    def search(self) -> str:
        """The search text of a GraphQL call."""
        return str((self.body or {}).get("variables", {}).get("query", ""))


def leaves(body: Any, above: str = "") -> Iterator[str]:
    """``path=value`` for each leaf of a JSON object."""
    for key, value in body.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}={value if isinstance(value, str) else json.dumps(value)}"


class Wire(httpx.BaseTransport):
    """Hands requests to an app.

    Args:
        app: the store.
        clock: the time of an answer passes on it.
        remembers: whether an equal request gets the answer of the first one; only while nothing changes.
    """

    def __init__(self, app: Starlette, clock: Clock, *, remembers: bool) -> None:
        self.runner = asyncio.Runner()
        self.app = httpx.ASGITransport(app=app)
        self.clock = clock
        self.remembers = remembers
        self.rest = REST if remembers else 0.0
        self.answer_seconds = 0.0
        self.asked: list[Question] = []
        self.answers: dict[tuple[str, bytes], httpx.Response] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(_question(request))
        self.clock.advance(self.answer_seconds)
        key = (f"{request.method} {request.url}", request.content)
        answer = self.answers.get(key) if self.remembers else None
        if answer is None:
            self.clock.advance(self.rest)
            answer = self.answers[key] = self.runner.run(self._ask(request))
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        answer = await self.app.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def shut(self) -> None:
        """Ends the wire; ``close`` would end it with the first of several clients."""
        self.runner.close()


def _question(request: httpx.Request) -> Question:
    query = request.url.query.decode()
    params = tuple(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict"))
    return Question(request.method, request.url.path, params, json.loads(request.content) if request.content else None)


@dataclass
class Shop:
    """A store and its client."""

    slug: str
    store: Store
    account: Account
    registry: Registry
    wire: Wire
    clock: Clock
    settings: Settings
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.open_client(self.settings)

    def __repr__(self) -> str:
        return f"the shop {self.slug}"

    def open_client(self, settings: Settings) -> Client:
        """Another client of the same store."""
        return Client(self.registry, settings=settings, transport=self.wire, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.advance(seconds)

    def page(self, **query: Any) -> Page[Record]:
        """One page of records without ``remote_data``."""
        arguments: dict[str, Any] = {"response_format": "normalized", **query}
        page: Page[Any] = self.client.list(CUSTOMERS, self.account, **arguments)
        return page

    def walk(self, limits: Iterable[int | None] = (), **query: Any) -> list[Page[Record]]:
        """Every page, by following ``next_cursor``; the last of ``limits`` is repeated."""
        pages: list[Page[Record]] = []
        cursor: str | None = None
        chosen = list(limits) or [query.pop("limit", None)]
        for limit in chain(chosen, repeat(chosen[-1], MAX_PAGES)):
            pages.append(self.page(**query, limit=limit, next_cursor=cursor))
            cursor = pages[-1].next_cursor
            if cursor is None:
                return pages
        raise AssertionError(f"more than {MAX_PAGES} pages")

    def records(self) -> list[Record]:
        """The records of ``list`` without a query; all answers are compared with them."""
        return joined(self.walk())

    @property
    def asked(self) -> list[Question]:
        """The requests since ``forget``."""
        return self.wire.asked

    def forget(self) -> None:
        """Forgets the recorded requests."""
        self.wire.asked.clear()
        self.store.requests.clear()


def joined(pages: Iterable[Page[Record]]) -> list[Record]:
    return [record for page in pages for record in page.result]


def ids(records: Iterable[Record]) -> list[str]:
    return [str(record["id"]) for record in records]


@contextmanager
def open_shop(
    slug: str,
    registry: Registry,
    people: Iterable[Person] = PEOPLE,
    *,
    remembers: bool = False,
    **settings: Any,
) -> Iterator[Shop]:
    """A new store on its own clock."""
    clock = Clock()
    store = Store.of(people, clock)
    app = STORES[slug](store)
    arguments = Sandbox({slug: store}, app).account_arguments(slug, ORIGIN)
    wire = Wire(app, clock, remembers=remembers)
    base_url = arguments["base_url"].replace(f"{ORIGIN}/{slug}", ORIGIN)  # the store stands alone
    account = replace(Account(**arguments), base_url=base_url)
    times = {"now": lambda: datetime.fromtimestamp(clock.now, UTC), "timer": lambda: clock.now}
    fixed: dict[str, Any] = {"cursor_key": b"query", "random": lambda: 0.0}
    chosen = Settings(**{**times, **fixed, **settings})
    shop = Shop(slug, store, account, registry, wire, clock, chosen)
    try:
        yield shop
    finally:
        shop.client.close()
        wire.shut()


def write_overlay(folder: Path, *, page_size: int | None = None, is_emulated: bool = False) -> Path:
    """An overlay that makes native pages smaller, or takes every native filter and sort away."""
    for slug in SLUGS:
        if page_size is not None:
            text = f"resources: {{customers: {{list: {{pagination: {{max_page_size: {page_size}}}}}}}}}\n"
            _write(folder / "providers" / f"{slug}.yaml", text)
        if is_emulated:
            text = "list: {filters: null, sort: null}\n"
            _write(folder / "mappings" / "ecommerce" / "customers" / f"{slug}.yaml", text)
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
