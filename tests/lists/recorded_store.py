"""The recorded customers of a real WooCommerce shop, where equal times have no settled order.

``ORDER BY user_registered`` has no second key there, and the database orders ties anew for each LIMIT and OFFSET: with
250 customers of one second, 41 were lost. https://developer.wordpress.org/reference/classes/wp_user_query/
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any
from zlib import crc32

import httpx

from tests.lists.exchange import Ask, Record, Reply
from tests.lists.stock import Order, Person, Stock, written_time
from tests.providers.recorded_shop import ORIGIN, recorded_customers

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_SIZE = 100
_PLACE_NAMES = ("page", "offset", "per_page")


@cache
def _natives() -> dict[int, Record]:
    return {number: json.loads(text) for number, text in recorded_customers().items()}


def recorded_stock() -> Stock:
    """Everybody, registered when they were: ten or so in each second."""
    return _stock({number: _seconds(native["date_created_gmt"]) for number, native in _natives().items()})


def imported_stock(in_a_second: int) -> Stock:
    """Everybody as a migration leaves them: so many in each second."""
    return _stock({number: 100 + index // in_a_second for index, number in enumerate(_natives())})


def _stock(times: dict[int, int]) -> Stock:
    changes = {number: _seconds(native["date_modified_gmt"]) for number, native in _natives().items()}
    return Stock({number: Person(number, time, changes[number]) for number, time in times.items()}, ties=True)


def _seconds(text: str) -> int:
    """After the day on which the shop was filled; each becomes a minute of the stock."""
    return int((datetime.fromisoformat(text) - datetime(2026, 11, 24)).total_seconds())


class RecordedStore:
    """The list of customers, strict about what it is asked.

    Args:
        stock: the people; a time is written as so many minutes after the beginning.
    """

    native_resource = "customers"
    person_id = None
    is_always_partial = False

    def __init__(self, stock: Stock) -> None:
        self.stock = stock

    def key(self, record: Mapping[str, Any]) -> int:
        """The number of a native record."""
        return int(record["id"])

    def unified_number(self, record: Mapping[str, Any]) -> int:
        """The number of a unified record."""
        return int(record["id"])

    def company(self, number: int) -> str:
        """The filter by company is not used here."""
        raise NotImplementedError(number)

    def person_answer(self, request: httpx.Request) -> httpx.Response | None:
        """There is nothing but the list."""
        assert request.url.path == "/wp-json/wc/v3/customers"
        return None

    def read(self, request: httpx.Request) -> Ask:
        """The page that a request asks for."""
        asked = dict(request.url.params.multi_items())
        assert set(asked) <= {*_PLACE_NAMES, "orderby", "order"}
        size = int(asked.get("per_page", 10))
        assert 1 <= size <= PAGE_SIZE
        field = {"id": "id", "registered_date": "created"}[asked["orderby"]]
        return Ask(
            page=int(asked["page"]) if "page" in asked else None,
            offset=int(asked["offset"]) if "offset" in asked else None,
            size=size,
            order=Order("created" if field == "created" else "id", asked["order"] == "desc"),
        )

    def serve(self, ask: Ask, _: int) -> Reply:
        """One window of the list; the window decides what stands first among equal times."""
        size = ask.size or 10
        start = ask.offset if ask.offset is not None else ((ask.page or 1) - 1) * size
        people = sorted(self.stock.people.values(), key=lambda person: person.number)
        if ask.order.field != "id":
            people.sort(key=lambda person: crc32(f"{size} {start} {person.number}".encode()))
        people.sort(key=ask.order.key, reverse=ask.order.is_descending)
        return Reply(
            records=[self._native(person) for person in people[start : start + size]],
            total=len(people),
            pages=ceil(len(people) / size),
        )

    def _native(self, person: Person) -> Record:
        created = written_time(person.created).removesuffix("Z")
        modified = written_time(person.updated).removesuffix("Z")
        times = {"date_created": created, "date_created_gmt": created}
        return _natives()[person.number] | times | {"date_modified": modified, "date_modified_gmt": modified}

    def write(self, _: Ask, reply: Reply) -> httpx.Response:
        """A JSON array with the totals in headers."""
        headers = {
            "X-WP-Total": str(reply.total),
            "X-WP-TotalPages": str(reply.pages),
            "Link": f'<{ORIGIN}/wp-json/>; rel="https://api.w.org/"',
        }
        return httpx.Response(200, json=reply.records, headers=headers)
