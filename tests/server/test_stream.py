from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.server.conftest import HOME, TOKEN, account_id
from tests.server.gated import serve_gated
from tests.server.memory_store import MemoryStore
from tests.server.serving import make_app, serve_app
from truto_unify import Client
from truto_unify.sandbox.store import PlannedFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.loopback import Loopback
    from tests.server.conftest import Service
    from tests.server.gated import GatedStores
    from truto_unify import Registry

SLUG = "woocommerce"
STREAM = "/unified/ecommerce/customers?truto_response_format=stream"

REFUSAL = PlannedFailure(403, (("content-type", "application/json"),), b'{"message":"no"}')
BOMB = PlannedFailure(200, (("content-type", "application/json"), ("content-encoding", "gzip, gzip")), b"")


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[GatedStores]:
    """Stores that answer the first request at once, and the second when the gate opens."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve_gated(open_until=1) as stores:
        yield stores


@pytest.fixture
def origin(stores: GatedStores, registry: Registry) -> Iterator[str]:
    store = MemoryStore()
    store.add_token(TOKEN, HOME)
    store.add_account(HOME, account_id(SLUG), stores.account(SLUG))
    with serve_app(make_app(registry, store)) as origin:
        yield origin


@contextmanager
def ask(origin: str, path: str = STREAM) -> Iterator[httpx.Response]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    address = f"{origin}{path}&integrated_account_id={account_id(SLUG)}"
    with httpx.Client(trust_env=False, timeout=20) as http, http.stream("GET", address, headers=headers) as answer:
        yield answer


def test_the_first_page_arrives_before_the_store_serves_the_second(
    origin: str, stores: GatedStores, loopback: Loopback
) -> None:
    with ask(origin) as answer:
        lines = answer.iter_lines()
        early = [json.loads(next(lines)) for _ in range(100)]
        assert stores.gate.waiting.wait(20)  # the store has the request for the second page and does not answer it
        stores.gate.opened.set()
        rest = [json.loads(line) for line in lines]
    with Client() as client:
        expected = [customer.id for customer in client.iterate("ecommerce/customers", loopback.account(SLUG))]
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    assert [record["id"] for record in (*early, *rest)] == expected


@pytest.mark.parametrize(
    ("failure", "status", "raw", "events"),
    [(REFUSAL, 403, {"message": "no"}, []), (BOMB, 502, None, ["answer_refused"])],
    ids=["refused", "hostile"],
)
def test_an_error_in_the_middle_leaves_the_stream_incomplete(
    origin: str,
    stores: GatedStores,
    caplog: pytest.LogCaptureFixture,
    failure: PlannedFailure,
    status: int,
    raw: Any,
    events: list[str],
) -> None:
    received: list[str] = []
    with ask(origin) as answer:
        lines = answer.iter_lines()
        received.append(next(lines))
        assert stores.gate.waiting.wait(20)
        stores.sandbox.stores[SLUG].failures.append(failure)
        stores.gate.opened.set()
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            received.extend(lines)
    body = json.loads(received[-1])
    logged = [record for record in caplog.records if record.name == "truto_unify.security"]
    assert (body["statusCode"], body.get("raw_response")) == (status, raw)
    assert [record.__dict__["fields"]["event"] for record in logged] == events
    assert len(received) == 101


def test_a_client_that_disconnects_stops_the_reading_of_the_store(origin: str, stores: GatedStores) -> None:
    with ask(origin) as answer:
        next(answer.iter_lines())
        assert stores.gate.waiting.wait(20)
    assert stores.gate.disconnected.wait(20)  # the service cancels the request that it waits for


@pytest.mark.anyio
async def test_an_error_before_the_first_record_has_its_status(service: Service) -> None:
    service.loopback.store(SLUG).failures.append(REFUSAL)
    answer = await service.call(STREAM, SLUG)
    assert (answer.status_code, answer.json()["truto_is_remote_error"]) == (403, True)


@pytest.mark.anyio
async def test_limit_ends_a_stream(service: Service) -> None:
    answer = await service.call(f"{STREAM}&limit=3&sort_by[created_at]=asc", SLUG)
    page = await service.call("/unified/ecommerce/customers?limit=3&sort_by[created_at]=asc", SLUG)
    assert [json.loads(line) for line in answer.text.splitlines()] == page.json()["result"]
    assert json.loads(answer.headers["x-unify-query-plan"]) == [
        {"parameter": "sort_by[created_at]", "how": "native", "match": "exact"}
    ]


@pytest.mark.anyio
async def test_a_stream_without_records_is_empty(service: Service) -> None:
    answer = await service.call(f"{STREAM}&email=nobody@example.test", SLUG)
    assert (answer.status_code, answer.text) == (200, "")


@pytest.mark.anyio
async def test_a_stream_cannot_be_keyed(service: Service) -> None:
    answer = await service.call(f"{STREAM}&truto_key_by=id", SLUG)
    message = "truto_key_by cannot be combined with truto_response_format=stream"
    assert (answer.status_code, answer.json()["message"]) == (400, message)
