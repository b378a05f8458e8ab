from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify import errors
from truto_unify.config.provider import Endpoint, ProviderConfig
from truto_unify.engine.answers import Answer, Refusal, read_answer, read_retry_after
from truto_unify.redaction import Redactor
from truto_unify.registry import Registry
from truto_unify.types import Response

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "s3cret-key"
LIST = Endpoint.model_validate({"path": "/people", "empty_statuses": (204,)})
RULES = {
    "failed": "error",
    "message": ("error.message", "title", "reason"),
    "code": ("error.code", "error.number"),
    "rules": (
        {"code": "BUSY", "error": "rate_limited"},
        {"code": ("GONE", "LOST"), "error": "not_found"},
        {"status": 420, "error": "rate_limited"},
        {"status": (500, 502), "when": "error.final", "error": "unavailable", "retry": False},
        {"status": 400, "code": "AGAIN", "error": "rejected_input", "retry": True},
        {"when": "length(error)", "error": "conflict"},
    ),
}
SHOPIFY = Registry().provider("shopify").config
WOOCOMMERCE = Registry().provider("woocommerce").config


def provider(**settings: Any) -> ProviderConfig:
    required = {
        "label": "Store",
        "documentation": "https://docs.example.test",
        "base_url": "https://x.test",
        "resources": {},
    }
    return ProviderConfig.model_validate(required | {"errors": RULES} | settings)


STORE = provider()


def read(config: ProviderConfig, status: int, body: Any, **headers: str) -> Answer | Refusal:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return read_answer(config, LIST, Response(status, pairs, content), Redactor([SECRET]), NOW, "store GET /people")


def refuse(config: ProviderConfig, status: int, body: Any, **headers: str) -> Refusal:
    outcome = read(config, status, body, **headers)
    assert isinstance(outcome, Refusal)
    return outcome


def told(refusal: Refusal) -> dict[str, Any]:
    error = refusal.error
    return {
        "kind": type(error).__name__,
        "message": error.message.removeprefix("store GET /people: "),
        "code": error.code,
        "passing": refusal.is_passing,
        "wait": error.retry_after,
    }


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"[]", []),
        (200, b' {"a": 1}', {"a": 1}),
        (201, b"null", None),
        (200, b'\xef\xbb\xbf{"a": "\xc3\xa9"}', {"a": "é"}),
        (200, b'{"error": null}', {"error": None}),
        (200, b'{"error": []}', {"error": []}),
        (200, b'{"error": ""}', {"error": ""}),
        (200, b'{"error": {}}', {"error": {}}),
        (200, b'{"error": false}', {"error": False}),
        (204, b"", None),
        (204, b" \r\n", None),
    ],
)
def test_a_good_answer_is_its_parsed_body(status: int, body: bytes, expected: Any) -> None:
    response = Response(status, (), body)

    answer = read_answer(STORE, LIST, response, Redactor([]), NOW, "x")

    assert isinstance(answer, Answer)
    assert (answer.response, answer.body) == (response, expected)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        # by status
        (400, {}, ("RejectedInputError", "Bad Request (HTTP 400)", None, False)),
        (401, {}, ("AuthenticationError", "Unauthorized (HTTP 401)", None, False)),
        (402, {}, ("ProviderError", "Payment Required (HTTP 402)", None, False)),
        (403, {}, ("PermissionDeniedError", "Forbidden (HTTP 403)", None, False)),
        (404, {}, ("NotFoundError", "Not Found (HTTP 404)", None, False)),
        (408, {}, ("ProviderError", "Request Timeout (HTTP 408)", None, True)),
        (409, {}, ("ConflictError", "Conflict (HTTP 409)", None, False)),
        (422, {}, ("RejectedInputError", None, None, False)),
        (425, {}, ("ProviderError", "Too Early (HTTP 425)", None, True)),
        (429, {}, ("RateLimitedError", "Too Many Requests (HTTP 429)", None, True)),
        (430, {}, ("ProviderError", "Error (HTTP 430)", None, False)),
        (500, {}, ("ProviderUnavailableError", "Internal Server Error (HTTP 500)", None, True)),
        (501, {}, ("ProviderUnavailableError", "Not Implemented (HTTP 501)", None, False)),
        (503, {}, ("ProviderUnavailableError", "Service Unavailable (HTTP 503)", None, True)),
        (507, {}, ("ProviderUnavailableError", "Insufficient Storage (HTTP 507)", None, False)),
        (599, {}, ("ProviderUnavailableError", "Error (HTTP 599)", None, False)),
        # by rule
        (200, {"error": {"code": "BUSY"}}, ("RateLimitedError", "OK (HTTP 200)", "BUSY", True)),
        (404, {"error": {"code": "BUSY"}}, ("RateLimitedError", "Not Found (HTTP 404)", "BUSY", True)),
        (200, {"error": {"code": "LOST", "message": " gone "}}, ("NotFoundError", "gone (HTTP 200)", "LOST", False)),
        (420, {}, ("RateLimitedError", "Error (HTTP 420)", None, True)),
        (502, {"error": {"final": True}}, ("ProviderUnavailableError", "Bad Gateway (HTTP 502)", None, False)),
        (400, {"error": {"code": "AGAIN"}}, ("RejectedInputError", "Bad Request (HTTP 400)", "AGAIN", True)),
        (500, {"error": {"code": "AGAIN"}}, ("ConflictError", "Internal Server Error (HTTP 500)", "AGAIN", True)),
        (200, {"error": {"number": 17}}, ("ConflictError", "OK (HTTP 200)", "17", False)),
        # an expression that fails on a body is not true, and says nothing
        (200, {"error": 7}, ("ProviderUnavailableError", "OK (HTTP 200)", None, False)),
        (200, {"error": True, "title": "No"}, ("ProviderUnavailableError", "No (HTTP 200)", None, False)),
        (400, {"title": {"no": "text"}, "reason": 5}, ("RejectedInputError", "5 (HTTP 400)", None, False)),
        (400, ["a"], ("RejectedInputError", "Bad Request (HTTP 400)", None, False)),
    ],
)
def test_a_refusal_is_understood_by_the_first_rule_that_fits_else_by_its_status(
    status: int, body: Any, expected: tuple[str, str | None, str | None, bool]
) -> None:
    refusal = refuse(STORE, status, body)
    kind, message, code, passing = expected
    phrase = f"{errors.reason_phrase(status)} (HTTP {status})"

    assert told(refusal) == {"kind": kind, "message": message or phrase, "code": code, "passing": passing, "wait": None}
    assert (refusal.error.status_code, refusal.error.raw_response) == (status, body)


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "message"),
    [
        (
            200,
            b"<html>maintenance</html>",
            {"content_type": "text/html; charset=utf-8"},
            "ProviderUnavailableError",
            "the answer holds text/html instead of JSON (HTTP 200)",
        ),
        (
            200,
            b"<br />\n<b>Warning</b>: Undefined variable in x.php on line 3<br />\n[]",
            {"content_type": "application/json"},
            "ProviderUnavailableError",
            "the answer holds application/json instead of JSON (HTTP 200)",
        ),
        (200, b"", {}, "ProviderUnavailableError", "the answer holds an empty body (HTTP 200)"),
        (204, b"oops", {}, "ProviderUnavailableError", "the answer holds something instead of JSON (HTTP 204)"),
        (
            403,
            b"<html>",
            {"content_type": "text/html"},
            "PermissionDeniedError",
            "the answer holds text/html instead of JSON (HTTP 403)",
        ),
        (502, b"Bad gateway", {}, "ProviderUnavailableError", "the answer holds something instead of JSON (HTTP 502)"),
        (200, b"[" * 100_000, {}, "ProviderUnavailableError", "the answer holds something instead of JSON (HTTP 200)"),
        (200, b"\xff\xfe\x00", {}, "ProviderUnavailableError", "the answer holds something instead of JSON (HTTP 200)"),
        (
            301,
            b"",
            {"location": "https://new.example.test/people?key=1"},
            "ProviderError",
            "the answer is a redirect to https://new.example.test/people (HTTP 301); use that address",
        ),
        (302, b"", {}, "ProviderError", "the answer is a redirect to another address (HTTP 302); use that address"),
    ],
)
def test_what_is_not_json_never_passes_for_an_answer(
    status: int, body: bytes, headers: dict[str, str], kind: str, message: str
) -> None:
    refusal = refuse(STORE, status, body, **headers)

    assert told(refusal) == {
        "kind": kind,
        "message": message,
        "code": "not_json",
        "passing": status == 502,
        "wait": None,
    }
    assert refusal.error.raw_response == body.decode(errors="replace")[:10_000]


def test_no_part_of_a_refusal_shows_a_secret() -> None:
    body = {"error": {"code": f"BAD {SECRET}", "message": f"wrong key {SECRET}"}, SECRET: [SECRET, 1]}
    error = refuse(STORE, 401, body, x_echo=f"key={SECRET}", location=SECRET).error

    assert vars(error) | {"args": error.args} == {
        "message": "store GET /people: wrong key [redacted] (HTTP 401)",
        "status_code": 401,
        "code": "BAD [redacted]",
        "retry_after": None,
        "raw_response": {
            "error": {"code": "BAD [redacted]", "message": "wrong key [redacted]"},
            "[redacted]": ["[redacted]", 1],
        },
        "headers": {"x-echo": "key=[redacted]", "location": "[redacted]"},
        "status": 401,
        "args": ("store GET /people: wrong key [redacted] (HTTP 401)",),
    }


def test_a_text_body_shows_no_secret_either() -> None:
    assert refuse(STORE, 500, f"<p>{SECRET}</p>".encode()).error.raw_response == "<p>[redacted]</p>"


@pytest.mark.parametrize(
    ("status", "headers", "rate_limit", "body", "wait"),
    [
        (429, {"retry_after": "3"}, {}, {}, 3.0),
        (429, {"retry_after": " 2.5 "}, {}, {}, 2.5),
        (429, {"retry_after": "Thu, 01 Jan 2026 00:00:30 GMT"}, {}, {}, 30.0),
        (429, {"retry_after": "-5"}, {}, {}, 0.0),
        (429, {"retry_after": "soon"}, {}, {}, None),
        (503, {"retry_after": "7"}, {}, {}, 7.0),
        (408, {"retry_after": "7"}, {}, {}, None),
        (400, {"retry_after": "7"}, {}, {}, None),
        (429, {"x_reset": "1500"}, {"headers": ({"name": "X-Reset", "unit": "milliseconds"},)}, {}, 1.5),
        (429, {"x_reset": "4", "retry_after": "2"}, {"headers": ({"name": "x-reset"},)}, {}, 4.0),
        (429, {"x_reset": "later"}, {"headers": ({"name": "x-reset", "unit": "milliseconds"},)}, {}, None),
        (429, {}, {"headers": ({"name": "x-reset"},)}, {}, None),
        (429, {}, {"wait": "quota.wait"}, {"quota": {"wait": "6.5"}}, 6.5),
        (429, {}, {"wait": "quota.wait"}, {"quota": {}}, None),
        (429, {}, {"wait": "divide(quota, `2`)"}, {"quota": "text"}, None),
        (429, {"retry_after": "1"}, {"minimum_wait": 5}, {}, 5.0),
        (429, {}, {"minimum_wait": 5}, {}, None),
    ],
)
def test_the_wait_is_the_longest_of_what_headers_and_body_say(
    status: int, headers: dict[str, str], rate_limit: dict[str, Any], body: Any, wait: float | None
) -> None:
    assert refuse(provider(rate_limit=rate_limit), status, body, **headers).error.retry_after == wait


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("2.0", 2.0),
        ("0", 0.0),
        ("-1", 0.0),
        ("1e2", 100.0),
        ("NaN", None),
        ("sNaN", None),
        ("Infinity", None),
        ("1e400", None),
        ("", None),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 01:00:30 +0100", 30.0),
        ("Thu, 01 Jan 2026 00:00:30 -0000", 30.0),
        ("Thursday, 01-Jan-26 00:00:30 GMT", 30.0),
        ("Thu, 01 Jan 99999999999 00:00:30 GMT", None),
        ("Thu, 32 Jan 2026 00:00:30 GMT", None),
        ("2026-01-01T00:00:30Z", None),
        ("\x00", None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(value: str, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


@given(st.text() | st.from_regex(r"\A\w{3}, \d{1,2} \w{3} \d{1,6} \d{1,2}:\d{1,2}:\d{1,2} ([A-Z]{3}|[+-]\d{4})\Z"))
def test_no_retry_after_breaks_the_reader(value: str) -> None:
    seconds = read_retry_after(value, NOW)

    assert seconds is None or 0.0 <= seconds < float("inf")


@given(st.integers(0, 10**6))
def test_an_http_date_is_as_good_as_its_seconds(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert read_retry_after(date, NOW) == read_retry_after(str(seconds), NOW) == seconds


@given(
    st.integers(100, 599),
    st.binary()
    | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists).map(
        lambda one: json.dumps(one).encode()
    ),
)
def test_every_answer_is_either_good_or_an_error_of_ours(status: int, body: bytes) -> None:
    outcome = read(STORE, status, body)

    assert isinstance(outcome, Refusal) or 200 <= status < 300


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            200,
            {
                "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                "extensions": {
                    "cost": {
                        "requestedQueryCost": 752,
                        "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 252, "restoreRate": 100},
                    }
                },
            },
            ("RateLimitedError", "Throttled (HTTP 200)", "THROTTLED", True, 5.0),
        ),
        (
            200,
            {
                "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                "extensions": {
                    "cost": {"requestedQueryCost": 8, "throttleStatus": {"currentlyAvailable": 2, "restoreRate": 100}}
                },
            },
            ("RateLimitedError", "Throttled (HTTP 200)", "THROTTLED", True, 1.0),
        ),
        (
            200,
            {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]},
            ("RateLimitedError", "Throttled (HTTP 200)", "THROTTLED", True, None),
        ),
        (
            401,
            {"errors": "[API] Invalid API key or access token"},
            ("AuthenticationError", "[API] Invalid API key or access token (HTTP 401)", None, False, None),
        ),
        (
            200,
            {"data": None, "errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}]},
            ("PermissionDeniedError", "Access denied (HTTP 200)", "ACCESS_DENIED", False, None),
        ),
        (
            200,
            {"errors": [{"message": "Internal", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]},
            ("ProviderUnavailableError", "Internal (HTTP 200)", "INTERNAL_SERVER_ERROR", True, None),
        ),
        (
            200,
            {"errors": [{"message": "syntax error", "extensions": {"code": "PARSE_ERROR"}}]},
            ("RejectedInputError", "syntax error (HTTP 200)", "PARSE_ERROR", False, None),
        ),
        (
            200,
            {
                "data": {"customers": {"nodes": []}},
                "extensions": {
                    "search": [{"warnings": [{"message": "Invalid search field", "code": "invalid_field"}]}]
                },
            },
            ("RejectedInputError", "Invalid search field (HTTP 200)", "invalid_field", False, None),
        ),
        (430, {}, ("RateLimitedError", "Error (HTTP 430)", None, True, None)),
        (423, {}, ("PermissionDeniedError", "Locked (HTTP 423)", None, False, None)),
    ],
)
def test_shopify_says_no_inside_http_200(
    status: int, body: Any, expected: tuple[str, str, str | None, bool, float | None]
) -> None:
    assert tuple(told(refuse(SHOPIFY, status, body)).values()) == expected


def test_a_search_of_shopify_without_a_warning_is_good() -> None:
    body = {"data": {"customers": {"nodes": []}}, "extensions": {"search": [{"warnings": []}], "cost": {}}}

    assert isinstance(read(SHOPIFY, 200, body), Answer)


@pytest.mark.parametrize(
    ("status", "code", "kind", "passing"),
    [
        (401, "woocommerce_rest_cannot_view", "AuthenticationError", False),
        (401, "woocommerce_rest_authentication_error", "AuthenticationError", False),
        (403, "woocommerce_rest_cannot_view", "PermissionDeniedError", False),
        (404, "woocommerce_rest_invalid_id", "NotFoundError", False),
        (400, "rest_invalid_param", "RejectedInputError", False),
        (501, "woocommerce_rest_trash_not_supported", "RejectedInputError", False),
        (500, "internal_server_error", "ProviderUnavailableError", True),
    ],
)
def test_woocommerce_is_understood_by_its_codes(status: int, code: str, kind: str, passing: bool) -> None:
    body = {"code": code, "message": "Lo siento", "data": {"status": status}}

    assert told(refuse(WOOCOMMERCE, status, body)) == {
        "kind": kind,
        "message": f"Lo siento (HTTP {status})",
        "code": code,
        "passing": passing,
        "wait": None,
    }
