from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.server.conftest import SLUGS, account_id
from truto_unify import (
    AccountBlocked,
    MappingError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    StorageError,
    TransportError,
    UnsupportedMethod,
)
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.server.body_faults import UNREADABLE_BODY
from truto_unify.server.error_hints import error_insight, missing_scopes
from truto_unify.server.errors import Refused, dump, error_body, error_response

if TYPE_CHECKING:
    from tests.server.conftest import Service

LIST = "/unified/ecommerce/customers"


def test_the_body_of_a_provider_error() -> None:
    error = PermissionDeniedError("needs the read_customers scope", status_code=403, raw_response={"a": 1})
    assert error_body(error) == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "needs the read_customers scope",
        "truto_is_remote_error": True,
        "raw_response": {"a": 1},
        "truto_error_insight": {
            "remote_error": {"description": "The provider refused the request; raw_response holds its answer."},
            "forbidden_error": {
                "description": "The credentials lack a scope or a role; grant it at the provider and connect again.",
                "value": {"missing_scopes": ["read_customers"]},
            },
        },
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TransportError("no answer"), 502),
        (MappingError("broken", provider="p", resource="r", field="f"), 500),
        (UnsupportedMethod("no"), 405),
        (AccountBlocked("blocked"), 503),
        (Refused(414, "long"), 414),
        (ProviderError("odd", status_code=418), 418),
    ],
)
def test_the_status_of_an_error(error: Any, status: int) -> None:
    answer = error_response(error)
    assert (answer.status_code, orjson.loads(answer.body)["statusCode"]) == (status, status)


@pytest.mark.parametrize(
    ("seconds", "header"), [(0.0, "0"), (1.2, "2"), (30.0, "30"), (None, None)], ids=["zero", "up", "whole", "none"]
)
def test_retry_after_is_a_whole_number(seconds: float | None, header: str | None) -> None:
    answer = error_response(RateLimitedError("slow", status_code=429, retry_after=seconds))
    assert answer.headers.get("retry-after") == header


def test_which_provider_headers_are_passed_on() -> None:
    headers = {
        "x-ratelimit-limit": "5",
        "x-shop-api-call-limit": "3/40",
        "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT",
        "x-request-id": "their-id",
        "x-trace-id": "t",
        "deprecation": "true",
        "set-cookie": "a=b",
        "transfer-encoding": "chunked",
        "connection": "keep-alive",
        "content-length": "3",
        "content-type": "text/html",
        "link": "<https://x.test?key=1>",
        "location": "https://x.test",
        "server": "nginx",
        "x-quota-left": "a\nb",
    }
    answer = error_response(RateLimitedError("slow", status_code=429, retry_after=3.0, headers=headers))
    assert {
        name: header for name, header in answer.headers.items() if name not in {"content-length", "content-type"}
    } == {
        "x-ratelimit-limit": "5",
        "x-shop-api-call-limit": "3/40",
        "retry-after": "3",
        "x-remote-request-id": "their-id",
        "x-trace-id": "t",
        "deprecation": "true",
    }


@pytest.mark.parametrize(
    ("message", "scopes"),
    [
        ("Requires write_orders and read_customers permission", ["read_customers", "write_orders"]),
        ("The scope customers.read is missing", ["customers.read"]),
        ("You may not", []),
        ("some_thing went wrong", []),
    ],
)
def test_scopes_are_found_where_a_message_speaks_of_them(message: str, scopes: list[str]) -> None:
    assert missing_scopes(message) == scopes


def test_large_numbers_and_lone_surrogates_are_dumped() -> None:
    assert dump({"a": 2**70, "b": "\ud800"}) == b'{"a":1180591620717411303424,"b":"\\ud800"}'


@pytest.mark.anyio
@pytest.mark.parametrize("slug", SLUGS)
async def test_numbers_of_a_provider_that_are_too_long_are_passed_on(service: Service, slug: str) -> None:
    body = b'{"message":"no","id":123456789012345678901234567890}'
    service.loopback.store(slug).failures.append(PlannedFailure(422, (("content-type", "application/json"),), body))
    answer = await service.call(LIST, slug)
    assert (answer.status_code, answer.json()["raw_response"]["id"]) == (422, 123456789012345678901234567890)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/nowhere", 404, "there is no such route; GET /openapi.json lists the routes"),
        ("GET", "/unified/ecommerce", 404, "there is no such route; GET /openapi.json lists the routes"),
        ("DELETE", "/integration", 405, "DELETE is not allowed here; allowed: GET"),
        ("TRACE", "/ping", 405, "TRACE is not allowed here; allowed: GET"),
        ("GET", "/batch-request", 405, "GET is not allowed here; allowed: POST"),
    ],
)
async def test_errors_of_the_framework_have_the_shape_of_the_service(
    service: Service, method: str, path: str, status: int, message: str
) -> None:
    answer = await service.call(path, None, method=method)
    assert (answer.status_code, answer.json()["message"], list(answer.json())) == (
        status,
        message,
        ["statusCode", "error", "message"],
    )


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "tenant_id is required"),
        (b'{"tenant_id": 5}', "tenant_id must be text"),
        (b'{"tenant_id": "a", "credentials": [], "age": 1}', "credentials must be an object; age is not known here"),
        (b'{"tenant_id": "\\ud83d"}', "tenant_id must be text without half characters"),
        (b"not json", "the body is not JSON: expecting value at character 0"),
        (b'{"tenant_id" 1}', "the body is not JSON: expecting ':' delimiter at character 13"),
        (b"\xff", UNREADABLE_BODY),
        (b'{"tenant_id":' + b"9" * 5000 + b"}", UNREADABLE_BODY),
        (b"", "the body is required"),
        (b"[]", "the body must be an object"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_in_our_shape(service: Service, body: bytes, message: str) -> None:
    headers = {"Content-Type": "text/plain;charset=UTF-8"}
    answer = await service.call("/integrated-account", None, method="POST", content=body, headers=headers)

    expected = {"statusCode": 400, "error": "Bad Request", "message": message}
    if body == b"{}":
        missing = {"description": "required: tenant_id", "value": ["tenant_id"]}
        expected["truto_error_insight"] = {"missing_required_body_fields": missing}
    assert (answer.status_code, answer.json()) == (400, expected)


@pytest.mark.anyio
async def test_an_unforeseen_exception_shows_nothing_of_itself(service: Service) -> None:
    service.store.failure = RuntimeError("the password is hunter2")
    answer = await service.call(LIST)
    request_id = answer.headers["x-request-id"]
    assert (answer.status_code, answer.json()) == (
        500,
        {
            "statusCode": 500,
            "error": "Internal Server Error",
            "message": f"the service failed; its log says more under the request id {request_id}",
        },
    )


@pytest.mark.anyio
async def test_a_failed_write_of_an_account_state_does_not_hide_the_answer(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise StorageError("the database does not answer")

    monkeypatch.setattr(service.store, "note_failure", fail)
    monkeypatch.setattr(service.store, "note_success", fail)
    assert (await service.call(f"{LIST}?limit=1")).status_code == 200
    service.loopback.store("woocommerce").failures.append(
        PlannedFailure(401, (("content-type", "application/json"),), b"{}")
    )
    answer = await service.call(LIST)
    assert (answer.status_code, answer.json()["truto_is_remote_error"]) == (401, True)


@pytest.mark.anyio
async def test_no_connection_to_the_provider(service: Service) -> None:
    account = service.loopback.account("woocommerce", base_url="http://127.0.0.1:9/api")
    service.store.add_account("environment-1", account_id("woocommerce"), account)
    answer = await service.call(LIST)
    assert (answer.status_code, answer.json()["error"], "truto_is_remote_error" in answer.json()) == (
        502,
        "Bad Gateway",
        False,
    )


@pytest.mark.parametrize("code", ["busy", "circuit_open"])
def test_an_error_of_a_request_that_was_not_sent_says_so(code: str) -> None:
    error = ProviderUnavailableError(
        "shop.example failed; nothing was sent", status_code=503, code=code, retry_after=1.5
    )
    answer = error_response(error)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert list(error_insight(error)) == ["service_error"]
