"""The applications of the service measurement, each run in a process of its own.

``upstream`` is a store of Shopify's REST kind that serves canned pages; ``plain`` is a straightforward service
with FastAPI, httpx and jmespath; ``forwarder`` parses and prints the page without a mapping; ``ours`` is the service of
this package.
``python -m benchmarks.service_apps ours PORT ORIGIN`` runs one.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import uvicorn
import uvloop
from fastapi import FastAPI, Response
from pydantic import BaseModel

from benchmarks.baselines.per_field import make_mapping
from benchmarks.unhurried import UNHURRIED
from benchmarks.workload import make_workload
from truto_unify import Account, AsyncClient, Limits, Registry
from truto_unify.accounts.records import SCOPES, Connection, Identity, IntegratedAccount
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.models.ecommerce import Customer
from truto_unify.outbound import OutboundRule
from truto_unify.server.app import create_app
from truto_unify.server.runtime import settle_memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from truto_unify.accounts.store import AccountStore
    from truto_unify.errors import UnifyError

PROVIDER = "shopify_rest"
TOKEN = "benchmark"  # noqa: S105 - protects nothing
ACCOUNT_ID = "00000000-0000-4000-8000-000000000001"
PAGE = 250
LAST_PAGE = 12
LIST_PATH = "/unified/ecommerce/customers"


class StoreProtocol(asyncio.Protocol):
    """One connection to the store: pages 1 to ``LAST_PAGE`` of 250 customers, with their own ids and a link.

    It does as little work as possible, so that the time is that of the services.
    """

    def __init__(self, pages: Mapping[int, bytes]) -> None:
        self._pages = pages
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Stores the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answers each request after its head; requests have no body."""
        self._head += data
        while b"\r\n\r\n" in self._head:
            head, _, self._head = self._head.partition(b"\r\n\r\n")
            self._answer(head.decode("latin-1"))

    def _answer(self, head: str) -> None:
        lines = head.split("\r\n")
        target = urlsplit(lines[0].split(" ")[1])
        host = next(line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:"))
        number = int(parse_qs(target.query).get("page_info", ["1"])[0])
        body = self._pages[number]
        answer = ["HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        if number < LAST_PAGE:
            answer.append(f'Link: <http://{host}{target.path}?limit={PAGE}&page_info={number + 1}>; rel="next"')
        self._transport.write("\r\n".join([*answer, "", ""]).encode())
        self._transport.write(body)


async def serve_store(port: int) -> None:
    """Serves the store until the process ends."""
    body = make_workload(PROVIDER, "dense", PAGE).body
    pages = {number: body.replace(b"7000000000", b"7%09d" % number) for number in range(1, LAST_PAGE + 1)}
    server = await asyncio.get_running_loop().create_server(lambda: StoreProtocol(pages), "127.0.0.1", port)
    await server.serve_forever()


class Envelope(BaseModel):
    """The answer of the plain service."""

    result: list[Customer]
    next_cursor: str | None
    prev_cursor: str | None
    result_count: int
    is_partial_response: bool


def make_plain(origin: str) -> FastAPI:
    """The plain service: one pooled client, jmespath per field, the answer checked and printed by pydantic."""
    mapping = make_mapping(PROVIDER)
    client = httpx.AsyncClient(headers={"X-Shopify-Access-Token": "none"})

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await client.aclose()

    app = FastAPI(lifespan=lifespan)

    @app.get(LIST_PATH, response_model=Envelope)
    async def list_customers(limit: int = PAGE, next_cursor: str | None = None) -> dict[str, Any]:
        params: dict[str, str | int] = {"limit": limit}
        if next_cursor:
            params["page_info"] = next_cursor
        response = await client.get(f"{origin}/customers.json", params=params)
        response.raise_for_status()
        result = [mapping(record) for record in response.json()["customers"]]
        next_url = response.links.get("next", {}).get("url")
        return {
            "result": result,
            "next_cursor": httpx.URL(next_url).params["page_info"] if next_url else None,
            "prev_cursor": next_cursor,
            "result_count": len(result),
            "is_partial_response": False,
        }

    return app


def make_forwarder(origin: str) -> FastAPI:
    """The least that any service does: it fetches the page, parses it, and prints what it parsed."""
    client = httpx.AsyncClient(headers={"X-Shopify-Access-Token": "none"})

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await client.aclose()

    app = FastAPI(lifespan=lifespan)

    @app.get(LIST_PATH)
    async def forward(limit: int = PAGE) -> Response:
        response = await client.get(f"{origin}/customers.json", params={"limit": limit})
        response.raise_for_status()
        return Response(orjson.dumps(orjson.loads(response.content)), media_type="application/json")

    return app


class SingleAccountStore:
    """An account store in memory with one token and one account."""

    def __init__(self, origin: str) -> None:
        self.tokens = MemoryTokenStore()
        self.outbound = OutboundRule.strict(networks="127.0.0.0/8", allows_http=True)
        self._identity = Identity(
            environment_id="benchmark",
            token_id="1",  # noqa: S106 - an id
            kind="api_token",
            scopes=frozenset(SCOPES),
        )
        account = Account(
            provider=PROVIDER,
            credentials={"access_token": "none"},
            context={"shop": "benchmark"},
            base_url=origin,
            id=ACCOUNT_ID,
        )
        now = datetime.now(UTC)
        stored = IntegratedAccount(
            id=ACCOUNT_ID,
            tenant_id="benchmark",
            environment_id="benchmark",
            integration=PROVIDER,
            authentication_method="api_key",
            status="active",
            is_sandbox=False,
            context=dict(account.context),
            base_url=origin,
            token_url=None,
            unified_model_override={},
            last_error=None,
            created_at=now,
            updated_at=now,
            version=1,
        )
        self._connection = Connection(account=account, stored=stored)

    async def ping(self) -> None:
        """Always answers."""

    async def close(self) -> None:
        """Has nothing to close."""

    async def identify(self, bearer: str) -> Identity | None:
        """See ``AccountStore``."""
        return self._identity if bearer == TOKEN else None

    async def connection(self, environment_id: str, account_id: str, *, method: str = "list") -> Connection | None:
        """See ``AccountStore``."""
        is_known = environment_id == "benchmark" and account_id == ACCOUNT_ID and method
        return self._connection if is_known else None

    async def note_success(self, account_id: str, *, seen_status: str | None = None) -> None:
        """Ignores the status."""

    async def note_failure(self, account_id: str, error: UnifyError) -> None:
        """Ignores the status."""


def make_ours(origin: str) -> FastAPI:
    """The service of this package, the accounts in memory."""
    registry, store = Registry(), SingleAccountStore(origin)
    limits = Limits(outbound=store.outbound)
    client = AsyncClient(registry, tokens=store.tokens, limits=limits, settings=UNHURRIED)
    return create_app(cast("AccountStore", store), registry=registry, client=client)


def main() -> None:
    """Serves one of the applications until the process ends."""
    name, port, origin = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if name == "upstream":
        uvloop.run(serve_store(port))
        return
    app = {"plain": make_plain, "forwarder": make_forwarder, "ours": make_ours}[name](origin)
    if name == "ours":
        settle_memory()  # as ``truto-unify serve`` does
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
