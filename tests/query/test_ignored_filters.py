"""A store, a proxy or a plugin that ignores a filter is found out: nobody gets the records of other people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.one_shop import SHOP
from truto_unify import Client, ProviderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.models.queries import CustomerEmails

ANA: CustomerEmails = {"email": "ana@shop.example", "is_primary": True}


def shop_of(addresses: Sequence[str]) -> Client:
    """A client of a shop that returns its customers whatever the query, a page at a time."""
    customers = [{"id": number, "email": address} for number, address in enumerate(addresses, start=1)]

    def answer(request: httpx.Request) -> httpx.Response:
        size, number = int(request.url.params.get("per_page", 10)), int(request.url.params.get("page", 1))
        start = int(request.url.params.get("offset", (number - 1) * size))
        totals = {"X-WP-Total": str(len(customers)), "X-WP-TotalPages": str(-(-len(customers) // size))}
        return httpx.Response(200, json=customers[start : start + size], headers=totals)

    return Client(transport=httpx.MockTransport(answer))


def test_records_that_contradict_an_exact_filter_are_left_out_and_counted() -> None:
    with shop_of(["bo@shop.example", "ana@shop.example", "cy@shop.example"]) as client:
        page = client.list("ecommerce/customers", SHOP, emails=[ANA])

    assert [customer.id for customer in page.result] == ["2"]
    assert [(entry.parameter, entry.match, entry.misses) for entry in page.query_plan] == [
        ("emails[][email]&emails[][is_primary]", "exact", 2)
    ]


def test_a_store_that_serves_the_filter_has_no_misses() -> None:
    with shop_of(["ana@shop.example"]) as client:
        page = client.list("ecommerce/customers", SHOP, emails=[ANA])

    assert ([customer.id for customer in page.result], page.query_plan[0].misses) == (["1"], 0)


@pytest.mark.parametrize("options", [{"limit": 100}, {"limit": 1}, {}])
def test_a_full_page_without_a_match_is_an_error_that_names_the_filter(options: dict[str, Any]) -> None:
    shop = shop_of([f"bo{number}@shop.example" for number in range(120)])

    with shop as client, pytest.raises(ProviderError) as caught:
        client.list("ecommerce/customers", SHOP, emails=[ANA], **options)

    assert caught.value.code == "filter_ignored"
    assert caught.value.message.startswith(
        "woocommerce ecommerce/customers: the provider ignores the filter emails[][email]&emails[][is_primary]: none of"
    )


def test_a_short_page_without_a_match_is_an_empty_result() -> None:
    with shop_of(["bo@shop.example"]) as client:
        page = client.list("ecommerce/customers", SHOP, emails=[ANA])

    assert (page.result, page.next_cursor, page.query_plan[0].misses) == ([], None, 1)


def test_a_stranger_behind_a_page_that_fits_is_left_out_and_no_error() -> None:
    with shop_of(["ana@shop.example", "bo@shop.example"]) as client:
        pages = list(client.pages("ecommerce/customers", SHOP, emails=[ANA], limit=1))

    assert [customer.id for page in pages for customer in page.result] == ["1"]
    assert sum(page.query_plan[0].misses for page in pages) == 1
