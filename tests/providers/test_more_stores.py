"""The stores that have a fake server in place of a pretend store: lists, filters, records, refusals and payloads."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.providers.fake_stores import FAKES, FakeStore, open_fake
from tests.sandbox.in_process import InProcess
from tests.shared_material import ABSENT, fixtures, objects_in
from tests.shipped import REGISTRY
from tests.twins import CUSTOMERS
from tests.unhurried import unhurried_budgets
from truto_unify import AuthenticationError, Client, NotFoundError, Settings
from truto_unify.call_arguments import read_list_call
from truto_unify.engine.local_query import matches
from truto_unify.models.ecommerce import Customer
from truto_unify.testing import ProviderUnderTest
from truto_unify.testing.evidence.prover import Prover
from truto_unify.testing.evidence.recording_transport import RecordingTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ORIGIN = "https://fake.example.test"
PAGE = 50
"""The invented people fill three pages of this size."""


@dataclass(frozen=True)
class Expected:
    """What a store is tried with.

    Attributes:
        filters: queries that the store itself serves.
        unknown_id: an id that no customer has, in the form of the store's ids.
        is_customer: tells the customers among the objects of a payload.
        without_customers: the payloads that hold no customer, each with the reason.
        sides: what a single record is read with.
    """

    filters: tuple[Mapping[str, Any], ...]
    unknown_id: str
    is_customer: Callable[[Mapping[str, Any]], bool]
    without_customers: Mapping[str, str] = field(default_factory=dict)
    sides: tuple[str, ...] = ()


STORES = {
    "ecwid": Expected(
        filters=(
            {"emails": [{"email": "buyer6@example.org", "is_primary": True}]},
            {"created_at": {"gte": "2023-06-01T00:00:00Z", "lt": "2023-09-01T00:00:00Z"}},
            {"updated_at": {"gte": "2026-01-01T00:00:00Z"}},
        ),
        unknown_id="999999999",
        is_customer=lambda native: "registered" in native,
        sides=("orders",),
    ),
    "lightspeed_x": Expected(
        filters=(),  # a list takes none
        unknown_id="00000000-0000-0000-0000-00000000ffff",
        is_customer=lambda native: "customer_code" in native,
    ),
    "magento": Expected(
        filters=(
            {"email": "Buyer6@Example.org"},
            {"first_name": {"like": "riy"}, "last_name": "Smith-Jones"},
            {"created_at": {"gte": "2023-06-01T00:00:00Z", "lt": "2023-09-01T00:00:00Z"}},
            {"updated_at": {"gte": "2026-01-01T00:00:00Z"}},
        ),
        unknown_id="999999",
        is_customer=lambda native: {"website_id", "firstname"} <= set(native),
        without_customers={"customer_create_request_docs": "a request"},
        sides=("orders",),
    ),
    "odoo": Expected(
        filters=(
            {"email": "Buyer6@Example.org"},
            {"name": {"like": "an"}},
            {"created_at": {"gte": "2023-06-01T00:00:00Z", "lt": "2023-09-01T00:00:00Z"}},
            {"updated_at": {"gte": "2026-01-01T00:00:00Z"}},
        ),
        unknown_id="999999",
        is_customer=lambda native: {"name", "email", "phone"} <= native.keys(),
        without_customers={
            "partners_read_recorded": "an excerpt without e-mail and phone",
            "sale_orders_recorded": "orders",
        },
        sides=("orders",),
    ),
    "prestashop": Expected(
        filters=(
            {"email": "Buyer6@Example.org"},
            {"last_name": {"like": "an"}},
            {"created_at": {"gte": "2023-06-01T00:00:00Z", "lt": "2023-09-01T00:00:00Z"}},
            {"updated_at": {"gte": "2026-01-01T00:00:00Z"}},
        ),
        unknown_id="999999",
        is_customer=lambda native: "id_default_group" in native,
        sides=("orders",),
    ),
    "sfcc": Expected(
        filters=({"email": "Buyer6@Example.org"},),
        unknown_id="99999999",
        is_customer=lambda native: "customerNo" in native,
        without_customers={"customer_address_docs": "an address", "error_404_docs": "an error"},
    ),
    "square": Expected(
        filters=(
            {"email": "Buyer6@Example.org"},
            {"created_at": {"gte": "2023-06-01T00:00:00Z", "lt": "2023-09-01T00:00:00Z"}},
            {"updated_at": {"gte": "2026-01-01T00:00:00Z"}},
        ),
        unknown_id="NOBODY0000000000000000000",
        is_customer=lambda native: "creation_source" in native,
        sides=("orders",),
    ),
    "squarespace": Expected(
        filters=({"email": "Buyer6@Example.org"},),
        unknown_id="ffffffffffffffffffffffff",
        is_customer=lambda native: "isCustomer" in native,
    ),
    "stripe": Expected(
        filters=(
            {"email": "buyer6@example.org"},
            {"created_at": {"gte": "2023-06-01T00:00:00Z", "lt": "2023-09-01T00:00:00Z"}},
        ),
        unknown_id="cus_nobody",
        is_customer=lambda native: native.get("object") == "customer",
        without_customers={"products_list_recorded": "products"},
    ),
}


@pytest.fixture(params=FAKES)
def fake(request: pytest.FixtureRequest) -> FakeStore:
    return open_fake(request.param)


@pytest.fixture
def client(fake: FakeStore) -> Iterator[Client]:
    settings = Settings(budgets=unhurried_budgets())
    with Client(REGISTRY, transport=InProcess(fake.app), settings=settings) as client:
        yield client


def all_customers(client: Client, fake: FakeStore) -> list[Customer]:
    return list(client.iterate(CUSTOMERS, fake.account(ORIGIN), limit=PAGE))


def test_every_provider_has_a_store_to_be_tried_on() -> None:
    assert {*STORES} == {*FAKES}


def test_a_list_of_three_pages_has_every_customer_once(client: Client, fake: FakeStore) -> None:
    pages = list(client.pages(CUSTOMERS, fake.account(ORIGIN), limit=PAGE))

    ids = [customer.id for page in pages for customer in page.result]
    assert len(pages) >= 3
    assert len(ids) == len({*ids}) == len(fake.store.people)
    assert [page.record_errors for page in pages if page.record_errors] == []


def test_pages_of_another_size_are_proved(fake: FakeStore) -> None:
    transport = RecordingTransport(30, InProcess(fake.app))
    open_client = partial(Client, settings=Settings(budgets=unhurried_budgets()), transport=transport)
    prover = Prover(ProviderUnderTest(REGISTRY, fake.slug, CUSTOMERS), fake.account(ORIGIN), transport, open_client)

    pages = next(prover.run())

    assert (pages.claim, pages.verdict) == ("pages", "ok"), pages.text


def test_a_filtered_list_has_the_customers_that_match_and_is_served_by_the_store(
    client: Client, fake: FakeStore
) -> None:
    schema = REGISTRY.schema(CUSTOMERS)
    everyone = all_customers(client, fake)
    for query in STORES[fake.slug].filters:
        page = client.list(CUSTOMERS, fake.account(ORIGIN), limit=200, **query)

        asked = read_list_call(schema, query).filters
        expected = {one.id for one in everyone if matches(one.model_dump(mode="json"), asked, schema)}
        assert {entry.how for entry in page.query_plan} == {"native"}, query
        assert {customer.id for customer in page.result} == expected, query
        assert 0 < len(expected) < len(everyone), query


def test_a_record_is_read_by_its_id(client: Client, fake: FakeStore) -> None:
    sides = STORES[fake.slug].sides
    listed = all_customers(client, fake)

    read = [client.get(CUSTOMERS, fake.account(ORIGIN), one.id, side_load=sides) for one in listed[:12]]

    assert [one.id for one in read] == [one.id for one in listed[:12]]
    assert any(one.orders for one in read) == ("orders" in sides)


def test_refusals_are_understood(client: Client, fake: FakeStore) -> None:
    account = fake.account(ORIGIN)
    wrong = replace(account, credentials={name: f"{value}-wrong" for name, value in account.credentials.items()})

    with pytest.raises(AuthenticationError) as refused:
        client.verify(wrong)
    with pytest.raises(NotFoundError) as missing:
        client.get(CUSTOMERS, account, STORES[fake.slug].unknown_id)

    assert [secret for secret in wrong.credentials.values() if secret in str(refused.value)] == []
    assert missing.value.message.partition(": ")[2]


@pytest.mark.parametrize("slug", FAKES)
def test_every_payload_beside_the_checkout_maps(slug: str) -> None:
    if not (files := fixtures(slug)):
        pytest.skip(ABSENT)
    expected, mapper = STORES[slug], REGISTRY.mapper(CUSTOMERS, slug)
    context = dict(open_fake(slug, []).account(ORIGIN).context)
    payloads = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}

    natives = {
        name: [native for native in objects_in(payload) if expected.is_customer(native)]
        for name, payload in payloads.items()
    }

    assert {name for name, customers in natives.items() if not customers} == {*expected.without_customers}
    for customers in natives.values():
        unified = [mapper.map(customer, None, context) for customer in customers]
        assert [Customer.model_validate(one).model_dump(mode="json") for one in unified] == unified


def test_the_countries_and_states_of_addresses_are_codes_although_an_address_has_their_numbers() -> None:
    fake = open_fake("prestashop")
    person = next(
        person for person in fake.store.people if len({address.state_name for address in person.addresses}) > 1
    )

    with Client(REGISTRY, transport=InProcess(fake.app), settings=Settings(budgets=unhurried_budgets())) as client:
        customer = client.get(CUSTOMERS, fake.account(ORIGIN), str(person.number))

    places = [(address.state_code or None, address.country_code) for address in person.addresses]
    assert [(address.state, address.country) for address in customer.addresses] == places


def test_one_request_each_reads_the_countries_and_states_for_all_customers_of_a_page() -> None:
    fake = open_fake("prestashop")

    with Client(REGISTRY, transport=InProcess(fake.app), settings=Settings(budgets=unhurried_budgets())) as client:
        page = client.list(CUSTOMERS, fake.account(ORIGIN), limit=5, side_load=["countries", "states"])

    assert (len(page.result), page.request_count) == (5, 3)
