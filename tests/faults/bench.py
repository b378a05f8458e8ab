"""Clients, commands and a service that reach a pretend store over sockets, through a proxy that plants faults."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import traceback
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx

from tests.lists.dialects import CUSTOMERS as DIALECTS
from tests.lists.doors import Bench, Door
from tests.lists.sandbox_store import SandboxStore
from tests.lists.stock import make_stock
from tests.lists.walk import Walk
from truto_unify import Account, AsyncClient, Client, Limits, RetryPolicy
from truto_unify.chaos import Answer, Chaos, ChaosServer, SeenRequest, run_in_thread
from truto_unify.engine.breaker import CircuitBreaker
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.sandbox.serve import Sandbox
from truto_unify.sandbox.wix.app import OAUTH_CREDENTIALS
from truto_unify.sandbox.zohoinventory.app import REFRESH_CREDENTIALS

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.lists.dialects import Dialect
    from tests.lists.scenarios import Scenario
    from truto_unify import Registry
    from truto_unify.chaos.planter import Strike

PEOPLE = 23
MAX_ANSWERS = 200
TURNS = 10
"""Of an event loop, in which what a call has ended comes to its end."""
SLOWNESS = 0.02
"""A second of the proxy is so many seconds here."""
PATIENT = Limits(total_timeout=15.0)
HASTY = Limits(total_timeout=0.4, read_timeout=0.4)
"""For faults that let a client wait for good."""
_OAUTH_CREDENTIALS = {"wix": OAUTH_CREDENTIALS, "zohoinventory": REFRESH_CREDENTIALS}
_OWN_ORIGINS = {"woocommerce": "https://shop.example", "shopify_rest": "https://sandbox.myshopify.com"}
"""By which the stores know themselves: their links lead there, and the client follows them through the proxy."""
_PERSON = re.compile(r"person(\d+)@example\.test")
_ERROR_CLASS = re.compile(r"^(\w+): ", re.MULTILINE)
SLUGS = tuple(dialect.provider for dialect in DIALECTS)


class Customers(SandboxStore):
    """The customers of a pretend store; a record that names nobody has the number 0."""

    def key(self, record: Any) -> int:
        """The number of a native record."""
        return _number_in(record)

    def unified_number(self, record: Any) -> int:
        """The number of a unified record."""
        return _number_in(record["emails"])


def _number_in(value: Any) -> int:
    match = _PERSON.search(json.dumps(value))
    return int(match[1]) if match else 0


class Shop(httpx.AsyncBaseTransport):
    """A pretend store in this process, as the proxy reaches it.

    Args:
        dialect: how its lists are read.
        bench: whose clock it follows.
        people: how many it has.

    Attributes:
        record_id: of the first person of its list; known once a list was read.
        record_number: of this person.
        answers: to the requests of the present walk.
    """

    def __init__(self, dialect: Dialect, bench: FaultBench, people: int = PEOPLE) -> None:
        self.slug = dialect.provider
        self.state = Customers(dialect, make_stock(people))
        self.state.fill()
        self.origin = _OWN_ORIGINS.get(self.slug, "https://store.example.test")
        self._bench = bench
        self._app = httpx.ASGITransport(self.state.app)
        self.record_id = ""
        self.record_number = 0
        self.answers = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hands a request to the application; a second passes."""
        self.answers += 1
        if self.is_asked_without_end:
            return httpx.Response(418, json={"message": "the walk asks for too many pages"})
        self._bench.now += timedelta(seconds=1)
        self.state.seconds = self._bench.seconds()
        return await self._app.handle_async_request(request)

    @property
    def is_asked_without_end(self) -> bool:
        """Whether a walk asks for more pages than any list has."""
        return self.answers > MAX_ANSWERS

    def account(self, origin: str) -> Account:
        """The account of the store at the address of a proxy."""
        sandbox = Sandbox({self.slug: self.state.store}, self.state.app)
        account = Account(**sandbox.account_arguments(self.slug, origin))
        changes: dict[str, Any] = {"base_url": (account.base_url or "").replace(f"{origin}/{self.slug}", origin)}
        if self.slug in _OAUTH_CREDENTIALS:
            changes["credentials"] = _OAUTH_CREDENTIALS[self.slug]
        if account.token_url is not None:
            changes["token_url"] = account.token_url.replace(f"{origin}/{self.slug}", origin)
        return replace(account, **changes)


class TalkativeChaos(Chaos):
    """Every answer repeats secrets: in a header, and in the body of an error."""

    secrets: tuple[str, ...] = ()

    def plant(self, strike: Strike, request: SeenRequest, answer: Answer) -> Answer:
        """The answer, with the secrets in it."""
        planted = super().plant(strike, request, answer)
        words = " ".join(self.secrets)
        body = planted.body.replace(b"planted", f"planted {words}".encode())
        return replace(planted, headers=(*planted.headers, ("X-Debug", words)), body=body)


@dataclass(eq=False)
class Witness(logging.Handler):
    """Collects every text in which a secret might show."""

    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(logging.DEBUG)

    def emit(self, record: logging.LogRecord) -> None:
        """Takes a line of a log."""
        self.texts.append(self.format(record))

    def see(self, error: BaseException) -> None:
        """Takes everything that an error shows."""
        self.texts += [*traceback.format_exception(error), repr(error)]
        self.texts.append(json.dumps(vars(error), default=repr))
        if hasattr(error, "to_dict"):
            self.texts.append(json.dumps(error.to_dict(), default=repr))

    def take(self) -> str:
        """All texts, which are then forgotten."""
        whole, self.texts = "\n".join(self.texts), []
        return whole


class FaultBench(Bench):
    """As the bench of the lists, over sockets; a wait passes at once."""

    def __init__(self, registry: Registry, overlay: Path, limits: Limits = PATIENT) -> None:
        self.limits = limits
        self.witness = Witness()
        self.shop: Shop | None = None
        self.command_error = ""
        super().__init__(registry, overlay)
        root = logging.getLogger()
        root.addHandler(self.witness)
        self._level = root.level
        root.setLevel(logging.DEBUG)
        self.service.event_hooks = {"response": [self._see_response]}

    def open_clients(self) -> tuple[Client, AsyncClient]:
        """Both clients, over the network."""
        self.settings = replace(
            self.settings,
            retry=RetryPolicy(attempts=3),
            breaker=CircuitBreaker(max_failures=1000),
            budgets=MemoryBudgetStore(self.seconds),
        )
        return (
            Client(self.registry, settings=self.settings, limits=self.limits, sleep=self._sleep),
            AsyncClient(self.registry, settings=self.settings, limits=self.limits, sleep=self._sleep_async),
        )

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def _sleep_async(self, seconds: float) -> None:
        self._sleep(seconds)

    async def _see_response(self, response: httpx.Response) -> None:
        await response.aread()
        if response.is_error:
            self.witness.texts.append(f"{response.headers} {response.text}")

    @property
    def store(self) -> Any:
        """The store of the walk, whose people have numbers."""
        assert self.shop is not None
        return self.shop.state

    def command_network(self) -> AbstractContextManager[object]:
        """Lets commands use the time and the limits of the bench."""

        def open_client(registry: Registry, **arguments: Any) -> Client:
            settings = replace(self.settings, cursor_key=arguments["settings"].cursor_key)
            return Client(registry, settings=settings, limits=self.limits, sleep=self._sleep)

        return mock.patch("truto_unify.cli.calls.Client", open_client)

    def run_command(self, words: list[str]) -> tuple[int, str, str]:
        """Runs a command, and shows the witness what it wrote."""
        code, out, err = super().run_command(words)
        match = _ERROR_CLASS.search(err)
        self.command_error = match[1] if match else ""
        self.witness.texts += [out if code else "", err]
        return code, out, err

    def read(self, door: Door, shop: Shop, chaos: Chaos, scenario: Scenario) -> Walk:
        """Reads a list, or a record, through a proxy of its own."""
        self.shop, shop.answers, walk = shop, 0, Walk()
        self.now += timedelta(days=1)  # no call pays for the quota of another
        server = ChaosServer(chaos, shop.origin, transport=shop, sleep=_sleep_less)
        with run_in_thread(server) as origin:
            self.account = shop.account(origin)
            if isinstance(chaos, TalkativeChaos):
                chaos.secrets = tuple(self.account.credentials.values())
            try:
                door.read(self, walk, scenario, None if door.limits is None else door.limits[0])
            except Exception as error:  # noqa: BLE001 - whatever comes is what is judged
                self.witness.see(error)
                walk.fail(error)
        return walk

    def close(self) -> None:
        """Closes everything."""
        root = logging.getLogger()
        root.removeHandler(self.witness)
        root.setLevel(self._level)
        super().close()

    def count_tasks(self) -> int:
        """Tasks of the asynchronous client that are still there."""

        async def count() -> int:
            for _ in range(TURNS):
                await asyncio.sleep(0)
            return len(asyncio.all_tasks()) - 1

        return self.runner.run(count())


async def _sleep_less(seconds: float) -> None:
    await asyncio.sleep(seconds * SLOWNESS)
