"""Stores in Redis what accounts may still send to their providers, for all processes and machines.

A change is a transaction that is repeated if another process changed the same key meanwhile
(https://redis.io/docs/latest/develop/using-commands/transactions/#optimistic-locking-using-check-and-set).
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from truto_unify.errors import InvalidSetting, StorageError

if TYPE_CHECKING:
    from truto_unify.types import BudgetChange

SETTING = "TRUTO_UNIFY_REDIS_URL"
PREFIX = "truto-unify:budget:"
_KEPT_SECONDS = 2 * 86_400
"""Longer than the longest window that a provider states, a day."""


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
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def change(self, key: str, change: BudgetChange) -> Any:
        """Changes the budget of a key, and gives the reply.

        Raises:
            StorageError: Redis does not answer.
        """
        from redis.exceptions import RedisError, WatchError  # noqa: PLC0415 - an extra

        name = PREFIX + key
        lock = self._locks.setdefault(key, asyncio.Lock())  # tasks of one process do not disturb each other
        failure = None
        async with lock:
            while failure is None:
                try:
                    async with self._redis.pipeline(transaction=True) as pipeline:
                        await pipeline.watch(name)
                        stored = await pipeline.get(name)
                        seconds, microseconds = await pipeline.time()
                        now = seconds + microseconds / 1e6
                        text, changed_at = json.loads(stored) if stored else (None, now)
                        fresh, reply = change(text, max(now - changed_at, 0.0))
                        pipeline.multi()  # type: ignore[no-untyped-call]
                        pipeline.set(name, json.dumps([fresh, now]), ex=_KEPT_SECONDS)
                        await pipeline.execute()
                        return reply
                except WatchError:
                    continue
                except (RedisError, OSError) as error:
                    failure = StorageError(f"Redis does not answer: {type(error).__name__}")
        assert failure is not None  # noqa: S101 - the loop ends otherwise
        raise failure

    async def close(self) -> None:
        """Closes the connections."""
        await self._redis.aclose()
