"""Answers that are unusual and good all the same, read by both clients."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.loopback import serve_bytes
from tests.one_shop import CUSTOMER, shop_at, write_answer
from tests.twins import STILL, Twin, both
from truto_unify import RateLimitedError, RetryPolicy
from truto_unify.sandbox.store import PlannedFailure

if TYPE_CHECKING:
    from tests.loopback import Loopback

ONCE = replace(STILL, retry=RetryPolicy(attempts=1))
ODD = [
    pytest.param(write_answer(gzip.compress(CUSTOMER), "Content-Encoding: gzip"), id="gzip"),
    pytest.param(write_answer(CUSTOMER, "Content-Type: application/json; charset=ISO-8859-1"), id="a wrong charset"),
    pytest.param(write_answer(CUSTOMER, "Content-Type: text/html"), id="a wrong content type"),
    pytest.param(write_answer(CUSTOMER, "X-Name: Zo\xeb", "X-Name: again", "x-empty:"), id="odd header values"),
    pytest.param(write_answer(CUSTOMER, "X-WP-Total: many"), id="a total in words"),
    pytest.param(write_answer(CUSTOMER, "Link: <<<;;;,,,"), id="a link that is none"),
    pytest.param(write_answer(CUSTOMER, status="200 "), id="no reason phrase"),
    pytest.param(write_answer(CUSTOMER, status="299 Whatever"), id="another good status"),
    pytest.param(b"HTTP/1.0 200 OK\r\n\r\n" + CUSTOMER, id="HTTP/1.0 without a length"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(CUSTOMER), CUSTOMER),
        id="chunks",
    ),
    pytest.param(write_answer(b"\xef\xbb\xbf" + CUSTOMER), id="a byte order mark"),
    pytest.param(write_answer(CUSTOMER.decode().encode("utf-16")), id="UTF-16"),
    pytest.param(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + write_answer(CUSTOMER), id="early hints"),
]


@both
@pytest.mark.parametrize("sent", ODD)
def test_an_odd_answer_is_read_all_the_same(sent: bytes, twin: type[Twin]) -> None:
    with serve_bytes(sent) as origin:
        page = twin(settings=ONCE).list(shop_at(origin), limit=1)

    assert [(record.id, record.first_name) for record in page.result] == [("1", "Zoë")]


@both
@pytest.mark.parametrize("count", [1, 400, 9_000])
def test_an_answer_of_any_length_arrives_whole(count: int, twin: type[Twin]) -> None:
    body = json.dumps([{"id": number, "first_name": "Zoë"} for number in range(count)]).encode()

    with serve_bytes(write_answer(body)) as origin:
        page = twin().list(shop_at(origin))

    assert [record.id for record in page.result] == [str(number) for number in range(count)]


@both
@pytest.mark.parametrize(
    ("retry_after", "waits"),
    [("2", [2.0]), ("2.5", [2.5]), ("Tue, 24 Nov 2026 06:50:30 GMT", [30.0]), ("soon", [0.25]), ("-5", [0.25])],
)
def test_a_wait_is_as_long_as_the_store_says(
    retry_after: str, waits: list[float], twin: type[Twin], loopback: Loopback
) -> None:
    loopback.store("woocommerce").failures.append(PlannedFailure(429, (("retry-after", retry_after),), b"{}"))
    client = twin()

    page = client.list(loopback.account("woocommerce"), limit=1)

    assert page.result_count == 1
    assert client.waits == waits


@both
def test_a_wait_beyond_the_deadline_is_handed_to_the_caller(twin: type[Twin], loopback: Loopback) -> None:
    loopback.store("woocommerce").failures.append(PlannedFailure(429, (("retry-after", "3600"),), b"{}"))
    client = twin()

    with pytest.raises(RateLimitedError) as caught:
        client.list(loopback.account("woocommerce"))

    assert (caught.value.retry_after, caught.value.retryable, client.waits) == (3600.0, True, [])


@both
def test_cookies_are_neither_kept_nor_sent(twin: type[Twin], loopback: Loopback) -> None:
    # One client serves many accounts, and a session cookie of one must not reach the next.
    store = loopback.store("woocommerce")
    headers = (("set-cookie", "session=of-the-first-account; Path=/"), ("x-wp-total", "1"))
    store.failures.append(PlannedFailure(200, headers, CUSTOMER))
    client = twin()

    for _ in range(3):
        client.list(loopback.account("woocommerce"), limit=1)

    assert [dict(request.headers).get("cookie") for request in store.requests] == [None, None, None]
