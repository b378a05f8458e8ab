from __future__ import annotations

import json
from math import ceil
from typing import Any

import pytest

from tests.providers.recorded_shop import ACCOUNT, RecordedShop, native_ids, recorded_customers
from tests.shipped import REGISTRY
from tests.twins import AsyncTwin, SyncTwin, Twin, both
from truto_unify import Registry

# Both sides of each edge: of a native page (100), of half a page, of the whole shop (160 customers), and some between.
LIMITS = (1, 2, 7, 33, 49, 50, 51, 79, 80, 81, 99, 100, 101, 120, 159, 160, 161, 199, 200, 250)


@pytest.fixture(scope="module")
def ids_only(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Maps ids and nothing else: here pages are cut, and mapping 80,000 whole records would take its time."""
    folder = tmp_path_factory.mktemp("overlay")
    file = folder / "mappings" / "ecommerce" / "customers" / "woocommerce.yaml"
    file.parent.mkdir(parents=True)
    shipped = REGISTRY.mapping("ecommerce/customers", "woocommerce").config
    left_out = [name for name in shipped.response_mapping if name != "id"]
    parts = [name for name in shipped.unsupported if "." in name]
    rules = dict.fromkeys(left_out)
    reasons = dict.fromkeys(left_out, "left out by this test") | dict.fromkeys(parts)
    file.write_text(json.dumps({"response_mapping": rules, "unsupported": reasons}))
    return Registry(overlay=[folder])


def test_the_shop_holds_every_recorded_customer() -> None:
    assert len(recorded_customers()) == 160
    assert [json.loads(text)["id"] for text in recorded_customers().values()] == [*range(2, 12), *range(102, 252)]


@pytest.mark.parametrize("limit", LIMITS)
def test_walking_by_cursor_loses_and_repeats_nobody(limit: int, ids_only: Registry) -> None:
    shop = RecordedShop()

    pages = SyncTwin(ids_only, transport=shop).pages(ACCOUNT, limit=limit)

    assert [number for page in pages for number in native_ids(page.result)] == list(recorded_customers())
    assert [page.result_count for page in pages[:-1]] == [limit] * (ceil(160 / limit) - 1)
    assert [page.request_count for page in pages] == [ceil(page.result_count / 100) for page in pages]
    assert len(shop.requests) == sum(page.request_count for page in pages)


@pytest.mark.parametrize("limit", LIMITS)
def test_iterating_loses_and_repeats_nobody(limit: int, ids_only: Registry) -> None:
    shop = RecordedShop()

    records = AsyncTwin(ids_only, transport=shop).iterate(ACCOUNT, limit=limit)

    assert native_ids(records) == list(recorded_customers())
    assert len(shop.requests) <= ceil(160 / min(int(query["per_page"]) for query in shop.requests))


@both
def test_without_a_limit_the_list_is_read_in_the_largest_pages(twin: type[Twin]) -> None:
    shop = RecordedShop()

    records = twin(transport=shop).iterate(ACCOUNT)

    natives = [json.loads(text) for text in recorded_customers().values()]
    assert [record.remote_data for record in records] == natives
    assert shop.requests == [
        {"orderby": "id", "order": "asc", "per_page": "100", "page": "1"},
        # The record before is asked for again: it shows that nothing was deleted in between.
        {"orderby": "id", "order": "asc", "per_page": "100", "offset": "99"},
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"sort_by": {"created_at": "desc"}},
        {"created_at": {"gte": "2026-11-24T06:48:10Z"}},
        {"emails": [{"type": "billing"}]},
        {"last_name": "garcía", "sort_by": {"updated_at": "asc"}},
    ],
    ids="+".join,
)
@pytest.mark.parametrize("limit", [7, 60, 101, 250])
def test_filtered_and_sorted_lists_are_the_same_at_every_limit(query: dict[str, Any], limit: int) -> None:
    whole = SyncTwin(transport=RecordedShop()).list(ACCOUNT, **query, limit=1000)

    pages = SyncTwin(transport=RecordedShop()).pages(ACCOUNT, **query, limit=limit)

    assert [record for page in pages for record in page.result] == whole.result
    assert [page.result_count for page in pages[:-1]] == [limit] * (ceil(whole.result_count / limit) - 1)
    assert whole.next_cursor is None
    assert 1 < whole.result_count <= 160
