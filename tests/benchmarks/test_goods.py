from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.baselines.careful_goods import CAREFUL_GOODS
from benchmarks.baselines.pages import map_page_by
from benchmarks.equality import check_pages, check_records
from benchmarks.goods import ORDERS, PRODUCTS, make_goods_workload
from tests.shipped import REGISTRY

Record = dict[str, Any]

# What the usual page lacks: (provider, resource, change of a record).
ODD: list[tuple[str, str, Record]] = [
    ("woocommerce", ORDERS, {"billing": None, "shipping": {"city": " "}, "status": "on-the-way"}),
    ("woocommerce", ORDERS, {"status": "cancelled", "date_paid_gmt": None, "refunds": []}),
    ("woocommerce", ORDERS, {"line_items": [], "coupon_lines": None, "total": "1e2"}),
    ("woocommerce", ORDERS, {"line_items": [{"id": 1, "quantity": 3, "subtotal": "10.00", "total": None}]}),
    ("woocommerce", PRODUCTS, {"name": "Tom &amp; Ana", "brands": [], "attributes": None}),
    ("woocommerce", PRODUCTS, {"tags": [{"name": "New"}, {"name": "new "}], "images": [{"id": 1, "src": ""}]}),
    ("shopify", ORDERS, {"customer": None, "billingAddress": None, "lineItems": None, "paymentGatewayNames": []}),
    (
        "shopify",
        ORDERS,
        {"legacyResourceId": None, "displayFinancialStatus": None, "cancelledAt": "2024-05-02T08:00:00Z"},
    ),
    (
        "shopify",
        ORDERS,
        {
            "totalPriceSet": {
                "shopMoney": {"amount": "10.0", "currencyCode": "USD"},
                "presentmentMoney": {"amount": "9.0", "currencyCode": "EUR"},
            }
        },
    ),
    ("shopify", PRODUCTS, {"variants": {"nodes": []}, "media": None, "status": "UNLISTED"}),
]
every_kind = pytest.mark.parametrize(("provider", "resource"), list(CAREFUL_GOODS))


@every_kind
def test_hand_written_code_gives_the_same_page(provider: str, resource: str) -> None:
    pages = {
        "ours": REGISTRY.mapper(resource, provider).map_page,
        "careful": map_page_by(provider, CAREFUL_GOODS[provider, resource], resource),
    }

    check_pages(make_goods_workload(provider, resource, count=30, seed=3), pages)


@pytest.mark.parametrize(("provider", "resource", "change"), ODD)
def test_hand_written_code_equals_ours_on_odd_records(provider: str, resource: str, change: Record) -> None:
    workload = make_goods_workload(provider, resource, count=4)
    odd = [{**record, **change} for record in workload.records]

    check_records(
        replace(workload, records=odd),
        {"ours": REGISTRY.mapper(resource, provider).map, "careful": CAREFUL_GOODS[provider, resource]},
    )


@every_kind
def test_lines_and_variants_are_nested(provider: str, resource: str) -> None:
    records = make_goods_workload(provider, resource).records
    unified = [REGISTRY.mapper(resource, provider).map(record) for record in records]
    inner = {ORDERS: "line_items", PRODUCTS: "options"}[resource]

    assert max(len(record[inner]) for record in unified) > 1
