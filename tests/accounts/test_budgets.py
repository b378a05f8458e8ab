from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from tests.accounts.material import KEY
from tests.shipped import REGISTRY
from truto_unify.accounts.budgets import SqlBudgetStore
from truto_unify.accounts.store import AccountStore
from truto_unify.engine.rate_budget import Demand, Grant, claim

pytestmark = pytest.mark.anyio
RULES = REGISTRY.provider("zohoinventory").config.rate_limit.rules


class Machine:
    """A clock of the wall, and one that only runs on."""

    def __init__(self) -> None:
        self.wall = 1_000_000.0
        self.running = 50.0

    def wait(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds


def open_budgets(store: AccountStore, machine: Machine) -> SqlBudgetStore:
    return SqlBudgetStore(store.database, clock=lambda: machine.wall, timer=lambda: machine.running)


async def ask(budgets: SqlBudgetStore, key: str = "acme", patience: float = 0.0) -> Grant:
    demand = Demand(RULES, cost=1.0, kind="", patience=patience, lease=0.0)
    grant: Grant = await budgets.change(key, partial(claim, demand=demand))
    return grant


async def test_two_processes_share_one_burst_over_one_connection_each(store: AccountStore, database_url: str) -> None:
    machine = Machine()
    other = await AccountStore.open(database_url, KEY)
    stores = (store, other)
    processes = [open_budgets(each, machine) for each in stores]

    grants = await asyncio.gather(*(ask(processes[turn % 2], key) for turn in range(100) for key in ("acme", "other")))
    opened = [each.database._engine.pool.checkedin() for each in stores]  # type: ignore[attr-defined]  # declared by QueuePool alone
    await other.close()

    assert (sum(grant.is_now for grant in grants[::2]), sum(grant.is_now for grant in grants[1::2])) == (5, 5)
    assert opened == [1, 1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_clock_that_is_set_changes_nothing(store: AccountStore) -> None:
    machine = Machine()
    budgets = open_budgets(store, machine)

    async def count(jump: float) -> int:
        machine.wall += jump
        grants: list[Any] = [await ask(budgets) for _ in range(10)]
        return sum(grant.is_now for grant in grants)

    used = await count(0.0)
    forward, back = await count(3600.0), await count(-7200.0)
    assert (used, forward, back) == (5, 0, 0)
    machine.wait(6.0)  # the leases of the requests end, and the bucket is full again
    assert await count(0.0) == 5
