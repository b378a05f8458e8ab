"""A proxy on a socket and the transports of httpx plant the same faults: a client raises the same for both."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.chaos.store import Store, page
from truto_unify import InvalidInput
from truto_unify.chaos import FAULTS, AsyncChaosTransport, Chaos, ChaosServer, ChaosTransport, run_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

STORE = "https://store.example"
HASTY = httpx.Timeout(0.2)
LOST = {
    "hang": httpx.ReadTimeout,
    "reset": httpx.ReadError,
    "closed": httpx.RemoteProtocolError,
    "reset-body": httpx.ReadError,
    "cut": httpx.RemoteProtocolError,
    "bad-chunk": httpx.RemoteProtocolError,
    "not-http": httpx.RemoteProtocolError,
    "endless-head": httpx.RemoteProtocolError,
}


@contextmanager
def proxied(*names: str) -> Iterator[httpx.Client]:
    chaos = Chaos({name: 1.0 / len(names) for name in names})
    with (
        run_in_thread(ChaosServer(chaos, f"{STORE}/api", transport=Store())) as origin,
        httpx.Client(base_url=origin, timeout=HASTY, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize("name", LOST)
def test_a_lost_answer_is_the_same_over_a_socket_and_in_a_transport(name: str) -> None:
    with proxied(name) as client, pytest.raises(LOST[name]):
        client.get("/people")
    transport = ChaosTransport(Chaos({name: 1.0}), Store(), sleep=lambda _: None)
    with httpx.Client(transport=transport, timeout=HASTY) as client, pytest.raises(LOST[name]):
        client.get(f"{STORE}/people")


@pytest.mark.parametrize("name", [*LOST, "no-name", "refused"])
def test_an_asynchronous_transport_loses_the_same_answers(name: str) -> None:
    async def no_sleep(_: float) -> None:
        return None

    async def ask() -> None:
        transport = AsyncChaosTransport(Chaos({name: 1.0}), Store(), sleep=no_sleep)
        async with httpx.AsyncClient(transport=transport, timeout=HASTY) as client:
            await client.get(f"{STORE}/people")

    with pytest.raises(LOST.get(name, httpx.ConnectError)):
        asyncio.run(ask())


def test_half_of_a_body_without_a_length_looks_like_a_whole_one() -> None:
    with proxied("cut-no-length") as client:
        answer = client.get("/people")

    assert (answer.status_code, "Content-Length" in answer.headers) == (200, False)
    assert b'{"people"' in answer.content
    assert len(answer.content) < len(httpx.Response(200, json=page(1)).content)


@pytest.mark.parametrize("name", ["drip", "drip-head"])
def test_a_drip_never_reaches_the_time_out_of_a_read(name: str) -> None:
    waits: list[float] = []

    async def count(seconds: float) -> None:
        waits.append(seconds)

    with (
        run_in_thread(ChaosServer(Chaos({name: 1.0}), STORE, transport=Store(), sleep=count)) as origin,
        httpx.Client(timeout=HASTY, trust_env=False) as client,
    ):
        answer = client.get(f"{origin}/people?page=2")

    assert answer.json() == page(2)
    assert (len(waits) > 50, set(waits)) == (True, {0.1})


def test_healthy_answers_pass_unchanged_over_one_connection() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url} {request.headers['X-Key']} {request.content.decode()}")
        return httpx.Response(201, json={"id": 1}, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])

    server = ChaosServer(Chaos({}), f"{STORE}/api/", transport=httpx.MockTransport(answer))
    with run_in_thread(server) as origin, httpx.Client(trust_env=False, headers={"X-Key": "7"}) as client:
        answers = [client.post(f"{origin}/people?a=%2F&b", content=b"{}") for _ in range(3)]
        ports = {answer.extensions["network_stream"].get_extra_info("client_addr") for answer in answers}

    assert seen == [f"POST {STORE}/api/people?a=%2F&b 7 {{}}"] * 3
    assert [(answer.status_code, answer.json()) for answer in answers] == [(201, {"id": 1})] * 3
    assert (answers[0].headers.get_list("set-cookie"), len(ports)) == (["a=1", "b=2"], 1)


def test_a_head_request_gets_no_body() -> None:
    with proxied("no-ids") as client:
        assert [client.head("/people").status_code for _ in range(2)] == [200, 200]


def test_a_store_that_cannot_be_reached_is_a_502_that_names_it() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    server = ChaosServer(Chaos({}), STORE, transport=httpx.MockTransport(fail))
    with run_in_thread(server) as origin, httpx.Client(trust_env=False) as client:
        answer = client.get(f"{origin}/people")

    assert (answer.status_code, answer.text) == (502, f"the chaos proxy cannot reach {STORE}: ConnectError")


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.needs_transport])
def test_a_proxy_refuses_faults_from_before_a_connection(name: str) -> None:
    with pytest.raises(InvalidInput, match=f'a proxy cannot plant "{name}"'):
        ChaosServer(Chaos({name: 0.1}), STORE)


@pytest.mark.parametrize(
    "target", ["shop.example", "ftp://shop.example", "https://shop.example?a=1", "https://shop.example:a", ""]
)
def test_a_target_must_be_a_base_url(target: str) -> None:
    with pytest.raises(InvalidInput, match="is no"):
        ChaosServer(Chaos({}), target)


def test_a_taken_port_is_an_error() -> None:
    server = ChaosServer(Chaos({}), STORE, transport=Store())
    with run_in_thread(server) as origin, pytest.raises(OSError, match="in use"):
        run_in_thread(ChaosServer(Chaos({}), STORE), int(origin.rpartition(":")[2])).__enter__()
