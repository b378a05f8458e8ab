"""The service over a real account store: SQLite in a folder of the test."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from tests.accounts.migrated import write_schema
from tests.loopback import THIS_MACHINE
from tests.unhurried import unhurried_budgets
from truto_unify import AsyncClient, RetryPolicy, Settings
from truto_unify.accounts.admission import AccountDraft, Admission
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.vault import new_key
from truto_unify.server.app import create_app
from truto_unify.server.request_context import observed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastapi import FastAPI

    from tests.loopback import Loopback
    from truto_unify import Registry


def key_of(folder: Path) -> str:
    """The secret key of the database in a folder."""
    file = folder / "secret.key"
    if not file.exists():
        file.write_text(new_key())
    return file.read_text()


@asynccontextmanager
async def open_store(folder: Path) -> AsyncIterator[AccountStore]:
    """A migrated store in a new file."""
    url = f"sqlite:///{folder / 'service.db'}"
    await write_schema(url)
    store = await AccountStore.open(url, key_of(folder), outbound=THIS_MACHINE)
    try:
        yield store
    finally:
        await store.close()


async def add_account(store: AccountStore, registry: Registry, stores: Loopback, slug: str, environment: str) -> str:
    """Stores the account of a pretend store and returns its id."""
    owner = await store.environments.ensure(environment)
    arguments = dict(stores.sandbox.account_arguments(slug, stores.origin))
    draft = AccountDraft(tenant_id="tenant", integration=str(arguments.pop("provider")), **arguments)  # type: ignore[arg-type]  # the arguments are those of an account
    return (await store.accounts.create(owner.id, draft, Admission(registry, store.outbound))).id


def real_app(store: AccountStore, registry: Registry) -> FastAPI:
    """The service; a refused native request is not sent again, and none waits: a minute passes between two."""
    budgets, retry = unhurried_budgets(), RetryPolicy(attempts=1)
    settings = observed(Settings(retry=retry, budgets=budgets))
    upstream = httpx.AsyncHTTPTransport(verify=False)
    client = AsyncClient(registry, settings=settings, transport=upstream, tokens=store.tokens)
    return create_app(store, registry=registry, client=client)
