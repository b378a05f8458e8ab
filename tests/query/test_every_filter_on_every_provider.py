from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.meaning import in_order, instant, select
from tests.query.questions import SORTS, limits, queries
from tests.query.shops import SLUGS, ids, joined

if TYPE_CHECKING:
    from tests.query.conftest import Market
    from tests.query.shops import Record
    from truto_unify import Page

EXAMPLES = settings(max_examples=60)


def check_pages(pages: list[Page[Record]], asked_for: list[int | None]) -> None:
    """No page in the middle is empty or short, and none is longer than asked for."""
    sizes = [page.result_count for page in pages]
    wanted = [*asked_for, *[asked_for[-1]] * len(pages)][: len(pages)]
    for size, limit, page in zip(sizes, wanted, pages, strict=True):
        assert limit is None or size <= limit
        assert page.next_cursor is None or size == (limit or size)
        assert page.next_cursor is None or size > 0


def check_order(records: list[Record], expected: list[Record], sort: dict[str, str] | None, how: str | None) -> None:
    """The same records, and in the right order where one was asked for."""
    assert sorted(ids(records)) == sorted(ids(expected))
    if sort is None:
        return
    ((field, direction),) = sort.items()
    ordered = in_order(expected, field, direction)
    moments = [record[field] and instant(record[field]) for record in records]
    assert moments == [record[field] and instant(record[field]) for record in ordered]
    if how == "emulated":
        assert records == ordered


@pytest.mark.parametrize("page_size", [None, 9])
@pytest.mark.parametrize("slug", SLUGS)
@EXAMPLES
@given(data=st.data())
def test_all_pages_together_are_what_the_query_means(
    market: Market, slug: str, page_size: int | None, data: st.DataObject
) -> None:
    known = market.know(slug, page_size)
    query = data.draw(queries(known.pool), "query")
    sort = data.draw(st.none() | st.sampled_from(SORTS), "sort")
    expected = select(known.records, query)
    sizes = data.draw(limits(len(expected)), "limits")
    pages = known.shop.walk(sizes, **query, sort_by=sort)
    records = joined(pages)
    how = pages[0].query_plan[-1].how if sort else None

    check_order(records, expected, sort, how)
    assert sorted(records, key=lambda one: one["id"]) == sorted(expected, key=lambda one: one["id"])
    check_pages(pages, sizes)
    assert {page.query_plan for page in pages} == {pages[0].query_plan}
