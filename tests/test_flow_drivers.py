"""The drivers run flows: what each step does, and in which thread; on the same flows, synchronous and asynchronous."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.loopback import serve_bytes
from tests.one_shop import CUSTOMER, write_answer
from truto_unify import AsyncClient, NotFoundError, TransportError
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.steps import Exclusive, Flow, Gather, ReadToken, Send, Wait, WriteToken
from truto_unify.transport import AsyncTransport, Transport
from truto_unify.types import Request, Response, Token

if TYPE_CHECKING:
    from tests.loopback import Loopback

Run = Callable[..., Any]


def ask_twice() -> Generator[Send | Wait, Response | None, list[int]]:
    """A flow of two requests with a wait between them."""
    request = Request("GET", "https://shop.example/a", "x=1", (("Accept", "application/json"),))
    first = yield Send(request)
    nothing = yield Wait(1.5, "because")
    second = yield Send(replace(request, method="POST", body=b"{}"))
    assert nothing is None
    assert first is not None
    assert second is not None
    return [first.status, second.status]


def note_request(request: httpx.Request) -> httpx.Response:
    return httpx.Response(len(request.content) + 200, headers=[("X-A", "1"), ("x-a", "2")])


def test_the_synchronous_driver_runs_a_flow_to_its_end() -> None:
    waits: list[float] = []

    with Transport(
        transport=httpx.MockTransport(note_request), sleep=waits.append, tokens=MemoryTokenStore()
    ) as transport:
        result = transport.run(ask_twice())

    assert (result, waits) == ([200, 202], [1.5])


def test_the_asynchronous_driver_runs_a_flow_to_its_end() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def run() -> Any:
        transport = AsyncTransport(transport=httpx.MockTransport(note_request), sleep=sleep, tokens=MemoryTokenStore())
        result = await transport.run(ask_twice())
        await transport.aclose()
        return result

    assert (asyncio.run(run()), waits) == ([200, 202], [1.5])


@pytest.mark.parametrize(
    ("answer", "is_costly", "runs_beside"),
    [
        (b"[]", False, False),
        (b"[]", True, True),
        (b"x" * 1_000_000, False, False),
        (b"x" * 1_100_000, False, True),
        (b'{"id":1},' * 5_000, False, True),
        (b"<id>1</id>" * 5_000, False, True),
        (b'{"id":1},' * 100_000, False, True),
        (b'{"note":"%b"},' % (b"x" * 300) * 3_000, False, False),
    ],
    ids=[
        "small",
        "costly",
        "a usual page",
        "long",
        "many small records",
        "many tags",
        "very many small records",
        "few large",
    ],
)
def test_costly_steps_and_long_answers_leave_the_event_loop(answer: bytes, is_costly: bool, runs_beside: bool) -> None:
    store = httpx.MockTransport(lambda _: httpx.Response(200, content=answer))

    def note_threads() -> Flow[list[int]]:
        yield Send(Request("GET", "https://shop.example"))
        after_answer = threading.get_ident()
        yield Wait(0, "a budget learns of the answer before the records are mapped")
        return [after_answer, threading.get_ident()]

    async def run() -> list[bool]:
        async with AsyncClient(transport=store) as client:
            threads = await client._transport.run(note_threads(), is_costly=is_costly)
        return [thread != threading.get_ident() for thread in threads]

    assert asyncio.run(run()) == [runs_beside, runs_beside]


@pytest.mark.parametrize("size", [10, 1_100_000])
def test_an_error_in_a_long_step_reaches_the_caller(size: int) -> None:
    def fail() -> Flow[None]:
        yield Send(Request("GET", "https://shop.example"))
        raise NotFoundError("gone", status_code=404)

    with pytest.raises(NotFoundError, match="gone"):
        run_async(fail(), transport=httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * size)))


def run_sync(flow: Flow[Any], store: Any = None, transport: httpx.MockTransport | None = None) -> Any:
    waits: list[float] = []
    tokens = store or MemoryTokenStore()
    with Transport(
        transport=transport or httpx.MockTransport(note_request), sleep=waits.append, tokens=tokens
    ) as driver:
        return driver.run(flow)


def run_async(flow: Flow[Any], store: Any = None, transport: httpx.MockTransport | None = None) -> Any:
    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    async def run() -> Any:
        mock, tokens = transport or httpx.MockTransport(note_request), store or MemoryTokenStore()
        driver = AsyncTransport(transport=mock, sleep=sleep, tokens=tokens)
        try:
            return await driver.run(flow)
        finally:
            await driver.aclose()

    return asyncio.run(run())


drivers = pytest.mark.parametrize("run", [run_sync, run_async])


def ask_once(size: int) -> Flow[Any]:
    response = yield Send(Request("POST", "https://shop.example", body=b"x" * size))
    return response.status


@drivers
@pytest.mark.parametrize("at_once", [1, 2, 10])
def test_gathered_flows_give_their_results_in_order(at_once: int, run: Run) -> None:
    def flow() -> Flow[Any]:
        return (yield Gather(tuple(ask_once(size) for size in range(7)), at_once))

    assert run(flow()) == [200, 201, 202, 203, 204, 205, 206]


@drivers
@pytest.mark.parametrize("count", [1, 5])
def test_a_gathered_flow_that_fails_fails_them_all(count: int, run: Run) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone", request=request)

    def flow() -> Flow[Any]:
        try:
            yield Gather(tuple(ask_once(size) for size in range(count)), 2)
        except TransportError as error:
            return error.message

    assert run(flow(), transport=httpx.MockTransport(fail)) == "POST https://shop.example: gone (ReadError)"


@drivers
def test_no_more_flows_run_at_once_than_was_said(run: Run) -> None:
    inside: list[int] = []
    most: list[int] = []

    def member() -> Flow[Any]:
        inside.append(1)
        most.append(len(inside))
        yield Wait(0.0, "lets the others run")
        inside.pop()
        return None

    def flow() -> Flow[Any]:
        return (yield Gather(tuple(member() for _ in range(20)), 3))

    assert run(flow()) == [None] * 20
    assert max(most) <= 3


class AsyncTokens(MemoryTokenStore):
    """A token store that has to be awaited."""

    async def read(self, key: str) -> Token | None:  # type: ignore[override]  # what stores may do, too
        return super().read(key)

    async def write(self, key: str, token: Token) -> None:  # type: ignore[override]  # what stores may do, too
        super().write(key, token)


@pytest.mark.parametrize(
    ("run", "store"), [(run_sync, MemoryTokenStore), (run_async, MemoryTokenStore), (run_async, AsyncTokens)]
)
def test_tokens_are_kept_under_their_key_and_renewed_by_one_at_a_time(run: Run, store: type[MemoryTokenStore]) -> None:
    renewals: list[str] = []

    def renew() -> Flow[Any]:
        stored = yield ReadToken("account")
        if stored is None:
            renewals.append("once")
            yield WriteToken("account", Token("secret-token"))
            stored = yield ReadToken("account")
        return stored

    def flow() -> Flow[Any]:
        before = yield ReadToken("another account")
        many = yield Gather(tuple(exclusively(renew()) for _ in range(8)), 4)
        return before, many

    assert run(flow(), store()) == (None, [Token("secret-token")] * 8)
    assert renewals == ["once"]


def exclusively(flow: Flow[Any]) -> Flow[Any]:
    return (yield Exclusive("account", flow))


def test_header_names_arrive_in_lower_case_and_may_repeat() -> None:
    def flow() -> Generator[Send | Wait, Response | None, Response | None]:
        return (yield Send(Request("GET", "https://shop.example")))

    with Transport(transport=httpx.MockTransport(note_request), tokens=MemoryTokenStore()) as transport:
        response = transport.run(flow())

    assert response == Response(200, (("x-a", "1"), ("x-a", "2")), b"")


def test_a_lost_request_is_thrown_into_the_flow() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone", request=request)

    def flow() -> Generator[Send | Wait, Response | None, str]:
        try:
            yield Send(Request("GET", "https://shop.example/a", "key=1"))
        except TransportError as error:
            return error.message
        return "answered"

    with Transport(transport=httpx.MockTransport(fail), tokens=MemoryTokenStore()) as transport:
        assert transport.run(flow()) == "GET https://shop.example/a: gone (ReadError)"


def test_a_request_says_who_asks(loopback: Loopback) -> None:
    with Transport(tokens=MemoryTokenStore()) as transport:
        transport.run(iter_once(f"{loopback.origin}/woocommerce/x"))

    (seen,) = loopback.store("woocommerce").requests
    assert dict(seen.headers)["user-agent"] == "truto-unify"


def iter_once(url: str) -> Flow[Response]:
    response: Response = yield Send(Request("GET", url))
    return response


def test_a_flow_learns_when_its_request_is_written(loopback: Loopback) -> None:
    seen: list[str] = []

    def flow(kind: str) -> Generator[Send, Response, None]:
        yield Send(Request("GET", loopback.origin), on_written=lambda: seen.append(kind))

    async def run() -> None:
        transport = AsyncTransport(tokens=MemoryTokenStore())
        await transport.run(flow("asynchronous"))
        await transport.aclose()

    asyncio.run(run())
    with Transport(tokens=MemoryTokenStore()) as transport:
        transport.run(flow("synchronous"))
    assert seen == ["asynchronous", "synchronous"]


def test_a_proxy_that_the_environment_names_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(url: str) -> Response:
        transport = AsyncTransport(tokens=MemoryTokenStore())
        reply = await transport.run(iter_once(url))
        await transport.aclose()
        return reply

    with serve_bytes(write_answer(CUSTOMER)) as origin:
        monkeypatch.setenv("http_proxy", origin)
        assert asyncio.run(ask("http://shop.invalid/customers")).body == CUSTOMER
