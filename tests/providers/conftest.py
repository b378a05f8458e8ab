"""What the tests of providers share: a client of the pretend stores, and how pytest-recording compares requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.providers.native_defaults import match_anonymity, match_telling_query
from truto_unify import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.loopback import Loopback
    from truto_unify import Account, Order, Product


def pytest_recording_configure(vcr: Any) -> None:
    vcr.register_matcher("telling_query", match_telling_query)
    vcr.register_matcher("anonymity", match_anonymity)


@pytest.fixture
def client(loopback: Loopback) -> Iterator[Client]:
    """A client of the pretend stores, whose clock moves if the client waits."""
    with Client(sleep=loopback.clock.advance) as client:
        yield client


@pytest.fixture
def orders(client: Client, account: Account) -> list[Order]:
    """Every order of the ``account`` of the test module, from several pages."""
    return list(client.iterate("ecommerce/orders", account, limit=50))


@pytest.fixture
def products(client: Client, account: Account) -> list[Product]:
    """Every product of the ``account`` of the test module, from several pages."""
    return list(client.iterate("ecommerce/products", account, limit=15))
