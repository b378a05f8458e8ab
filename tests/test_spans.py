"""Native requests are client spans below the caller's span, also in the threads of side loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import trace

from tests.spans import collect_spans
from tests.twins import TWINS, Twin, both
from truto_unify import RetryPolicy, Settings, spans
from truto_unify.sandbox.store import PlannedFailure

if TYPE_CHECKING:
    import pytest
    from opentelemetry.sdk.trace import ReadableSpan

    from tests.loopback import Loopback


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


@both
def test_the_requests_of_a_call_and_of_its_side_loads_are_below_the_callers_span(
    twin: type[Twin], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = collect_spans(monkeypatch)
    with trace.get_tracer("test").start_as_current_span("mine") as mine:
        page = twin().list(loopback.account("woocommerce"), limit=3, side_load=["orders"])
    *children, _ = exporter.get_finished_spans()

    assert len(children) == page.request_count > 3
    assert {(span.name, span.kind, span.parent and span.parent.span_id) for span in children} == {
        ("GET woocommerce", trace.SpanKind.CLIENT, mine.get_span_context().span_id)
    }


@both
def test_a_span_says_how_the_request_ended_and_names_no_merchant(
    twin: type[Twin], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = collect_spans(monkeypatch)
    loopback.store("woocommerce").failures.append(PlannedFailure(503, (), b"{}"))
    twin(settings=Settings(retry=RetryPolicy(attempts=2))).list(loopback.account("woocommerce"), limit=1)

    common = {
        "http.request.method": "GET",
        "truto_unify.provider": "woocommerce",
        "truto_unify.purpose": "call",
    }
    failed, good = exporter.get_finished_spans()
    assert attributes(failed) == {
        **common,
        "http.response.status_code": 503,
        "error.type": "ProviderUnavailableError",
    }
    assert attributes(good) == {**common, "http.response.status_code": 200, "http.request.resend_count": 1}
    assert [span.status.status_code for span in (failed, good)] == [trace.StatusCode.ERROR, trace.StatusCode.UNSET]


def test_without_the_library_there_are_no_spans(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "HAS_TELEMETRY", False)
    monkeypatch.delattr(spans, "trace")
    assert TWINS[0]().list(loopback.account("woocommerce"), limit=1).result_count == 1
