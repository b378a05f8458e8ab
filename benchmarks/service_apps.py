"""The three applications of the service measurement, each run in a process of its own.

``upstream`` is a store of Shopify's REST kind that serves canned pages; ``plain`` is what one writes first with
FastAPI, httpx and jmespath; ``ours`` is the service of this package.
``python -m benchmarks.service_apps ours PORT ORIGIN`` runs one.
"""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from benchmarks.baselines.per_field import make_mapping
from benchmarks.workload import make_workload
from truto_unify import Account, AsyncClient, Registry
from truto_unify.accounts.records import SCOPES, Connection, Identity, IntegratedAccount
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.models.ecommerce import Customer
from truto_unify.server.app import create_app
from truto_unify.server.runtime import settle_memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from truto_unify.accounts.store import AccountStore
    from truto_unify.errors import UnifyError

PROVIDER = "shopify_rest"
TOKEN = "benchmark"  # noqa: S105 - guards nothing
ACCOUNT_ID = "00000000-0000-4000-8000-000000000001"
PAGE = 250
LAST_PAGE = 12
LIST_PATH = "/unified/ecommerce/customers"


def make_upstream() -> ASGIApp:
    """The store: pages 1 to ``LAST_PAGE`` of 250 customers, with ids of their own and a link to the next."""
    body = make_workload(PROVIDER, "dense", PAGE).body
    pages = {number: body.replace(b"7000000000", b"7%09d" % number) for number in range(1, LAST_PAGE + 1)}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            continue
        query = parse_qs(scope["query_string"].decode())
        number = int(query.get("page_info", ["1"])[0])
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(pages[number])).encode())]
        if number < LAST_PAGE:
            host = dict(scope["headers"])[b"host"].decode()
            link = f'<http://{host}{scope["path"]}?limit={PAGE}&page_info={number + 1}>; rel="next"'
            headers.append((b"link", link.encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": pages[number]})

    return app


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
        following = response.links.get("next", {}).get("url")
        return {
            "result": result,
            "next_cursor": httpx.URL(following).params["page_info"] if following else None,
            "prev_cursor": next_cursor,
            "result_count": len(result),
            "is_partial_response": False,
        }

    return app


class OneAccount:
    """An account store in memory that knows one token and one account."""

    def __init__(self, origin: str) -> None:
        self.tokens = MemoryTokenStore()
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
        """It is always there."""

    async def close(self) -> None:
        """It holds nothing open."""

    async def identify(self, bearer: str) -> Identity | None:
        """As ``AccountStore``."""
        return self._identity if bearer == TOKEN else None

    async def connection(self, environment_id: str, account_id: str, *, method: str = "list") -> Connection | None:
        """As ``AccountStore``."""
        known = environment_id == "benchmark" and account_id == ACCOUNT_ID and method
        return self._connection if known else None

    async def note_success(self, account_id: str, *, seen_status: str | None = None) -> None:
        """It keeps no status."""

    async def note_failure(self, account_id: str, error: UnifyError) -> None:
        """It keeps no status."""


def make_ours(origin: str) -> FastAPI:
    """The service of this package, the accounts in memory."""
    registry, store = Registry(), OneAccount(origin)
    client = AsyncClient(registry, tokens=store.tokens)
    return create_app(cast("AccountStore", store), registry=registry, client=client)


def main() -> None:
    """Serves one of the applications until the process is ended."""
    name, port, origin = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    apps: dict[str, Any] = {"upstream": lambda _origin: make_upstream(), "plain": make_plain, "ours": make_ours}
    app = apps[name](origin)
    if name == "ours":
        settle_memory()  # as ``truto-unify serve`` does
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
