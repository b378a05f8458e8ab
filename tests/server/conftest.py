"""The service in this process, over the pretend stores on a socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from tests.server.memory_store import MemoryStore
from tests.shipped import REGISTRY
from tests.unhurried import unhurried_budgets
from truto_unify import AsyncClient, Registry, RetryPolicy, Settings
from truto_unify.server.app import create_app
from truto_unify.server.request_context import observed
from truto_unify.server.settings import ServiceSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from tests.loopback import Loopback
    from truto_unify.accounts.store import AccountStore

TOKEN = "token-of-the-test"
STRANGER = "token-of-another-environment"
HOME, AWAY = "environment-1", "environment-2"
SLUGS = ("bigcommerce", "commerce7", "shopify", "wix", "woocommerce", "zohoinventory")


def account_id(slug: str) -> str:
    """The id of the account at one of the pretend stores."""
    return f"{SLUGS.index(slug):08d}-0000-4000-8000-000000000000"


@dataclass
class Service:
    """The service, and a caller of it."""

    app: FastAPI
    store: MemoryStore
    loopback: Loopback
    http: httpx.AsyncClient

    async def call(self, path: str, slug: str | None = "woocommerce", /, method: str = "GET", **more: Any) -> Any:
        """One call with the good token, about the account at a store."""
        joint = "&" if "?" in path else "?"
        address = path if slug is None else f"{path}{joint}integrated_account_id={account_id(slug)}"
        return await self.http.request(method, address, **more)


@pytest.fixture(scope="session")
def registry() -> Registry:
    return REGISTRY


@pytest.fixture
def service_settings() -> ServiceSettings:
    return ServiceSettings()


@pytest.fixture
def memory_store(loopback: Loopback) -> MemoryStore:
    store = MemoryStore()
    store.add_token(TOKEN, HOME)
    store.add_token(STRANGER, AWAY)
    for slug in SLUGS:
        store.add_account(HOME, account_id(slug), loopback.account(slug))
    return store


@pytest.fixture
async def service(
    loopback: Loopback, memory_store: MemoryStore, registry: Registry, service_settings: ServiceSettings
) -> AsyncIterator[Service]:
    budgets, retry = unhurried_budgets(), RetryPolicy(attempts=1)
    settings = observed(Settings(retry=retry, budgets=budgets))
    upstream = httpx.AsyncHTTPTransport(verify=False)  # the stores speak plain HTTP; no certificates are read
    async with AsyncClient(registry, settings=settings, transport=upstream) as client:
        app = create_app(
            cast("AccountStore", memory_store), registry=registry, client=client, settings=service_settings
        )
        transport = httpx.ASGITransport(app)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test", headers=headers) as http:
            yield Service(app, memory_store, loopback, http)
