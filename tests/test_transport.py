"""Requests without an answer, and answers that are no good: the error of each, and whether another try may help."""

from __future__ import annotations

import gzip
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.loopback import serve_bytes
from tests.one_shop import CUSTOMER, shop_at, write_answer
from tests.twins import STILL, Twin, both
from truto_unify import (
    InvalidInput,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    RejectedInputError,
    RetryPolicy,
    TransportError,
    UnifyError,
)
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.steps import Send, Wait
from truto_unify.transport import Transport
from truto_unify.types import Limits, Request, Response

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.loopback import Loopback

ABOUT_REDIRECTS = (
    "if the redirect only adds a slash, the shop has Plain permalinks, and its API cannot be reached: choose others in "
    "WordPress (Settings, Permalinks)"
)
ABOUT_PAGES = (
    "WordPress may have no API at this address: choose other permalinks than Plain (Settings, Permalinks), and end "
    "store_url with /index.php if the shop's permalinks hold it"
)
ONCE = replace(STILL, retry=RetryPolicy(attempts=1))
SHORT = Limits(connect_timeout=0.2, read_timeout=0.2)


def failure(twin: type[Twin], base_url: str, **options: Any) -> UnifyError:
    """The error of a list call that is tried once."""
    client = twin(**{"settings": ONCE, **options})
    with pytest.raises(UnifyError) as caught:
        client.list(shop_at(base_url), limit=1)
    assert client.waits == []
    return caught.value


def summary(error: UnifyError) -> tuple[type[UnifyError], str, bool]:
    return type(error), error.message, error.retryable


# ------------------------------------------------------------------------------- no answer


@both
def test_a_refused_connection(twin: type[Twin]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"

    error = failure(twin, origin)

    assert isinstance(error, TransportError)
    assert (error.retryable, error.was_sent) == (True, False)
    assert error.message.startswith(f"GET {origin}/customers: ")
    assert error.message.endswith(" (ConnectError)")


@both
def test_an_unknown_host(twin: type[Twin]) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)

    error = failure(twin, "https://nosuch.invalid", transport=httpx.MockTransport(fail))

    assert summary(error) == (
        TransportError,
        "GET https://nosuch.invalid/customers: [Errno -2] Name or service not known (ConnectError)",
        True,
    )


@both
def test_a_server_that_never_answers(twin: type[Twin]) -> None:
    with serve_bytes(b"", closes=False) as origin:
        error = failure(twin, origin, limits=SHORT)

    assert summary(error) == (TransportError, f"GET {origin}/customers: no answer in time (ReadTimeout)", True)


@both
def test_a_server_that_stops_in_the_middle_of_an_answer(twin: type[Twin]) -> None:
    with serve_bytes(write_answer(CUSTOMER)[:-5], closes=False) as origin:
        error = failure(twin, origin, limits=SHORT)

    assert summary(error) == (TransportError, f"GET {origin}/customers: no answer in time (ReadTimeout)", True)


@both
def test_a_server_that_cannot_be_reached_in_time(twin: type[Twin]) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("timed out", request=request)

    error = failure(twin, "https://shop.example", transport=httpx.MockTransport(fail))

    assert summary(error) == (
        TransportError,
        "GET https://shop.example/customers: cannot be reached in time (ConnectTimeout)",
        True,
    )


@both
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(write_answer(CUSTOMER)[:-5], id="half a body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="half a head"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n[]", id="a header without a colon"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]", id="two lengths"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n[]", id="a length in words"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", id="broken chunks"),
    ],
)
def test_an_answer_that_is_not_http_is_a_retryable_error(sent: bytes, twin: type[Twin]) -> None:
    with serve_bytes(sent) as origin:
        error = failure(twin, origin)

    assert (type(error), error.retryable) == (TransportError, True)
    assert error.message.startswith(f"GET {origin}/customers: ")
    assert error.message.endswith(" (RemoteProtocolError)")


@both
def test_a_lost_read_is_tried_again(twin: type[Twin]) -> None:
    with serve_bytes(b"", b"HTTP/1.1", write_answer(CUSTOMER, "Connection: close")) as origin:
        client = twin()
        page = client.list(shop_at(origin), limit=1)

    assert [record.first_name for record in page.result] == ["Zoë"]
    assert client.waits == [0.25, 0.5]


@both
@pytest.mark.parametrize("host", ["shop_\u2002.example", "xn--\u2014.example", "a" * 64 + ".\u00e9.example"])
def test_a_host_that_no_name_may_have_is_not_asked_twice(host: str, twin: type[Twin]) -> None:
    client = twin()

    with pytest.raises(UnifyError) as caught:
        client.list(shop_at(f"https://{host}"), limit=1)

    assert (caught.value.retryable, client.waits) == (False, [])


@both
def test_a_header_that_http_cannot_carry_is_not_shown(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("shopify", credentials={"access_token": "shpat_s\u00e9cret"})
    client = twin()

    with pytest.raises(InvalidInput) as caught:
        client.list(account, limit=1)

    expected = "the header X-Shopify-Access-Token cannot hold a character outside ASCII: see credentials.access_token"
    assert caught.value.message == expected
    assert client.waits == []


@pytest.mark.parametrize(
    ("secret", "reason"), [("s3cret-word ", "LocalProtocolError"), ("s3cret-w\u00f6rd", "UnicodeEncodeError")]
)
def test_a_header_that_the_transport_refuses_is_not_shown_either(loopback: Loopback, secret: str, reason: str) -> None:
    def flow() -> Generator[Send | Wait, Response | None, Response | None]:
        return (yield Send(Request("GET", loopback.origin, headers=(("X-Token", secret),))))

    with Transport(tokens=MemoryTokenStore()) as transport, pytest.raises(TransportError) as caught:
        transport.run(flow())

    assert summary(caught.value) == (
        TransportError,
        f"GET {loopback.origin}: a header holds what HTTP cannot carry ({reason})",
        False,
    )


# ------------------------------------------------------------------------------- answers that are no good


@both
def test_a_body_that_is_too_large_is_not_read_to_its_end(twin: type[Twin]) -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b" " * 200_000
    with serve_bytes(endless, closes=False) as origin:
        error = failure(twin, origin, limits=Limits(max_body=100_000))

    assert summary(error) == (
        TransportError,
        f"GET {origin}/customers: the answer is larger than 100000 bytes; Limits.max_body (in the service: "
        "TRUTO_UNIFY_MAX_ANSWER) raises this limit",
        False,
    )


@both
def test_a_small_body_that_unpacks_to_a_large_one_is_too_large(twin: type[Twin]) -> None:
    packed = write_answer(gzip.compress(b" " * 1_000_000), "Content-Encoding: gzip")
    with serve_bytes(packed) as origin:
        error = failure(twin, origin, limits=Limits(max_body=100_000))

    assert summary(error) == (
        TransportError,
        f"GET {origin}/customers: the answer is larger than 100000 bytes; Limits.max_body (in the service: "
        "TRUTO_UNIFY_MAX_ANSWER) raises this limit",
        False,
    )


@both
def test_a_body_that_is_compressed_twice_is_refused(twin: type[Twin]) -> None:
    with serve_bytes(write_answer(gzip.compress(gzip.compress(CUSTOMER)), "Content-Encoding: gzip, gzip")) as origin:
        error = failure(twin, origin)

    assert summary(error) == (
        TransportError,
        f"GET {origin}/customers: the answer is compressed 2 times (gzip, gzip), which is never accepted",
        False,
    )


@both
def test_an_answer_that_states_its_length_twice_is_refused(twin: type[Twin]) -> None:
    with serve_bytes(write_answer(b"2\r\n[]\r\n0\r\n\r\n", "Transfer-Encoding: chunked")) as origin:
        error = failure(twin, origin)

    assert summary(error) == (
        TransportError,
        f"GET {origin}/customers: the answer has both Content-Length and Transfer-Encoding, and so no certain end",
        False,
    )


@both
@pytest.mark.parametrize(
    "location",
    ["https://login.example/sign-in?back=secret-path", "/wp-json/wc/v3/customers?page=1"],
)
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 X"])
def test_a_redirect_is_an_error_and_not_followed(location: str, status: str, twin: type[Twin]) -> None:
    with serve_bytes(write_answer(b"", f"Location: {location}", status=status)) as origin:
        error = failure(twin, origin)

    assert isinstance(error, ProviderError)
    target = location.partition("?")[0]
    message = f"woocommerce GET /customers: the answer is a redirect to {target} (HTTP {status[:3]}); use that address"
    assert summary(error) == (ProviderError, f"{message}; {ABOUT_REDIRECTS}", False)
    assert error.status_code == int(status[:3])


@both
def test_a_page_of_the_shop_instead_of_its_api_is_an_error_with_a_hint(twin: type[Twin], loopback: Loopback) -> None:
    headers = (("content-type", "text/html; charset=UTF-8"),)
    page = b"<!DOCTYPE html><title>Page not found - My shop</title>"
    loopback.store("woocommerce").failures.append(PlannedFailure(404, headers, page))

    with pytest.raises(ProviderError) as caught:
        twin(settings=ONCE).list(loopback.account("woocommerce"))

    assert summary(caught.value) == (
        ProviderError,
        'woocommerce GET /customers: the answer is an HTML page and not JSON: "Page not found - My shop" (HTTP 404); '
        f"{ABOUT_PAGES}",
        False,
    )


UNREADABLE = [
    pytest.param(b"", "", "has an empty body", id="empty"),
    pytest.param(b" \r\n", "", "has an empty body", id="blank"),
    pytest.param(
        b'[{"id": 1}', "application/json", "is cut off: its JSON does not end within 10 characters", id="half"
    ),
    pytest.param(b"<html>Cloudflare</html>", "text/html", 'is an HTML page and not JSON: "Cloudflare"', id="html"),
    pytest.param(
        b"<br />Warning: x in y.php[]",
        "application/json",
        'holds a message of PHP before its JSON: "Warning: x in y.php"',
        id="php",
    ),
    pytest.param(
        '[{"id": "\xe9"}]'.encode("latin-1"),
        "application/json",
        "is not UTF-8, as JSON must be: byte 0xe9 at 9 (its Content-Type names no charset)",
        id="1252",
    ),
    pytest.param(b"\xff\xfe\x00", "", "is neither JSON nor text in UTF-8 (no content type)", id="bytes"),
    pytest.param(b"[" * 100_000, "application/json", "holds JSON that is nested too deeply", id="too deep"),
    pytest.param(b"NaN" * 3, "text/plain", 'is text and not JSON: "NaNNaNNaN"', id="words"),
]


@both
@pytest.mark.parametrize(("body", "content_type", "what"), UNREADABLE)
def test_a_good_status_without_json_is_an_outage(
    body: bytes, content_type: str, what: str, twin: type[Twin], loopback: Loopback
) -> None:
    headers = (("content-type", content_type),) if content_type else ()
    loopback.store("woocommerce").failures.append(PlannedFailure(200, headers, body))

    with pytest.raises(ProviderUnavailableError) as caught:
        twin(settings=ONCE).list(loopback.account("woocommerce"))

    hint = f"; {ABOUT_PAGES}" if "page" in what else ""
    assert caught.value.message == f"woocommerce GET /customers: the answer {what} (HTTP 200){hint}"
    assert (caught.value.code, caught.value.status_code, caught.value.retryable) == ("not_json", 200, True)
    assert caught.value.raw_response == body.decode(errors="replace")[:10_000]


@both
def test_a_gateway_page_of_a_broken_store(twin: type[Twin], loopback: Loopback) -> None:
    fault = PlannedFailure(502, (("content-type", "text/html"),), b"<html><h1>502 Bad Gateway</h1></html>")
    loopback.store("woocommerce").failures.extend([fault, fault])
    client = twin()

    page = client.list(loopback.account("woocommerce"), limit=1)

    assert page.result_count == 1
    assert client.waits == [0.25, 0.5]


@both
def test_the_page_of_a_firewall_is_no_refusal_of_the_store(twin: type[Twin], loopback: Loopback) -> None:
    fault = PlannedFailure(403, (("content-type", "text/html"),), b"<html>Request blocked</html>")
    loopback.store("woocommerce").failures.append(fault)

    with pytest.raises(ProviderError) as caught:
        twin().list(loopback.account("woocommerce"))

    assert (type(caught.value).__name__, caught.value.code) == ("ProviderUnavailableError", "not_json")
    assert caught.value.message == (
        'woocommerce GET /customers: the answer is an HTML page and not JSON: "Request blocked" (HTTP 403)'
    )


@both
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RejectedInputError), (404, NotFoundError), (405, RejectedInputError), (418, ProviderError)],
)
def test_a_refusal_without_a_body(status: int, kind: type[ProviderError], twin: type[Twin], loopback: Loopback) -> None:
    loopback.store("woocommerce").failures.append(PlannedFailure(status))

    with pytest.raises(ProviderError) as caught:
        twin().list(loopback.account("woocommerce"))

    assert type(caught.value) is kind
    assert caught.value.message == f"woocommerce GET /customers: the answer has an empty body (HTTP {status})"


@both
@pytest.mark.parametrize("header", ["Content-Encoding: gzip", "Content-Encoding: deflate"])
def test_a_body_that_does_not_unpack(header: str, twin: type[Twin]) -> None:
    with serve_bytes(write_answer(CUSTOMER, header)) as origin:
        error = failure(twin, origin)

    assert type(error) is TransportError
    assert error.message.endswith(" (DecodingError)")
