"""Without a fault the fake stores are honest: a plain reader gets every record."""

from __future__ import annotations

from itertools import product
from typing import Any

import httpx
import pytest

from tests.lists.faults import FAULTS, honest
from tests.lists.kinds import KINDS, PAGE_SIZE, Kind
from tests.lists.scenarios import ORDERS
from tests.lists.site import Site
from tests.lists.stock import BY_ID, Order, make_stock
from tests.lists.stores import FakeStore

ADDRESS = "https://store.example.test/api/people"


def read_plainly(site: Site, kind: Kind, order: Order, size: int) -> list[int]:
    """Reads the list by the promises of the kind, without the engine."""
    asked: dict[str, Any] = {} if kind.has_fixed_size or kind.name.startswith("range") else {"size": size}
    if order != BY_ID:
        asked |= {"sort": order.field, "order": "desc" if order.is_descending else "asc"}
    numbers: list[int] = []
    url: httpx.URL | None = httpx.URL(ADDRESS, params=place_of(kind, 0, size) | asked)
    while url is not None:
        body = {"operationName": "ListPeople", "variables": dict(url.params)}
        answer = site(httpx.Request("POST" if kind.style == "connection" else "GET", url, json=body))
        page, following = read_answer(kind, answer)
        numbers += page
        has_no_end = (kind.counts_places or kind.after_record) and following is None
        is_over = not page if has_no_end else following is None
        place = {"after": following}
        if kind.counts_places:
            place = place_of(kind, len(numbers), size)
        elif kind.after_record:
            place = {"after": numbers[-1]}
        url = None if is_over else httpx.URL(ADDRESS, params=place | asked)
    return numbers


def place_of(kind: Kind, count: int, size: int) -> dict[str, Any]:
    if kind.style == "number":
        return {"page": -(-count // (PAGE_SIZE if kind.has_fixed_size else size)) + 1}
    if kind.name.startswith("range"):
        return {"range": f"{count},{size}"}
    return {"offset": count} if kind.style == "offset" else {}


def read_answer(kind: Kind, answer: httpx.Response) -> tuple[list[int], Any]:
    body = answer.json()
    if kind.style == "connection":
        people = body["data"]["people"]
        info = people["pageInfo"]
        return [person["id"] for person in people["nodes"]], info["endCursor"] if info["hasNextPage"] else None
    numbers = [person["id"] for person in body["people"]]
    if kind.style == "link":
        link = body.get("next") if kind.in_body else answer.links.get("next", {}).get("url")
        return numbers, httpx.URL(link).params["after"] if link else None
    if kind.after_record:
        return numbers, None
    return numbers, answer.headers.get("X-Next") if kind.in_header and kind.style == "cursor" else body.get("next")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_plain_reader_gets_everybody_in_order(kind: Kind) -> None:
    stock = make_stock(23)
    read, wanted = {}, {}
    for order, size in product([BY_ID, *ORDERS], [1, 4, 5]):
        site = Site(FakeStore(kind, stock), honest, max_requests=50)
        read[str(order), size] = read_plainly(site, kind, order, size)
        wanted[str(order), size] = [person.number for person in stock.ordered(order, 0)]

    assert read == wanted


def test_every_kind_has_every_sort_of_fault() -> None:
    """Each fault applies to a store, and each store has a fault."""
    assert [fault.name for fault in FAULTS if not any(fault.fits(kind) for kind in KINDS)] == []
    assert min(sum(fault.fits(kind) for fault in FAULTS) for kind in KINDS) > 12
