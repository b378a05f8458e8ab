"""Customers of the pretend Shopify store, over a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.golden_file import page_content, record_content
from tests.loopback import PEOPLE, Loopback
from tests.twins import SyncTwin

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify import Page


def test_the_display_name_of_a_nameless_customer_is_no_name(loopback: Loopback) -> None:
    records = SyncTwin(on_wait=loopback.clock.advance).iterate(loopback.account("shopify"))

    natives = [(customer, customer.remote_data) for customer in records]
    nameless = [customer for customer, native in natives if native["firstName"] is native["lastName"] is None]

    assert [customer.id[-3:] for customer in nameless] == ["044", "052", "061", "081", "109"]
    assert {(customer.name, customer.first_name, customer.last_name) for customer in nameless} == {(None, None, None)}
    assert all(customer.remote_data["displayName"] for customer in nameless)


def test_a_list_that_cuts_addresses_says_so_and_get_has_them_all(loopback: Loopback) -> None:
    client, account = SyncTwin(on_wait=loopback.clock.advance), loopback.account("shopify")
    number = next(person.number for person in PEOPLE if len(person.addresses) > 10)
    record_id = str(7_000_000_000_000 + number)

    pages = client.pages(account, limit=1, remote_query={"query": f"id:{record_id}"})
    record = client.get(account, record_id)

    assert [(page.is_partial_response, len(page.result[0].addresses)) for page in pages] == [(True, 10)]
    assert len(record.addresses) == 12
    assert record.addresses[:10] == pages[0].result[0].addresses


PICKED = {
    "nameless": "7000000000044",
    "no_email": "7000000000031",
    "phone_extension": "7000000000059",
    "no_phone": "7000000000011",
}


def test_a_page_as_it_should_be(golden: Callable[[str, Any], None], loopback: Loopback) -> None:
    page: Page[Any] = SyncTwin().list(loopback.account("shopify"), limit=12, created_at={"gte": "2023-03-01"})

    raw = SyncTwin().list(
        loopback.account("shopify"), limit=12, created_at={"gte": "2023-03-01"}, response_format="raw"
    )
    assert [record.remote_data for record in page.result] == raw.result
    golden("shopify/list", page_content(page))


@pytest.mark.parametrize(("name", "record_id"), PICKED.items())
def test_a_record_as_it_should_be(
    name: str, record_id: str, golden: Callable[[str, Any], None], loopback: Loopback
) -> None:
    record = SyncTwin().get(loopback.account("shopify"), record_id)

    assert record.remote_data == SyncTwin().get(loopback.account("shopify"), record_id, response_format="raw")
    golden(f"shopify/get_{name}", record_content(record))
