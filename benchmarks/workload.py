"""Pages of customers as each store returns them; the same seed gives the same bytes.

Shapes and habits are those of the pretend stores (``truto_unify/sandbox``); the people are invented. Nothing here is
recorded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from benchmarks.people import DENSITIES, Density, invent_people
from benchmarks.shopify_nodes import customer_node
from truto_unify.sandbox.bigcommerce import records as bigcommerce_records
from truto_unify.sandbox.commerce7 import records as commerce7_records
from truto_unify.sandbox.shopify_rest import records as shopify_rest_records
from truto_unify.sandbox.wix import records as wix_records
from truto_unify.sandbox.woocommerce import records as woocommerce_records
from truto_unify.sandbox.zohoinventory import records as zohoinventory_records

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.sandbox.people import Person

Record = dict[str, Any]
RESOURCE: Final = "ecommerce/customers"


@dataclass(frozen=True, slots=True)
class Workload:
    """Records of one kind at one provider.

    Attributes:
        provider: slug.
        density: whether most fields are filled.
        body: the bytes of one native list answer.
        records: its records, parsed.
        resource: the unified resource.
    """

    provider: str
    density: Density
    body: bytes
    records: list[Record]
    resource: str = RESOURCE

    @property
    def name(self) -> str:
        """The name in the table: ``shopify dense``, or ``shopify orders``."""
        return f"{self.provider} {self.density if self.resource == RESOURCE else self.resource.rpartition('/')[2]}"

    @property
    def bytes_per_record(self) -> int:
        """The size of a record, including its share of the envelope."""
        return len(self.body) // len(self.records)


@dataclass(frozen=True, slots=True)
class _Store:
    """How a store answers a list.

    Attributes:
        page_size: the records of a page.
        render: renders people as records.
        wrap: builds the whole answer from records.
        write: encodes the answer.
    """

    page_size: int
    render: Callable[[list[Person]], list[Record]]
    wrap: Callable[[list[Record]], Any]
    write: Callable[[Any], bytes]


@cache
def make_workload(provider: str, density: Density, count: int | None = None, seed: int = 1) -> Workload:
    """One page of a store; every part of it follows from the arguments.

    Args:
        provider: slug of one of ``PROVIDERS``.
        density: whether most fields are filled.
        count: records of the page; the store's usual page by default.
        seed: another seed gives other people.
    """
    store = _STORES[provider]
    records = store.render(invent_people(count or store.page_size, density, seed))
    body = write_page(provider, records)
    # Parsed again, so that records share no objects with the renderer.
    return Workload(provider, density, body, find_records(provider, json.loads(body)))


def make_workloads(providers: tuple[str, ...], count: int | None = None) -> list[Workload]:
    """Both densities of each provider."""
    return [make_workload(provider, density, count) for provider in providers for density in DENSITIES]


def write_page(provider: str, records: list[Record]) -> bytes:
    """The list answer of a store that holds these records."""
    store = _STORES[provider]
    return store.write(store.wrap(records))


def find_records(provider: str, document: Any, resource: str = RESOURCE) -> list[Record]:
    """The records in a parsed list answer."""
    for key in _PLACES[provider]:
        document = document[resource.rpartition("/")[2] if key == "customers" else key]
    records: list[Record] = document
    return records


_PLACES: dict[str, tuple[str, ...]] = {
    "bigcommerce": ("data",),
    "commerce7": ("customers",),
    "shopify": ("data", "customers", "nodes"),
    "shopify_rest": ("customers",),
    "wix": ("contacts",),
    "woocommerce": (),
    "zohoinventory": ("contacts",),
}


def write_plain(document: Any) -> bytes:
    """JSON as most stores write it."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def write_as_php(document: Any) -> bytes:
    r"""PHP's ``json_encode`` as WordPress calls it: ``\/`` and ``\u00e9``."""
    return json.dumps(document, separators=(",", ":")).replace("/", "\\/").encode()


def _shopify_answer(nodes: list[Record]) -> Record:
    cost = {"requestedQueryCost": 4253, "actualQueryCost": 1019}
    page_info = {"hasNextPage": True, "endCursor": "eyJsYXN0X2lkIjo3MDAwMDAwMDAwMjUwfQ=="}
    return {"data": {"customers": {"nodes": nodes, "pageInfo": page_info}}, "extensions": {"cost": cost}}


def _woocommerce_customer(person: Person) -> Record:
    """Checkout copies the account's e-mail to the billing address; plugins store values in ``meta_data``."""
    if person.addresses and not person.second_email:
        person = replace(person, second_email=person.email)
    record = woocommerce_records.customer_record(person, "https://shop.example/wp-json/wc/v3")
    return {**record, "meta_data": _meta_data(person)}


def _meta_data(person: Person) -> list[Record]:
    if not person.orders:
        return []
    facts = {
        "wc_last_active": str(int(person.updated_at.timestamp())),
        "_woocommerce_tracks_anon_id": f"woo:{person.number:024x}",
        "paying_customer": "1",
        "last_update": str(int(person.updated_at.timestamp())),
        "shipping_method": {"0": f"flat_rate:{person.number % 7}"},
        "prefs": {"newsletter": person.accepts_marketing, "tags": list(person.tags)},
    }
    return [
        {"id": 5000 + person.number * 6 + place, "key": key, "value": value}
        for place, (key, value) in enumerate(facts.items())
    ]


def _zoho_contacts(people: list[Person]) -> list[Record]:
    contacts = zohoinventory_records.make_contacts(people)
    return [
        zohoinventory_records.render_list_item(contact) for contact in contacts if contact.contact_type == "customer"
    ]


_STORES: dict[str, _Store] = {
    "shopify": _Store(250, lambda people: [customer_node(person) for person in people], _shopify_answer, write_plain),
    "shopify_rest": _Store(
        250,
        lambda people: [shopify_rest_records.customer_record(person) for person in people],
        lambda records: {"customers": records},
        write_plain,
    ),
    "woocommerce": _Store(
        100,
        lambda people: [_woocommerce_customer(person) for person in people],
        lambda records: records,
        write_as_php,
    ),
    "bigcommerce": _Store(
        250,
        lambda people: [bigcommerce_records.render_customer(person, {"addresses"}) for person in people],
        lambda records: {"data": records, "meta": {"pagination": {"total": 9000, "count": len(records)}}},
        write_plain,
    ),
    "commerce7": _Store(
        50,
        lambda people: [commerce7_records.render_customer(person) for person in people],
        lambda records: {"customers": records, "cursor": "eyJpZCI6IjUwIn0"},
        write_plain,
    ),
    "wix": _Store(
        1000,
        lambda people: [wix_records.render_contact(person) for person in people],
        lambda records: {"contacts": records, "pagingMetadata": {"count": len(records), "tooManyToCount": True}},
        write_plain,
    ),
    "zohoinventory": _Store(
        200,
        _zoho_contacts,
        lambda records: {"code": 0, "message": "success", "contacts": records, "page_context": {"page": 1}},
        write_plain,
    ),
}

PROVIDERS = tuple(_STORES)
"""Every provider that ships."""
