from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.server.conftest import account_id
from truto_unify import StorageError
from truto_unify.engine.breaker import CircuitKey
from truto_unify.engine.exchange_report import NativeExchange
from truto_unify.server import telemetry
from truto_unify.server.logs import JsonFormatter
from truto_unify.server.metrics import Metrics
from truto_unify.server.observation import ObservationMiddleware
from truto_unify.server.request_context import current_context, note_exchange, note_fallbacks, note_page, note_wait
from truto_unify.types import Page, ProviderWait, RecordError

if TYPE_CHECKING:
    from tests.server.conftest import Service

pytestmark = pytest.mark.anyio
LIST = "/unified/ecommerce/customers"


@pytest.mark.parametrize("text", ["abc-123", "a" * 64, "0.1:2_3"])
async def test_a_valid_request_id_is_returned(service: Service, text: str) -> None:
    answer = await service.call("/ping", None, headers={"X-Request-Id": text})
    assert answer.headers["x-request-id"] == text


@pytest.mark.parametrize("text", ["", "a" * 65, "a b", "ä".encode(), b"a\tb", "<script>"])
async def test_an_invalid_request_id_is_replaced(service: Service, text: str) -> None:
    answer = await service.call("/ping", None, headers={"X-Request-Id": text})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_each_request_is_logged_in_one_line(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "truto_unify.access")
    secret = "ana@example.test"
    answer = await service.call(f"{LIST}?email={secret}", headers={"X-Request-Id": "r1"})
    assert answer.status_code == 200
    (record,) = [record for record in caplog.records if record.name == "truto_unify.access"]
    entry = json.loads(JsonFormatter().format(record))
    assert entry.pop("duration_ms") >= 0
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "info",
        "logger": "truto_unify.access",
        "message": "request",
        "method": "GET",
        "route": "/unified/{model}/{resource}",
        "status": 200,
        "request_id": "r1",
        "provider": "woocommerce",
        "account_id": account_id("woocommerce"),
    }


async def test_an_exception_is_logged_without_its_message(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    service.store.failure = RuntimeError("the password is hunter2")
    await service.call(LIST)
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name.startswith("truto_unify")]
    entry = json.loads(next(line for line in lines if '"unexpected exception"' in line))
    assert (entry["exception"], "memory_store.py" in entry["frames"][-1]) == ("RuntimeError", True)
    assert not any("hunter2" in line for line in lines)


async def test_metrics_have_no_id_in_them(service: Service) -> None:
    await service.call(f"{LIST}/101", "bigcommerce")
    await service.call("/nowhere/at/all", None)
    await service.call("/ping", None, method="BREW")
    text = (await service.call("/metrics", None)).text
    assert [line for line in text.splitlines() if line.startswith("truto_unify_requests_total")] == [
        'truto_unify_requests_total{method="GET",provider="bigcommerce",'
        'route="/unified/{model}/{resource}/{record_id:path}",status="200"} 1.0',
        'truto_unify_requests_total{method="GET",provider="",route="unmatched",status="404"} 1.0',
        'truto_unify_requests_total{method="OTHER",provider="",route="/ping",status="405"} 1.0',
    ]
    assert "truto_unify_requests_running 1.0" in text
    assert account_id("bigcommerce") not in text


async def test_records_that_did_not_fit_the_byte_path_are_counted_by_provider() -> None:
    metrics = Metrics()

    async def receive() -> dict[str, Any]:
        return {}

    async def app(*_: Any) -> Any:
        context = current_context()
        assert context is not None
        context.provider = "acme"
        note_fallbacks(2)
        note_fallbacks(1)

    await ObservationMiddleware(app, metrics)({"type": "http", "method": "GET", "headers": []}, receive, app)

    assert b'truto_unify_fallback_records_total{provider="acme"} 3.0' in metrics.text()


async def test_ready_follows_the_database(service: Service) -> None:
    assert (await service.call("/readyz", None)).json() == {"status": "ok", "database": "ok"}
    service.store.failure = StorageError("the database does not answer")
    answers = [await service.call(path, None) for path in ("/readyz", "/healthz", "/ping")]
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert answers[0].json()["message"] == "not ready: the database does not answer"


async def test_a_request_is_a_span(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await service.call(f"{LIST}?limit=1", headers={"X-Request-Id": "r1", "traceparent": parent})
    (span,) = exporter.get_finished_spans()
    context: Any = span.parent
    assert (span.name, f"{context.trace_id:032x}") == ("GET /unified/{model}/{resource}", parent.split("-")[1])
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/unified/{model}/{resource}",
        "http.response.status_code": 200,
        "truto_unify.request_id": "r1",
        "truto_unify.provider": "woocommerce",
        "truto_unify.account_id": account_id("woocommerce"),
    }


async def test_without_the_library_there_are_no_spans(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "HAS_TELEMETRY", False)
    monkeypatch.delattr(telemetry, "trace")
    assert (await service.call("/ping", None)).status_code == 200


def test_a_wait_is_logged_and_counted_by_provider(caplog: pytest.LogCaptureFixture) -> None:
    wait = ProviderWait(provider="wix", seconds=0.3, cause="budget")
    metrics = Metrics()

    with caplog.at_level(logging.INFO, "truto_unify"):
        note_wait(wait)
    metrics.observe_waits([wait])

    fields = [getattr(record, "fields", None) for record in caplog.records]
    assert fields == [{"provider": "wix", "seconds": 0.3, "cause": "budget"}]
    assert b'truto_unify_provider_wait_seconds_count{cause="budget",provider="wix"} 1.0' in metrics.text()


async def test_open_circuits_are_counted_by_provider(service: Service) -> None:
    settings = service.app.state.client.settings
    for _ in range(5):
        settings.breaker.fail(CircuitKey("acme", "account-1", "shop.example"), settings.timer(), is_probe=False)
    text = (await service.call("/metrics", None)).text
    assert 'truto_unify_circuits{provider="acme",state="open"} 1.0' in text
    assert 'truto_unify_native_requests{state="waiting"} 0.0' in text
    assert "account-1" not in text


async def test_requests_to_providers_and_what_they_could_not_give_are_counted() -> None:
    metrics = Metrics()
    call = NativeExchange(
        provider="acme", method="GET", url="https://shop.example", purpose="call", seconds=0.2, status=200
    )
    page: Page[Any] = Page(
        result=[], record_errors=(RecordError(0, "status", "no"),), unmapped={"status=a": 2, "status=b": 1}
    )

    async def receive() -> dict[str, Any]:
        return {}

    async def app(*_: Any) -> Any:
        context = current_context()
        assert context is not None
        context.provider = "acme"
        for exchange in (call, replace(call, purpose="token"), replace(call, status=None, error="gone")):
            note_exchange(exchange)
        note_page(page)

    await ObservationMiddleware(app, metrics)({"type": "http", "method": "GET", "headers": []}, receive, app)

    lines = metrics.text().decode().splitlines()
    assert [line for line in lines if line.startswith("truto_unify_provider_requests_total")] == [
        'truto_unify_provider_requests_total{provider="acme",purpose="call",status="200"} 1.0',
        'truto_unify_provider_requests_total{provider="acme",purpose="token",status="200"} 1.0',
        'truto_unify_provider_requests_total{provider="acme",purpose="call",status="lost"} 1.0',
    ]
    assert 'truto_unify_provider_request_seconds_count{provider="acme"} 3.0' in lines
    assert 'truto_unify_record_errors_total{provider="acme"} 1.0' in lines
    assert 'truto_unify_unmapped_values_total{provider="acme"} 3.0' in lines
