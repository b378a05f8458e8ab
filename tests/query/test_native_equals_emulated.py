from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.meaning import instant
from tests.query.questions import SORTS, queries
from tests.query.shops import SLUGS, joined

if TYPE_CHECKING:
    from tests.query.conftest import Market
    from tests.query.shops import Record


def by_id(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: record["id"])


@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=15)
@given(data=st.data())
def test_the_store_and_the_engine_give_the_same_answer(market: Market, slug: str, data: st.DataObject) -> None:
    native, emulated = market.know(slug), market.know(slug, is_emulated=True)
    query = data.draw(queries(native.pool), "query")
    sort = data.draw(st.none() | st.sampled_from(SORTS), "sort")
    native_pages = native.shop.walk([50], **query, sort_by=sort)
    emulated_pages = emulated.shop.walk([50], **query, sort_by=sort)

    assert by_id(joined(native_pages)) == by_id(joined(emulated_pages))
    assert {entry.how for page in emulated_pages for entry in page.query_plan} <= {"emulated"}
    both = (native_pages, emulated_pages)
    parameters = [[entry.parameter for entry in pages[0].query_plan] for pages in both]
    assert parameters[0] == parameters[1]
    if sort is not None:
        (field,) = sort
        moments = [[record[field] and instant(record[field]) for record in joined(pages)] for pages in both]
        assert moments[0] == moments[1]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_native_filter_and_sort_is_among_those_compared(market: Market, slug: str) -> None:
    """Each filter and sort that the mapping declares can be queried, and the store serves it."""
    known = market.know(slug)
    method = known.shop.registry.mapping("ecommerce/customers", slug).config.list
    assert method is not None
    served: dict[str, Any] = {}
    for name, rule in method.filters.items():
        element, _, part = name.partition(".")
        for op in ("eq", "in", "like", "gt", "gte", "lt", "lte"):
            form = rule.native(op)
            if form is not None:
                plain = [text for text in known.pool.values[name] if str(text).isascii() and "," not in str(text)]
                value = plain[0]
                wanted = [value, f"{value}x"] if op == "in" else value
                query = {element: {part: value, **form.requires}} if part else {name: {op: wanted}}
                served[f"{name} {op}"] = [entry.how for entry in known.shop.page(**query, limit=1).query_plan]
    for name in method.sort.fields:
        for direction in ("asc", "desc"):
            page = known.shop.page(sort_by={name: direction}, limit=1)
            served[f"{name} {direction}"] = [entry.how for entry in page.query_plan]

    assert {name: how for name, how in served.items() if how != ["native"]} == {}
