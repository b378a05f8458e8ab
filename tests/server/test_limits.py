from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from truto_unify.server.limits import Shutdown
from truto_unify.server.settings import ServiceSettings

if TYPE_CHECKING:
    from tests.server.conftest import Service

pytestmark = pytest.mark.anyio
LIST = "/unified/ecommerce/customers"


@pytest.fixture
def service_settings() -> ServiceSettings:
    return ServiceSettings(max_body=1000, max_target=500, max_headers=2000, request_seconds=0.05)


async def test_a_body_that_is_too_large(service: Service) -> None:
    answer = await service.call("/batch-request", None, method="POST", content=b"x" * 1001)
    assert (answer.status_code, answer.json()["message"]) == (413, "the body is larger than 1000 bytes")


async def test_a_body_that_turns_out_too_large(service: Service) -> None:
    async def parts() -> Any:
        for _ in range(20):
            yield b"x" * 100

    answer = await service.call("/batch-request", None, method="POST", content=parts())
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


async def test_a_body_that_does_not_arrive(service: Service) -> None:
    async def parts() -> Any:
        yield b"{"
        await asyncio.Event().wait()

    answer = await service.call("/batch-request", None, method="POST", content=parts())
    assert (answer.status_code, answer.json()["message"]) == (408, "the body did not arrive within 0.05 seconds")


async def test_an_address_that_is_too_long(service: Service) -> None:
    answer = await service.call(f"{LIST}?name={'x' * 500}")
    assert answer.status_code == 414
    assert answer.json()["error"] == "Request-URI Too Long"


async def test_headers_that_are_too_large(service: Service) -> None:
    answer = await service.call(LIST, headers={"X-Much": "x" * 2000})
    assert (answer.status_code, answer.json()["error"]) == (431, "Request Header Fields Too Large")


async def test_an_answer_that_does_not_come_in_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(service.app.state.client, "list_json", never)
    answer = await service.call(LIST)
    assert (answer.status_code, answer.json()) == (
        504,
        {
            "statusCode": 504,
            "error": "Gateway Timeout",
            "message": "there was no answer within 0.05 seconds; request less, or try again",
        },
    )


async def test_a_call_that_outlives_the_shutdown_is_told_to_try_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def never(*_: Any, **__: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(service.app.state.client, "list_json", never)
    call = asyncio.ensure_future(service.call(LIST))
    await begun.wait()
    service.app.state.shutdown.begin()
    call.cancel()  # as uvicorn does when the time is over
    answer = await call

    assert (answer.status_code, answer.json()["message"]) == (503, "the service is shutting down; try again")


def test_the_time_of_a_shutdown_counts_from_its_first_signal() -> None:
    now = [100.0]
    shutdown = Shutdown(lambda: now[0])

    assert shutdown.seconds_left(3.0) == 3.0
    shutdown.begin()
    now[0] = 102.0
    shutdown.begin()
    assert shutdown.seconds_left(3.0) == 1.0
    now[0] = 110.0
    assert shutdown.seconds_left(3.0) == 0.0


async def test_a_service_that_ends_takes_nothing_new(service: Service) -> None:
    service.app.state.shutdown.begin()
    answers = [await service.call(path, None) for path in (LIST, "/readyz", "/healthz", "/metrics")]
    assert [answer.status_code for answer in answers] == [503, 503, 200, 200]
    assert answers[0].headers["connection"] == "close"


@pytest.mark.parametrize("hosts", [[], [("Host", "a.test"), ("Host", "b.test")]])
async def test_a_request_names_its_host_once(service: Service, hosts: list[tuple[str, str]]) -> None:
    request = httpx.Request("GET", "http://service.test/ping")
    request.headers = httpx.Headers(hosts)
    answer = await httpx.ASGITransport(service.app).handle_async_request(request)
    assert (answer.status_code, answer.headers["connection"]) == (400, "close")
