"""The synchronous and the asynchronous client behind one face, so that each test runs on both."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.shipped import REGISTRY
from truto_unify import AsyncClient, Client, Registry, Settings
from truto_unify.engine.breaker import CircuitBreaker
from truto_unify.engine.budget_store import MemoryBudgetStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify import Account, Page
    from truto_unify.explanation import Explanation
    from truto_unify.types import Limits

CUSTOMERS: Final = "ecommerce/customers"
Records = list[Any]
Pages = list["Page[Any]"]
NOW = datetime(2026, 11, 24, 6, 50, tzinfo=UTC)
STILL = Settings(now=lambda: NOW, random=lambda: 0.0, timer=lambda: 0.0)
"""No time passes and no wait is spread, so that every wait can be named exactly."""

# Both are made once, for they take longer than most tests.
_TLS = httpx.create_ssl_context()


@dataclass
class Twin(ABC):
    """One of the two clients; ``waits`` collects the seconds it would have slept."""

    registry: Registry = REGISTRY
    settings: Settings = STILL
    limits: Limits | None = None
    transport: Any = None  # an httpx transport for both, or of the twin's own kind
    waits: list[float] = field(default_factory=list)
    on_wait: Callable[[float], None] = lambda _: None

    def __post_init__(self) -> None:
        # A wait passes for budgets, though the clock stands still.
        self.settings = replace(self.settings, budgets=MemoryBudgetStore(lambda: sum(self.waits)))

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.on_wait(seconds)

    @abstractmethod
    def list(self, account: Account, **query: Any) -> Page[Any]:
        """As the client\'s."""

    @abstractmethod
    def get(self, account: Account, record_id: str, **query: Any) -> Any:
        """As the client\'s."""

    @abstractmethod
    def iterate(self, account: Account, **query: Any) -> Records:
        """As the client\'s."""

    @abstractmethod
    def pages(self, account: Account, **query: Any) -> Pages:
        """As the client\'s."""

    @abstractmethod
    def explain(self, account: Account, record_id: str | None = None, **query: Any) -> Explanation:
        """As the client\'s."""


class SyncTwin(Twin):
    def _open(self) -> Client:
        return Client(
            self.registry,
            settings=replace(self.settings, breaker=CircuitBreaker()),
            limits=self.limits,
            transport=self.transport or httpx.HTTPTransport(verify=_TLS),
            sleep=self._wait,
        )

    def list(self, account: Account, **query: Any) -> Page[Any]:
        with self._open() as client:
            return client.list(CUSTOMERS, account, **query)

    def get(self, account: Account, record_id: str, **query: Any) -> Any:
        with self._open() as client:
            return client.get(CUSTOMERS, account, record_id, **query)

    def iterate(self, account: Account, **query: Any) -> Records:
        with self._open() as client:
            return [*client.iterate(CUSTOMERS, account, **query)]

    def pages(self, account: Account, **query: Any) -> Pages:
        with self._open() as client:
            return [*client.pages(CUSTOMERS, account, **query)]

    def explain(self, account: Account, record_id: str | None = None, **query: Any) -> Explanation:
        with self._open() as client:
            return client.explain(CUSTOMERS, account, record_id, **query)


class AsyncTwin(Twin):
    def _open(self) -> AsyncClient:
        async def sleep(seconds: float) -> None:
            self._wait(seconds)

        return AsyncClient(
            self.registry,
            settings=replace(self.settings, breaker=CircuitBreaker()),
            limits=self.limits,
            transport=self.transport or httpx.AsyncHTTPTransport(verify=_TLS),
            sleep=sleep,
        )

    def list(self, account: Account, **query: Any) -> Page[Any]:
        async def read() -> Page[Any]:
            async with self._open() as client:
                page: Page[Any] = await client.list(CUSTOMERS, account, **query)
                return page

        return asyncio.run(read())

    def get(self, account: Account, record_id: str, **query: Any) -> Any:
        async def read() -> Any:
            async with self._open() as client:
                return await client.get(CUSTOMERS, account, record_id, **query)

        return asyncio.run(read())

    def iterate(self, account: Account, **query: Any) -> Records:
        async def read() -> Records:
            async with self._open() as client:
                return [record async for record in client.iterate(CUSTOMERS, account, **query)]

        return asyncio.run(read())

    def pages(self, account: Account, **query: Any) -> Pages:
        async def read() -> Pages:
            async with self._open() as client:
                return [page async for page in client.pages(CUSTOMERS, account, **query)]

        return asyncio.run(read())

    def explain(self, account: Account, record_id: str | None = None, **query: Any) -> Explanation:
        async def read() -> Explanation:
            async with self._open() as client:
                return client.explain(CUSTOMERS, account, record_id, **query)

        return asyncio.run(read())


TWINS: tuple[type[Twin], ...] = (SyncTwin, AsyncTwin)

both = pytest.mark.parametrize("twin", TWINS)
"""Runs a test on each of both clients."""
