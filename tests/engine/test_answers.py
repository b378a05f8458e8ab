from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shipped import REGISTRY
from truto_unify import errors
from truto_unify.config.provider import Endpoint, ProviderConfig
from truto_unify.engine.answers import Answer, Refusal, read_answer
from truto_unify.redaction import Redactor
from truto_unify.types import Response

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "s3cret-key"
BY_RULE = "the answer counts as an error, by the rule error (HTTP 200)"
LIST = Endpoint.model_validate({"path": "/people", "empty_statuses": (204,)})
RULES = {
    "error_when": "error",
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
SHOPIFY = REGISTRY.provider("shopify").config
WOOCOMMERCE = REGISTRY.provider("woocommerce").config


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


def described(refusal: Refusal) -> dict[str, Any]:
    error = refusal.error
    return {
        "kind": type(error).__name__,
        "message": error.message.removeprefix("store GET /people: "),
        "code": error.code,
        "is_transient": refusal.is_transient,
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
        (505, {}, ("ProviderUnavailableError", "HTTP Version Not Supported (HTTP 505)", None, False)),
        (509, {}, ("RateLimitedError", "Error (HTTP 509)", None, True)),
        (511, {}, ("ProviderUnavailableError", "Network Authentication Required (HTTP 511)", None, False)),
        (520, {}, ("ProviderUnavailableError", "Error (HTTP 520)", None, True)),
        (530, {}, ("ProviderUnavailableError", "Error (HTTP 530)", None, True)),
        (599, {}, ("ProviderUnavailableError", "Error (HTTP 599)", None, True)),
        (600, {}, ("ProviderUnavailableError", "Error (HTTP 600)", None, False)),
        # by rule
        (200, {"error": {"code": "BUSY"}}, ("RateLimitedError", BY_RULE, "BUSY", True)),
        (404, {"error": {"code": "BUSY"}}, ("RateLimitedError", "Not Found (HTTP 404)", "BUSY", True)),
        (200, {"error": {"code": "LOST", "message": " gone "}}, ("NotFoundError", "gone (HTTP 200)", "LOST", False)),
        (420, {}, ("RateLimitedError", "Error (HTTP 420)", None, True)),
        (502, {"error": {"final": True}}, ("ProviderUnavailableError", "Bad Gateway (HTTP 502)", None, False)),
        (400, {"error": {"code": "AGAIN"}}, ("RejectedInputError", "Bad Request (HTTP 400)", "AGAIN", True)),
        (500, {"error": {"code": "AGAIN"}}, ("ConflictError", "Internal Server Error (HTTP 500)", "AGAIN", True)),
        (200, {"error": {"number": 17}}, ("ConflictError", BY_RULE, "17", False)),
        # an expression that fails on a body is not true, and says nothing
        (200, {"error": 7}, ("ProviderUnavailableError", BY_RULE, None, False)),
        (200, {"error": 7, "title": "Success"}, ("ProviderUnavailableError", BY_RULE, None, False)),
        (200, {"error": True, "title": "No"}, ("ProviderUnavailableError", "No (HTTP 200)", None, False)),
        (400, {"title": {"no": "text"}, "reason": 5}, ("RejectedInputError", "5 (HTTP 400)", None, False)),
        (400, ["a"], ("RejectedInputError", "Bad Request (HTTP 400)", None, False)),
    ],
)
def test_a_refusal_is_understood_by_the_first_rule_that_fits_else_by_its_status(
    status: int, body: Any, expected: tuple[str, str | None, str | None, bool]
) -> None:
    refusal = refuse(STORE, status, body)
    kind, message, code, is_transient = expected
    phrase = f"{errors.reason_phrase(status)} (HTTP {status})"

    assert described(refusal) == {
        "kind": kind,
        "message": message or phrase,
        "code": code,
        "is_transient": is_transient,
        "wait": None,
    }
    assert (refusal.error.status_code, refusal.error.raw_response) == (status, body)


PAGE = b"<html><title>Just a moment...</title></html>"
IS_PAGE = 'the answer is an HTML page and not JSON: "Just a moment..."'


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "message", "is_transient"),
    [
        (200, PAGE, {}, "ProviderUnavailableError", IS_PAGE, True),
        (200, b"", {}, "ProviderUnavailableError", "the answer has an empty body", True),
        (204, b"oops", {}, "ProviderUnavailableError", 'the answer is text and not JSON: "oops"', True),
        (502, PAGE, {}, "ProviderUnavailableError", IS_PAGE, True),
        (429, PAGE, {}, "RateLimitedError", IS_PAGE, True),
        (509, b"Too much", {}, "RateLimitedError", 'the answer is text and not JSON: "Too much"', True),
        # the pages of firewalls, web servers and themes know neither rights nor records
        (401, PAGE, {}, "AuthenticationError", IS_PAGE, False),
        (403, PAGE, {}, "ProviderUnavailableError", IS_PAGE, False),
        (404, PAGE, {}, "ProviderError", IS_PAGE, False),
        (405, PAGE, {}, "ProviderError", IS_PAGE, False),
        (409, PAGE, {}, "ProviderError", IS_PAGE, False),
        (403, b"no", {}, "PermissionDeniedError", 'the answer is text and not JSON: "no"', False),
        (404, b"", {}, "NotFoundError", "the answer has an empty body", False),
        (
            301,
            b"",
            {"location": "https://new.example.test/people?key=1"},
            "ProviderError",
            "the answer is a redirect to https://new.example.test/people",
            False,
        ),
        (302, b"", {}, "ProviderError", "the answer is a redirect to another address", False),
    ],
)
def test_what_is_not_json_never_passes_for_an_answer(
    status: int, body: bytes, headers: dict[str, str], kind: str, message: str, is_transient: bool
) -> None:
    refusal = refuse(STORE, status, body, **headers)
    end = "; use that address" if status < 400 and status >= 300 else ""

    assert described(refusal) == {
        "kind": kind,
        "message": f"{message} (HTTP {status}){end}",
        "code": "not_json",
        "is_transient": is_transient,
        "wait": None,
    }
    assert refusal.error.raw_response == body.decode(errors="replace")


@pytest.mark.parametrize(("status", "served"), [(403, 502), (404, 502), (405, 502), (502, 502), (503, 503)])
def test_the_status_of_a_page_is_not_that_of_the_provider(status: int, served: int) -> None:
    error = refuse(STORE, status, PAGE).error

    assert (error.status_code, error.status) == (status, served)


def test_a_rule_may_say_what_a_page_means() -> None:
    store = provider(errors={"rules": ({"status": 404, "body": "not_json", "error": "not_found"},)})

    assert [type(refuse(store, 404, body).error) for body in (PAGE, b"", b"{}")] == [errors.NotFoundError] * 3
    assert type(refuse(STORE, 404, PAGE).error) is errors.ProviderError


def test_a_rule_may_be_about_json_alone_and_only_give_a_hint() -> None:
    rules = ({"status": 404, "body": "json", "hint": "Look at the id."}, {"status": 404, "hint": "Look at the path."})
    store = provider(errors={"rules": rules})

    assert [refuse(store, 404, body).error.message for body in (b"{}", PAGE)] == [
        "store GET /people: Not Found (HTTP 404); Look at the id.",
        f"store GET /people: {IS_PAGE} (HTTP 404); Look at the path.",
    ]


def test_a_rule_says_how_long_to_wait_where_the_answer_does_not() -> None:
    store = provider(errors={"rules": ({"status": 400, "error": "rate_limited", "wait": 600},)})

    assert [refuse(store, 400, {}).error.retry_after, refuse(store, 400, {}, retry_after="7").error.retry_after] == [
        600.0,
        7.0,
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": "no", "data": {"status": 401}}, "AuthenticationError"),
        ({"code": "no", "data": {"status": 404}}, "NotFoundError"),
        ({"code": "no", "data": {"status": 200}}, "ProviderUnavailableError"),
        ({"code": "no", "data": {"status": "401"}}, "ProviderUnavailableError"),
        ({"code": "no", "data": {"status": True}}, "ProviderUnavailableError"),
    ],
)
def test_the_status_that_a_body_says_counts_in_place_of_a_2xx(body: Any, kind: str) -> None:
    store = provider(errors={"error_when": "code", "status": "data.status"})
    error = refuse(store, 200, body).error

    assert (type(error).__name__, error.status_code) == (kind, 200)
    assert type(refuse(store, 403, body).error) is errors.PermissionDeniedError


@pytest.mark.parametrize(
    ("status", "charset"), [(200, "ISO-8859-1"), (200, "latin1"), (200, "windows-1252"), (422, '"iso-8859-1"')]
)
def test_a_charset_that_is_announced_is_kept_to(status: int, charset: str) -> None:
    content = '{"reason": "Zoë"}'.encode("latin-1")
    outcome = read(STORE, status, content, content_type=f"application/json; charset={charset}")

    if isinstance(outcome, Answer):
        assert (outcome.body, outcome.response.body) == ({"reason": "Zoë"}, '{"reason": "Zoë"}'.encode())
        assert outcome.response.headers == (("content-type", "application/json; charset=utf-8"),)
    else:
        assert outcome.error.raw_response == {"reason": "Zoë"}


def test_the_records_of_another_encoding_are_cut_out_too() -> None:
    response = Response(200, (("content-type", "application/json; charset=latin1"),), b'{"people": [{"n": "Zo\xeb"}]}')
    outcome = read_answer(STORE, LIST, response, Redactor([]), NOW, "x", list_path=("people",))

    assert isinstance(outcome, Answer)
    assert [bytes(record) for record in outcome.records or ()] == ['{"n": "Zoë"}'.encode()]


def test_the_tags_of_a_message_are_left_out() -> None:
    body = {"title": '<h1>Error</h1>\n<p>Ask <a href="https://x.test">us</a> &amp; wait</p>'}

    assert refuse(STORE, 500, body).error.message == "store GET /people: Error Ask us & wait (HTTP 500)"


def test_a_refusal_of_any_size_becomes_a_small_error() -> None:
    long = "x" * 3_000_000
    error = refuse(STORE, 500, {"error": {"code": long, "message": f"{SECRET} {long}"}}).error

    assert error.message.startswith("store GET /people: [redacted] xxx")
    assert (len(error.message), len(error.code or ""), len(error.raw_response)) == (1019, 200, 10_000)


def test_a_body_that_is_nested_too_deeply_is_shown_in_part() -> None:
    deep = refuse(STORE, 400, b'{"reason": ' + b"[" * 900 + b"]" * 900 + b"}").error.raw_response["reason"]
    for _ in range(99):
        (deep,) = deep

    assert deep == "…"


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
        "is_page_too_costly": False,
        "args": ("store GET /people: wrong key [redacted] (HTTP 401)",),
    }


def test_a_text_body_shows_no_secret_either() -> None:
    assert refuse(STORE, 500, f"<p>{SECRET}</p>".encode()).error.raw_response == "<p>[redacted]</p>"


@pytest.mark.parametrize(
    ("status", "headers", "rate_limit", "body", "wait"),
    [
        (429, {"retry_after": "3"}, {}, {}, 3.0),
        (429, {"retry_after": " 2.5 "}, {}, {}, 2.5),
        (429, {"retry_after": "99999999999999999999"}, {}, {}, 86_400.0),
        (429, {"retry_after": "Fri, 31 Dec 9999 23:59:59 GMT"}, {}, {}, 86_400.0),
        (429, {"retry_after": "Thu, 01 Jan 2026 00:00:30 GMT"}, {}, {}, 30.0),
        (429, {"retry_after": "-5"}, {}, {}, None),
        (429, {"retry_after": "-5", "x_reset": "4"}, {"headers": ({"name": "x-reset"},)}, {}, 4.0),
        (429, {}, {"wait": "quota.wait", "minimum_wait": 1}, {"quota": {"wait": -3}}, 1.0),
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


@given(
    st.integers(100, 599),
    st.binary()
    | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists).map(
        lambda value: json.dumps(value).encode()
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
            {
                "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                "extensions": {
                    "cost": {
                        "requestedQueryCost": 900,
                        "throttleStatus": {"maximumAvailable": 40, "currentlyAvailable": 40, "restoreRate": 2},
                    }
                },
            },
            (
                "RejectedInputError",
                "the query costs 900 points, and the bucket of this shop never holds more than 40 (HTTP 200); no wait "
                "helps; ask for fewer records at once",
                "THROTTLED",
                False,
                None,
            ),
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
    assert tuple(described(refuse(SHOPIFY, status, body)).values()) == expected


def test_a_search_of_shopify_without_a_warning_is_good() -> None:
    body = {"data": {"customers": {"nodes": []}}, "extensions": {"search": [{"warnings": []}], "cost": {}}}

    assert isinstance(read(SHOPIFY, 200, body), Answer)


@pytest.mark.parametrize(
    ("status", "code", "kind", "is_transient"),
    [
        (401, "woocommerce_rest_authentication_error", "AuthenticationError", False),
        (403, "woocommerce_rest_cannot_view", "PermissionDeniedError", False),
        (404, "woocommerce_rest_invalid_id", "NotFoundError", False),
        (400, "rest_invalid_param", "RejectedInputError", False),
        (501, "woocommerce_rest_trash_not_supported", "RejectedInputError", False),
        (500, "internal_server_error", "ProviderUnavailableError", True),
    ],
)
def test_woocommerce_is_understood_by_its_codes(status: int, code: str, kind: str, is_transient: bool) -> None:
    body = {"code": code, "message": "Lo siento", "data": {"status": status}}

    assert described(refuse(WOOCOMMERCE, status, body)) == {
        "kind": kind,
        "message": f"Lo siento (HTTP {status})",
        "code": code,
        "is_transient": is_transient,
        "wait": None,
    }


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "AuthenticationError"), (403, "PermissionDeniedError"), (500, "ProviderUnavailableError")],
)
def test_woocommerce_says_no_even_where_a_proxy_makes_every_status_a_200(status: int, kind: str) -> None:
    body = {"code": "woocommerce_rest_cannot_view", "message": "Lo siento", "data": {"status": status}}
    refusal = described(refuse(WOOCOMMERCE, 200, body))

    assert (refusal["kind"], refusal["message"].partition(";")[0]) == (kind, "Lo siento (HTTP 200)")
