# pyright: standard
# ruff: noqa: E501
# fmt: off
"""Calls that type checkers refuse; nothing runs them.

The comment of a line names the rules of mypy (``attr-defined``) and of pyright (``reportCallIssue``) that find it.
"""

from __future__ import annotations

from truto_unify import Account, AsyncClient, Client

SHOP = Account(provider="woocommerce", context={"store_url": "https://shop.example"})


def resources(client: Client, name: str) -> None:
    client.list("ecommerce/customer", SHOP)  # call-overload reportArgumentType reportCallIssue
    client.get("customers", SHOP, "17")  # call-overload reportArgumentType reportCallIssue
    client.pages("ecommerce/customer", SHOP)  # call-overload reportArgumentType reportCallIssue
    client.iterate("ecommerce/Customers", SHOP)  # call-overload reportArgumentType reportCallIssue
    client.explain("ecommerce/customer", SHOP)  # call-overload reportArgumentType reportCallIssue
    client.list(name, SHOP)  # call-overload reportArgumentType reportCallIssue


def parameters(client: Client) -> None:
    client.list("ecommerce/customers", SHOP, limt=5)  # call-overload reportArgumentType
    client.list("ecommerce/customers", SHOP, emial="ana@example.test")  # call-overload reportArgumentType
    client.list("ecommerce/customers", SHOP, limit="5")  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, unsupported="maybe")  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, response_format="xml")  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, sort_by=3)  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, sort_by={"name": "asc"})  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, sort_by={"created_at": "up"})  # call-overload reportArgumentType reportCallIssue
    client.get("ecommerce/customers", SHOP, "17", limit=5)  # call-overload reportArgumentType
    client.get("ecommerce/customers", SHOP)  # call-overload reportCallIssue
    client.iterate("ecommerce/customers", SHOP, on_record_eror="skip")  # call-overload reportArgumentType
    client.explain("ecommerce/customers", SHOP, "17", email="ana@example.test")  # call-overload reportArgumentType reportCallIssue


def filters(client: Client) -> None:
    client.list("ecommerce/customers", SHOP, email=None)  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, email={"equals": "ana@example.test"})  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, created_at={"after": "2024-01-01"})  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, created_at=["2024-01-01"])  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, emails=[{"kind": "work"}])  # call-overload reportArgumentType reportCallIssue
    client.list("ecommerce/customers", SHOP, phones="41223344")  # call-overload reportArgumentType reportCallIssue


def fields(client: Client) -> None:
    client.list("ecommerce/customers", SHOP, exclude_fields=["emial"])  # call-overload reportArgumentType reportCallIssue
    print(client.list("ecommerce/customers", SHOP).result[0].emials)  # attr-defined reportAttributeAccessIssue
    print(client.get("ecommerce/customers", SHOP, "17").emails[0].adress)  # attr-defined reportAttributeAccessIssue
    native = client.get("ecommerce/customers", SHOP, "17", response_format="raw")
    print(native.emails)  # attr-defined reportAttributeAccessIssue
    print(client.list("ecommerce/customers", SHOP).next)  # attr-defined reportAttributeAccessIssue


def native_calls(client: Client) -> None:
    client.custom("GET", "/reports", SHOP, quary=[("page", "2")])  # call-arg reportCallIssue
    client.proxy_list("customers", SHOP, limt=5)  # call-arg reportCallIssue
    client.proxy_get("customers", SHOP, "17", method="create")  # call-arg reportCallIssue
    client.proxy_call("customers", SHOP, "create")  # arg-type reportArgumentType


async def the_asynchronous_client(client: AsyncClient) -> None:
    await client.list("ecommerce/customer", SHOP)  # call-overload reportArgumentType reportCallIssue
    await client.list("ecommerce/customers", SHOP, limt=5)  # call-overload reportArgumentType
    print((await client.get("ecommerce/customers", SHOP, "17")).emials)  # attr-defined reportAttributeAccessIssue
    await client.list_json("ecommerce/customers", SHOP, key_by="emial")  # call-overload reportArgumentType reportCallIssue
    await client.get_json("ecommerce/customers", SHOP, "17", limit=5)  # call-overload reportArgumentType
    client.iterate_json("ecommerce/customers", SHOP, emial="ana@example.test")  # call-overload reportArgumentType
    await client.proxy_call("customers", "update", SHOP, body="x")  # arg-type reportArgumentType
