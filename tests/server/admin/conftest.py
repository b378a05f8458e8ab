"""The service over a real account store, and callers with tokens of all kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.accounts.migrated import write_schema
from tests.loopback import THIS_MACHINE
from truto_unify import AsyncClient, Registry, RetryPolicy, Settings
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.vault import new_key
from truto_unify.server.app import create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastapi import FastAPI

KEY = new_key()
SHOP = {
    "tenant_id": "tenant-1",
    "integration": "woocommerce",
    "authentication_method": "api_key",
    "credentials": {"consumer_key": "ck_s3cret", "consumer_secret": "cs_s3cret"},
    "context": {"store_url": "https://shop.example"},
}


@dataclass
class Administration:
    """A caller of the service, with tokens of two environments.

    Attributes:
        token: of the environment at home, with every scope.
        stranger: the same of another environment.
    """

    app: FastAPI
    store: AccountStore
    http: httpx.AsyncClient
    home: str
    away: str
    token: str
    stranger: str

    async def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **more: Any
    ) -> httpx.Response:
        """One call, by default with the token of the home environment."""
        arguments = {} if body is None else {"json": body}
        headers = {"Authorization": f"Bearer {self.token if token is None else token}", **more.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **arguments, **more)

    async def create_account(self, **changes: Any) -> dict[str, Any]:
        """A new account at home."""
        answer = await self.call("POST", "/integrated-account", {**SHOP, **changes})
        assert answer.status_code == 200, answer.text
        created: dict[str, Any] = answer.json()
        return created


@pytest.fixture
async def admin(tmp_path: Path, registry: Registry) -> AsyncIterator[Administration]:
    url = f"sqlite:///{tmp_path}/accounts.db"
    await write_schema(url)
    store = await AccountStore.open(url, KEY, outbound=THIS_MACHINE)
    home, away = (await store.environments.ensure("home")).id, (await store.environments.ensure("away")).id
    _, token = await store.api_tokens.create(home, name="home")
    _, stranger = await store.api_tokens.create(away, name="away")
    # A store that does not answer is asked once: nothing here is about retries.
    settings = Settings(retry=RetryPolicy(attempts=1))
    async with AsyncClient(registry, settings=settings, tokens=store.tokens) as client:
        app = create_app(store, registry=registry, client=client)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as http:
            yield Administration(app, store, http, home, away, token, stranger)
    await store.close()
