"""Certificates, proxies, what the environment says of them, and answers that never come to an end."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.tls import DAY, serve_tls, write_certificate
from tests.twins import CUSTOMERS
from truto_unify import (
    Account,
    AsyncClient,
    Client,
    InvalidEnvironment,
    InvalidInput,
    Limits,
    RetryPolicy,
    Settings,
    connections,
)
from truto_unify.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from truto_unify import Page

ADVICE = "give it in Limits(verify=...), --ca-bundle or TRUTO_UNIFY_CA_BUNDLE, see docs/certificates.md"
QUICK = Limits(total_timeout=0.3)
ONCE = Settings(retry=RetryPolicy(attempts=1))


def shop(origin: str) -> Account:
    return Account(
        provider="woocommerce", credentials={"consumer_key": "ck_1", "consumer_secret": "cs_1"}, base_url=origin
    )


def list_sync(origin: str, limits: Limits | None = None, settings: Settings = ONCE) -> Page[Any]:
    with Client(limits=limits, settings=settings, sleep=lambda _: None) as client:
        return client.list(CUSTOMERS, shop(origin))


def list_async(origin: str, limits: Limits | None = None, settings: Settings = ONCE) -> Page[Any]:
    async def read() -> Page[Any]:
        async with AsyncClient(limits=limits, settings=settings) as client:
            return await client.list(CUSTOMERS, shop(origin))

    return asyncio.run(read())


both = pytest.mark.parametrize("list_customers", [list_sync, list_async])


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


# ------------------------------------------------------------------------------- certificates


@both
def test_an_untrusted_certificate_is_an_error_without_a_retry(tmp_path: Path, list_customers: Any) -> None:
    with serve_tls(write_certificate(tmp_path)) as origin, pytest.raises(TransportError) as caught:
        list_customers(origin, settings=Settings())

    assert caught.value.message == (
        f"GET {origin}/customers: the certificate of 127.0.0.1 is not trusted (self-signed certificate); "
        f"if its authority is your own, {ADVICE}"
    )
    assert caught.value.retryable is False


@both
@pytest.mark.parametrize("form", [str, lambda path: path, lambda path: ssl.create_default_context(cafile=path)])
def test_a_certificate_of_ones_own_is_given_as_a_file_or_as_a_context(
    tmp_path: Path, form: Any, list_customers: Any
) -> None:
    certificate = write_certificate(tmp_path)
    with serve_tls(certificate) as origin:
        assert list_customers(origin, Limits(verify=form(certificate))).result == []


@both
@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        ({"age": 9 * DAY}, "the certificate of 127.0.0.1 has expired"),
        ({"age": -DAY}, "the certificate of 127.0.0.1 is not valid yet"),
        (
            {"host": "127.0.0.9"},
            "the certificate of 127.0.0.1 is for another host "
            "(IP address mismatch, certificate is not valid for '127.0.0.1')",
        ),
    ],
)
def test_a_wrong_certificate_is_an_error_whichever_authority_signed_it(
    tmp_path: Path, certificate: dict[str, Any], expected: str, list_customers: Any
) -> None:
    file = write_certificate(tmp_path, **certificate)
    with serve_tls(file) as origin, pytest.raises(TransportError) as caught:
        list_customers(origin, Limits(verify=file))

    assert (caught.value.message, caught.value.retryable) == (f"GET {origin}/customers: {expected}", False)


@both
def test_an_address_without_tls_is_named_in_the_error(list_customers: Any) -> None:
    with drip(b"HTTP/1.1 400 Bad Request\r\n\r\n", at_once=True) as origin, pytest.raises(TransportError) as caught:
        list_customers(origin.replace("http:", "https:"))

    assert caught.value.message.endswith("no TLS is spoken at this address: is it http:// instead of https://?")
    assert caught.value.retryable is False


def test_the_public_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    contexts: list[ssl.SSLContext] = []
    create = httpx.create_ssl_context

    def counted() -> ssl.SSLContext:
        contexts.append(create())
        return contexts[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", counted)
    connections._usual_certificates.cache_clear()

    for _ in range(2):
        Client().close()

    assert len(contexts) == 1


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("verify", "expected"),
    [
        ("nowhere.pem", "the certificates in nowhere.pem cannot be read: No such file or directory; they must be PEM"),
        (False, "Limits.verify takes a file of certificates or an SSL context; it is never switched off"),
        (True, "Limits.verify takes a file of certificates or an SSL context; it is never switched off"),
    ],
)
def test_certificates_that_cannot_be_used_are_refused_at_once(verify: Any, expected: str, kind: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        kind(limits=Limits(verify=verify))

    assert caught.value.message == expected


def test_a_file_without_a_certificate_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.pem"
    file.write_text("hello")

    with pytest.raises(InvalidInput, match=r"the certificates in .*notes.pem cannot be read: .*; they must be PEM"):
        Client(limits=Limits(verify=file))


# ------------------------------------------------------------------------------- the environment


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (
            {"ALL_PROXY": "socks5://ana:s3cret@127.0.0.1:1080"},
            'ALL_PROXY of the environment names a proxy that cannot be used, "socks5://[redacted]@127.0.0.1:1080": '
            'SOCKS needs a further package: pip install "httpx[socks]"',
        ),
        (
            {"https_proxy": "ftp://x", "HTTP_PROXY": "http://127.0.0.1:9"},
            'https_proxy of the environment names a proxy that cannot be used, "ftp://x": write http://host:port',
        ),
        ({"NO_PROXY": "fe11::/16"}, "NO_PROXY of the environment cannot be used: Invalid port: ':'"),
        (
            {"SSL_CERT_FILE": "/nowhere.pem"},
            "SSL_CERT_FILE of the environment cannot be used for certificates: [Errno 2] No such file or directory",
        ),
    ],
)
def test_an_unusable_environment_variable_is_named_in_the_error(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str, kind: Any
) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, **variables})

    with pytest.raises(InvalidEnvironment) as caught:
        kind()

    assert (caught.value.message, str(caught.value), caught.value.problems) == (expected, expected, [])


# ------------------------------------------------------------------------------- answers without an end


@contextmanager
def drip(*parts: bytes, at_once: bool = False) -> Iterator[str]:
    """Answers each connection with these parts, the last of them byte by byte and for ever."""
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            for part in parts:
                connection.sendall(part)
            while not at_once and not over.wait(0.01):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    def accept(listener: socket.socket) -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()


@both
@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Long:", id="header"),
    ],
)
def test_an_answer_that_drips_is_cut_off(head: bytes, list_customers: Any) -> None:
    with drip(head) as origin, pytest.raises(TransportError) as caught:
        list_customers(origin, QUICK)

    assert caught.value.message == f"GET {origin}/customers: no whole answer within 0.3 seconds"
    assert caught.value.retryable is True


@both
def test_the_next_answer_of_a_connection_has_its_own_time(tmp_path: Path, list_customers: Any) -> None:
    certificate = write_certificate(tmp_path)
    with serve_tls(certificate) as origin:
        pages = [list_customers(origin, Limits(verify=certificate, total_timeout=5)) for _ in range(2)]

    assert [page.result for page in pages] == [[], []]
