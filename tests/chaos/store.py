"""A list of nine people in three pages, as any store writes it, and a client of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable

PEOPLE = [{"id": number, "name": f"Person {number}"} for number in range(1, 10)]
PAGE_SIZE = 3


def page(number: int) -> dict[str, Any]:
    """The body of a page."""
    return {"people": PEOPLE[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], "meta": {"total": len(PEOPLE)}}


def answer(request: httpx.Request) -> httpx.Response:
    """The answer to a request for a page."""
    body = page(int(request.url.params.get("page", "1")))
    return httpx.Response(
        200, json=body, headers={"X-Total": str(len(PEOPLE)), "Date": "Mon, 30 Nov 2026 12:00:00 GMT"}
    )


class Store(httpx.MockTransport):
    """The store, for both kinds of clients."""

    def __init__(self) -> None:
        super().__init__(answer)


def numbers(body: bytes) -> Iterable[int]:
    """The ids on a page."""
    return [person["id"] for person in json.loads(body)["people"]]
