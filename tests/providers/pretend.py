"""One pretend store in this process, and clients on the same clock, which only a wait moves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx

from tests.sandbox.in_process import InProcess
from tests.shipped import REGISTRY
from tests.twins import CUSTOMERS, NOW
from truto_unify import Account, AsyncClient, Client, Settings
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.engine.send import Budget
from truto_unify.sandbox.people import Person, invent_people
from truto_unify.sandbox.serve import STORES, Sandbox
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.applications import Starlette

    from truto_unify import Page

Pages = list["Page[Any]"]
Records = list[dict[str, Any]]
ORIGIN = "https://sandbox.example.test"


@dataclass
class Clock:
    """Tells the store its seconds and the client its time; only ``wait`` moves it."""

    seconds: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> Any:
        return NOW + timedelta(seconds=self.seconds)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    async def wait_async(self, seconds: float) -> None:
        self.wait(seconds)


class Interleaving(httpx.ASGITransport):
    """Calls the app only after every other task had its turn, as a network would."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return await super().handle_async_request(request)


@dataclass
class Pretend:
    """A pretend store and its account."""

    account: Account
    store: Store
    app: Starlette
    clock: Clock
    settings: Settings

    @property
    def sent(self) -> int:
        """The number of requests that the store has received, with those for tokens."""
        return len(self.store.requests)

    @property
    def page_size(self) -> int:
        """The largest number of records on a native page."""
        pagination = REGISTRY.provider(self.account.provider).endpoint("customers.list").pagination
        assert pagination is not None
        return pagination.max_page_size

    def open(self, **options: Any) -> Client:
        usual: dict[str, Any] = {"transport": InProcess(self.app), "sleep": self.clock.wait}
        return Client(REGISTRY, settings=self.settings, **usual | options)

    def open_async(self, **options: Any) -> AsyncClient:
        usual: dict[str, Any] = {"transport": Interleaving(self.app), "sleep": self.clock.wait_async}
        return AsyncClient(REGISTRY, settings=self.settings, **usual | options)

    def list(self, **query: Any) -> Page[Any]:
        with self.open() as client:
            return client.list(CUSTOMERS, self.account, **query)

    def get(self, record_id: str, **query: Any) -> Any:
        with self.open() as client:
            return client.get(CUSTOMERS, self.account, record_id, **query)

    def pages(self, **query: Any) -> Pages:
        async def read() -> Pages:
            async with self.open_async() as client:
                return [page async for page in client.pages(CUSTOMERS, self.account, **query)]

        return asyncio.run(read())

    def records(self, **query: Any) -> Records:
        """The records of the whole list, as JSON."""
        return [record.model_dump(mode="json") for page in self.pages(**query) for record in page.result]

    def get_each(self, ids: Iterable[str], **query: Any) -> Records:
        """The records with these ids, each from its own call, as JSON."""

        async def read() -> Records:
            async with self.open_async() as client:
                customers = [await client.get(CUSTOMERS, self.account, record_id, **query) for record_id in ids]
                return [customer.model_dump(mode="json") for customer in customers]

        return asyncio.run(read())


def open_store(
    slug: str, people: Iterable[Person] | None = None, *, edition: tuple[str, str] | None = None, **settings: Any
) -> Pretend:
    """A store with these people; by default with the whole round of invented people.

    Args:
        slug: the provider.
        people: the store's customers; not every store takes all of them.
        edition: a context field and its value, if the account must have it.
        **settings: the clients' settings, without the clock.
    """
    clock = Clock()
    store = Store.of(invent_people() if people is None else people, clock)
    app = STORES[slug](store)
    account = Account(**Sandbox({slug: store}, app).account_arguments(slug, ORIGIN, edition))
    root = f"{ORIGIN}/{slug}"
    # Here the store's address has no folder of its name.
    account = replace(
        account,
        base_url=(account.base_url or "").replace(root, ORIGIN),
        token_url=account.token_url and account.token_url.replace(root, ORIGIN),
    )
    # Each wait moves the clock: two waits at the same time would add up.
    usual: dict[str, Any] = {"now": clock.now, "timer": clock, "random": lambda: 0.0, "budget": Budget(at_once=1)}
    chosen = usual | {"budgets": MemoryBudgetStore(clock)} | settings
    return Pretend(account, store, app, clock, Settings(**chosen))


def ordinary_people(count: int) -> list[Person]:
    """This many people whom every store takes: each has a name, an e-mail and at most two addresses."""
    people: list[Person] = []
    invented = count
    while len(people) < count or not people:
        invented = invented * 5 // 4 + 10
        people = [
            person
            for person in invent_people(invented)
            if person.email and person.first_name and len(person.addresses) < 3
        ]
    return people[:count]
