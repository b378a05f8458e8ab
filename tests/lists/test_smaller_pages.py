"""A store that gives fewer records on a page than its documentation says gives every record once, at any limit."""

from __future__ import annotations

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from truto_unify import Account, Client

# A shop of its own for each list, because shops share what they may still send with all clients of the process.
CREDENTIALS = {"access_token": "invented"}


def list_by_cursor(count: int, most: int, limit: int) -> tuple[list[int], bool, int]:
    """The ids of a list of BigCommerce, whether it may have changed, and the number of requests.

    Args:
        count: how many customers the shop has.
        most: how many it gives on a page at most; its documentation says 250.
        limit: of each call.
    """
    requests = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal requests
        requests += 1
        page, asked = (int(request.url.params[name]) for name in ("page", "limit"))
        size = min(asked, most)
        people = [{"id": number, "email": f"{number}@example.test"} for number in range(1, count + 1)]
        shown = people[(page - 1) * size : page * size]
        pagination = {
            "total": count,
            "count": len(shown),
            "per_page": size,
            "current_page": page,
            "total_pages": -(-count // size),
        }
        return httpx.Response(200, json={"data": shown, "meta": {"pagination": pagination}})

    account = Account(
        provider="bigcommerce", context={"store_hash": f"s{count}x{most}x{limit}"}, credentials=CREDENTIALS
    )
    ids: list[int] = []
    has_changed = False
    with Client(transport=httpx.MockTransport(answer)) as client:
        for page in client.pages("ecommerce/customers", account, limit=limit):
            ids += [int(record.id) for record in page.result]
            has_changed |= page.may_have_changed
    return ids, has_changed, requests


# A page that was to overlap the one before, and to show the end, asks for more than the store gives.
@example(500, 100, 100)
@example(101, 20, 20)
# The page that was cut ends where the list does, by the size that was asked for.
@example(90, 20, 20)
@example(265, 10, 10)
@example(215, 5, 5)
@settings(max_examples=40)
@given(count=st.integers(0, 300), most=st.integers(5, 120), limit=st.integers(5, 130))
def test_every_record_comes_once_from_a_store_with_smaller_pages(count: int, most: int, limit: int) -> None:
    ids, has_changed, requests = list_by_cursor(count, most, limit)

    assert ids == list(range(1, count + 1))
    assert not has_changed
    assert requests <= 2 * (count // min(most, limit) + 4)
