"""Every pretend store proves its account with one request for one customer, and refuses wrong keys."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.shipped import REGISTRY
from tests.twins import CUSTOMERS
from truto_unify import AsyncClient, AuthenticationError, Client, Verification
from truto_unify.sandbox.serve import STORES

if TYPE_CHECKING:
    from tests.loopback import Loopback

STATES_TOTAL = {"bigcommerce", "wix", "woocommerce"}
"""The stores that state how many customers they have."""


@pytest.mark.parametrize("slug", STORES)
def test_an_account_is_proven_by_one_request(loopback: Loopback, slug: str) -> None:
    with Client(REGISTRY) as client:
        verification = client.verify(loopback.account(slug))
        calls = [request for request in loopback.store(slug).requests if "token" not in request.path]
        page = client.list(CUSTOMERS, loopback.account(slug), limit=1)

    assert replace(verification, rate_limit=None) == Verification(
        provider=slug, call="customers.list", total=page.total
    )
    assert (len(calls), page.total is not None) == (1, slug in STATES_TOTAL)


@pytest.mark.parametrize("slug", STORES)
def test_wrong_keys_are_refused_and_never_shown(loopback: Loopback, slug: str) -> None:
    account = loopback.account(slug)
    wrong = {name: f"{value}-but-wrong" for name, value in account.credentials.items()}

    with Client(REGISTRY) as client, pytest.raises(AuthenticationError) as caught:
        client.verify(replace(account, credentials=wrong))

    assert [secret for secret in wrong.values() if secret in str(caught.value)] == []


def test_the_asynchronous_client_verifies_too(loopback: Loopback) -> None:
    async def verify() -> Verification:
        async with AsyncClient(REGISTRY) as client:
            return await client.verify(loopback.account("woocommerce"))

    assert asyncio.run(verify()).call == "customers.list"
