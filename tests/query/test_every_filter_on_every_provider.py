from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.meaning import in_order, instant, select
from tests.query.questions import SORTS, limits, queries
from tests.query.shops import SLUGS, ids, joined

if TYPE_CHECKING:
    from tests.query.conftest import Market
    from tests.query.shops import Question, Record
    from truto_unify import Page
    from truto_unify.types import PlanEntry

EXAMPLES = settings(max_examples=8)
NUMBERED = {"bigcommerce"}
"""Numbered pages do not begin where the last record ended: a page may give half of its limit."""


def check_pages(slug: str, pages: list[Page[Record]], asked_for: list[int | None], native_size: int | None) -> None:
    """No page but the last is empty or short, and no page is longer than its limit.

    Native pages may overlap by a record, so that a page may lack one for each.
    """
    sizes = [page.result_count for page in pages]
    wanted = [*asked_for, *[asked_for[-1]] * len(pages)][: len(pages)]
    for size, limit, page in zip(sizes, wanted, pages, strict=True):
        assert limit is None or size <= limit
        overlaps = -(-(limit or 0) // native_size) if native_size else 0
        lacking = overlaps + ((limit or 0) // 2 if slug in NUMBERED else 0)
        assert page.next_cursor is None or size >= (limit or size) - lacking
        assert page.next_cursor is None or size > 0


def check_order(records: list[Record], expected: list[Record], sort: dict[str, str] | None, how: str | None) -> None:
    """The records are the expected records, in the order of the sort."""
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
    assert sorted(records, key=lambda record: record["id"]) == sorted(expected, key=lambda record: record["id"])
    check_pages(slug, pages, sizes, page_size)
    assert {page.query_plan for page in pages} == {pages[0].query_plan}


@pytest.mark.parametrize(
    ("limit", "query"),
    [
        (1, {"last_name": {"like": "ar"}}),
        (9, {}),
        (9, {"updated_at": {"gte": "2025-06-01"}}),
        (10, {"last_name": {"like": "ar"}}),
        (137, {}),
        (300, {}),
    ],
    ids=repr,
)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_limit_of_any_size_gives_full_pages(market: Market, slug: str, limit: int, query: dict[str, Any]) -> None:
    """Native pages may overlap by a record, so that a page may lack one for each."""
    known = market.know(slug, page_size=9)
    expected = select(known.records, query)
    pages = known.shop.walk([limit], **query)
    assert sorted(ids(joined(pages))) == sorted(ids(expected))
    fewest = limit - -(-limit // 9)
    assert all(max(fewest, 1) <= page.result_count <= limit for page in pages[:-1])


@pytest.mark.parametrize("slug", SLUGS)
@EXAMPLES
@given(data=st.data())
def test_the_plan_agrees_with_the_requests_that_the_store_received(
    market: Market, slug: str, data: st.DataObject
) -> None:
    known = market.know(slug)
    shop = known.shop
    query = data.draw(queries(known.pool), "query")
    sort = data.draw(st.none() | st.sampled_from(SORTS), "sort")
    shop.forget()
    page = shop.page(**query, sort_by=sort, limit=300)
    asked = list(shop.asked)
    shop.forget()
    shop.page(limit=1)
    (bare,) = shop.asked

    assert page.request_count == len(asked)
    assert [entry.how == "native" for entry in page.query_plan] == [
        entry.native is not None for entry in page.query_plan
    ]
    assert all(bool(entry.reason) == (entry.how == "emulated") for entry in page.query_plan)
    if sort is None and any("the list is read by" in str(entry.reason) for entry in page.query_plan):
        asked[0] = without_order(asked[0], bare)  # an order that the engine chose, as the reason says
    check_said([entry for entry in page.query_plan if entry.how == "native"], asked[0], bare)


def without_order(asked: Question, bare: Question) -> Question:
    """The question without the sort that the engine chose by itself, and with that of every list in its place."""
    names = {name for name, _ in bare.params if "order" in name or "sort" in name}
    usual = {(name, value) for name, value in bare.params if name in names}
    rest = [(name, value) for name, value in asked.params if name not in names and "sort_order" not in name]
    return replace(asked, params=(*rest, *usual))


def check_said(entries: list[PlanEntry], asked: Question, bare: Question) -> None:
    """The request holds what the plan calls native and what a list without filters sends, and nothing else."""
    said = [str(entry.native) for entry in entries if not entry.parameter.startswith("sort_by")]
    sorts = [str(entry.native) for entry in entries if entry.parameter.startswith("sort_by")]
    sent = asked.statements
    more = sent - bare.statements - {statement for statement in sent if any(statement in text for text in sorts)}

    assert [text for text in sorts if not is_made_of(text, sent)] == []
    if asked.search:
        assert asked.search == " ".join(said)
        assert more == {f"variables.query={asked.search}"}
        return
    assert [text for text in said if not is_made_of(text, more)] == []
    assert [statement for statement in more if not any(statement in text for text in said)] == []


def is_made_of(text: str, statements: set[str]) -> bool:
    """Whether the text is a statement, or two statements with a blank between them."""
    parts = [statement for statement in statements if statement in text]
    return any(" ".join(order) == text for count in (1, 2) for order in permutations(parts, count))
