"""A WooCommerce shop made of recorded customers: their recorded bytes, cut into pages as WordPress does.

https://developer.wordpress.org/rest-api/using-the-rest-api/pagination/
"""

from __future__ import annotations

import json
from functools import cache, cached_property
from math import ceil
from typing import Any

import httpx

from tests.providers.native_defaults import CASSETTES, COLLECTION, documented_defaults, read_cassette
from truto_unify import Account

ORIGIN = "https://shop.example.test"
ACCOUNT = Account(
    provider="woocommerce",
    credentials={"consumer_key": "ck_recorded", "consumer_secret": "cs_recorded"},
    context={"store_url": ORIGIN},
)


def cut_records(body: str) -> list[str]:
    """The texts of the elements of a JSON array, byte for byte."""
    decoder = json.JSONDecoder()
    texts = []
    at = 1
    while at < len(body) - 1:
        _, end = decoder.raw_decode(body, at)
        texts.append(body[at:end])
        at = end + 1
    return texts


@cache
def recorded_customers() -> dict[int, str]:
    """Every customer of every recorded list, as recorded, by id."""
    names = sorted(f"lists/{file.stem}" for file in (CASSETTES / "lists").glob("*-list-*.yaml"))
    bodies = [read_cassette(name)["response"]["body"]["string"] for name in names]
    texts = {json.loads(text)["id"]: text for body in bodies for text in cut_records(body)}
    return {number: text for number, text in sorted(texts.items()) if json.loads(text)["role"] == "customer"}


class RecordedShop(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Serves the list of customers; ``requests`` holds the query of each request.

    Args:
        records: JSON texts by id; by default every recorded customer.
    """

    def __init__(self, records: dict[int, str] | None = None) -> None:
        self.records = recorded_customers() if records is None else records
        self.requests: list[dict[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("GET", COLLECTION)
        parameters = dict(request.url.params.multi_items())
        self.requests.append(parameters)
        query = {**documented_defaults(), **parameters}
        size = int(query["per_page"])
        if not 1 <= size <= 100 or int(query["page"]) < 1:
            return httpx.Response(400, json={"code": "rest_invalid_param"})
        chosen = self._sorted(query["orderby"], is_descending=query["order"] == "desc")
        start = int(query.get("offset", (int(query["page"]) - 1) * size))
        return httpx.Response(
            200,
            headers=_page_headers(request.url, size, start, len(chosen)),
            content=f"[{','.join(chosen[start : start + size])}]".encode(),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)

    def _sorted(self, orderby: str, *, is_descending: bool) -> list[str]:
        keys = self._sort_keys
        order = sorted(self.records, key=lambda number: keys[number][orderby], reverse=is_descending)
        return [self.records[number] for number in order]

    @cached_property
    def _sort_keys(self) -> dict[int, dict[str, Any]]:
        natives = {number: json.loads(text) for number, text in self.records.items()}
        return {
            number: {"id": number, "name": native["username"], "registered_date": native["date_created_gmt"]}
            for number, native in natives.items()
        }


def _page_headers(url: httpx.URL, size: int, start: int, total: int) -> dict[str, str]:
    # With an offset, WooCommerce counts the page that has begun: get_items() of WC_REST_Customers_Controller.
    page, pages = ceil(start / size) + 1, ceil(total / size)
    neighbours = {"prev": page - 1, "next": page + 1}
    links = [
        f'<{url.copy_set_param("page", number)}>; rel="{relation}"'
        for relation, number in neighbours.items()
        if 1 <= number <= pages
    ]
    return {
        "Content-Type": "application/json; charset=UTF-8",
        "X-WP-Total": str(total),
        "X-WP-TotalPages": str(pages),
        "Link": ", ".join([*links, f'<{ORIGIN}/wp-json/>; rel="https://api.w.org/"']),
    }


def native_ids(records: list[Any]) -> list[int]:
    """The ids of unified records, as numbers again."""
    return [int(record.id) for record in records]
