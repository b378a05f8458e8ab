"""Stores in Redis what accounts may still send to their providers, for all processes and machines.

The changes of a moment are two round trips: one reads their keys, and one stores each key that no other process changed
meanwhile. The changes of the other keys are repeated.
"""

from __future__ import annotations

import importlib.util
import json
import time
from typing import TYPE_CHECKING, Any

from truto_unify.accounts.budget_groups import BudgetGroups, group_by_key, run_in_turn
from truto_unify.errors import InvalidSetting, StorageError

if TYPE_CHECKING:
    from truto_unify.accounts.budget_groups import PendingChange
    from truto_unify.types import BudgetChange

SETTING = "TRUTO_UNIFY_REDIS_URL"
PREFIX = "truto-unify:budget:"
_KEPT_SECONDS = 2 * 86_400
"""Longer than the longest window that a provider states, a day."""
_STORE_UNCHANGED = """
local are_stored = {}
for place, key in ipairs(KEYS) do
    local is_unchanged = (redis.call('GET', key) or '') == ARGV[2 * place]
    if is_unchanged then
        redis.call('SET', key, ARGV[2 * place + 1], 'EX', ARGV[1])
    end
    are_stored[place] = is_unchanged and 1 or 0
end
return are_stored
"""
"""Gets how long to keep keys, and for each key the text that was read (empty if absent) and the text to store.

Redis runs a script alone (https://redis.io/docs/latest/develop/programmability/eval-intro/).
"""


class RedisBudgetStore:
    """An asynchronous budget store that many processes share; Redis' clock measures the time since the last change.

    Args:
        url: ``redis://host:6379/0`` or ``rediss://user:password@host:6379/0``.

    Raises:
        InvalidSetting: the URL is wrong, or the library is not installed; the URL is not shown.
    """

    def __init__(self, url: str) -> None:
        if importlib.util.find_spec("redis") is None:
            raise InvalidSetting(f'{SETTING} needs "redis": install it with  pip install "truto-unify[redis]"')
        from redis.asyncio import Redis  # noqa: PLC0415 - an extra

        failure = None
        try:
            self._redis = Redis.from_url(url, socket_timeout=5.0, socket_connect_timeout=5.0)
        except ValueError:
            failure = InvalidSetting(
                f"{SETTING} must be like redis://host:6379/0 or rediss://user:password@host:6379/0"
            )
        if failure is not None:
            raise failure
        self._store_unchanged = self._redis.register_script(_STORE_UNCHANGED)
        self._groups = BudgetGroups(self._commit)

    async def change(self, key: str, change: BudgetChange) -> Any:
        """Changes the budget of a key, and gives the reply.

        Raises:
            StorageError: Redis does not answer.
        """
        return await self._groups.change(key, change)

    async def _commit(self, changes: list[PendingChange]) -> None:
        """Runs and stores changes until none of their keys was changed by another process meanwhile."""
        from redis.exceptions import RedisError  # noqa: PLC0415 - an extra

        failure = None
        try:
            while changes:
                changes = await self._try(group_by_key(changes))
        except (RedisError, OSError) as error:
            failure = StorageError(f"Redis does not answer: {type(error).__name__}")
        if failure is not None:
            raise failure

    async def _try(self, groups: dict[str, list[PendingChange]]) -> list[PendingChange]:
        """Finishes the changes of the keys that can be stored; gives the other changes."""
        asked_at = time.monotonic()
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.mget([PREFIX + key for key in groups])
            pipeline.time()
            stored, (seconds, microseconds) = await pipeline.execute()
        read, read_at = seconds + microseconds / 1e6, (asked_at + time.monotonic()) / 2
        names, words = [], [str(_KEPT_SECONDS).encode()]
        for (key, group), before in zip(groups.items(), stored, strict=True):
            now = read + time.monotonic() - read_at  # many keys take a while
            text, changed_at = json.loads(before) if before else (None, now)
            fresh = run_in_turn(group, text, max(now - changed_at, 0.0))
            if fresh is not None:
                names.append(PREFIX + key)
                words += [before or b"", json.dumps([fresh, now]).encode()]
        are_stored = await self._store_unchanged(keys=names, args=words) if names else []
        again = {name.removeprefix(PREFIX) for name, is_stored in zip(names, are_stored, strict=True) if not is_stored}
        for key, group in groups.items():
            for pending in group if key not in again else ():
                pending.finish()
        return [pending for key in again for pending in groups[key]]

    async def close(self) -> None:
        """Closes the connections, after the changes that are under way."""
        await self._groups.close()
        await self._redis.aclose()
