from __future__ import annotations

import json
import logging
import re
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.conftest import account_id
from tests.spans import collect_spans
from truto_unify import Settings, StorageError
from truto_unify.engine.breaker import CircuitKey
from truto_unify.reports import NativeExchange, ProviderWait
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.server import telemetry
from truto_unify.server.logs import JsonFormatter
from truto_unify.server.metrics import Metrics
from truto_unify.server.request_context import begin_context, observed

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
        "provider_requests": 2,
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


async def test_what_the_mapping_met_is_counted_by_provider_and_logged(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "truto_unify.access")
    broken = b'[{"id":1,"date_created_gmt":"soon"},{"id":2},{"id":3}]'
    service.loopback.store("woocommerce").failures.append(
        PlannedFailure(200, (("content-type", "application/json"), ("x-wp-total", "3")), broken)
    )
    await service.call(f"{LIST}?limit=3")
    text = (await service.call("/metrics", None)).text

    assert 'truto_unify_record_errors_total{provider="woocommerce"} 1.0' in text
    assert 'truto_unify_fallback_records_total{provider="woocommerce"} 1.0' in text
    assert [record.__dict__["fields"]["record_errors"] for record in caplog.records] == [1]


async def test_every_request_to_a_provider_is_counted_with_its_outcome(service: Service) -> None:
    store = service.loopback.store("zohoinventory")
    store.failures.append(PlannedFailure(429, (("retry-after", "3600"),), b"{}"))
    for _ in range(2):
        await service.call(f"{LIST}?limit=1", "zohoinventory")
    await service.call(f"{LIST}?limit=1", "woocommerce")
    lines = (await service.call("/metrics", None)).text.splitlines()

    name = "truto_unify_provider_"
    assert [line for line in lines if line.startswith((f"{name}requests_total", f"{name}unsent_total"))] == [
        f'{name}requests_total{{provider="zohoinventory",purpose="call",status="429"}} 1.0',
        f'{name}requests_total{{provider="woocommerce",purpose="call",status="200"}} 1.0',
        f'{name}unsent_total{{provider="zohoinventory",reason="throttled_here"}} 1.0',
    ]


async def test_ready_follows_the_database(service: Service) -> None:
    assert (await service.call("/readyz", None)).json() == {"status": "ok", "database": "ok"}
    service.store.failure = StorageError("the database does not answer")
    answers = [await service.call(path, None) for path in ("/readyz", "/healthz", "/ping")]
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert answers[0].json()["message"] == "not ready: the database does not answer"


async def test_a_request_is_a_span(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = collect_spans(monkeypatch)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await service.call(f"{LIST}?limit=1", headers={"X-Request-Id": "r1", "traceparent": parent})
    native, span = exporter.get_finished_spans()
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
    assert (native.name, native.parent) == ("GET woocommerce", span.context)


async def test_without_the_library_there_are_no_spans(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "HAS_TELEMETRY", False)
    monkeypatch.delattr(telemetry, "trace")
    assert (await service.call("/ping", None)).status_code == 200


def test_a_wait_is_logged_and_counted_by_provider(caplog: pytest.LogCaptureFixture) -> None:
    metrics, wait = Metrics(), ProviderWait(provider="wix", seconds=0.3, cause="budget")

    def report() -> None:
        begin_context({}, "r1", metrics)
        on_wait = observed(Settings()).on_wait
        assert on_wait is not None
        on_wait(wait)

    with caplog.at_level(logging.INFO, "truto_unify"):
        copy_context().run(report)

    fields = [getattr(record, "fields", None) for record in caplog.records]
    assert fields == [{"provider": "wix", "seconds": 0.3, "cause": "budget", "request_id": "r1"}]
    assert b'truto_unify_provider_wait_seconds_count{cause="budget",provider="wix"} 1.0' in metrics.text()


@pytest.mark.parametrize(
    ("status", "error", "label"),
    [(200, None, "200"), (299, None, "2xx"), (None, "TransportError", "lost"), (None, "Cancelled", "cancelled")],
)
def test_no_store_makes_labels_of_its_own(status: int | None, error: str | None, label: str) -> None:
    metrics = Metrics()
    metrics.count_exchange(
        NativeExchange(
            provider="wix",
            purpose="call",
            method="GET",
            attempt=2,
            status=status,
            error=error,
            unsent=None,
            waited=0.0,
            seconds=0.2,
        )
    )
    text = metrics.text().decode()

    assert f'truto_unify_provider_requests_total{{provider="wix",purpose="call",status="{label}"}} 1.0' in text
    assert 'truto_unify_provider_retries_total{provider="wix"} 1.0' in text
    assert 'truto_unify_provider_request_seconds_sum{provider="wix"} 0.2' in text


async def test_the_requests_to_a_provider_are_counted_for_each_request(service: Service) -> None:
    answer = await service.call(f"{LIST}?email=nobody@example.test")
    text = (await service.call("/metrics", None)).text

    assert answer.json()["result_count"] == 0
    assert 'truto_unify_provider_requests_per_request_bucket{le="1.0",provider="woocommerce"} 0.0' in text
    assert 'truto_unify_provider_requests_per_request_sum{provider="woocommerce"} 2.0' in text
    assert 'truto_unify_provider_requests_per_request_count{provider="woocommerce"} 1.0' in text


async def test_open_circuits_are_counted_by_provider(service: Service) -> None:
    settings = service.app.state.client.settings
    for _ in range(5):
        settings.breaker.fail(CircuitKey("acme", "account-1", "shop.example"), settings.timer(), is_probe=False)
    text = (await service.call("/metrics", None)).text
    assert 'truto_unify_circuits{provider="acme",state="open"} 1.0' in text
    assert 'truto_unify_native_requests{state="waiting"} 0.0' in text
    assert "account-1" not in text
