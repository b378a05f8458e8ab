"""Orders and products of a real WooCommerce 11 shop, replayed: lists, gets with their side loads, and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.golden_file import record_content
from tests.providers.native_defaults import (
    CASSETTES,
    MATCHERS,
    documented_arguments,
    documented_defaults,
    read_cassette,
)
from tests.providers.recorded_shop import ACCOUNT
from tests.shipped import REGISTRY
from truto_unify import (
    AuthenticationError,
    Client,
    InvalidId,
    NotFoundError,
    ProviderError,
    Registry,
    RejectedInputError,
)
from truto_unify.testing import ProviderUnderTest
from truto_unify.testing.evidence.proofs import read_exchanges
from truto_unify.testing.evidence.seen_records import seen_exchanges

if TYPE_CHECKING:
    from pathlib import Path

ORDERS: Final = "ecommerce/orders"
PRODUCTS: Final = "ecommerce/products"
NEWEST_FIRST = {"remote_query": {"orderby": "date", "order": "desc"}}  # the recorded calls left the order to the shop
WITHOUT_FACTS = {
    "side_loads": {"currency": None, "weight_unit": None},
    "response_mapping": {"currency": None, "weight_unit": None},
    "unsupported": dict.fromkeys(("currency", "weight_unit"), "Not asked for by this test."),
}
"""A mapping of products that asks for them alone: the recorded list stands alone in its cassette."""
Golden = Callable[[str, Any], None]


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


@pytest.fixture
def vcr_config() -> dict[str, object]:
    return {"match_on": MATCHERS}


def registry_for(folder: Path, page_size: int = 100) -> Registry:
    """A registry that asks for pages of this size, and of a product for nothing but the product."""
    pages = {"list": {"pagination": {"max_page_size": page_size}}}
    overlay = {
        "providers/woocommerce.yaml": {"resources": {"orders": pages, "products": pages}},
        f"mappings/{PRODUCTS}/woocommerce.yaml": WITHOUT_FACTS,
    }
    for name, content in overlay.items():
        file = folder / name
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(content))
    return Registry(overlay=[folder])


def replay(name: str, *values: object) -> Any:
    """The parameters of a test on one cassette."""
    return pytest.param(name, *values, marks=pytest.mark.vcr(f"{name}.yaml"), id=name)


def answer_of(name: str) -> Any:
    return json.loads(read_cassette(name)["response"]["body"]["string"])


AFTER = {"created_at": {"gt": "2026-03-03T06:25:24Z"}, "sort_by": {"created_at": "asc"}}
ACTIVE = {"limit": 2, "status": "active", **NEWEST_FIRST}
OLDEST = {"limit": 2, "sort_by": {"created_at": "asc"}}
CHANGED_LAST = {"limit": 2, "sort_by": {"updated_at": "desc"}}


@pytest.mark.parametrize(
    ("name", "resource", "query"),
    [
        replay("orders/lists/032-orders-orderby-id-asc", ORDERS, {"limit": 3}),
        replay("orders/lists/033-orders-orderby-id-desc", ORDERS, {"limit": 3, "sort_by": {"id": "desc"}}),
        replay("orders/lists/030-orders-orderby-date-asc", ORDERS, {"limit": 3, "sort_by": {"created_at": "asc"}}),
        replay("orders/lists/034-orders-orderby-modified-asc", ORDERS, {"limit": 3, "sort_by": {"updated_at": "asc"}}),
        replay("orders/lists/021-orders-after-offset-z", ORDERS, {"limit": 3, **AFTER}),
        replay("orders/lists/017-orders-status-cancelled", ORDERS, {"limit": 3, "status": "cancelled", **NEWEST_FIRST}),
        replay("orders/lists/018-orders-status-failed", ORDERS, {"limit": 3, "status": "failed", **NEWEST_FIRST}),
        replay(
            "orders/lists/009-orders-of-customer-none", ORDERS, {"limit": 10, "customer_id": "999999", **NEWEST_FIRST}
        ),
        replay("products/lists/106-products-sku", PRODUCTS, {"limit": 10, "sku": "SKU-005", **NEWEST_FIRST}),
        replay("products/lists/109-products-sku-none", PRODUCTS, {"limit": 10, "sku": "NOPE", **NEWEST_FIRST}),
        replay(
            "products/lists/100-products-status-publish", PRODUCTS, {"limit": 2, "status": "active", **NEWEST_FIRST}
        ),
        replay(
            "products/lists/121-products-orderby-date-asc", PRODUCTS, {"limit": 2, "sort_by": {"created_at": "asc"}}
        ),
        replay(
            "products/lists/126-products-orderby-modified-desc",
            PRODUCTS,
            {"limit": 2, "sort_by": {"updated_at": "desc"}},
        ),
        replay("products/lists/124-products-orderby-id-desc", PRODUCTS, {"limit": 2, "sort_by": {"id": "desc"}}),
    ],
)
def test_a_list(name: str, resource: Any, query: dict[str, Any], tmp_path: Path) -> None:
    with Client(registry_for(tmp_path, query["limit"])) as client:
        page = client.list(resource, ACCOUNT, **query)

    assert [record.remote_data for record in page.result] == answer_of(name)
    assert page.record_errors == ()
    assert {entry.how for entry in page.query_plan} <= {"native"}


@pytest.mark.vcr("products/lists/108-products-sku-of-variation.yaml")
def test_a_variation_that_a_list_answers_is_no_product(tmp_path: Path) -> None:
    (native,) = answer_of("products/lists/108-products-sku-of-variation")

    with Client(registry_for(tmp_path, 10)) as client:
        page = client.list(PRODUCTS, ACCOUNT, sku=native["sku"], limit=10, remote_query=NEWEST_FIRST["remote_query"])

    assert (native["type"], page.result) == ("variation", [])


@pytest.mark.vcr("products/gets/164-variation-read-as-product.yaml")
def test_a_variation_that_a_get_answers_is_no_product(tmp_path: Path) -> None:
    with Client(registry_for(tmp_path)) as client, pytest.raises(NotFoundError):
        client.get(PRODUCTS, ACCOUNT, "71")


@pytest.mark.parametrize(
    ("name", "resource", "record_id"),
    [
        replay("orders/gets/074-order-get-guest", ORDERS, "184"),
        replay("products/gets/142-product-get-simple-images", PRODUCTS, "21"),
    ],
)
def test_a_get(name: str, resource: Any, record_id: str, tmp_path: Path) -> None:
    with Client(registry_for(tmp_path)) as client:
        record = client.get(resource, ACCOUNT, record_id)

    assert record.remote_data == answer_of(name)


@pytest.mark.parametrize(
    ("resource", "folder", "with_folders"),
    [(ORDERS, "orders/gets", ["orders/refunds"]), (PRODUCTS, "products/gets", ["products/variations"])],
)
def test_every_recorded_record_is_the_unified_one_of_its_golden_file(
    resource: str, folder: str, with_folders: list[str], golden: Golden
) -> None:
    subject = ProviderUnderTest(REGISTRY, "woocommerce", resource)
    sides = [*read_exchanges(file for name in with_folders for file in sorted((CASSETTES / name).glob("*.yaml")))]
    unified = {}
    for file in sorted((CASSETTES / folder).glob("*.yaml")):
        facts = read_exchanges([CASSETTES / f"{_shop_of(file)}.yaml"])
        for sight in seen_exchanges(subject, [*read_exchanges([file]), *sides, *facts]):
            if sight.where == "get" and sight.record["remote_data"] == answer_of(f"{folder}/{file.stem}"):
                unified[file.stem] = record_content(subject.mapping.schema.record.model_validate(sight.record))

    golden(f"woocommerce/{folder.replace('/', '-')}", unified)


def _shop_of(file: Path) -> str:
    """The recorded currency of the shop that a cassette is of."""
    shops = {"jpy": "shop/290-currency-current-jpy", "kwd": "shop/298-currency-current-kwd"}
    return next((shop for word, shop in shops.items() if f"{word}-shop" in file.stem), "shop/173-currency-current")


@pytest.mark.parametrize(("resource", "folder", "least"), [(ORDERS, "orders", 92), (PRODUCTS, "products", 62)])
def test_every_recorded_record_maps_as_the_oracle_says(resource: str, folder: str, least: int) -> None:
    subject = ProviderUnderTest(REGISTRY, "woocommerce", resource)
    exchanges = [*read_exchanges(sorted((CASSETTES / folder).rglob("*.yaml")))]
    natives = [sight.record["remote_data"] for sight in seen_exchanges(subject, exchanges)]

    assert len({native["id"] for native in natives}) >= least
    assert [native["id"] for native in natives if subject.mapper.map_record(native).faults] == []
    for native in {native["id"]: native for native in natives}.values():
        assert subject.mapper.map_record(native) == subject.mapper.interpret_record(native)


REFUSED_ORDERBY = {"remote_query": {"orderby": "total", "order": "desc"}}


@pytest.mark.parametrize(
    ("name", "resource", "query", "kind", "message"),
    [
        replay(
            "orders/errors/056-orders-err-400-orderby",
            ORDERS,
            REFUSED_ORDERBY,
            RejectedInputError,
            "woocommerce GET /orders: Invalid parameter(s): orderby (HTTP 400)",
        ),
        replay(
            "orders/errors/057-orders-err-400-after",
            ORDERS,
            {"remote_query": {**NEWEST_FIRST["remote_query"], "after": "yesterday"}},
            RejectedInputError,
            "woocommerce GET /orders: Invalid parameter(s): after (HTTP 400)",
        ),
        replay(
            "orders/errors/010-orders-customer-text",
            ORDERS,
            {"remote_query": {**NEWEST_FIRST["remote_query"], "customer": "abc"}},
            RejectedInputError,
            "woocommerce GET /orders: Invalid parameter(s): customer (HTTP 400)",
        ),
        replay(
            "orders/errors/062-orders-err-401-write-only",
            ORDERS,
            NEWEST_FIRST,
            AuthenticationError,
            "woocommerce GET /orders: The API key provided does not have read permissions. (HTTP 401); refused: "
            "consumer_key, consumer_secret",
        ),
        replay(
            "products/errors/134-products-err-400-orderby",
            PRODUCTS,
            {"remote_query": {"orderby": "name", "order": "desc"}},
            RejectedInputError,
            "woocommerce GET /products: Invalid parameter(s): orderby (HTTP 400)",
        ),
    ],
)
def test_a_refused_list(
    name: str, resource: Any, query: dict[str, Any], kind: type[ProviderError], message: str, tmp_path: Path
) -> None:
    with Client(registry_for(tmp_path, 10)) as client, pytest.raises(ProviderError) as caught:
        client.list(resource, ACCOUNT, limit=10, **query)

    assert (type(caught.value), caught.value.message) == (kind, message)
    assert caught.value.raw_response == answer_of(name)


@pytest.mark.parametrize(
    ("name", "resource", "record_id"),
    [
        replay("orders/errors/064-orders-err-404-id", ORDERS, "999999"),
        replay("orders/errors/066-orders-err-404-a-product", ORDERS, "14"),
        replay("orders/errors/090-order-refund-read-as-order-404", ORDERS, "214"),
        replay("products/errors/140-products-err-404-an-order", PRODUCTS, "213"),
    ],
)
def test_an_id_of_something_else_is_not_found(name: str, resource: Any, record_id: str, tmp_path: Path) -> None:
    with Client(registry_for(tmp_path)) as client, pytest.raises(NotFoundError) as caught:
        client.get(resource, ACCOUNT, record_id)

    assert caught.value.message.endswith(": Invalid ID. (HTTP 404)")
    assert caught.value.raw_response == answer_of(name)


def test_an_id_that_is_no_number_is_refused_before_it_is_sent() -> None:
    assert answer_of("orders/errors/065-orders-err-404-text")["code"] == "rest_no_route"

    with Client() as client, pytest.raises(InvalidId):
        client.get(ORDERS, ACCOUNT, "abc")


@pytest.mark.parametrize("collection", ["orders", "products"])
def test_what_a_list_sends_is_what_the_schema_of_the_shop_says(collection: str) -> None:
    mapping = REGISTRY.mapping(f"ecommerce/{collection}", "woocommerce")
    arguments = documented_arguments(collection)
    pagination: Any = mapping.provider.endpoint(f"{collection}.list").pagination
    method: Any = mapping.config.list
    filters = {"after", "before", "modified_after", "modified_before", "status"}

    assert {"orderby": "date", "order": "desc", "per_page": "10", "page": "1"}.items() <= documented_defaults(
        collection
    ).items()
    assert pagination.max_page_size == arguments["per_page"]["maximum"] == 100
    assert {form.query["orderby"] for form in method.sort.forms} <= set(arguments["orderby"]["enum"])
    assert {pagination.page_param, pagination.page_size_param, pagination.offset_param, *filters} <= set(arguments)
