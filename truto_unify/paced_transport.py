"""Drives flows that also change budgets, and ends the request of a budget if its answer is lost."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidInput
from truto_unify.transport import AsyncTransport, Transport
from truto_unify.types import ChangeBudget, Send

if TYPE_CHECKING:
    from truto_unify.types import BudgetStore, PacedStep


class PacedTransport(Transport):
    """A transport with budgets.

    Args:
        budgets: where budgets are kept.
        *arguments: of ``Transport``.
        **options: of ``Transport``.

    Raises:
        InvalidInput: the budget store is asynchronous.
    """

    def __init__(self, budgets: BudgetStore, *arguments: Any, **options: Any) -> None:
        if inspect.iscoroutinefunction(budgets.change):
            raise InvalidInput(f"{type(budgets).__name__} is an asynchronous budget store: use it with AsyncClient")
        super().__init__(*arguments, **options)
        self._budgets = budgets

    def _do(self, step: PacedStep) -> Any:
        if isinstance(step, ChangeBudget):
            return self._budgets.change(step.key, step.change)
        if not isinstance(step, Send) or step.on_lost is None:
            return super()._do(step)
        try:
            return super()._do(step)
        except BaseException:
            self._budgets.change(step.on_lost.key, step.on_lost.change)
            raise


class AsyncPacedTransport(AsyncTransport):
    """An asynchronous transport with budgets.

    Args:
        budgets: where budgets are kept.
        *arguments: of ``AsyncTransport``.
        **options: of ``AsyncTransport``.
    """

    def __init__(self, budgets: BudgetStore, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._budgets = budgets
        self._ending: set[asyncio.Future[Any]] = set()

    async def _do(self, step: PacedStep) -> Any:
        if isinstance(step, ChangeBudget):
            return await self._change(step)
        if not isinstance(step, Send) or step.on_lost is None:
            return await super()._do(step)
        try:
            return await super()._do(step)
        except BaseException:
            # A cancelled caller ends its request too; else it would count as under way until its lease ends.
            change = asyncio.ensure_future(self._change(step.on_lost))
            self._ending.add(change)
            change.add_done_callback(self._ending.discard)
            await asyncio.shield(change)
            raise

    async def _change(self, step: ChangeBudget) -> Any:
        reply = self._budgets.change(step.key, step.change)
        return await reply if inspect.isawaitable(reply) else reply
