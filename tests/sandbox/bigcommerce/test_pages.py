"""Pages and cursors of the pretend BigCommerce store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.bigcommerce.shop import ANA, BEN, CUSTOMERS, follow, ids

if TYPE_CHECKING:
    import httpx

    from truto_unify.sandbox.store import Store
from tests.shared_material import needs_shared, read_payload


@pytest.mark.parametrize("query", ["limit=7", "limit=7&sort=last_name:asc", "limit=7&sort=date_created:desc"])
@pytest.mark.parametrize("block", ["pagination", "cursor_pagination"])
def test_paging_loses_and_repeats_nothing(crowd: httpx.Client, query: str, block: str) -> None:
    paged = [record for page in follow(crowd, query, block) for record in page]
    assert paged == ids(crowd, query.replace("limit=7", "limit=250"))
    assert len(set(paged)) == len(paged) == 129


def test_links_keep_the_filters_as_they_were_sent(crowd: httpx.Client) -> None:
    query = "limit=7&date_created:min=2024-01-01T00:00:00&name:like=a"
    paged = [record for page in follow(crowd, query, "cursor_pagination") for record in page]
    assert paged == ids(crowd, query.replace("limit=7", "limit=250"))


def test_meta_of_each_kind_of_page(crowd: httpx.Client) -> None:
    first = crowd.get(f"{CUSTOMERS}?limit=50").json()["meta"]
    pagination, cursors = first["pagination"], first["cursor_pagination"]
    assert pagination == {
        "total": 129,
        "count": 50,
        "per_page": 50,
        "current_page": 1,
        "total_pages": 3,
        "links": {"current": "?limit=50&page=1", "next": "?limit=50&page=2"},
    }
    assert cursors["links"] == {"next": f"?limit=50&after={cursors['end_cursor']}"}
    second = crowd.get(f"{CUSTOMERS}?page=2").json()["meta"]
    assert second.keys() == {"pagination"}
    assert second["pagination"]["links"].keys() == {"previous", "current", "next"}
    last = crowd.get(f"{CUSTOMERS}?page=3").json()["meta"]["pagination"]
    assert (last["count"], last["links"].keys()) == (29, {"previous", "current"})
    after = crowd.get(f"{CUSTOMERS}?page=9&limit=200&after={cursors['end_cursor']}").json()["meta"]
    assert after.keys() == {"cursor_pagination"}
    assert after["cursor_pagination"]["count"] == 79
    assert after["cursor_pagination"]["end_cursor"]
    assert after["cursor_pagination"]["links"].keys() == {"previous"}


def test_before_reads_backwards(crowd: httpx.Client) -> None:
    pages = list(follow(crowd, "limit=50", "cursor_pagination"))
    cursor = crowd.get(f"{CUSTOMERS}?limit=50&page=1").json()["meta"]["cursor_pagination"]["end_cursor"]
    second = crowd.get(f"{CUSTOMERS}?limit=50&after={cursor}").json()
    back = crowd.get(f"{CUSTOMERS}{second['meta']['cursor_pagination']['links']['previous']}").json()
    assert [record["id"] for record in back["data"]] == pages[0]
    assert back["meta"]["cursor_pagination"]["links"].keys() == {"next"}


def test_after_goes_on_when_the_cursor_record_is_gone(store: Store, api: httpx.Client) -> None:
    cursor = api.get(f"{CUSTOMERS}?limit=1").json()["meta"]["cursor_pagination"]["end_cursor"]
    store.people.remove(BEN)
    assert ids(api, f"after={cursor}") == [101]
    store.people.remove(ANA)
    nothing = api.get(f"{CUSTOMERS}?after={cursor}").json()
    assert nothing == {"data": [], "meta": {"cursor_pagination": {"count": 0, "per_page": 50, "links": {}}}}


@needs_shared
def test_an_empty_list_equals_the_recording(api: httpx.Client) -> None:
    assert api.get(f"{CUSTOMERS}?id:in=5&page=1").json() == read_payload(
        "bigcommerce", "v3_customers_list_empty_recorded"
    )


@needs_shared
def test_one_page_has_the_recorded_meta(api: httpx.Client) -> None:
    recorded, ours = (
        read_payload("bigcommerce", "v3_customers_list_recorded")["meta"],
        api.get(CUSTOMERS).json()["meta"],
    )
    cursors = {"start_cursor": "eyJpZCI6MTAyfQ", "end_cursor": "eyJpZCI6MTAxfQ"}
    assert ours["pagination"] == recorded["pagination"]
    assert ours["cursor_pagination"] == recorded["cursor_pagination"] | cursors
