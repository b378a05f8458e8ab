"""Prices of products keep the decimals of the shop: none in JPY, three in KWD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.shipped import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable

    Native = Callable[[str], tuple[dict[str, Any], dict[str, Any]]]

PRODUCTS: Final = "ecommerce/products"
PRICES = {"JPY": "1500", "KWD": "12.345"}


def number(price: str) -> int | float:
    return float(price) if "." in price else int(price)


def currency_of(price: str) -> str:
    return next(currency for currency, known in PRICES.items() if known == price)


NATIVES: dict[str, Native] = {
    "bigcommerce": lambda price: (
        {
            "id": 1,
            "price": number(price),
            "variants": [{"id": 2, "price": number(price), "option_values": [{"id": 3}]}],
        },
        {"store": {"currency": currency_of(price)}},
    ),
    "shopify": lambda price: (
        {
            "legacyResourceId": "1",
            "priceRangeV2": {"minVariantPrice": {"amount": price, "currencyCode": currency_of(price)}},
            "variants": {"nodes": [{"legacyResourceId": "2", "price": price}]},
        },
        {},
    ),
    "shopify_rest": lambda price: (
        {"id": 1, "variants": [{"id": 2, "title": "S", "price": price}]},
        {"shop": {"currency": currency_of(price)}},
    ),
    "wix": lambda price: (
        {
            "id": "1",
            "priceData": {"price": number(price), "currency": currency_of(price)},
            "variants": [{"id": "2", "choices": {"Size": "S"}, "variant": {"priceData": {"price": number(price)}}}],
        },
        {},
    ),
    "wix v3": lambda price: (
        {
            "id": "1",
            "currency": currency_of(price),
            "actualPriceRange": {"minValue": {"amount": price}},
            "variantsInfo": {
                "variants": [
                    {"id": "2", "choices": [{"optionChoiceNames": {}}], "price": {"actualPrice": {"amount": price}}}
                ]
            },
        },
        {},
    ),
    "woocommerce": lambda price: (
        {"id": 1, "price": price, "regular_price": price},
        {"currency": {"code": currency_of(price)}, "variants": [{"id": 2, "price": price, "regular_price": price}]},
    ),
    "zohoinventory": lambda price: (
        {"item_id": "1", "rate": number(price)},
        {"organization": {"currency_code": currency_of(price)}},
    ),
}
"""Commerce7 is not here: it counts hundredths in every currency."""


@pytest.mark.parametrize("price", PRICES.values(), ids=PRICES)
@pytest.mark.parametrize("shop", NATIVES)
def test_a_price_is_neither_padded_nor_cut(shop: str, price: str) -> None:
    slug, _, catalog = shop.partition(" ")
    mapper = REGISTRY.mapper(PRODUCTS, slug, context={"catalog": catalog} if catalog else None)
    native, loaded = NATIVES[shop](price)

    product = mapper.map(native, loaded=loaded)

    assert (product["price"], product["currency"]) == (price, currency_of(price))
    assert {variant["price"] for variant in product["variants"]} <= {price}
