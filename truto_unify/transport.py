"""Drives a flow with httpx, synchronously or asynchronously; the only module that does I/O."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager, nullcontext, suppress
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import httpx

from truto_unify.answer_body import BodyRefused, takes_long_to_map
from truto_unify.connections import ReadClock, open_async_client, open_client
from truto_unify.engine.budget_store import PROCESS_BUDGETS
from truto_unify.errors import InvalidInput, TransportError, UnifyError
from truto_unify.httpx_answers import all_headers, begin_body, wire_parts
from truto_unify.identity_pools import IdentityPools
from truto_unify.lanes import Lanes
from truto_unify.lost_answers import LOST, explain_lost, out_of_time, refused
from truto_unify.pools import LoopPools, ProcessPools
from truto_unify.redaction import hide_query
from truto_unify.steps import ChangeBudget, Exclusive, Flow, Gather, Queued, ReadToken, Send, Step, Wait, WriteToken
from truto_unify.store_steps import held, settled, use_store
from truto_unify.turns import Turns
from truto_unify.types import BudgetStore, Limits, Request, Response, Result, TokenStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

HttpTransport = httpx.BaseTransport
AsyncHttpTransport = httpx.AsyncBaseTransport
OnWritten: TypeAlias = "Callable[[], None] | None"


class _HideQueries(logging.Filter):
    """httpx logs whole addresses, and a query may hold credentials or personal data."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(hide_query(str(arg)) if isinstance(arg, httpx.URL) else arg for arg in record.args)
        return True


class _HideHeaders(logging.Filter):
    """httpcore logs the headers of answers, and a store may repeat credentials there, as in page links."""

    def filter(self, record: logging.LogRecord) -> bool:
        head, event, _ = record.getMessage().partition("response_headers.complete")
        if event:
            record.msg, record.args = head + event, ()
        return True


logging.getLogger("httpx").addFilter(_HideQueries())
for _name in ("httpcore.http11", "httpcore.http2", "httpcore.proxy"):
    logging.getLogger(_name).addFilter(_HideHeaders())


_STEPS_IN_A_ROW = 8
"""Steps of inflating, half a mebibyte, after which an event loop serves others."""
_WRITTEN = "send_request_body.complete"
"""The end of an event of httpcore, in each version of HTTP (https://www.encode.io/httpcore/extensions/#trace)."""


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a flow that ran in a thread, out of which no ``StopIteration`` can be raised."""

    value: Any


def _advance(flow: Flow[Any], reply: Any) -> Any:
    try:
        return flow.send(reply)
    except StopIteration as end:
        return _End(end.value)


class Transport:
    """Sends synchronously over one pooled client.

    Args:
        limits: time-outs, sizes and certificates.
        transport: replaces the network (tests, in-process apps).
        sleep: waits so many seconds.
        tokens: where access tokens are kept.
        budgets: what accounts may still send.

    Attributes:
        lanes: the requests in flight, and those that wait.

    Raises:
        InvalidInput: the token store or the budget store is asynchronous.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        *,
        tokens: TokenStore,
        budgets: BudgetStore = PROCESS_BUDGETS,
    ) -> None:
        for store, method, kind in ((tokens, tokens.read, "token"), (budgets, budgets.change, "budget")):
            if inspect.iscoroutinefunction(method):
                message = f"{type(store).__name__} is an asynchronous {kind} store: use it with AsyncClient"
                raise InvalidInput(message)
        self._sleep = sleep
        self._tokens = tokens
        self._budgets = budgets
        self._limits = limits or Limits()
        self.lanes = Lanes.of(self._limits)
        self._turns = Turns()
        self._clock = ReadClock()
        self._pools = IdentityPools(
            lambda identity: ProcessPools(partial(open_client, self._limits, transport, identity), transport)
        )

    def run(self, flow: Flow[Result]) -> Result:
        """Runs a flow to its end and gives its result."""
        with closing(flow):  # what a flow holds comes free now, and not when the traceback of an error is collected
            return self._run(flow)

    def _run(self, flow: Flow[Result]) -> Result:
        reply: Any = None
        failure: Exception | None = None
        while True:
            try:
                step = flow.throw(failure) if failure is not None else flow.send(reply)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # StopIteration is not generic
            try:
                reply, failure = self._do(step), None
            except UnifyError as error:
                failure = error

    def _do(self, step: Step) -> Any:
        if isinstance(step, Send):
            return self._exchange(step)
        if isinstance(step, Wait):
            with self._ending(step.on_lost):
                self._sleep(step.seconds)
                return None if step.turn is None else self._turns.wait(step.turn)
        if isinstance(step, Queued):
            with self._turns.held(step.key, step.number):
                return self.run(step.flow)
        if isinstance(step, ReadToken | WriteToken | ChangeBudget):
            return self._store(step)
        if isinstance(step, Exclusive):
            lock = self._tokens.lock(step.key)
            assert not isinstance(lock, AbstractAsyncContextManager)  # noqa: S101 - __init__ refused such a store
            with lock:
                return self.run(step.flow)
        return self._gather(step)

    def _place(self, step: Send) -> AbstractContextManager[float]:
        """Waits for the lane of a request; gives the seconds of its exchange."""
        seconds = _seconds(step, self._limits)
        return nullcontext(seconds) if step.lane is None else self.lanes.place(step.lane, seconds)

    def _exchange(self, step: Send) -> Response:
        """The answer to a request; a budget learns of an answer that is lost."""
        with self._ending(step.on_lost):
            with self._place(step) as seconds:
                outcome = self._send(step.request, seconds, step.on_written)
            if isinstance(outcome, TransportError):
                raise outcome
        return outcome

    @contextmanager
    def _ending(self, on_lost: ChangeBudget | None) -> Iterator[None]:
        """Changes a budget if what runs in this context fails."""
        try:
            yield
        except BaseException:
            if on_lost is not None:
                self._store(on_lost)
            raise

    def _store(self, step: ReadToken | WriteToken | ChangeBudget) -> Any:
        """What a store replies to a step."""
        return use_store(self._tokens, self._budgets, step)

    def _gather(self, step: Gather) -> list[Any]:
        """The results in order; after a failure no further flow begins."""
        if len(step.flows) == 1:
            return [self.run(step.flows[0])]
        failed = threading.Event()

        def run_unless_failed(flow: Flow[Any]) -> Any:
            if failed.is_set():  # a free thread begins the next flow before the others can be cancelled
                return None
            try:
                return self.run(flow)
            except BaseException:
                failed.set()
                raise

        with ThreadPoolExecutor(max_workers=step.at_once) as pool:
            # A copy for each flow: its spans belong below the span of the call.
            futures = [pool.submit(copy_context().run, run_unless_failed, flow) for flow in step.flows]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _send(self, request: Request, seconds: float, on_written: OnWritten) -> Response | TransportError:
        fault: Exception
        try:
            with self._clock.running(seconds), self._open(request, seconds, on_written) as answer:
                body = begin_body(answer, self._limits)
                for part in wire_parts(answer):
                    body.add(part)
                    self._clock.check()
                return Response(answer.status_code, all_headers(answer), body.body())
        except TimeoutError:
            return out_of_time(request, seconds)
        except BodyRefused as reason:
            return refused(request, reason)
        except zlib.error as error:
            fault = httpx.DecodingError(str(error))
        except LOST as error:
            fault = error
        return explain_lost(request, fault)

    @contextmanager
    def _open(self, request: Request, seconds: float, on_written: OnWritten) -> Iterator[httpx.Response]:
        limits, arguments = self._limits, _arguments(request, self._limits)
        # The clock bounds reads; no other step may take longer than the exchange either.
        timeout = httpx.Timeout(min(limits.read_timeout, seconds), connect=min(limits.connect_timeout, seconds))

        def trace(event: str, info: dict[str, Any]) -> None:
            self._clock.trace(event, info)
            if on_written is not None and event.endswith(_WRITTEN):
                on_written()

        extensions = {"trace": trace}
        with (
            self._pools.using(request.identity) as pools,
            pools.client().stream(**arguments, timeout=timeout, extensions=extensions) as answer,
        ):
            yield answer
        for surplus in self._pools.take_surplus():
            surplus.close()

    def close(self) -> None:
        """Closes the connections."""
        for pools in self._pools.all():
            pools.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


class AsyncTransport:
    """Sends asynchronously over one pooled client.

    Args:
        limits: time-outs, sizes and certificates.
        transport: replaces the network (tests, in-process apps).
        sleep: waits so many seconds.
        tokens: where access tokens are kept.

    Attributes:
        lanes: the requests in flight, and those that wait.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        tokens: TokenStore,
        budgets: BudgetStore = PROCESS_BUDGETS,
    ) -> None:
        self._sleep = sleep
        self._tokens = tokens
        self._budgets = budgets
        self._changes: set[asyncio.Future[Any]] = set()
        self._renewals: set[asyncio.Task[Any]] = set()
        self._limits = limits or Limits()
        self.lanes = Lanes.of(self._limits)
        self._turns = Turns()
        self._pools = IdentityPools(
            lambda identity: LoopPools(partial(open_async_client, self._limits, transport, identity), transport)
        )

    async def run(self, flow: Flow[Result], *, is_costly: bool = False) -> Result:
        """Runs a flow to its end and gives its result.

        Args:
            flow: the flow.
            is_costly: whether its own steps may take long, so that they run in a thread.
        """
        try:
            return await self._run(flow, is_costly=is_costly)
        finally:
            with suppress(ValueError):  # a thread still advances it
                flow.close()

    async def _run(self, flow: Flow[Result], *, is_costly: bool) -> Result:
        reply: Any = None
        failure: Exception | None = None
        is_long = is_costly
        while True:
            try:
                if is_long and failure is None:
                    step = await asyncio.to_thread(_advance, flow, reply)
                else:
                    step = flow.throw(failure) if failure is not None else flow.send(reply)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # StopIteration is not generic
            if isinstance(step, _End):
                return step.value  # type: ignore[no-any-return]  # as above
            try:
                reply, failure = await self._do(step), None
            except UnifyError as error:
                failure = error
            # Mapping takes the processor; what may take long must not stop the calls of others. It comes some steps
            # after the answer, because a budget learns of the answer first.
            if isinstance(reply, Response):
                is_long = is_costly or takes_long_to_map(reply.body)

    async def _do(self, step: Step) -> Any:
        if isinstance(step, Send):
            return await self._exchange(step)
        if isinstance(step, Wait):
            async with self._ending(step.on_lost):
                await self._sleep(step.seconds)
                return None if step.turn is None else await self._turns.async_wait(step.turn)
        if isinstance(step, Queued):
            with self._turns.held(step.key, step.number):
                return await self.run(step.flow)
        if isinstance(step, ReadToken | WriteToken | ChangeBudget):
            return await self._use_store(step)
        if isinstance(step, Exclusive):
            # A cancelled caller must not cancel the renewal: its answer alone holds the rotated refresh token.
            renewal = asyncio.ensure_future(self._run_alone(step))
            self._renewals.add(renewal)
            renewal.add_done_callback(self._renewals.discard)
            return await asyncio.shield(renewal)
        return await self._gather(step)

    def _place(self, step: Send) -> AbstractAsyncContextManager[float]:
        """As in ``Transport``."""
        seconds = _seconds(step, self._limits)
        return nullcontext(seconds) if step.lane is None else self.lanes.async_place(step.lane, seconds)

    async def _exchange(self, step: Send) -> Response:
        async with self._ending(step.on_lost):
            async with self._place(step) as seconds:
                outcome = await self._send(step.request, seconds, step.on_written)
            if isinstance(outcome, TransportError):
                raise outcome
        return outcome

    @asynccontextmanager
    async def _ending(self, on_lost: ChangeBudget | None) -> AsyncIterator[None]:
        """As in ``Transport``."""
        try:
            yield
        except BaseException:
            if on_lost is not None:
                # A cancelled caller ends its request too; else it would count as under way until its lease ends.
                await self._shielded(settled(self._store(on_lost)))
            raise

    async def _use_store(self, step: ReadToken | WriteToken | ChangeBudget) -> Any:
        """What a store replies; the reply to a cancelled caller is taken back, because nobody would use it."""
        value = self._store(step)
        if not isinstance(step, ChangeBudget) or not inspect.isawaitable(value):
            return await settled(value)
        if step.on_lost is None:  # the end of a request
            return await self._shielded(settled(value))
        change = asyncio.ensure_future(value)
        try:
            return await asyncio.shield(change)
        except asyncio.CancelledError:
            await self._shielded(self._take_back(change, step.on_lost))
            raise

    async def _take_back(self, change: asyncio.Future[Any], on_lost: Callable[[Any], ChangeBudget | None]) -> None:
        with suppress(UnifyError):  # nothing was stored
            lost = on_lost(await change)
            if lost is not None:
                await settled(self._store(lost))

    async def _shielded(self, work: Coroutine[Any, Any, Any]) -> None:
        """Waits for work that goes on if the caller is cancelled."""
        task = asyncio.ensure_future(work)
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
        await asyncio.shield(task)

    def _store(self, step: ReadToken | WriteToken | ChangeBudget) -> Any:
        """As in ``Transport``; an asynchronous store gives something to wait for."""
        return use_store(self._tokens, self._budgets, step)

    async def _run_alone(self, step: Exclusive) -> Any:
        async with held(self._tokens.lock(step.key)):
            return await self.run(step.flow)

    async def _gather(self, step: Gather) -> list[Any]:
        """The results in order; the first failure cancels the rest."""
        room = asyncio.Semaphore(step.at_once)

        async def run_in_turn(flow: Flow[Any]) -> Any:
            async with room:
                return await self.run(flow)

        tasks = [asyncio.ensure_future(run_in_turn(flow)) for flow in step.flows]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, request: Request, seconds: float, on_written: OnWritten) -> Response | TransportError:
        fault: Exception
        try:
            async with asyncio.timeout(seconds), self._open(request, on_written) as answer:
                body = begin_body(answer, self._limits)
                if answer.is_stream_consumed:
                    body.add(answer.content)
                else:
                    async for part in answer.aiter_raw():
                        for number, _ in enumerate(body.add_in_steps(part), 1):
                            if number % _STEPS_IN_A_ROW == 0:
                                await asyncio.sleep(0)
                return Response(answer.status_code, all_headers(answer), body.body())
        except TimeoutError:
            return out_of_time(request, seconds)
        except BodyRefused as reason:
            return refused(request, reason)
        except zlib.error as error:
            fault = httpx.DecodingError(str(error))
        except LOST as error:
            fault = error
        return explain_lost(request, fault)

    @asynccontextmanager
    async def _open(self, request: Request, on_written: OnWritten) -> AsyncIterator[httpx.Response]:
        async def trace(event: str, _info: dict[str, Any]) -> None:
            if on_written is not None and event.endswith(_WRITTEN):
                on_written()

        extensions = {} if on_written is None else {"trace": trace}
        arguments = _arguments(request, self._limits)
        with self._pools.using(request.identity) as pools:
            client = await pools.client()
            async with client.stream(**arguments, extensions=extensions) as answer:
                yield answer
        for surplus in self._pools.take_surplus():
            await surplus.aclose()

    async def aclose(self, max_seconds: float | None = None) -> None:
        """Closes the connections, after the token renewals of this loop have ended, or were cancelled after a time."""
        loop = asyncio.get_running_loop()
        renewals = [renewal for renewal in self._renewals if renewal.get_loop() is loop]
        if renewals:
            _, late = await asyncio.wait(renewals, timeout=max_seconds)
            for renewal in late:
                renewal.cancel()
            await asyncio.gather(*renewals, return_exceptions=True)
        for pools in self._pools.all():
            await pools.aclose()


def _seconds(step: Send, limits: Limits) -> float:
    """How long an exchange may take: as the flow says, and never longer than the limit."""
    return limits.total_timeout if step.seconds is None else min(step.seconds, limits.total_timeout)


def _arguments(request: Request, limits: Limits) -> dict[str, Any]:
    url = httpx.URL(f"{request.url}?{request.query}" if request.query else request.url)
    # Here and not only on connecting: a proxy connects by itself.
    limits.outbound.check(url.scheme, url.raw_host.decode("ascii"))
    return {"method": request.method, "url": url, "headers": list(request.headers), "content": request.body}
