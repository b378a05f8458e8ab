"""A client that is used before and after a fork; started as ``python -m tests.forked_client WORK ORIGIN``."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Final

import httpx

from truto_unify import Account, AsyncClient, Client, UnusableClient

CUSTOMERS: Final = "ecommerce/customers"


def shop(origin: str) -> Account:
    """A WooCommerce shop at this origin."""
    return Account(
        provider="woocommerce",
        credentials={"consumer_key": "ck_0123", "consumer_secret": "cs_0123"},
        context={"store_url": "https://shop.example"},
        base_url=origin,
    )


def fork(origin: str) -> None:
    """The parent reads the customers 1 and 3, the child the customer 2."""
    with Client() as client:
        assert client.get(CUSTOMERS, shop(origin), "1").id == "1"
        child = os.fork()
        wanted = "3" if child else "2"
        assert client.get(CUSTOMERS, shop(origin), wanted).id == wanted
    if child:
        assert os.waitpid(child, 0)[1] == 0


def fork_asynchronously(origin: str) -> None:
    """The same with an asynchronous client; each process has its own event loop."""
    client = AsyncClient()

    async def read(record_id: str) -> None:
        assert (await client.get(CUSTOMERS, shop(origin), record_id)).id == record_id

    asyncio.run(read("1"))
    child = os.fork()
    asyncio.run(read("3" if child else "2"))
    if child:
        assert os.waitpid(child, 0)[1] == 0


def fork_with_a_transport(origin: str) -> None:
    """The child says what is wrong; the parent goes on."""
    client = Client(transport=httpx.HTTPTransport())
    assert client.get(CUSTOMERS, shop(origin), "1").id == "1"
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        assert client.get(CUSTOMERS, shop(origin), "3").id == "3"
        client.close()
        return
    try:
        client.get(CUSTOMERS, shop(origin), "2")
    except UnusableClient as error:
        print(error.message, flush=True)


if __name__ == "__main__":
    {"sync": fork, "async": fork_asynchronously, "transport": fork_with_a_transport}[sys.argv[1]](sys.argv[2])
