from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.engine.driver import START, Driver, ids, play
from tests.engine.stores import ROOT, account, person, reply
from truto_unify.config.authorization import Authorization
from truto_unify.engine.auth import AccountScheme, Stamp, authorize, choose_scheme, current_token
from truto_unify.engine.retry import RetryPolicy
from truto_unify.errors import (
    AuthenticationError,
    InvalidInput,
    MissingCredential,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
)
from truto_unify.types import Account, Request, Response, Token

if TYPE_CHECKING:
    from truto_unify.registry import Registry

READER: TypeAdapter[Authorization] = TypeAdapter(Authorization)
VALUES = {"credentials.user": "ana", "credentials.key": "k&y=é", "context.shop": "acme"}
REQUEST = Request("GET", f"{ROOT}/people", "page=1", (("Accept", "application/json"), ("authorization", "old")))
BASIC = {"type": "basic", "username": "{credentials.user}", "password": "{credentials.key}"}
BEARER = {"type": "bearer", "token": "{credentials.key}"}
HEADER = {
    "type": "header",
    "header": "X-Key",
    "value": "key {credentials.key}",
    "headers": {"X-Shop": "{context.shop}"},
}
QUERY = {"type": "query", "params": {"key": "{credentials.key}", "shop name": "{context.shop}"}}
OAUTH = {
    "type": "oauth2",
    "value": "Bearer {token}",
    "token_url": "https://{context.shop}.example.test/token",
    "params": {"grant_type": "client_credentials", "client_id": "{credentials.user}"},
}
STAMP = Stamp(START, "nonce-1")
NO_TOKEN = "oauth token: no token"
PAGE = b"<html><title>Blocked</title></html>"
IS_PAGE = 'the answer is an HTML page and not JSON: "Blocked"'
TOKEN_ROOT = "https://acme.example.test/token"


def account_scheme(rule: dict[str, Any], **values: str) -> AccountScheme:
    return AccountScheme(READER.validate_python(rule), VALUES | values)


@pytest.mark.parametrize(
    ("rule", "key", "query", "added"),
    [
        (BASIC, "k&y=é", "page=1", [("Authorization", f"Basic {base64.b64encode('ana:k&y=é'.encode()).decode()}")]),
        (BEARER, "k&y=e", "page=1", [("Authorization", "Bearer k&y=e")]),
        (HEADER, "k&y=e", "page=1", [("X-Shop", "acme"), ("X-Key", "key k&y=e")]),
        (QUERY, "k&y=é", "page=1&key=k%26y%3D%C3%A9&shop%20name=acme", []),
        (OAUTH, "k&y=é", "page=1", [("Authorization", "Bearer t1")]),
    ],
)
def test_a_request_is_authorized_as_the_provider_wants_it(
    rule: dict[str, Any], key: str, query: str, added: list[tuple[str, str]]
) -> None:
    replaced = {name.lower() for name, _ in added}
    others = [pair for pair in REQUEST.headers if pair[0].lower() not in replaced]

    assert authorize(REQUEST, account_scheme(rule, **{"credentials.key": key}), STAMP, Token("t1")) == Request(
        "GET", f"{ROOT}/people", query, (*others, *added)
    )


def test_an_open_api_is_asked_as_it_is() -> None:
    assert authorize(REQUEST, AccountScheme(None, VALUES), STAMP) is REQUEST


def test_authorization_may_be_the_whole_query() -> None:
    bare = Request("GET", ROOT)

    assert authorize(bare, account_scheme(QUERY), STAMP).query == "key=k%26y%3D%C3%A9&shop%20name=acme"


@given(st.text(st.characters(codec="utf-8")))
def test_a_secret_in_the_query_reads_back_as_itself(secret: str) -> None:
    request = authorize(REQUEST, account_scheme(QUERY, **{"credentials.key": secret}), STAMP)

    assert parse_qsl(request.query, keep_blank_values=True)[1] == ("key", secret)


def test_neither_the_request_nor_the_scheme_shows_a_secret() -> None:
    for rule in (BASIC, BEARER, HEADER, QUERY):
        scheme = account_scheme(rule, **{"credentials.key": "k&y=e"})
        assert "k&y=e" not in repr(authorize(REQUEST, scheme, STAMP)) + repr(scheme)


@pytest.mark.parametrize(("rule", "header"), [(BEARER, "Authorization"), (HEADER, "X-Key")])
def test_a_credential_that_a_header_cannot_carry_is_named_and_not_shown(rule: dict[str, Any], header: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        authorize(REQUEST, account_scheme(rule), STAMP)

    expected = f"the header {header} cannot hold a character outside ASCII: see credentials.key"
    assert caught.value.message == expected


def find(*rules: dict[str, Any], token_url: str | None = None, **values: str) -> AccountScheme:
    read = tuple(READER.validate_python(rule) for rule in rules)
    filled = {f"credentials.{name}": value for name, value in values.items()}
    return choose_scheme(read, {"context.shop": "acme", **filled}, account_key="a1", token_url=token_url, label="store")


def test_the_first_scheme_with_all_credentials_is_chosen() -> None:
    rules = (BASIC, BEARER, OAUTH)

    assert [getattr(find(*rules, **values).rule, "type", None) for values in (
        {"user": "ana", "key": "k"},
        {"user": "", "key": "k"},
        {"user": "ana", "key": ""},
    )] == ["basic", "bearer", "oauth2"]  # fmt: skip
    assert find().rule is None


def test_an_account_without_credentials_gets_an_error_with_all_schemes() -> None:
    with pytest.raises(MissingCredential) as caught:
        find(BASIC, OAUTH, key="k")

    assert caught.value.message == "an account of store needs these credentials: user + key, or user"


def test_tokens_are_kept_by_account_and_credentials_under_a_name_that_tells_neither() -> None:
    scheme, same, other = find(OAUTH, user="s3cret"), find(OAUTH, user="s3cret"), find(OAUTH, user="another")

    assert scheme.key == same.key != other.key
    assert ("s3cret" in scheme.key, len(scheme.key)) == (False, 64)


@pytest.mark.parametrize(
    ("token_url", "expected"), [(None, TOKEN_ROOT), ("http://127.0.0.1:8080/token", "http://127.0.0.1:8080/token")]
)
def test_tokens_are_fetched_where_the_account_says_else_where_the_provider_does(
    token_url: str | None, expected: str
) -> None:
    assert find(OAUTH, token_url=token_url, user="ana").token_url == expected


# --------------------------------------------------------------------------------- tokens, through a whole call

CLIENT = account("oauth", credentials={"client_id": "c1", "refresh_token": "first-refresh"})
PEOPLE = reply({"people": [person(1)]})
REFUSED = reply({"message": "token expired"}, 401)


def fresh(token: str, **more: Any) -> Response:
    return reply({"access_token": token, **more})


def authorizations(driver: Driver) -> list[Any]:
    """What each request was authorized with; for a token request what it sent."""
    return [
        dict(request.headers).get("Authorization") or dict(parse_qsl((request.body or b"").decode()))
        for request in driver.sent
    ]


def grant(refresh_token: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": "c1"}


def test_a_token_is_fetched_once_and_kept(stores: Registry) -> None:
    driver = Driver(stores, play(fresh("t1", expires_in=3600), PEOPLE, PEOPLE))

    assert [ids([driver.page(CLIENT)]), ids([driver.page(CLIENT)])] == [[1], [1]]
    assert authorizations(driver) == [grant("first-refresh"), "Bearer t1", "Bearer t1"]
    assert list(driver.tokens.values()) == [Token("t1", START + timedelta(hours=1), "first-refresh")]
    assert (driver.sent[0].url, driver.sent[0].headers, driver.sent[0].is_safe) == (
        TOKEN_ROOT,
        (("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")),
        False,
    )


def test_a_token_is_renewed_a_minute_before_it_expires_with_the_newest_refresh_token(stores: Registry) -> None:
    answers = [fresh("t1", expires_in=120, refresh_token="second"), PEOPLE, PEOPLE, fresh("t2"), PEOPLE]
    driver = Driver(stores, play(*answers))
    driver.page(CLIENT)
    driver.clock.wait(59)
    driver.page(CLIENT)
    driver.clock.wait(1)
    driver.page(CLIENT)

    assert authorizations(driver) == [grant("first-refresh"), "Bearer t1", "Bearer t1", grant("second"), "Bearer t2"]
    assert list(driver.tokens.values()) == [Token("t2", None, "second")]


def test_a_token_that_is_refused_is_renewed_once(stores: Registry) -> None:
    driver = Driver(stores, play(fresh("t1"), PEOPLE, REFUSED, fresh("t2"), PEOPLE))
    driver.page(CLIENT)
    driver.page(CLIENT)

    assert authorizations(driver)[1:] == ["Bearer t1", "Bearer t1", grant("first-refresh"), "Bearer t2"]


def test_a_fresh_token_that_is_refused_too_is_an_error_that_shows_none(stores: Registry) -> None:
    echo = reply({"message": "bad token token-two"}, 401)
    driver = Driver(stores, play(fresh("token-one"), REFUSED, fresh("token-two"), echo))

    with pytest.raises(AuthenticationError) as caught:
        driver.page(CLIENT)
    assert "token-two" not in json.dumps(caught.value.to_dict())
    assert len(driver.sent) == 4


def test_a_token_that_the_account_has_is_used_until_it_is_refused(stores: Registry) -> None:
    with_token = account("oauth", credentials={**CLIENT.credentials, "token": "t0"})
    driver = Driver(stores, play(PEOPLE, REFUSED, fresh("t1"), PEOPLE))
    driver.page(with_token)
    driver.page(with_token)

    assert authorizations(driver) == ["Bearer t0", "Bearer t0", grant("first-refresh"), "Bearer t1"]


def test_the_renewal_of_another_call_counts(stores: Registry) -> None:
    driver = Driver(stores, play(PEOPLE))

    def provider(request: Request) -> Response:
        key = next(iter(driver.tokens))
        driver.tokens[key] = Token("t2")  # somebody else was quicker
        return {"Bearer t1": REFUSED, "Bearer t2": PEOPLE}[dict(request.headers)["Authorization"]]

    warm = Driver(stores, play(fresh("t1"), PEOPLE))
    warm.page(CLIENT)
    driver.tokens, driver.provider = dict(warm.tokens), provider

    assert ids([driver.page(CLIENT)]) == [1]
    assert authorizations(driver) == ["Bearer t1", "Bearer t2"]


@pytest.mark.parametrize(
    ("outcome", "kind", "message"),
    [
        (
            reply({"error": "invalid_grant", "error_description": "token first-refresh was revoked"}, 400),
            AuthenticationError,
            "oauth token: no token: token [redacted] was revoked (HTTP 400)",
        ),
        (reply({"error": "invalid_client"}), AuthenticationError, "oauth token: no token: invalid_client (HTTP 200)"),
        (
            reply({"error": "unauthorized_client"}, 400),
            AuthenticationError,
            f"{NO_TOKEN}: unauthorized_client (HTTP 400)",
        ),
        (reply({}, 401), AuthenticationError, "oauth token: no token: Unauthorized (HTTP 401)"),
        # whatever else is said, says nothing about the credentials
        (reply({"error": "odd"}), ProviderError, f"{NO_TOKEN}: odd (HTTP 200)"),
        (reply({"error": "invalid_request"}, 400), RejectedInputError, f"{NO_TOKEN}: invalid_request (HTTP 400)"),
        (reply({"error": "Access Denied"}, 400), RejectedInputError, f"{NO_TOKEN}: Access Denied (HTTP 400)"),
        (reply({}, 403), PermissionDeniedError, f"{NO_TOKEN}: Forbidden (HTTP 403)"),
        (reply({}, 404), ProviderError, f"{NO_TOKEN}: Not Found (HTTP 404)"),
        (reply(PAGE, 403), ProviderUnavailableError, f"{NO_TOKEN}: {IS_PAGE} (HTTP 403)"),
        (reply(PAGE, 401), ProviderUnavailableError, f"{NO_TOKEN}: {IS_PAGE} (HTTP 401)"),
        (reply(PAGE, 404), ProviderUnavailableError, f"{NO_TOKEN}: {IS_PAGE} (HTTP 404)"),
        (reply(PAGE), ProviderUnavailableError, f"{NO_TOKEN}: {IS_PAGE} (HTTP 200)"),
        (
            reply(b"<html>", 503),
            ProviderUnavailableError,
            f"{NO_TOKEN}: the answer is an HTML page and not JSON (HTTP 503)",
        ),
        (
            reply({}, 429, {"retry-after": "3600"}),
            RateLimitedError,
            "oauth token: no token: Too Many Requests (HTTP 429)",
        ),
        (fresh(""), ProviderUnavailableError, "oauth token: the answer holds no token at access_token"),
        (reply([]), ProviderUnavailableError, "oauth token: the answer holds no token at access_token"),
    ],
)
def test_a_refusal_of_a_token_is_understood(stores: Registry, outcome: Any, kind: Any, message: str) -> None:
    driver = Driver(stores, play(outcome))

    with pytest.raises(ProviderError) as caught:
        driver.page(CLIENT)
    names = {AuthenticationError: "; refused: refresh_token, client_id"}.get(kind, "")
    assert (type(caught.value), caught.value.message) == (kind, f"{message}{names}")
    assert (driver.tokens, driver.waits) == ({}, [])


def test_refused_credentials_are_named_with_where_they_come_from(stores: Registry) -> None:
    origins = {"client_id": "--credential", "refresh_token": "the environment variable OAUTH_REFRESH_TOKEN"}
    driver = Driver(stores, play(fresh("t1"), REFUSED, fresh("t2"), REFUSED))

    with pytest.raises(AuthenticationError) as caught:
        driver.page(account("oauth", credentials=CLIENT.credentials, origins=origins))

    assert caught.value.message.endswith(
        "; refused: refresh_token (from the environment variable OAUTH_REFRESH_TOKEN), client_id (from --credential)"
    )
    assert str(caught.value) == caught.value.message


def test_a_request_that_may_have_spent_a_refresh_token_is_not_repeated_and_another_one_is() -> None:
    rotating, lasting = OAUTH | {"refresh_token_path": "refresh_token"}, OAUTH

    assert [first_token_request(rule, user="a").is_safe for rule in (rotating, lasting)] == [False, True]


@pytest.mark.parametrize(
    ("seconds", "expires"),
    [
        ("3600", START + timedelta(hours=1)),
        ('"3600"', START + timedelta(hours=1)),
        ("3599.5", START + timedelta(seconds=3599.5)),
        # "never", in the ways in which providers write it
        ("9223372036854775", None),
        ("1e12", None),
        ("1e400", None),
        ("NaN", None),
        ("-1", None),
        ("0", None),
        ("null", None),
        ("true", None),
        ('"soon"', None),
        ("[1]", None),
    ],
)
def test_a_token_may_live_for_any_time(stores: Registry, seconds: str, expires: datetime | None) -> None:
    answer = reply(b'{"access_token": "t1", "expires_in": ' + seconds.encode() + b"}")
    driver = Driver(stores, play(answer, PEOPLE))

    assert ids([driver.page(CLIENT)]) == [1]
    assert [token.expires_at for token in driver.tokens.values()] == [expires]


def test_a_token_request_that_was_refused_for_lack_of_quota_is_repeated(stores: Registry) -> None:
    driver = Driver(stores, play(reply({}, 429, {"retry-after": "2"}), fresh("t1"), PEOPLE))

    assert ids([driver.page(CLIENT)]) == [1]
    assert driver.waits == [2.0]


@pytest.mark.parametrize(
    ("form", "query", "kind", "body"),
    [
        ("form", "", "application/x-www-form-urlencoded", b"client_id=a%26b"),
        ("json", "", "application/json", b'{"client_id":"a&b"}'),
        ("query", "client_id=a%26b", None, None),
    ],
)
def test_a_token_is_asked_for_in_the_declared_form(
    stores: Registry, form: str, query: str, kind: str | None, body: bytes | None
) -> None:
    rule = OAUTH | {"send_as": form, "params": {"client_id": "{credentials.user}"}}

    assert first_token_request(rule, user="a&b") == Request(
        "POST",
        TOKEN_ROOT,
        query,
        (("Accept", "application/json"), *([("Content-Type", kind)] if kind else [])),
        body,
        is_safe=True,
    )


def first_token_request(rule: dict[str, Any], **credentials: str) -> Request:
    """What is sent for the first token of an account."""
    flow = current_token(find(rule, **credentials), STAMP)
    next(flow)
    exclusive = flow.send(None)
    next(exclusive.flow)
    step = exclusive.flow.send(None)
    request: Request = step.request
    return request


def test_a_key_of_its_own_needs_no_token(stores: Registry) -> None:
    driver = Driver(stores, play(PEOPLE))
    driver.page(account("oauth", credentials={"key": "k1"}))

    assert driver.sent[0].headers == (("X-Shop", "acme"), ("X-Key", "k1"))


# ------------------------------------------------------------------------------------------------ quotas

METERED: Account = account("oauth", credentials={"key": "k1"})


def test_calls_keep_below_the_quota_by_themselves(stores: Registry) -> None:
    driver = Driver(stores, lambda _request: PEOPLE)
    for _ in range(4):
        driver.page(METERED)

    assert driver.waits == pytest.approx([20.0, 20.0, 20.0], rel=0.002)


def test_a_quota_that_is_used_up_past_the_deadline_is_an_error_before_sending(stores: Registry) -> None:
    driver = Driver(stores, lambda _request: PEOPLE, {"retry": RetryPolicy(deadline=10.0)})
    driver.page(METERED)

    with pytest.raises(RateLimitedError) as caught:
        driver.page(METERED)
    assert (caught.value.message, caught.value.code) == (
        "oauth GET /people: the limits of the provider allow this request in 20 seconds; nothing was sent",
        "throttled_here",
    )
    assert caught.value.retry_after == pytest.approx(20.0233, abs=0.001)
    assert len(driver.sent) == 1
