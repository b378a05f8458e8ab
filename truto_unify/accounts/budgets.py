"""Stores in the database what accounts may still send to their providers, for all processes and machines.

The changes of a moment are one short transaction that holds the rows of their keys; nobody holds anything while a
request waits.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from truto_unify.accounts.budget_groups import BudgetGroups, group_by_key, run_in_turn
from truto_unify.accounts.tables import RATE_BUDGETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from truto_unify.accounts.budget_groups import PendingChange
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
        self._groups = BudgetGroups(self._commit)

    async def change(self, key: str, change: BudgetChange) -> Any:
        """Changes the budget of a key, and gives the reply.

        Raises:
            StorageError: the database does not answer.
        """
        return await self._groups.change(key, change)

    async def close(self) -> None:
        """Waits for the changes that are under way."""
        await self._groups.close()

    async def _commit(self, changes: list[PendingChange]) -> None:
        """Runs and stores changes in one transaction."""
        table, groups = RATE_BUDGETS, group_by_key(changes)
        async with self._database.write() as connection:
            if not self._database.is_sqlite:
                # A row that is not there cannot be held; the first of two processes creates it.
                empty = postgresql.insert(table).on_conflict_do_nothing()
                await connection.execute(empty, [{"key": key, "budget": "", "changed_at": 0.0} for key in groups])
            query = sa.select(table).where(table.c.key.in_(groups)).order_by(table.c.key).with_for_update()
            rows = {row.key: row for row in await connection.execute(query) if row.budget}
            asked_at = self._timer()
            read = await self._now(connection)
            read_at = (asked_at + self._timer()) / 2
            values: list[dict[str, Any]] = []
            seen: dict[str, float] = {}
            for key, group in groups.items():
                row, seen[key] = rows.get(key), self._timer()
                now = read + seen[key] - read_at  # many keys take a while
                elapsed = 0.0 if row is None else self._elapsed(key, now - row.changed_at)
                text = run_in_turn(group, None if row is None else row.budget, elapsed)
                if text is not None:
                    values.append({"key": key, "budget": text, "changed_at": now})
            if values:
                insert = (sqlite if self._database.is_sqlite else postgresql).insert(table)
                fresh = {"budget": insert.excluded.budget, "changed_at": insert.excluded.changed_at}
                await connection.execute(insert.on_conflict_do_update(index_elements=[table.c.key], set_=fresh), values)
        for stored in values:
            self._note(stored["key"], seen[stored["key"]])
        for pending in changes:
            pending.finish()

    async def _now(self, connection: AsyncConnection) -> float:
        if self._database.is_sqlite:
            return self._clock()
        moment = sa.text("SELECT EXTRACT(EPOCH FROM clock_timestamp())::float8")
        return float((await connection.execute(moment)).scalar_one())

    def _elapsed(self, key: str, seconds: float) -> float:
        seen = self._changed.get(key)
        most = seconds if seen is None else self._timer() - seen
        return max(min(seconds, most), 0.0)

    def _note(self, key: str, moment: float) -> None:
        self._changed[key] = moment
        self._changed.move_to_end(key)
        if len(self._changed) > _MAX_KEYS:
            self._changed.popitem(last=False)
