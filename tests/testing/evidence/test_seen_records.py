from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.shipped import REGISTRY
from tests.testing.evidence.shop import RESOURCE, Shop, shop_registry
from truto_unify.testing.evidence.seen_records import seen_exchanges
from truto_unify.testing.exchanges import Exchange
from truto_unify.testing.provider_under_test import ProviderUnderTest

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2026-11-01"
WOOCOMMERCE = "https://shop.example.test/wp-json/wc/v3"


def recorded(uri: str, answer: Any, status: int = 200) -> Exchange:
    return Exchange(uri, None, status, answer, "recorded", DAY)


def exchange_with_the_shop(path: str) -> Exchange:
    answer = Shop(people=3).serve(httpx.Request("GET", f"https://shop.test/api{path}"))
    return recorded(f"https://shop.test/api{path}", json.loads(answer.content))


def test_a_record_is_completed_by_the_side_loads_that_were_recorded(tmp_path: Path) -> None:
    subject = ProviderUnderTest(shop_registry(tmp_path), "shop", RESOURCE)
    exchanges = [exchange_with_the_shop(path) for path in ("/people?page=1&size=2&order=id", "/orders?person=1")]

    seen = [
        (sight.where, sight.record["id"], [order["id"] for order in sight.record["orders"]], sight.level, sight.day)
        for sight in seen_exchanges(subject, exchanges)
    ]

    assert seen == [
        ("list", "1", [], "recorded", DAY),
        ("side load", "1", ["o1"], "recorded", DAY),
        ("list", "2", [], "recorded", DAY),
    ]


def test_a_fact_of_the_shop_completes_every_record_that_the_list_completes_by_itself() -> None:
    subject = ProviderUnderTest(REGISTRY, "woocommerce", "ecommerce/products")
    exchanges = [
        recorded(f"{WOOCOMMERCE}/products?per_page=2", [{"id": 1}, {"id": 2}, {"id": 3, "type": "variation"}]),
        recorded(f"{WOOCOMMERCE}/data/currencies/current", {"code": "EUR"}),
    ]

    seen = [*seen_exchanges(subject, exchanges)]

    assert [(sight.where, sight.record["id"], sight.record["currency"]) for sight in seen] == [
        ("list", "1", "EUR"),
        ("list", "2", "EUR"),
    ]


def test_a_side_load_in_batches_completes_each_record_with_its_own_items() -> None:
    subject = ProviderUnderTest(REGISTRY, "bigcommerce", RESOURCE)
    (load,) = (load for load in subject.config.side_loads.values() if load.batch is not None)
    people = [{"id": number, "first_name": "Ana", "address_count": 99} for number in (1, 2, 3)]
    addresses = [{"id": number, "customer_id": number % 2, "city": "Lima"} for number in range(10, 14)]
    base = "https://api.bigcommerce.com/stores/abc123/v3"
    exchanges = [
        recorded(f"{base}/customers?page=1", {"data": people}),
        recorded(f"{base}{subject.provider.endpoint(load.endpoint).path.text}?customer_id:in=1,2", {"data": addresses}),
    ]

    full = {sight.record["id"]: sight.record["addresses"] for sight in seen_exchanges(subject, exchanges)}

    assert {record_id: [address["id"] for address in addresses] for record_id, addresses in full.items()} == {
        "1": ["11", "13"],
        "2": [],
        "3": [],
    }


@pytest.mark.parametrize(
    "exchange",
    [
        recorded(f"{WOOCOMMERCE}/orders/17/refunds", [{"id": 5}]),
        recorded(f"{WOOCOMMERCE}/orders/17/notes", [{"id": 5}]),
        recorded(f"{WOOCOMMERCE}/customers", [{"id": 5}]),
        recorded(f"{WOOCOMMERCE}/orders", [{"id": 5}], status=500),
    ],
    ids=lambda exchange: urlsplit(exchange.uri).path,
)
def test_what_another_call_answers_is_no_record(exchange: Exchange) -> None:
    assert [*seen_exchanges(ProviderUnderTest(REGISTRY, "woocommerce", "ecommerce/orders"), [exchange])] == []
