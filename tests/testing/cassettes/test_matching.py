"""The matcher tells the same request from another."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from truto_unify.testing.cassettes import match_body, match_query
from truto_unify.testing.cassettes.matching import describe_mismatch, is_same_request

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


@pytest.mark.parametrize(("added", "difference"), [("&c=", "(c)"), ("&a=1", "(a, b)"), ("&b=3", "(b)")])
def test_another_query(added: str, difference: str) -> None:
    with pytest.raises(AssertionError) as caught:
        match_query(Sent(), Sent(uri=URL + added))

    assert str(caught.value) == f"another request: query {difference}"


@pytest.mark.parametrize(
    ("body", "difference"),
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
def test_another_body(body: bytes | None, difference: str) -> None:
    with pytest.raises(AssertionError) as caught:
        match_body(Sent(), Sent(body=body))

    assert str(caught.value) == f"another request: {difference}"


def test_forms_are_compared_by_their_fields() -> None:
    match_body(Sent(body=b"grant=refresh&token=FAKE_1"), Sent(body=b"token=FAKE_1&grant=refresh"))

    with pytest.raises(AssertionError, match=r"body \(token\)$"):
        match_body(Sent(body=b"grant=refresh&token=FAKE_1"), Sent(body=b"token=FAKE_2&grant=refresh"))


@dataclass
class Played:
    """A cassette of vcrpy with these requests, some of them played, and a request that it does not hold."""

    requests: list[Sent]
    failed_request: Sent
    play_counts: dict[int, int]

    @property
    def cassette(self) -> Played:
        return self


GET = Sent("GET", "https://shop.example/people?size=50&order=id", b"")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (replace(GET, uri=f"{GET.uri}&mail=a"), "now sends mail=a, which was not recorded; record it again"),
        (replace(GET, uri=GET.uri.replace("50", "100")), "now sends size=100, recorded size=50; record it again"),
        (replace(GET, uri=GET.uri.replace("&order=id", "")), "no longer sends order=id; record it again"),
        (
            replace(GET, uri=GET.uri.replace("people", "persons")),
            "now sends GET https://shop.example/persons, recorded GET https://shop.example/people; record it again",
        ),
        (
            Sent(body=b'{"variables": {"after": null, "first": 3}}'),
            "now sends variables.first=3, recorded variables.first=2; record it again",
        ),
    ],
)
def test_an_unknown_request_is_reported_by_its_difference_from_the_nearest(sent: Sent, expected: str) -> None:
    recorded = [GET, Sent()]

    assert describe_mismatch(Played(recorded, sent, dict.fromkeys(range(2), 0))) == expected


def test_a_request_beyond_the_recorded_ones_is_reported() -> None:
    assert describe_mismatch(Played([GET], GET, {0: 1})) == "now sends a request more, GET /people; record it again"
