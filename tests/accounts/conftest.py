"""An account store on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accounts.material import KEY, Clock, draft
from tests.accounts.migrated import write_schema
from tests.shipped import REGISTRY
from truto_unify.accounts.admission import Admission
from truto_unify.accounts.store import AccountStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from truto_unify import Registry
    from truto_unify.accounts.records import IntegratedAccount


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/accounts.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(database_url: str, clock: Clock) -> AsyncIterator[AccountStore]:
    """A migrated store on the clock of the test."""
    await write_schema(database_url)
    opened = await AccountStore.open(database_url, KEY, now=clock)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def registry() -> Registry:
    return REGISTRY


@pytest.fixture
def rules(registry: Registry, store: AccountStore) -> Admission:
    return Admission(registry, store.outbound)


@pytest.fixture
async def home(store: AccountStore) -> str:
    """The id of the environment of the test."""
    return (await store.environments.ensure("home")).id


@pytest.fixture
async def away(store: AccountStore) -> str:
    """The id of another environment."""
    return (await store.environments.ensure("away")).id


@pytest.fixture
async def shop(store: AccountStore, home: str, rules: Admission) -> IntegratedAccount:
    """An account at home."""
    return await store.accounts.create(home, draft(), rules)
