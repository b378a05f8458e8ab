"""Budgets of providers for tests whose requests must not wait: a minute passes between two of them."""

from __future__ import annotations

from functools import partial
from itertools import count

from truto_unify.engine.budget_store import MemoryBudgetStore


def unhurried_budgets() -> MemoryBudgetStore:
    """A store of budgets whose clock is a minute further each time."""
    return MemoryBudgetStore(partial(next, count(0, 60)))
