"""Stores in the database what accounts may still send to their providers, for all processes and machines.

Each change is one short transaction that holds the row of its key; nobody holds anything while a request waits.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from truto_unify.accounts.tables import RATE_BUDGETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from truto_unify.accounts.database import Database
    from truto_unify.types import BudgetChange

_MAX_KEYS = 10_000


class SqlBudgetStore:
    """An asynchronous budget store that many processes share.

    The database's clock measures the time since the last change. If it is set back, no time has passed; if it is set
    forward, no more than this process has seen pass since its own last change.

    Args:
        database: the database.
        clock: seconds of the machine's clock, for SQLite.
        timer: a monotonic clock in seconds.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._timer = timer
        self._changed: OrderedDict[str, float] = OrderedDict()

    async def change(self, key: str, change: BudgetChange) -> Any:
        """Changes the budget of a key, and gives the reply."""
        table = RATE_BUDGETS
        async with self._database.write() as connection:
            if not self._database.is_sqlite:
                # A row that is not there cannot be held; the first of two processes creates it.
                empty = {"key": key, "budget": "", "changed_at": 0.0}
                await connection.execute(postgresql.insert(table).values(empty).on_conflict_do_nothing())
            query = sa.select(table.c.budget, table.c.changed_at).where(table.c.key == key).with_for_update()
            row = (await connection.execute(query)).one_or_none()
            now = await self._now(connection)
            is_new = row is None or not row.budget
            elapsed = 0.0 if row is None or is_new else self._elapsed(key, now - row.changed_at)
            text, reply = change(None if row is None or is_new else row.budget, elapsed)
            values = {"key": key, "budget": text, "changed_at": now}
            dialect = sqlite if self._database.is_sqlite else postgresql
            insert = dialect.insert(table).values(values)
            await connection.execute(insert.on_conflict_do_update(index_elements=[table.c.key], set_=values))
        self._note(key)
        return reply

    async def _now(self, connection: AsyncConnection) -> float:
        if self._database.is_sqlite:
            return self._clock()
        moment = sa.text("SELECT EXTRACT(EPOCH FROM clock_timestamp())::float8")
        return float((await connection.execute(moment)).scalar_one())

    def _elapsed(self, key: str, seconds: float) -> float:
        seen = self._changed.get(key)
        most = seconds if seen is None else self._timer() - seen
        return max(min(seconds, most), 0.0)

    def _note(self, key: str) -> None:
        self._changed[key] = self._timer()
        self._changed.move_to_end(key)
        if len(self._changed) > _MAX_KEYS:
            self._changed.popitem(last=False)
