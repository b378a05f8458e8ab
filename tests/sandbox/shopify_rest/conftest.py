"""The pretend Shopify stores that the tests of this folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.in_process import Clock, open_client
from tests.sandbox.shopify_rest.shop import ANA, BEN, CAM, NOBODY, TOKEN
from truto_unify.sandbox.people import invent_people
from truto_unify.sandbox.shopify_rest.app import create_app
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    import httpx


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store.of([ANA, BEN, CAM, NOBODY], clock=clock)


@pytest.fixture
def api(store: Store) -> httpx.Client:
    return open_client(create_app(store), TOKEN)


@pytest.fixture
def crowd() -> httpx.Client:
    return open_client(create_app(Store.of(invent_people(137))), TOKEN)
