"""Settings for measurements: no call waits for the limits of a provider, which would be part of no figure."""

from __future__ import annotations

from functools import partial
from itertools import count

from truto_unify import Settings
from truto_unify.engine.budget_store import MemoryBudgetStore

UNHURRIED = Settings(budgets=MemoryBudgetStore(timer=partial(next, count(0, 60))))
"""A minute passes between two calls."""
