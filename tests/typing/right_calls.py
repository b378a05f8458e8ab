"""Calls that type checkers accept, with the type of each result; nothing runs them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal, Unpack, assert_type

from pydantic import BaseModel

from truto_unify import Account, AsyncClient, Client, Customer, Order, Page, Product, ResourceSchema
from truto_unify.explanation import Explanation
from truto_unify.models.fields import Id, Text
from truto_unify.models.queries import CustomerQuery
from truto_unify.types import JsonPage, NativeAnswer

SHOP = Account(provider="woocommerce", context={"store_url": "https://shop.example"})


class Event(BaseModel):
    id: Id
    name: Text = None


EVENTS = ResourceSchema(name="ticketing/events", record=Event, text_filters=("name",))


def records_are_models(client: Client) -> None:
    assert_type(client.list("ecommerce/customers", SHOP), Page[Customer])
    assert_type(client.list("ecommerce/customers", SHOP, response_format="unified"), Page[Customer])
    assert_type(client.get("ecommerce/customers", SHOP, "17"), Customer)
    for page in client.pages("ecommerce/customers", SHOP, limit=50):
        assert_type(page, Page[Customer])
    for customer in client.iterate("ecommerce/customers", SHOP):
        assert_type(customer, Customer)
        assert_type(customer.emails[0].email, str | None)
        assert_type(customer.created_at, datetime | None)


def orders_and_products_have_models_of_their_own(client: Client) -> None:
    assert_type(client.list("ecommerce/orders", SHOP, customer_id=17, sort_by={"id": "asc"}), Page[Order])
    assert_type(client.get("ecommerce/products", SHOP, "70"), Product)
    for order in client.iterate("ecommerce/orders", SHOP, payment_status="paid"):
        assert_type(order.line_items[0].quantity, str | None)
        assert_type(order.tags, list[str])
    for product in client.iterate("ecommerce/products", SHOP, sku="TEA-1"):
        assert_type(product.variants[0].options[0].value, str | None)


def records_of_raw_and_normalized_are_dictionaries(client: Client) -> None:
    assert_type(client.list("ecommerce/customers", SHOP, response_format="raw"), Page[dict[str, Any]])
    assert_type(client.get("ecommerce/customers", SHOP, "17", response_format="normalized"), dict[str, Any])
    for page in client.pages("ecommerce/customers", SHOP, response_format="raw"):
        assert_type(page, Page[dict[str, Any]])
    for record in client.iterate("ecommerce/customers", SHOP, response_format="normalized", limit=50):
        assert_type(record, dict[str, Any])


def a_format_that_is_chosen_later_gives_either(client: Client, chosen: Literal["unified", "raw"]) -> None:
    page = client.list("ecommerce/customers", SHOP, response_format=chosen)
    assert_type(page, Page[Customer] | Page[dict[str, Any]])


def filters_take_values_lists_and_operators(client: Client) -> None:
    client.list("ecommerce/customers", SHOP, email="ana@example.test", name={"like": "ana"})
    client.list("ecommerce/customers", SHOP, email=["ana@example.test", "bo@example.test"])
    client.list("ecommerce/customers", SHOP, email={"in": ["ana@example.test"]}, company_name={"eq": "Acme"})
    client.list("ecommerce/customers", SHOP, created_at={"gte": "2024-01-01T00:00:00Z", "lt": date(2025, 1, 1)})
    client.list("ecommerce/customers", SHOP, updated_at=datetime(2024, 1, 1, tzinfo=UTC))
    client.list("ecommerce/customers", SHOP, emails=[{"type": "work", "is_primary": True}], phones={"number": 4122})


def options_are_named(client: Client, cursor: str | None) -> None:
    client.list(
        "ecommerce/customers",
        SHOP,
        limit=None,
        next_cursor=cursor,
        sort_by={"created_at": "desc"},
        unsupported="error",
        on_record_error="skip",
        exclude_fields=["emails", "remote_data"],
        ignore_remote_data=True,
        ignore_limit=False,
        remote_query={"role": "customer"},
        side_load=["orders"],
    )
    client.get("ecommerce/customers", SHOP, "17", exclude_fields={"id"}, side_load="orders", remote_query=None)


def explanations(client: Client, record_id: str | None) -> None:
    assert_type(client.explain("ecommerce/customers", SHOP, email="ana@example.test"), Explanation)
    assert_type(client.explain("ecommerce/customers", SHOP, "17", side_load=["orders"]), Explanation)
    assert_type(client.explain("ecommerce/customers", SHOP, record_id), Explanation)


def native_calls(client: Client) -> None:
    client.proxy_list("customers", SHOP, {"role": "all"}, limit=5, next_cursor=None)
    client.proxy_list("orders", SHOP, [("status", "any")], method="list", id="17")
    assert_type(client.proxy_get("customers", SHOP, "17"), NativeAnswer)
    assert_type(client.proxy_call("customers", "update", SHOP, id="17", body={"first_name": "Ana"}), NativeAnswer)
    assert_type(client.custom("GET", "/reports", SHOP, query=[("page", "2")]), NativeAnswer)


def a_function_may_pass_a_query_on(client: Client, **query: Unpack[CustomerQuery]) -> list[Customer]:
    return client.list("ecommerce/customers", SHOP, **query).result


def a_name_that_is_known_at_run_time_is_checked_first(client: Client, name: str) -> None:
    assert_type(client.list(client.registry.schema(name), SHOP), Page[Any])


def resources_of_ones_own_have_their_records(client: Client) -> None:
    assert_type(EVENTS, ResourceSchema[Event])
    assert_type(client.list(EVENTS, SHOP, name="Fair", limit=5), Page[Event])
    assert_type(client.get(EVENTS, SHOP, "17"), Event)
    assert_type(client.list(EVENTS, SHOP, response_format="raw"), Page[dict[str, Any]])
    for event in client.iterate(EVENTS, SHOP, sort_by={"starts_at": "asc"}):
        assert_type(event.name, str | None)
    assert_type(client.explain(EVENTS, SHOP, name="Fair"), Explanation)


async def the_asynchronous_client_has_the_same_types(client: AsyncClient) -> None:
    assert_type(await client.list("ecommerce/customers", SHOP, limit=5), Page[Customer])
    assert_type(await client.list("ecommerce/customers", SHOP, response_format="raw"), Page[dict[str, Any]])
    assert_type(await client.get("ecommerce/customers", SHOP, "17"), Customer)
    assert_type(await client.get("ecommerce/customers", SHOP, "17", response_format="raw"), dict[str, Any])
    async for page in client.pages("ecommerce/customers", SHOP):
        assert_type(page, Page[Customer])
    async for customer in client.iterate("ecommerce/customers", SHOP, email="ana@example.test"):
        assert_type(customer, Customer)
    async for record in client.iterate("ecommerce/customers", SHOP, response_format="normalized"):
        assert_type(record, dict[str, Any])
    assert_type(await client.list_json("ecommerce/customers", SHOP, key_by="id", limit=5), JsonPage)
    assert_type(await client.get_json("ecommerce/customers", SHOP, "17", response_format="raw"), bytes)
    async for line in client.iterate_json("ecommerce/customers", SHOP, email="ana@example.test"):
        assert_type(line, bytes)
    assert_type(client.explain("ecommerce/customers", SHOP), Explanation)
    assert_type(await client.proxy_get("customers", SHOP, "17"), NativeAnswer)
    assert_type(await client.proxy_call("customers", "delete", SHOP, id="17"), NativeAnswer)
    assert_type(await client.custom("DELETE", "/reports/17", SHOP), NativeAnswer)
