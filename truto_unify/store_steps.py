"""The steps of a flow that read and change stores: of tokens, of budgets, and their locks."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from truto_unify.steps import ChangeBudget, ReadToken, WriteToken

if TYPE_CHECKING:
    import threading
    from collections.abc import AsyncIterator

    from truto_unify.types import BudgetStore, TokenStore

_LOCK_POLL_SECONDS = 0.005


def use_store(tokens: TokenStore, budgets: BudgetStore, step: ReadToken | WriteToken | ChangeBudget) -> Any:
    """What a store replies to a step; an asynchronous store gives something to wait for."""
    if isinstance(step, ReadToken):
        return tokens.read(step.key)
    if isinstance(step, WriteToken):
        return tokens.write(step.key, step.token)
    return budgets.change(step.key, step.change)


async def settled(value: Any) -> Any:
    """The value, awaited if the store is asynchronous."""
    return await value if inspect.isawaitable(value) else value


@asynccontextmanager
async def held(lock: threading.Lock | AbstractAsyncContextManager[None]) -> AsyncIterator[None]:
    """Holds a lock without blocking the loop; a thread lock orders tasks, threads and loops."""
    if isinstance(lock, AbstractAsyncContextManager):
        async with lock:
            yield
        return
    while not lock.acquire(blocking=False):
        await asyncio.sleep(_LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()
