"""The matcher: what is the same request, and what is another."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from truto_unify.testing.cassettes import match_body, match_query
from truto_unify.testing.cassettes.matching import is_same_request

URL = "https://shop.example.test/graphql?a=1&b=2"


@dataclass
class Sent:
    method: str = "POST"
    uri: str = URL
    body: bytes | str | None = b'{"variables":{"after":null,"first":2}}'


@pytest.mark.parametrize(
    "other",
    [
        Sent(),
        Sent(uri="https://shop.example.test:443/graphql?b=2&a=1"),
        Sent(uri="https://SHOP.example.test/graphql?%61=1&b=2"),
        Sent(body='{ "variables": {"first": 2, "after": null} }'),
    ],
)
def test_the_same_request_in_another_spelling(other: Sent) -> None:
    assert is_same_request(Sent(), other)
    match_query(Sent(), other)
    match_body(Sent(), other)


@pytest.mark.parametrize(
    "other",
    [
        Sent(method="GET"),
        Sent(uri=URL.replace("shop", "other")),
        Sent(uri=URL.replace("https", "http")),
        Sent(uri=URL.replace("graphql", "rest")),
        Sent(uri=f"{URL}&c="),
        Sent(body=None),
    ],
)
def test_another_request(other: Sent) -> None:
    assert not is_same_request(Sent(), other)


@pytest.mark.parametrize(("added", "told"), [("&c=", "(c)"), ("&a=1", "(a, b)"), ("&b=3", "(b)")])
def test_another_query(added: str, told: str) -> None:
    with pytest.raises(AssertionError) as caught:
        match_query(Sent(), Sent(uri=URL + added))

    assert str(caught.value) == f"another request: query {told}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"variables":{"after":"page-2","first":2}}', "body.variables.after"),
        (b'{"variables":{"after":null,"first":2.0}}', "body.variables.first"),
        (b'{"variables":{"after":null,"first":true}}', "body.variables.first"),
        (b'{"variables":{"first":2}}', "body.variables.after"),
        (b'{"variables":{"after":1}, "query": ""}', "body.query; body.variables.after; body.variables.first"),
        (b"[]", "body"),
        (None, "body"),
        (b"plain text", "body"),
    ],
)
def test_another_body(body: bytes | None, told: str) -> None:
    with pytest.raises(AssertionError) as caught:
        match_body(Sent(), Sent(body=body))

    assert str(caught.value) == f"another request: {told}"


def test_forms_are_compared_by_their_fields() -> None:
    match_body(Sent(body=b"grant=refresh&token=FAKE_1"), Sent(body=b"token=FAKE_1&grant=refresh"))

    with pytest.raises(AssertionError, match=r"body \(token\)$"):
        match_body(Sent(body=b"grant=refresh&token=FAKE_1"), Sent(body=b"token=FAKE_2&grant=refresh"))
