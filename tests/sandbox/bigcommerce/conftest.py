"""The pretend BigCommerce stores that the tests of this folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.bigcommerce.shop import ANA, BEN, HEADERS, MAILLESS, NAMELESS
from tests.sandbox.in_process import Clock, open_client
from truto_unify.sandbox.bigcommerce.app import create_app
from truto_unify.sandbox.people import invent_people
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    import httpx


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store.of([ANA, BEN, NAMELESS, MAILLESS], clock=clock)


@pytest.fixture
def api(store: Store) -> httpx.Client:
    return open_client(create_app(store), HEADERS)


@pytest.fixture
def crowd() -> httpx.Client:
    return open_client(create_app(Store.of(invent_people(137))), HEADERS)
