"""One WooCommerce shop, for tests that need no more: its account, and what may stand for its server."""

from __future__ import annotations

import json
from typing import Any

import httpx

from truto_unify import Account

SHOP = Account(
    provider="woocommerce",
    credentials={"consumer_key": "ck_0123", "consumer_secret": "cs_0123"},
    context={"store_url": "https://shop.example"},
)
CUSTOMER = json.dumps([{"id": 1, "first_name": "Zoë"}], ensure_ascii=False).encode()
"""The body of a list of one customer."""


def shop_at(base_url: str) -> Account:
    """The account of a shop whose API is at this address."""
    return Account(provider="woocommerce", credentials=SHOP.credentials, base_url=base_url)


def write_answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP/1.1 answer, byte by byte."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


def _refuse(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked")


NO_NETWORK = httpx.MockTransport(_refuse)
"""Fails the test that sends a request."""


def serve(*records: dict[str, Any], total: int | None = None) -> httpx.MockTransport:
    """A shop of these records on one page, and of one of them by id."""

    def answer(request: httpx.Request) -> httpx.Response:
        pages = {"/wp-json/wc/v3/customers": list(records)}
        singles = {f"/wp-json/wc/v3/customers/{record['id']}": record for record in records if "id" in record}
        headers = {"X-WP-Total": str(len(records) if total is None else total)}
        return httpx.Response(200, headers=headers, json={**singles, **pages}[request.url.path])

    return httpx.MockTransport(answer)
