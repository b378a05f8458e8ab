"""The same product from every pretend store is equal in each field that the store can say."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.providers.pretend import open_store
from tests.shipped import REGISTRY
from truto_unify.engine.send import Budget
from truto_unify.models.fields import format_time
from truto_unify.sandbox.goods import Goods, invent_goods
from truto_unify.sandbox.serve import STORES
from truto_unify.testing.provider_under_test import providers_under_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.testing import ProviderUnderTest

    Truth = Callable[[Goods], Any]

PRODUCTS: Final = "ecommerce/products"
GOODS = invent_goods()
PAIRS = [pair for pair in providers_under_test(REGISTRY, STORES) if pair.resource == PRODUCTS]
GRAMS: dict[str | None, int | Decimal] = {
    "g": 1,
    "kg": 1000,
    "oz": Decimal("28.349523125"),
    "lb": Decimal("453.59237"),
    None: 1,
}

# --------------------------------------------------------------------------------------------- what a product is


def cents(amount: int | None) -> Decimal | None:
    return None if amount is None else Decimal(amount).scaleb(-2)


def variants_of(goods: Goods) -> list[tuple[Any, ...]]:
    """The sku, the barcode, the prices of today and before a sale, the stock, and the values of the options."""
    return [
        (
            variant.sku,
            variant.barcode or None,
            cents(variant.price_cents),
            cents(variant.before_cents),
            variant.stock,
            {variant.size, variant.colour},
        )
        for variant in goods.variants
    ]


def without_barcodes(goods: Goods) -> list[tuple[Any, ...]]:
    return [(sku, None, *rest) for sku, _, *rest in variants_of(goods)]


def options_of(goods: Goods) -> dict[str, set[str]]:
    if not goods.variants:
        return {}
    return {
        "Size": {variant.size for variant in goods.variants},
        "Colour": {variant.colour for variant in goods.variants},
    }


TRUTH: dict[str, Truth] = {
    "name": lambda goods: goods.name,
    "description": lambda goods: goods.description or None,
    "status": lambda goods: "active" if goods.is_active else "inactive",
    "price": lambda goods: cents(goods.price_cents),
    "compare_at_price": lambda goods: cents(goods.before_cents),
    "sku": lambda goods: goods.sku or None,
    "barcode": lambda goods: goods.barcode or None,
    "inventory_quantity": lambda goods: goods.stock,
    "vendor": lambda goods: goods.vendor or None,
    "weight": lambda goods: goods.weight_grams,
    "options": options_of,
    "variants": variants_of,
    "categories": lambda goods: [goods.category],
    "tags": lambda goods: sorted(goods.tags),
    "created_at": lambda goods: format_time(goods.created_at),
    "updated_at": lambda goods: format_time(goods.updated_at),
}

# ----------------------------------------------------------------------------------- what a store cannot say


def nothing(_: Goods) -> None:
    return None


def empty(_: Goods) -> list[Any]:
    return []


def counted_stock(goods: Goods) -> int | None:
    """The stock of all variants that somebody counts."""
    return sum(variant.stock or 0 for variant in goods.variants) if goods.variants else goods.stock


def kilograms(goods: Goods) -> Decimal:
    """The weight as a number without a unit; zero if unknown."""
    return Decimal(goods.weight_grams or 0) / 1000


def first_sku(goods: Goods) -> str | None:
    return (goods.variants[0].sku if goods.variants else goods.sku) or None


def lowest_price_before(goods: Goods) -> Decimal | None:
    prices = [sold.before_cents for sold in goods.variants or (goods,) if sold.before_cents is not None]
    return cents(min(prices, default=None))


def barcode_without_variants(goods: Goods) -> str | None:
    return None if goods.variants else goods.barcode or None


def variants_or_product(goods: Goods) -> list[tuple[Any, ...]]:
    """The variants; if there are none, the product is the only one."""
    price, before = cents(goods.price_cents), cents(goods.before_cents)
    return variants_of(goods) or [(goods.sku or None, goods.barcode or None, price, before, goods.stock, set())]


# Each product has a variant, which has the number, the barcode and the stock. The vendor is the shop if nobody else.
SHOPIFY: dict[str, Truth] = {
    "sku": first_sku,
    "barcode": barcode_without_variants,
    "inventory_quantity": counted_stock,
    "vendor": lambda goods: goods.vendor or "sandbox",
    "variants": variants_or_product,
}
LOSSES: dict[str, dict[str, Truth]] = {
    # Stock and weight that nobody counts or knows are zero.
    "bigcommerce": {
        "inventory_quantity": counted_stock,
        "weight": lambda goods: goods.weight_grams or 0,
        "variants": lambda goods: [(*rest, stock or 0, values) for *rest, stock, values in variants_of(goods)],
        "tags": empty,
    },
    # Each product has a variant; variants have names and no options. The unit of weights is the tenant's.
    "commerce7": {
        "sku": first_sku,
        "barcode": barcode_without_variants,
        "inventory_quantity": counted_stock,
        "weight": kilograms,
        "options": lambda _: {},
        "variants": lambda goods: [(*rest, set()) for *rest, _ in variants_or_product(goods)],
        "tags": empty,
    },
    "shopify": SHOPIFY,
    # Collections are another resource.
    "shopify_rest": SHOPIFY | {"categories": empty},
    # Of categories a product has the ids alone. The unit of weights is the site's.
    "wix": {
        "barcode": nothing,
        "variants": without_barcodes,
        "weight": kilograms,
        "categories": lambda _: [None],
        "tags": empty,
    },
    # Each product has a variant, and the lowest prices of its variants.
    "wix (catalog: v3)": {
        "sku": first_sku,
        "barcode": barcode_without_variants,
        "inventory_quantity": counted_stock,
        "compare_at_price": lowest_price_before,
        "tags": empty,
    },
    "woocommerce": {},
    # Each variant is a product.
    "zohoinventory": {"compare_at_price": nothing},
}
IN_ONE_FORM = [goods for goods in GOODS if not goods.variants]

# ------------------------------------------------------------------------------------------ reading every product


@cache
def read_products(pair: ProviderUnderTest) -> list[dict[str, Any]]:
    """Every product with all of its parts, in the order of their creation."""
    budget = Budget(at_once=1, max_side_requests=1000)
    store = open_store(pair.slug, [], edition=pair.edition, budget=budget)
    loads = list(pair.config.side_loads)
    with store.open() as client:
        listed = list(client.iterate(PRODUCTS, store.account))
        products = [client.get(PRODUCTS, store.account, product.id, side_load=loads) for product in listed]
    return [product.model_dump(mode="json") for product in products]


def comparable(product: dict[str, Any]) -> dict[str, Any]:
    """The compared fields of a record in the form of ``TRUTH``."""
    weight = number(product["weight"])
    return {
        **{name: product[name] for name in TRUTH},
        **{name: number(product[name]) for name in ("price", "compare_at_price", "inventory_quantity")},
        "weight": weight and weight * GRAMS[product["weight_unit"]],
        "options": {option["name"]: {*option["values"]} for option in product["options"]},
        "variants": [
            (
                variant["sku"],
                variant["barcode"],
                number(variant["price"]),
                number(variant["compare_at_price"]),
                number(variant["inventory_quantity"]),
                {option["value"] for option in variant["options"]},
            )
            for variant in product["variants"]
        ],
        "categories": [category["name"] for category in product["categories"]],
        "tags": sorted(product["tags"]),
    }


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


# ------------------------------------------------------------------------------------------------------ the tests


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_product_says_all_that_the_store_can_say(pair: ProviderUnderTest) -> None:
    truths = TRUTH | LOSSES[str(pair).replace(f" {PRODUCTS}", "")]
    sold = IN_ONE_FORM if pair.slug == "zohoinventory" else GOODS
    products = {product["name"]: comparable(product) for product in read_products(pair)}

    assert {goods.name: products[goods.name] for goods in sold} == {
        goods.name: {name: truth(goods) for name, truth in truths.items()} for goods in sold
    }
