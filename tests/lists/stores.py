"""A fake store of each paging kind: reads requests and writes answers, honestly.

Marks of cursors, links and connections hold the sort key and the number of the last record, so that they keep their
place whatever comes and goes. Page numbers and offsets count.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import httpx

from tests.lists.exchange import ABSENT, Ask, Reply
from tests.lists.kinds import PAGE_SIZE, Kind
from tests.lists.stock import BY_ID, Order, Person, Stock

if TYPE_CHECKING:
    from collections.abc import Mapping


class FakeStore:
    """One store.

    Args:
        kind: how it pages.
        stock: its records.
    """

    native_resource = "people"
    person_id = "1"
    is_always_partial = False

    def __init__(self, kind: Kind, stock: Stock) -> None:
        self.kind = kind
        self.stock = stock
        self._served: dict[int, Person] = {}  # as they were on the page that held them

    def key(self, record: Mapping[str, Any]) -> int:
        """The number of a record that the store wrote."""
        return int(record["id"])

    def unified_number(self, record: Mapping[str, Any]) -> int:
        """The number of a unified record."""
        return int(record["id"])

    def company(self, number: int) -> str:
        """What the filter of the harness compares."""
        return self.stock.people[number].company

    def person_answer(self, request: httpx.Request) -> httpx.Response | None:
        """The answer to a request for one person; None for a request of a page."""
        if self.kind.style == "connection":
            if json.loads(request.content)["operationName"] != "GetPerson":
                return None
            return httpx.Response(200, json={"data": {"person": Person(1, 1, 1).native()}})
        if request.url.path.endswith(("/people", "/orders")):
            return None
        return httpx.Response(200, json={"person": Person(1, 1, 1).native()})

    def read(self, request: httpx.Request) -> Ask:
        """The page that a request asks for."""
        address, _, query = str(request.url).partition("?")
        asked: Mapping[str, Any] = dict(parse_qsl(query))
        if self.kind.style == "connection":
            asked = json.loads(request.content)["variables"]
        if "range" in asked:
            asked = {**asked, **dict(zip(("offset", "size"), asked["range"].split(","), strict=True))}
        order = Order(asked["sort"], asked["order"] == "desc") if "sort" in asked else BY_ID
        return Ask(
            page=int(asked["page"]) if "page" in asked else None,
            offset=int(asked["offset"]) if "offset" in asked else None,
            cursor=asked.get("after"),
            size=int(asked["size"]) if "size" in asked else None,
            order=order,
            company=asked.get("company"),
            address=address,
        )

    def serve(self, ask: Ask, request: int) -> Reply:
        """The honest answer; a page holds ``page_size`` records at most."""
        size = min(ask.size or PAGE_SIZE, PAGE_SIZE)
        people = self.stock.ordered(ask.order, request)
        if ask.company is not None:
            people = [person for person in people if person.company == ask.company]
        start = self._start(ask, people, size)
        chosen = people[start : start + size]
        self._served |= {person.number: replace(person) for person in chosen}
        more = start + size < len(people)
        return Reply(
            records=[person.native() for person in chosen],
            total=len(people),
            pages=-(-len(people) // size),
            more=more,
            following=_mark(ask.order, chosen[-1]) if more else None,
        )

    def _start(self, ask: Ask, people: list[Person], size: int) -> int:
        if ask.offset is not None:
            return ask.offset
        if ask.page is not None:
            return (ask.page - 1) * size
        if ask.cursor is None:
            return 0
        if self.kind.after_record:
            number = int(ask.cursor)
            key = ask.order.key(self._served[number])
        else:
            key, number = map(int, ask.cursor.split("-"))
        sign = -1 if ask.order.is_descending else 1
        # People of the same key come by number, whichever way the list goes.
        return sum((sign * ask.order.key(person), person.number) <= (sign * key, number) for person in people)

    def write(self, ask: Ask, reply: Reply) -> httpx.Response:
        """The answer as this kind of store writes it."""
        kind = self.kind
        if kind.style == "connection":
            # The last page names its last record too. https://relay.dev/graphql/connections.htm
            end = f"{reply.records[-1]['id']}-0" if reply.following is None and reply.records else reply.following
            info = _without_absent({"hasNextPage": reply.more, "endCursor": end})
            return httpx.Response(200, json={"data": {"people": {"nodes": reply.records, "pageInfo": info}}})
        body: dict[str, Any] = {"people": reply.records}
        headers: dict[str, str] = {}
        if kind.in_header:
            totals: dict[str, Any] = {"X-Total": reply.total, "X-Pages": reply.pages}
            if kind.style == "cursor":
                totals = {"X-Next": reply.following}
            headers |= {name: str(value) for name, value in totals.items() if value not in (ABSENT, None)}
        elif "total" in kind.signals:
            body["total"] = reply.total
        if "more" in kind.signals:
            body["more"] = reply.more
        if kind.style == "cursor":
            body["next"] = reply.following
        if reply.following not in (ABSENT, None):
            address = f"{ask.address}?{urlencode(self._next_query(ask, reply))}"
            headers |= {"Link": f'<{address}>; rel="next"'} if kind.in_link else {}
            body |= {"next": address} if kind.in_body else {}
        return httpx.Response(200, json=_without_absent(body), headers=headers)

    def _next_query(self, ask: Ask, reply: Reply) -> dict[str, Any]:
        query: dict[str, Any] = {"size": ask.size or PAGE_SIZE}
        if ask.order != BY_ID:
            query |= {"sort": ask.order.field, "order": "desc" if ask.order.is_descending else "asc"}
        if ask.company is not None:
            query["company"] = ask.company
        place = {"page": (ask.page or 1) + 1} if self.kind.style == "number" else {"after": reply.following}
        return query | place


def _mark(order: Order, person: Person) -> str:
    return f"{order.key(person)}-{person.number}"


def _without_absent(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not ABSENT}
