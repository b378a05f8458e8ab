"""Faults planted between the client and a pretend store: ``prove`` names the claim that each of them breaks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.sandbox.in_process import InProcess
from tests.shipped import REGISTRY
from truto_unify import Account, Client
from truto_unify.sandbox.serve import create_sandbox
from truto_unify.testing import ProviderUnderTest
from truto_unify.testing.evidence.prover import Prover
from truto_unify.testing.evidence.recording_transport import RecordingTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.testing.evidence.prover import ClaimResult

SLUG = "woocommerce"
DECLARED = (
    "pages",
    "get",
    "emails[][email]",
    "sort_by[created_at]=asc",
    "sort_by[created_at]=desc",
    "side load orders",
)


class FaultyStore(httpx.BaseTransport):
    """Changes the query of each request before the store reads it; None stands for a path that does not exist."""

    def __init__(self, store: httpx.BaseTransport, change: Callable[[httpx.URL], httpx.URL | None]) -> None:
        self.store = store
        self.change = change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The store's answer to the changed request."""
        url = self.change(request.url)
        if url is None:
            return httpx.Response(404, json={"code": "rest_no_route", "message": "No route was found."})
        return self.store.handle_request(
            httpx.Request(request.method, url, headers=request.headers, content=request.read())
        )


def ignore_email(url: httpx.URL) -> httpx.URL:
    return url.copy_remove_param("email")


def cap_pages(url: httpx.URL) -> httpx.URL:
    return url.copy_set_param("per_page", 40) if int(url.params.get("per_page", 0)) > 40 else url


def keep_the_default_order(url: httpx.URL) -> httpx.URL:
    return url.copy_set_param("order", "asc") if "order" in url.params else url


def drop_the_orders(url: httpx.URL) -> httpx.URL | None:
    return None if url.path.endswith("/orders") else url


def prove_with(
    change: Callable[[httpx.URL], httpx.URL | None],
    slug: str = SLUG,
    resource: str = "ecommerce/customers",
    edition: tuple[str, str] | None = None,
) -> list[ClaimResult]:
    sandbox = create_sandbox([slug])
    account = Account(**sandbox.account_arguments(slug, "https://store.example.test", edition))
    transport = RecordingTransport(200, FaultyStore(InProcess(sandbox.app), change))
    subject = ProviderUnderTest.of_account(REGISTRY, resource, account)
    open_client = partial(Client, transport=transport)
    return [*Prover(subject, account, transport, open_client).run()]


def test_a_store_without_a_fault_differs_in_nothing() -> None:
    assert [(result.claim, result.verdict) for result in prove_with(lambda url: url)] == [
        (claim, "ok") for claim in DECLARED
    ]


@pytest.mark.parametrize(
    ("slug", "resource", "edition"),
    [
        ("bigcommerce", "products", None),  # the side loads of its lists state totals of their own
        ("wix", "orders", None),  # "active" and "completed" are one native word, so that a filter leaves no order out
        ("wix", "products", ("catalog", "v3")),  # a page takes four requests, and only the list makes one of its loads
        ("commerce7", "orders", None),  # ids are compared with their case
    ],
)
def test_an_honest_store_differs_in_nothing(slug: str, resource: str, edition: tuple[str, str] | None) -> None:
    results = prove_with(lambda url: url, slug, f"ecommerce/{resource}", edition)

    assert {result.claim: result.text for result in results if result.verdict != "ok"} == {}


IGNORED = (
    "ProviderError: the provider ignores the filter emails[][email]&emails[][is_primary]: none of the 100 records of a "
    "full page matches; without the filter in the mapping it is emulated"
)


@pytest.mark.parametrize(
    ("change", "differences"),
    [
        (ignore_email, {"emails[][email]": IGNORED}),
        (cap_pages, {"pages": "asked for 100 a page and got 40: declare max_page_size: 40"}),
        (keep_the_default_order, {"sort_by[created_at]=desc": "out of order at 91 of 100 records"}),
        (drop_the_orders, {"side load orders": "refused with HTTP 404"}),
    ],
    ids=["parameter ignored", "page cap", "merged sort", "dead side load"],
)
def test_each_planted_fault_is_named(
    change: Callable[[httpx.URL], httpx.URL | None], differences: dict[str, str]
) -> None:
    assert {result.claim: result.text for result in prove_with(change) if result.verdict != "ok"} == differences
