from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.baselines.careful import CAREFUL
from benchmarks.baselines.pages import map_page_by, map_page_by_pydantic
from benchmarks.baselines.per_field import make_mapping, search_shared
from benchmarks.baselines.tuned import TUNED
from benchmarks.equality import Different, check_pages, check_records
from benchmarks.people import DENSITIES, Density
from benchmarks.workload import RESOURCE, make_workload
from tests.shipped import REGISTRY
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]

# What the usual page lacks: (provider, change of a dense record).
ODD: list[tuple[str, Record]] = [
    ("shopify", {"firstName": " ", "lastName": None}),
    ("shopify", {"firstName": "Ana", "lastName": None, "displayName": None}),
    ("shopify", {"legacyResourceId": None}),
    ("shopify", {"state": "INVITED"}),
    ("shopify", {"state": None, "amountSpent": None}),
    ("shopify", {"createdAt": "2024-05-02T10:00:00.120+02:00", "updatedAt": None}),
    ("shopify", {"defaultEmailAddress": None, "email": " ana@example.test "}),
    ("shopify", {"defaultPhoneNumber": {"phoneNumber": " "}}),
    ("shopify", {"defaultPhoneNumber": {"phoneNumber": "555-0100 ext. 7"}}),
    ("shopify", {"addressesV2": {"nodes": []}, "defaultAddress": None}),
    ("shopify", {"addressesV2": None}),
    ("shopify", {"addressesV2": {"edges": [{"node": {"id": "gid://shopify/MailingAddress/9", "zip": "1"}}]}}),
    ("shopify", {"addressesV2": {"nodes": [{"id": None, "city": " ", "phone": "+12125550100 x5"}]}}),
    ("shopify_rest", {"first_name": "", "last_name": "Ito"}),
    ("shopify_rest", {"email": None, "email_marketing_consent": None, "phone": "+1 212 555 0100"}),
    ("shopify_rest", {"addresses": None, "default_address": None}),
    ("shopify_rest", {"addresses": [{"id": 7, "country": "us", "default": True}]}),
    ("shopify_rest", {"state": "invited"}),
    ("shopify_rest", {"created_at": "2024-12-31T22:15:00-05:00", "updated_at": "2024-01-01T01:00:00+05:30"}),
    ("shopify_rest", {"created_at": "2024-03-01T12:00:00.5Z", "updated_at": None}),
    ("woocommerce", {"first_name": "", "last_name": " "}),
    ("woocommerce", {"email": "ANA@example.test", "billing": {"email": "ana@example.test ", "phone": "#5"}}),
    ("woocommerce", {"billing": None}),
    ("woocommerce", {"shipping": {"city": "Łódź", "country": "pl"}}),
    ("woocommerce", {"date_created_gmt": None, "date_modified_gmt": "2024-05-02T10:00:00.250"}),
    ("woocommerce", {"billing": {"phone": "+12125550100 x5"}, "shipping": {"phone": "(1) 212-555-0100"}}),
    ("woocommerce", {"billing": {"phone": "+12125550100 x5"}, "shipping": {"phone": "+12125550100 x6"}}),
]
every_kind = pytest.mark.parametrize(
    ("provider", "density"), [(provider, density) for provider in CAREFUL for density in DENSITIES]
)


def all_mappings(provider: str) -> dict[str, Callable[[Record], Record]]:
    return {
        "ours": REGISTRY.mapper(RESOURCE, provider).map,
        "interpreter": Registry(engine="interpreter").mapper(RESOURCE, provider).map,
        "careful": CAREFUL[provider],
        "tuned": TUNED[provider],
        "jmespath per field": make_mapping(provider),
        "jmespath shared": make_mapping(provider, search_shared),
    }


@every_kind
def test_all_mappings_give_the_same_records(provider: str, density: Density) -> None:
    check_records(make_workload(provider, density, count=80, seed=3), all_mappings(provider))


@every_kind
def test_all_ways_give_the_same_page(provider: str, density: Density) -> None:
    pages = {
        "ours": REGISTRY.mapper(RESOURCE, provider).map_page,
        "careful": map_page_by(provider, CAREFUL[provider]),
        "tuned": map_page_by(provider, TUNED[provider]),
        "jmespath": map_page_by(provider, make_mapping(provider)),
        "pydantic": map_page_by_pydantic(provider, CAREFUL[provider]),
    }

    check_pages(make_workload(provider, density, count=40, seed=4), pages)


@pytest.mark.parametrize(("provider", "change"), ODD)
def test_hand_written_mappings_equal_ours_on_odd_records(provider: str, change: Record) -> None:
    workload = make_workload(provider, "dense", count=4)
    odd = [{**copy.deepcopy(record), **copy.deepcopy(change)} for record in workload.records]

    check_records(replace(workload, records=odd), all_mappings(provider))


def test_a_contender_that_does_less_is_found() -> None:
    workload = make_workload("shopify", "dense", count=3)
    ours = REGISTRY.mapper(RESOURCE, "shopify")

    def forgets_orders(native: Record) -> Record:
        return {name: value for name, value in ours.map(native).items() if name != "orders"}

    with pytest.raises(Different, match=r'record 0: ours and lazy differ in orders: \[\] and "\(absent\)"'):
        check_records(workload, {"ours": ours.map, "lazy": forgets_orders})
    with pytest.raises(Different, match=r"short gives 0 records and not 3"):
        check_pages(workload, {"ours": ours.map_page, "short": lambda _body: b"[]"})


def test_a_truth_value_is_not_one() -> None:
    workload = make_workload("shopify", "dense", count=1)

    with pytest.raises(Different, match="differ in flag: true and 1"):
        check_records(workload, {"one": lambda _native: {"flag": True}, "other": lambda _native: {"flag": 1}})
