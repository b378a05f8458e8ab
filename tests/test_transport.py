from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.loopback import serve_bytes
from tests.twins import STILL, TWINS, Twin
from truto_unify import (
    Account,
    AsyncClient,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
    RetryPolicy,
    TransportError,
    UnifyError,
)
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.steps import Exclusive, Flow, Gather, ReadToken, Send, Wait, WriteToken
from truto_unify.transport import AsyncTransport, Transport
from truto_unify.types import Limits, Request, Response, Token

if TYPE_CHECKING:
    from tests.loopback import Loopback

Run = Callable[..., Any]
ABOUT_REDIRECTS = (
    "if the redirect only adds a slash, the shop has Plain permalinks, and its API cannot be reached: choose others in "
    "WordPress (Settings, Permalinks)"
)
ABOUT_PAGES = (
    "WordPress may have no API at this address: choose other permalinks than Plain (Settings, Permalinks), and end "
    "store_url with /index.php if the shop's permalinks hold it"
)
both = pytest.mark.parametrize("twin", TWINS)
ONCE = replace(STILL, retry=RetryPolicy(attempts=1))
SHORT = Limits(connect_timeout=0.2, read_timeout=0.2)
CUSTOMERS = json.dumps([{"id": 1, "first_name": "Zoë"}], ensure_ascii=False).encode()


def shop(base_url: str) -> Account:
    return Account(
        provider="woocommerce",
        credentials={"consumer_key": "ck_0123", "consumer_secret": "cs_0123"},
        base_url=base_url,
    )


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP/1.1 answer, byte by byte."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


def failure(twin: type[Twin], base_url: str, **options: Any) -> UnifyError:
    """The error of a list call that is tried once."""
    client = twin(**{"settings": ONCE, **options})
    with pytest.raises(UnifyError) as caught:
        client.list(shop(base_url), limit=1)
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
    with serve_bytes(answer(CUSTOMERS)[:-5], closes=False) as origin:
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
        pytest.param(answer(CUSTOMERS)[:-5], id="half a body"),
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
    with serve_bytes(b"", b"HTTP/1.1", answer(CUSTOMERS, "Connection: close")) as origin:
        client = twin()
        page = client.list(shop(origin), limit=1)

    assert [record.first_name for record in page.result] == ["Zoë"]
    assert client.waits == [0.25, 0.5]


@both
@pytest.mark.parametrize("host", ["shop_\u2002.example", "xn--\u2014.example", "a" * 64 + ".\u00e9.example"])
def test_a_host_that_no_name_may_have_is_not_asked_twice(host: str, twin: type[Twin]) -> None:
    client = twin()

    with pytest.raises(UnifyError) as caught:
        client.list(shop(f"https://{host}"), limit=1)

    assert (caught.value.retryable, client.waits) == (False, [])


@both
def test_a_header_that_http_cannot_carry_is_not_shown(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("shopify", credentials={"access_token": "shpat_s\u00e9cret"})
    client = twin()

    with pytest.raises(TransportError) as caught:
        client.list(account, limit=1)

    assert summary(caught.value) == (
        TransportError,
        f"POST {account.base_url}/graphql.json: a header holds what HTTP cannot carry (UnicodeEncodeError)",
        False,
    )
    assert client.waits == []


def test_a_header_that_h11_refuses_is_not_shown_either(loopback: Loopback) -> None:
    def flow() -> Generator[Send | Wait, Response | None, Response | None]:
        return (yield Send(Request("GET", loopback.origin, headers=(("X-Token", "s3cret-word "),))))

    with Transport(tokens=MemoryTokenStore()) as transport, pytest.raises(TransportError) as caught:
        transport.run(flow())

    assert summary(caught.value) == (
        TransportError,
        f"GET {loopback.origin}: a header holds what HTTP cannot carry (LocalProtocolError)",
        False,
    )


def test_a_flow_learns_when_its_request_is_written(loopback: Loopback) -> None:
    seen: list[str] = []

    def flow(kind: str) -> Generator[Send, Response, None]:
        yield Send(Request("GET", loopback.origin), on_written=lambda: seen.append(kind))

    async def run() -> None:
        transport = AsyncTransport(tokens=MemoryTokenStore())
        await transport.run(flow("asynchronous"))
        await transport.aclose()

    asyncio.run(run())
    with Transport(tokens=MemoryTokenStore()) as transport:
        transport.run(flow("synchronous"))
    assert seen == ["asynchronous", "synchronous"]


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
    packed = answer(gzip.compress(b" " * 1_000_000), "Content-Encoding: gzip")
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
    with serve_bytes(answer(gzip.compress(gzip.compress(CUSTOMERS)), "Content-Encoding: gzip, gzip")) as origin:
        error = failure(twin, origin)

    assert summary(error) == (
        TransportError,
        f"GET {origin}/customers: the answer is compressed 2 times (gzip, gzip), which is never accepted",
        False,
    )


@both
def test_an_answer_that_states_its_length_twice_is_refused(twin: type[Twin]) -> None:
    with serve_bytes(answer(b"2\r\n[]\r\n0\r\n\r\n", "Transfer-Encoding: chunked")) as origin:
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
    with serve_bytes(answer(b"", f"Location: {location}", status=status)) as origin:
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


# ------------------------------------------------------------------------------- answers that are good all the same

ODD = [
    pytest.param(answer(gzip.compress(CUSTOMERS), "Content-Encoding: gzip"), id="gzip"),
    pytest.param(answer(CUSTOMERS, "Content-Type: application/json; charset=ISO-8859-1"), id="a wrong charset"),
    pytest.param(answer(CUSTOMERS, "Content-Type: text/html"), id="a wrong content type"),
    pytest.param(answer(CUSTOMERS, "X-Name: Zo\xeb", "X-Name: again", "x-empty:"), id="odd header values"),
    pytest.param(answer(CUSTOMERS, "X-WP-Total: many"), id="a total in words"),
    pytest.param(answer(CUSTOMERS, "Link: <<<;;;,,,"), id="a link that is none"),
    pytest.param(answer(CUSTOMERS, status="200 "), id="no reason phrase"),
    pytest.param(answer(CUSTOMERS, status="299 Whatever"), id="another good status"),
    pytest.param(b"HTTP/1.0 200 OK\r\n\r\n" + CUSTOMERS, id="HTTP/1.0 without a length"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(CUSTOMERS), CUSTOMERS),
        id="chunks",
    ),
    pytest.param(answer(b"\xef\xbb\xbf" + CUSTOMERS), id="a byte order mark"),
    pytest.param(answer(CUSTOMERS.decode().encode("utf-16")), id="UTF-16"),
    pytest.param(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(CUSTOMERS), id="early hints"),
]


@both
@pytest.mark.parametrize("sent", ODD)
def test_an_odd_answer_is_read_all_the_same(sent: bytes, twin: type[Twin]) -> None:
    with serve_bytes(sent) as origin:
        page = twin(settings=ONCE).list(shop(origin), limit=1)

    assert [(record.id, record.first_name) for record in page.result] == [("1", "Zoë")]


@both
@pytest.mark.parametrize("header", ["Content-Encoding: gzip", "Content-Encoding: deflate"])
def test_a_body_that_does_not_unpack(header: str, twin: type[Twin]) -> None:
    with serve_bytes(answer(CUSTOMERS, header)) as origin:
        error = failure(twin, origin)

    assert type(error) is TransportError
    assert error.message.endswith(" (DecodingError)")


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
    store.failures.append(PlannedFailure(200, headers, CUSTOMERS))
    client = twin()

    for _ in range(3):
        client.list(loopback.account("woocommerce"), limit=1)

    assert [dict(request.headers).get("cookie") for request in store.requests] == [None, None, None]


# ------------------------------------------------------------------------------- the driver alone


def ask_twice() -> Generator[Send | Wait, Response | None, list[int]]:
    """A flow of two requests with a wait between them."""
    request = Request("GET", "https://shop.example/a", "x=1", (("Accept", "application/json"),))
    first = yield Send(request)
    nothing = yield Wait(1.5, "because")
    second = yield Send(replace(request, method="POST", body=b"{}"))
    assert nothing is None
    assert first is not None
    assert second is not None
    return [first.status, second.status]


def note_request(request: httpx.Request) -> httpx.Response:
    return httpx.Response(len(request.content) + 200, headers=[("X-A", "1"), ("x-a", "2")])


def test_the_synchronous_driver_runs_a_flow_to_its_end() -> None:
    waits: list[float] = []

    with Transport(
        transport=httpx.MockTransport(note_request), sleep=waits.append, tokens=MemoryTokenStore()
    ) as transport:
        result = transport.run(ask_twice())

    assert (result, waits) == ([200, 202], [1.5])


def test_the_asynchronous_driver_runs_a_flow_to_its_end() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def run() -> Any:
        transport = AsyncTransport(transport=httpx.MockTransport(note_request), sleep=sleep, tokens=MemoryTokenStore())
        result = await transport.run(ask_twice())
        await transport.aclose()
        return result

    assert (asyncio.run(run()), waits) == ([200, 202], [1.5])


@pytest.mark.parametrize(
    ("size", "is_costly", "runs_beside"),
    [(10, False, False), (10, True, True), (300_000, False, True)],
)
def test_costly_steps_and_long_answers_leave_the_event_loop(size: int, is_costly: bool, runs_beside: bool) -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * size))

    def note_threads() -> Flow[list[int]]:
        yield Send(Request("GET", "https://shop.example"))
        after_answer = threading.get_ident()
        yield Wait(0, "a step that costs nothing")
        return [after_answer, threading.get_ident()]

    async def run() -> list[bool]:
        async with AsyncClient(transport=answer) as client:
            threads = await client._transport.run(note_threads(), is_costly=is_costly)
        return [thread != threading.get_ident() for thread in threads]

    assert asyncio.run(run()) == [runs_beside, False]


@pytest.mark.parametrize("size", [10, 300_000])
def test_an_error_in_a_long_step_reaches_the_caller(size: int) -> None:
    def fail() -> Flow[None]:
        yield Send(Request("GET", "https://shop.example"))
        raise NotFoundError("gone", status_code=404)

    with pytest.raises(NotFoundError, match="gone"):
        run_async(fail(), transport=httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * size)))


def run_sync(flow: Flow[Any], store: Any = None, transport: httpx.MockTransport | None = None) -> Any:
    waits: list[float] = []
    tokens = store or MemoryTokenStore()
    with Transport(
        transport=transport or httpx.MockTransport(note_request), sleep=waits.append, tokens=tokens
    ) as driver:
        return driver.run(flow)


def run_async(flow: Flow[Any], store: Any = None, transport: httpx.MockTransport | None = None) -> Any:
    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    async def run() -> Any:
        mock, tokens = transport or httpx.MockTransport(note_request), store or MemoryTokenStore()
        driver = AsyncTransport(transport=mock, sleep=sleep, tokens=tokens)
        try:
            return await driver.run(flow)
        finally:
            await driver.aclose()

    return asyncio.run(run())


drivers = pytest.mark.parametrize("run", [run_sync, run_async])


def ask_once(size: int) -> Flow[Any]:
    response = yield Send(Request("POST", "https://shop.example", body=b"x" * size))
    return response.status


@drivers
@pytest.mark.parametrize("at_once", [1, 2, 10])
def test_gathered_flows_give_their_results_in_order(at_once: int, run: Run) -> None:
    def flow() -> Flow[Any]:
        return (yield Gather(tuple(ask_once(size) for size in range(7)), at_once))

    assert run(flow()) == [200, 201, 202, 203, 204, 205, 206]


@drivers
@pytest.mark.parametrize("count", [1, 5])
def test_a_gathered_flow_that_fails_fails_them_all(count: int, run: Run) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone", request=request)

    def flow() -> Flow[Any]:
        try:
            yield Gather(tuple(ask_once(size) for size in range(count)), 2)
        except TransportError as error:
            return error.message

    assert run(flow(), transport=httpx.MockTransport(fail)) == "POST https://shop.example: gone (ReadError)"


@drivers
def test_no_more_flows_run_at_once_than_was_said(run: Run) -> None:
    inside: list[int] = []
    most: list[int] = []

    def member() -> Flow[Any]:
        inside.append(1)
        most.append(len(inside))
        yield Wait(0.0, "lets the others run")
        inside.pop()
        return None

    def flow() -> Flow[Any]:
        return (yield Gather(tuple(member() for _ in range(20)), 3))

    assert run(flow()) == [None] * 20
    assert max(most) <= 3


class AsyncTokens(MemoryTokenStore):
    """A token store that has to be awaited."""

    async def read(self, key: str) -> Token | None:  # type: ignore[override]  # what stores may do, too
        return super().read(key)

    async def write(self, key: str, token: Token) -> None:  # type: ignore[override]  # what stores may do, too
        super().write(key, token)


@pytest.mark.parametrize(
    ("run", "store"), [(run_sync, MemoryTokenStore), (run_async, MemoryTokenStore), (run_async, AsyncTokens)]
)
def test_tokens_are_kept_under_their_key_and_renewed_by_one_at_a_time(run: Run, store: type[MemoryTokenStore]) -> None:
    renewals: list[str] = []

    def renew() -> Flow[Any]:
        stored = yield ReadToken("account")
        if stored is None:
            renewals.append("once")
            yield WriteToken("account", Token("secret-token"))
            stored = yield ReadToken("account")
        return stored

    def flow() -> Flow[Any]:
        before = yield ReadToken("another account")
        many = yield Gather(tuple(exclusively(renew()) for _ in range(8)), 4)
        return before, many

    assert run(flow(), store()) == (None, [Token("secret-token")] * 8)
    assert renewals == ["once"]


def exclusively(flow: Flow[Any]) -> Flow[Any]:
    return (yield Exclusive("account", flow))


def test_header_names_arrive_in_lower_case_and_may_repeat() -> None:
    def flow() -> Generator[Send | Wait, Response | None, Response | None]:
        return (yield Send(Request("GET", "https://shop.example")))

    with Transport(transport=httpx.MockTransport(note_request), tokens=MemoryTokenStore()) as transport:
        response = transport.run(flow())

    assert response == Response(200, (("x-a", "1"), ("x-a", "2")), b"")


def test_a_lost_request_is_thrown_into_the_flow() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone", request=request)

    def flow() -> Generator[Send | Wait, Response | None, str]:
        try:
            yield Send(Request("GET", "https://shop.example/a", "key=1"))
        except TransportError as error:
            return error.message
        return "answered"

    with Transport(transport=httpx.MockTransport(fail), tokens=MemoryTokenStore()) as transport:
        assert transport.run(flow()) == "GET https://shop.example/a: gone (ReadError)"


def test_a_request_says_who_asks(loopback: Loopback) -> None:
    with Transport(tokens=MemoryTokenStore()) as transport:
        transport.run(iter_once(f"{loopback.origin}/woocommerce/x"))

    (seen,) = loopback.store("woocommerce").requests
    assert dict(seen.headers)["user-agent"] == "truto-unify"


def iter_once(url: str) -> Flow[Response]:
    response: Response = yield Send(Request("GET", url))
    return response


@both
@pytest.mark.parametrize("count", [1, 400, 9_000])
def test_an_answer_of_any_length_arrives_whole(count: int, twin: type[Twin]) -> None:
    body = json.dumps([{"id": number, "first_name": "Zoë"} for number in range(count)]).encode()

    with serve_bytes(answer(body)) as origin:
        page = twin().list(shop(origin))

    assert [record.id for record in page.result] == [str(number) for number in range(count)]


def test_a_proxy_that_the_environment_names_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(url: str) -> Response:
        transport = AsyncTransport(tokens=MemoryTokenStore())
        reply = await transport.run(iter_once(url))
        await transport.aclose()
        return reply

    with serve_bytes(answer(CUSTOMERS)) as origin:
        monkeypatch.setenv("http_proxy", origin)
        assert asyncio.run(ask("http://shop.invalid/customers")).body == CUSTOMERS
