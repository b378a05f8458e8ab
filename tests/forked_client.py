"""A client that is used before and after a fork; started as ``python -m tests.forked_client WORK ORIGIN``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import ExitStack
from typing import Final

import httpx

from truto_unify import Account, AsyncClient, Client, UnusableClient
from truto_unify.forks import _RENEWALS

CUSTOMERS: Final = "ecommerce/customers"
_MAX_SECONDS = 30  # after which a child that hangs is killed
Lock, RLock = type(threading.Lock()), type(threading.RLock())


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


def fork_with_locks_held(origin: str) -> None:
    """Another thread holds every lock of the package while the process forks; the child asks for the customer 2."""
    with Client() as client:
        assert client.get(CUSTOMERS, shop(origin), "1").id == "1"
        names = (Lock, RLock)
        locks = [lock for owner in _RENEWALS for lock in vars(owner).values() if isinstance(lock, names)]
        are_held, may_end = threading.Event(), threading.Event()

        def hold() -> None:
            with ExitStack() as held:
                for lock in locks:
                    held.enter_context(lock)
                are_held.set()
                may_end.wait()

        holder = threading.Thread(target=hold)
        holder.start()
        are_held.wait()
        child = os.fork()
        if not child:
            signal.alarm(_MAX_SECONDS)
            assert client.get(CUSTOMERS, shop(origin), "2").id == "2"
            os._exit(0)
        may_end.set()
        holder.join()
    print(len(locks), os.waitpid(child, 0)[1], flush=True)


def fork_during_a_renewal(_origin: str) -> None:
    """A thread of the parent renews the token of an account while the process forks; the child renews it itself."""
    parent, is_sent, may_answer = os.getpid(), threading.Event(), threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token") and os.getpid() == parent:
            is_sent.set()
            may_answer.wait()
        return httpx.Response(200, json={"code": 0, "contacts": [], "access_token": "a", "expires_in": 3600})

    credentials = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    account = Account(provider="zohoinventory", credentials=credentials, context={"organization_id": "1"})
    with Client(transport=httpx.MockTransport(answer)) as client:
        renewal = threading.Thread(target=client.list, args=(CUSTOMERS, account))
        renewal.start()
        is_sent.wait()
        child = os.fork()
        if not child:
            signal.alarm(_MAX_SECONDS)
            assert client.list(CUSTOMERS, account).result == []
            os._exit(0)
        may_answer.set()
        renewal.join()
    print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    {
        "sync": fork,
        "async": fork_asynchronously,
        "transport": fork_with_a_transport,
        "locks": fork_with_locks_held,
        "renewal": fork_during_a_renewal,
    }[sys.argv[1]](sys.argv[2])
