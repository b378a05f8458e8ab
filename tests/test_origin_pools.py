from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from truto_unify import Limits, OutboundRule
from truto_unify.connections import open_client
from truto_unify.guarded_network import GuardedBackend
from truto_unify.origin_pools import OriginPool, OriginPools, OriginTransport

if TYPE_CHECKING:
    import pytest


def origins_of(transport: Any) -> OriginPools:
    assert isinstance(transport, OriginTransport)
    return transport.origins


def pretend_transport() -> Any:
    """A transport whose pool has as many connections as the test says."""
    return SimpleNamespace(_pool=SimpleNamespace(connections=[]))


def url(store: int) -> httpx.URL:
    return httpx.URL(f"https://store-{store}.example")


def test_each_origin_has_a_pool_of_its_own_with_the_same_certificates_and_the_same_check_of_addresses() -> None:
    rule = OutboundRule.strict(hosts="a.example, b.example")
    with open_client(Limits(outbound=rule), None) as client:
        origins = origins_of(client._transport)
        pools = [origins.begin(httpx.URL(text)) for text in ("https://a.example/x", "https://a.example/y")]
        other = origins.begin(httpx.URL("https://b.example"))
        inner = [pool.transport._pool for pool in (pools[0], other)]
        assert pools[0] is pools[1]
        assert inner[0] is not inner[1]
        assert [pool._max_connections for pool in inner] == [sys.maxsize] * 2  # so that no request waits in a pool
        assert inner[0]._connections is not inner[1]._connections
        assert inner[0]._ssl_context is inner[1]._ssl_context
        assert [type(pool._network_backend) for pool in inner] == [GuardedBackend, GuardedBackend]


def test_origins_behind_a_proxy_of_the_environment_have_pools_of_that_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "direct.example")
    with open_client(Limits(), None) as client:
        proxied, direct = httpx.URL("https://store.example"), httpx.URL("https://direct.example")
        pool = origins_of(client._transport_for_url(proxied)).begin(proxied).transport._pool
        assert isinstance(pool, httpcore.HTTPProxy)
        assert pool._proxy_url.host == b"proxy.example"
        assert pool._ssl_context is client._transport_for_url(direct).origins.begin(direct).transport._pool._ssl_context  # type: ignore[attr-defined]


def test_the_pools_that_were_used_least_recently_are_closed_when_too_many_connections_are_idle() -> None:
    origins = OriginPools(pretend_transport, max_idle=3)
    pools = []
    for store in (1, 2, 3, 1, 4):
        pool = origins.begin(url(store))
        pool.transport._pool.connections = ["connection"]
        pools.append(pool)
        surplus = origins.end(pool)
    assert surplus == [pools[1]]
    assert origins.pools() == [pools[2], pools[0], pools[4]]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans()), max_size=40))
def test_idle_connections_never_exceed_the_limit_and_no_pool_with_a_request_is_closed(
    steps: list[tuple[int, int, bool]],
) -> None:
    origins = OriginPools(pretend_transport, max_idle=4)
    running: list[OriginPool] = []
    for store, connections, ends in steps:
        pool = origins.begin(url(store))
        pool.transport._pool.connections = ["connection"] * max(connections, pool.running)
        running.append(pool)
        closed = origins.end(running.pop(0)) if ends else []
        assert all(pool.running == 0 for pool in closed)
        assert all(pool in origins.pools() for pool in running)
    for pool in running:
        origins.end(pool)
    assert origins.idle == sum(pool.idle for pool in origins.pools()) <= 4
