"""Addresses are checked on connecting: names that lead inside, names that change their answer, proxies."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from tests.loopback import serve_bytes
from tests.twins import CUSTOMERS
from truto_unify import (
    Account,
    AsyncClient,
    Client,
    ForbiddenAddress,
    Limits,
    OutboundRule,
    RetryPolicy,
    Settings,
    TransportError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TLS = ssl.create_default_context()  # made once: it takes longer than most of these tests
PUBLIC = Limits(verify=TLS, outbound=OutboundRule.strict(allows_http=True))
INNER = Limits(verify=TLS, outbound=OutboundRule.strict(networks="127.0.0.1", allows_http=True))
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"
ONCE = Settings(retry=RetryPolicy(attempts=1))


def list_sync(origin: str, limits: Limits, settings: Settings = ONCE) -> int:
    with Client(limits=limits, settings=settings, sleep=lambda _: None) as client:
        return client.list(CUSTOMERS, shop(origin)).result_count


def list_async(origin: str, limits: Limits, settings: Settings = ONCE) -> int:
    async def sleep(_: float) -> None:
        return None

    async def read() -> int:
        async with AsyncClient(limits=limits, settings=settings, sleep=sleep) as client:
            return (await client.list(CUSTOMERS, shop(origin))).result_count

    return asyncio.run(read())


both = pytest.mark.parametrize("list_customers", [list_sync, list_async])


def shop(origin: str) -> Account:
    return Account(
        provider="woocommerce", credentials={"consumer_key": "ck_1", "consumer_secret": "cs_1"}, base_url=origin
    )


class Resolver:
    """Answers each look-up with the next addresses, and the last ones ever after."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.questions: list[str] = []

    def __call__(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host[0].isdigit():  # an address, which asyncio and anyio look up too
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        self.questions.append(host)
        addresses = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port))
            for family, address in zip(families, addresses, strict=True)
        ]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def answering() -> Iterator[str]:
    """The port of a server on this machine that answers once."""
    with serve_bytes(ANSWER) as origin:
        yield origin.rpartition(":")[2]


@both
@pytest.mark.parametrize(
    ("addresses", "refused"),
    [
        (["127.0.0.1"], "127.0.0.1, which is loopback"),
        (["1.1.1.1", "10.0.0.8"], "10.0.0.8, which is private"),
        (["169.254.169.254"], "169.254.169.254, which is link-local or of a metadata service"),
        (["::ffff:127.0.0.1"], "127.0.0.1, which is loopback"),
        (["fe80::1%eth0"], "fe80::1, which is link-local or of a metadata service"),
    ],
)
def test_a_name_that_leads_inside_is_refused(
    addresses: list[str], refused: str, list_customers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = Resolver(addresses)
    monkeypatch.setattr(socket, "getaddrinfo", resolver)

    with pytest.raises(ForbiddenAddress) as caught:
        list_customers("https://rebind.test", PUBLIC, Settings())

    assert caught.value.message.startswith(f'"rebind.test" leads to the address {refused}; TRUTO_UNIFY_ALLOWED_NETW')
    assert (caught.value.retryable, resolver.questions) == (False, ["rebind.test"])


@both
def test_the_checked_address_is_the_one_that_is_connected_to(
    answering: str, list_customers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = Resolver(["127.0.0.1"], ["10.255.255.1"])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)

    assert list_customers(f"http://rebind.test:{answering}", INNER) == 0
    assert resolver.questions == ["rebind.test"]


@both
def test_each_attempt_is_checked_again(list_customers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_bytes(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as origin:
        resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
        monkeypatch.setattr(socket, "getaddrinfo", resolver)

        with pytest.raises(ForbiddenAddress, match=r'^"rebind.test" leads to the address 127.0.0.2, which is loopback'):
            list_customers(origin.replace("127.0.0.1", "rebind.test"), INNER, Settings())

    assert resolver.questions == ["rebind.test", "rebind.test"]


@both
def test_a_dead_address_leaves_time_for_the_next(
    answering: str, list_customers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(["::1", "127.0.0.1"]))

    # The server listens at the second address alone, on IPv4.
    inner = Limits(verify=TLS, outbound=OutboundRule.strict(networks="127.0.0.0/8,::1", allows_http=True))
    assert list_customers(f"http://shop.test:{answering}", inner) == 0


@both
def test_a_name_without_an_address_is_retryable(list_customers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    with pytest.raises(TransportError) as caught:
        list_customers("https://nosuch.test", PUBLIC)

    assert caught.value.message.endswith("[Errno -2] Name or service not known (ConnectError)")
    assert caught.value.retryable is True


@both
@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "[::ffff:7f00:1]"])
def test_an_address_in_any_spelling_is_refused_before_a_connection(
    host: str, answering: str, list_customers: Any
) -> None:
    with pytest.raises(ForbiddenAddress, match="which is loopback"):
        list_customers(f"http://{host}:{answering}", PUBLIC)


@both
def test_http_is_refused_where_it_is_not_allowed(answering: str, list_customers: Any) -> None:
    with pytest.raises(ForbiddenAddress, match=r'^"127.0.0.1" is addressed by http://, which is not allowed'):
        list_customers(
            f"http://127.0.0.1:{answering}", Limits(verify=TLS, outbound=OutboundRule.strict(networks="127.0.0.1"))
        )


@both
def test_a_host_off_the_list_is_refused_at_use(list_customers: Any) -> None:
    listed = Limits(verify=TLS, outbound=OutboundRule.strict(hosts="*.shop.example"))

    with pytest.raises(ForbiddenAddress, match=r'^"evil.example" is not one of the allowed hosts'):
        list_customers("https://evil.example", listed)


@both
def test_a_proxy_of_the_operator_may_be_inside_but_its_target_may_not(
    answering: str, list_customers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{answering}")

    with pytest.raises(ForbiddenAddress, match=r'^"10.0.0.1" leads to the address 10.0.0.1, which is private'):
        list_customers("http://10.0.0.1", PUBLIC)
    assert list_customers("http://shop.test", PUBLIC) == 0
