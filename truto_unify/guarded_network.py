"""Opens connections only to allowed addresses: resolves a name, checks each address, and connects to that address.

The check and the connection use the same answer of the resolver, so a name that changes its answer between two
look-ups gains nothing. TLS and the ``Host`` header still use the name.
"""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Any

import httpcore

from truto_unify.asyncio_network import AsyncioBackend
from truto_unify.outbound import read_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import httpx
    from httpcore import SOCKET_OPTION

    from truto_unify.outbound import OutboundRule

_SocketAddresses = list[tuple[Any, Any, Any, Any, Any]]


def guard_client(client: httpx.Client | httpx.AsyncClient, rule: OutboundRule) -> None:
    """Makes a client of httpx check each address that it connects to.

    A connection to a proxy is left alone: the operator names proxies, and the proxy resolves the name of the target.
    httpx has no public parameter for the network backend of httpcore; a renamed attribute raises here.
    """
    for transport in (client._transport, *client._mounts.values()):
        pool: Any = getattr(transport, "_pool") if transport is not None else None  # noqa: B009 - it is not declared
        if pool is None or isinstance(pool, _PROXIES):
            continue
        if isinstance(pool, httpcore.ConnectionPool):
            pool._network_backend = GuardedBackend(pool._network_backend, rule)
        else:
            pool._network_backend = AsyncGuardedBackend(AsyncioBackend(), rule)


class GuardedBackend(httpcore.NetworkBackend):
    """A network backend that checks addresses.

    Args:
        backend: opens the connections.
        rule: the allowed addresses.
    """

    def __init__(self, backend: httpcore.NetworkBackend, rule: OutboundRule) -> None:
        self._backend = backend
        self._rule = rule

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first reachable address of a host, if all of them are allowed."""
        answer = [] if read_address(host) is not None else self._resolve(host, port)
        addresses = _checked(self._rule, host, answer)
        failure: Exception | None = None
        for address, seconds in _shares(addresses, timeout):
            try:
                return self._backend.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def _resolve(self, host: str, port: int) -> _SocketAddresses:
        try:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error

    def sleep(self, seconds: float) -> None:
        """Waits."""
        self._backend.sleep(seconds)


class AsyncGuardedBackend(httpcore.AsyncNetworkBackend):
    """As ``GuardedBackend``, asynchronously."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend, rule: OutboundRule) -> None:
        self._backend = backend
        self._rule = rule

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first reachable address of a host, if all of them are allowed."""
        answer: _SocketAddresses = []
        if read_address(host) is None:
            answer = await self._resolve(host, port, timeout)
        addresses = _checked(self._rule, host, answer)
        failure: Exception | None = None
        for address, seconds in _shares(addresses, timeout):
            try:
                return await self._backend.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def _resolve(self, host: str, port: int, timeout: float | None) -> _SocketAddresses:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"{host} is not resolved in time") from None
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await self._backend.sleep(seconds)


_PROXIES = (httpcore.HTTPProxy, httpcore.SOCKSProxy, httpcore.AsyncHTTPProxy, httpcore.AsyncSOCKSProxy)


def _checked(rule: OutboundRule, host: str, answer: _SocketAddresses) -> Sequence[str]:
    """The addresses of a host, each once; raises ForbiddenAddress if the rule refuses any of them."""
    rule.check_host(host)
    literal = read_address(host)
    if literal is not None:
        texts = [host if "%" in host else str(literal)]
    else:
        texts = list(dict.fromkeys(str(entry[4][0]) for entry in answer))
    for text in texts:
        address = read_address(text)
        assert address is not None  # noqa: S101 - a resolver answers with addresses
        rule.check_address(host, address)
    return texts


def _shares(addresses: Sequence[str], timeout: float | None) -> Iterator[tuple[str, float | None]]:
    """The addresses, each with its share of the time that is left: a dead one must leave time for the next."""
    ends = None if timeout is None else time.monotonic() + timeout
    for index, address in enumerate(addresses):
        left = None if ends is None else max(ends - time.monotonic(), 0.001)
        yield address, None if left is None else left / (len(addresses) - index)
