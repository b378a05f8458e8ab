"""Signatures, against the examples of the standards and against a checker written from a server's source."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.config.signature_schemes import OAuth1Authorization
from truto_unify.engine.auth import AccountScheme, Stamp, authorize
from truto_unify.engine.encoding import encode_query
from truto_unify.engine.oauth1 import sign_request
from truto_unify.errors import InvalidEnvironment
from truto_unify.sandbox.woocommerce.signature import signature_fault
from truto_unify.types import Request

VALUES = {
    "credentials.key": "dpf43f3p2l4k3l03",
    "credentials.secret": "kd94hf93k423kf44",
    "credentials.token": "nnch734d00sl2jdk",
    "credentials.token_secret": "pfkkdhi9sl3r4s00",
}
PHOTOS = Request("GET", "http://photos.example.net/photos", "file=vacation.jpg&size=original")
MOMENT = datetime(2026, 11, 24, 6, 50, tzinfo=UTC)


def rule(**changes: Any) -> OAuth1Authorization:
    keys = {"client_key": "{credentials.key}", "client_secret": "{credentials.secret}"}
    return OAuth1Authorization.model_validate({"type": "oauth1", **keys, **changes})


def with_token(method: str) -> OAuth1Authorization:
    token = {"token": "{credentials.token}", "token_secret": "{credentials.token_secret}"}
    return rule(signature_method=method, **token)


def test_the_example_of_rfc_5849_is_signed_as_there() -> None:
    # https://www.rfc-editor.org/rfc/rfc5849#section-1.2, the last request
    signed = sign_request(PHOTOS, with_token("HMAC-SHA1"), VALUES, datetime.fromtimestamp(137131202, UTC), "chapoH")

    assert signed == {
        "oauth_consumer_key": "dpf43f3p2l4k3l03",
        "oauth_token": "nnch734d00sl2jdk",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131202",
        "oauth_nonce": "chapoH",
        "oauth_signature": "MdpQcU8iPSUjWoN/UDMsK2sui9I=",
    }


@pytest.mark.parametrize(
    ("method", "url", "query"),
    [
        ("GET", "http://shop.example.test/wp-json/wc/v3/customers", "per_page=2&orderby=id"),
        ("GET", "http://shop.example.test:8080/index.php/wp-json/wc/v3/customers", "email=a%2Bb%40x.test&empty="),
        ("GET", "http://127.0.0.1:8080/blog/wp-json/wc/v3/orders", "after=2024-01-01T00%3A00%3A00Z&s=%7Ea%20b%2Fc%26"),
        ("GET", "http://shop.example.test/wp-json/wc/v3/customers", ""),
        ("DELETE", "http://shop.example.test/wp-json/wc/v3/customers/1", "force=true"),
    ],
)
@pytest.mark.parametrize("algorithm", ["HMAC-SHA256", "HMAC-SHA1"])
def test_a_server_that_checks_signatures_takes_ours(method: str, url: str, query: str, algorithm: str) -> None:
    stamp = Stamp(MOMENT, "nonce-1")
    sent = authorize(
        Request(method, url, query), AccountScheme(rule(signature_method=algorithm, send_as="query"), VALUES), stamp
    )
    pairs = parse_qsl(sent.query, keep_blank_values=True)
    used: set[str] = set()

    assert signature_fault(method, url, pairs, "kd94hf93k423kf44", MOMENT.timestamp(), used) is None
    assert signature_fault(method, url, pairs, "another secret", MOMENT.timestamp(), set()) is not None
    assert used == {"nonce-1"}
    assert "kd94hf93k423kf44" not in sent.query


PAIRS = st.lists(st.tuples(st.text(min_size=1), st.text()), unique_by=lambda pair: pair[0], max_size=5)


@given(PAIRS)
def test_whatever_is_asked_is_signed_as_the_server_reads_it(pairs: list[tuple[str, str]]) -> None:
    request = Request("GET", "http://shop.example.test/x", encode_query([*filter(_is_readable, pairs)]))
    sent = authorize(request, AccountScheme(rule(send_as="query"), VALUES), Stamp(MOMENT, "n"))
    read = parse_qsl(sent.query, keep_blank_values=True)

    assert signature_fault("GET", request.url, read, "kd94hf93k423kf44", MOMENT.timestamp(), set()) is None


def _is_readable(pair: tuple[str, str]) -> bool:
    return "".join(pair).isprintable()


def test_a_signature_may_travel_in_a_header() -> None:
    stamp = Stamp(datetime.fromtimestamp(137131202, UTC), "chapoH")
    sent = authorize(PHOTOS, AccountScheme(with_token("HMAC-SHA1"), VALUES), stamp)

    assert sent.query == PHOTOS.query
    assert dict(sent.headers)["Authorization"] == (
        'OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", '
        'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH", '
        'oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"'
    )


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "oauthlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "oauthlib", None)

    with pytest.raises(InvalidEnvironment) as caught:
        sign_request(PHOTOS, rule(), VALUES, MOMENT, "n")

    assert caught.value.message == (
        'OAuth 1.0 signatures need "oauthlib": install it with  pip install "truto-unify[oauth1]"'
    )
