"""Native records with holes: what is missing, null or blank breaks nothing, and any value is mapped or a fault."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.stores import RESOURCE
from tests.shared_material import SHARED, needs_shared
from tests.shipped import REGISTRY
from truto_unify.models import RESOURCES
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

WOOCOMMERCE: dict[str, Any] = {
    "id": 25,
    "date_created": "2024-03-21T16:09:28",
    "date_created_gmt": "2024-03-21T19:09:28",
    "date_modified": None,
    "date_modified_gmt": "2024-03-22T19:09:28",
    "email": "ana@x.test",
    "first_name": "Ana",
    "last_name": "Ruiz",
    "role": "customer",
    "username": "ana",
    "billing": {
        "first_name": "A.",
        "last_name": "R.",
        "company": "Acme",
        "address_1": "1 Road",
        "address_2": "Flat 2",
        "city": "Town",
        "postcode": "10",
        "country": "US",
        "state": "CA",
        "email": "billing@x.test",
        "phone": "555 0100 x7",
    },
    "shipping": {
        "first_name": "",
        "last_name": "",
        "company": "",
        "address_1": "",
        "address_2": "",
        "city": "",
        "postcode": "",
        "country": "",
        "state": "",
        "phone": "",
    },
    "is_paying_customer": False,
    "avatar_url": "https://x.test/a.png",
    "meta_data": [{"id": 1, "key": "k", "value": {"a": [1]}}],
    "_links": {"self": [{"href": "https://x.test"}]},
}
SHOPIFY: dict[str, Any] = {
    "id": "gid://shopify/Customer/17",
    "legacyResourceId": "17",
    "firstName": "Ana",
    "lastName": "Ruiz",
    "displayName": "Ana Ruiz",
    "state": "ENABLED",
    "tags": ["vip"],
    "numberOfOrders": "13",
    "createdAt": "2024-03-21T16:09:28Z",
    "updatedAt": "2024-03-22T16:09:28Z",
    "defaultEmailAddress": {"emailAddress": "ana@x.test", "marketingState": "SUBSCRIBED"},
    "defaultPhoneNumber": {"phoneNumber": "+15550100"},
    "defaultAddress": {"id": "gid://shopify/MailingAddress/1?model_name=CustomerAddress", "company": "Acme"},
    "amountSpent": {"amount": "11884.9", "currencyCode": "CAD"},
    "addressesV2": {
        "nodes": [
            {
                "id": "gid://shopify/MailingAddress/1?model_name=CustomerAddress",
                "company": "Acme",
                "address1": "1 Road",
                "address2": None,
                "city": "Town",
                "province": "Ontario",
                "provinceCode": "ON",
                "country": "Canada",
                "countryCodeV2": "CA",
                "zip": "K1A",
                "phone": "+15550199",
            }
        ],
        "pageInfo": {"hasNextPage": False},
    },
}


def holes(record: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a record."""
    pairs = record.items() if isinstance(record, dict) else enumerate(record) if isinstance(record, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from holes(value, (*path, key))


def parent_of(record: Any, path: tuple[Any, ...]) -> tuple[Any, Any]:
    """A copy of the record, and what holds the value at the path in it."""
    copy = deepcopy(record)
    return copy, at(copy, path[:-1])


def filled(record: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The record with this value at the path."""
    copy, parent = parent_of(record, path)
    parent[path[-1]] = value
    return copy


def without(record: Any, path: tuple[Any, ...]) -> Any:
    """The record without the value at the path."""
    copy, parent = parent_of(record, path)
    del parent[path[-1]]
    return copy


def sweep(provider: str, native: dict[str, Any]) -> list[Any]:
    """The faults of every record with one hole, but for a hole in the only thing that makes the id."""
    mapper = REGISTRY.mapper(RESOURCE, provider)
    paths = [path for path in holes(native) if path != ("id",) or "legacyResourceId" in native]
    pierced = [hollow for path in paths for hollow in (filled(native, path, None), without(native, path))]
    return [(mapped.faults, record) for record in pierced for mapped in [mapper.map_record(record)] if mapped.faults]


@pytest.mark.parametrize(
    ("provider", "native"),
    [("woocommerce", WOOCOMMERCE), ("shopify", SHOPIFY)],
)
def test_nothing_that_is_missing_or_null_breaks_a_record(provider: str, native: dict[str, Any]) -> None:
    assert REGISTRY.mapper(RESOURCE, provider).map_record(native).faults == []
    assert sweep(provider, native) == []


@pytest.mark.parametrize(
    ("provider", "native", "name"), [("woocommerce", WOOCOMMERCE, "id"), ("shopify", SHOPIFY, "nothing")]
)
def test_blank_text_anywhere_breaks_no_record(provider: str, native: dict[str, Any], name: str) -> None:
    mapper = REGISTRY.mapper(RESOURCE, provider)
    leaves = [path for path in holes(native) if isinstance(at(native, path), str) and path[-1] != name]

    assert [mapper.map_record(filled(native, path, "")).faults for path in leaves] == [[]] * len(leaves)


def at(record: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        record = record[step]
    return record


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([("woocommerce", WOOCOMMERCE), ("shopify", SHOPIFY)]), JSON, st.data())
def test_any_value_in_a_record_is_mapped_or_a_fault(
    example: tuple[str, dict[str, Any]], value: Any, data: st.DataObject
) -> None:
    provider, record = example
    path = data.draw(st.sampled_from(sorted(holes(record), key=repr)))
    native = filled(record, path, value)
    mapped = REGISTRY.mapper(RESOURCE, provider).map_record(native)

    assert set(mapped.fields) == {*field_kinds(RESOURCES[RESOURCE].record), "remote_data"}
    assert mapped.fields["remote_data"] is native
    assert {name.partition("[")[0] for name, _ in mapped.faults} <= set(mapped.fields)


def natives_of(provider: str) -> list[dict[str, Any]]:
    """Every customer in the shared fixtures and recordings of a provider, whatever lies around it."""
    folders = [SHARED / "fixtures" / provider, SHARED / "recordings" / provider]
    bodies = [
        json.loads(path.read_text(encoding="utf-8")) for folder in folders for path in sorted(folder.glob("*.json"))
    ]
    known = {
        "woocommerce": {"id", "billing", "shipping", "role"},
        "shopify": {"id", "displayName", "state"},
    }
    return [
        native
        for body in bodies
        for native in objects(body)
        if known[provider] <= set(native) and isinstance(native["id"], int | str)
    ]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    if isinstance(value, str) and value[:2] in {"[{", '{"'}:
        yield from objects(json.loads(value))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


@needs_shared
@pytest.mark.parametrize(("provider", "at_least"), [("woocommerce", 50), ("shopify", 5)])
def test_nothing_that_is_missing_in_a_known_customer_breaks_it(provider: str, at_least: int) -> None:
    natives = natives_of(provider)
    mapper = REGISTRY.mapper(RESOURCE, provider)
    shapes = list({json.dumps([*holes(native)]): native for native in natives}.values())

    assert len(natives) >= at_least
    assert [mapper.map_record(native).faults for native in natives] == [[]] * len(natives)
    assert [fault for native in shapes[:20] for fault in sweep(provider, native)] == []
