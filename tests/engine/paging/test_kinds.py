from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from truto_unify.config.pagination import PageSize, Pagination
from truto_unify.engine.paging import PageAnswer, PageRequest, Paging, paging_of
from truto_unify.engine.paging.link_header import read_links
from truto_unify.engine.paging.origin import check_origin
from truto_unify.errors import InvalidCursor, ProviderError
from truto_unify.types import LEFT_OUT, Response

ROOT = "https://shop.example.test/api"
READER: TypeAdapter[PageSize] = TypeAdapter(Pagination)
NUMBERS = {"type": "page_number", "page_param": "page", "page_size_param": "limit", "max_page_size": 10}
NUMBERS_IN_BODY = {
    "type": "page_number",
    "page_body_path": "paging.page",
    "page_size_body_path": "paging.limit",
    "max_page_size": 10,
    "first_page": 0,
}
FREE_NUMBERS = NUMBERS | {"offset_param": "offset"}
OFFSETS = {"type": "offset", "offset_param": "skip", "page_size_param": "limit", "max_page_size": 10}
CURSORS = {
    "type": "cursor",
    "cursor_path": "meta.next",
    "cursor_param": "after",
    "page_size_param": "limit",
    "max_page_size": 10,
}
EDGES = {
    "type": "graphql_connection",
    "connection_path": "data.people",
    "cursor_body_path": "variables.after",
    "page_size_body_path": "variables.first",
    "max_page_size": 10,
}
LINKS = {"type": "link_header", "page_size_param": "limit", "max_page_size": 10}


def paging(rules: dict[str, Any]) -> Paging[Any]:
    return paging_of(READER.validate_python(rules))


def answered(response: Response, body: Any = None, count: int = 0, page: dict[str, Any] | None = None) -> PageAnswer:
    return PageAnswer(page or {}, 10, response, body, [{}] * count, f"{ROOT}/people")


def follow(rules: dict[str, Any], page: dict[str, Any], count: int, body: Any = None, **headers: str) -> Any:
    response = Response(200, tuple((name.replace("_", "-"), value) for name, value in headers.items()))
    return paging(rules).next(answered(response, body, count, page))


@pytest.mark.parametrize(
    ("rules", "first", "free_start", "free_size"),
    [
        (NUMBERS, {"page": 1}, False, False),
        (NUMBERS_IN_BODY, {"page": 0}, False, False),
        (FREE_NUMBERS, {"offset": 0}, True, True),
        (OFFSETS, {"offset": 0}, True, True),
        (CURSORS, {}, False, True),
        (CURSORS | {"first_cursor": "*"}, {"cursor": "*"}, False, True),
        (EDGES, {}, False, True),
        (LINKS, {}, False, False),
    ],
)
def test_each_kind_begins_at_its_first_page(
    rules: dict[str, Any], first: dict[str, Any], free_start: bool, free_size: bool
) -> None:
    one = paging(rules)

    assert (one.first(), one.has_free_start, one.has_free_size, one.max_size) == (first, free_start, free_size, 10)


@pytest.mark.parametrize("first", [None, "*"])
def test_a_later_page_leaves_out_what_its_token_knows(first: str | None) -> None:
    rules = {"type": "cursor", "cursor_path": "next", "cursor_body_path": "paging.after", "max_page_size": 10}
    one = paging(rules | {"first_cursor": first, "cursor_replaces": ("filter", "paging.sort")})
    left_out = ((("filter",), LEFT_OUT), (("paging", "sort"), LEFT_OUT))

    assert one.request(one.first(), None).body == tuple((("paging", "after"), token) for token in filter(None, [first]))
    assert one.request({"cursor": "next"}, None).body == ((("paging", "after"), "next"), *left_out)


def test_a_list_without_pagination_is_one_page() -> None:
    one = paging_of(None)

    assert (one.first(), one.max_size, one.has_free_start, one.has_free_size) == ({}, None, False, False)
    assert one.request({}, None) == PageRequest()
    assert one.next(answered(Response(200), [1, 2], 2)) is None


@pytest.mark.parametrize(
    ("rules", "page", "size", "expected"),
    [
        (NUMBERS, {"page": 3, "before": 20}, 10, PageRequest((("limit", "10"), ("page", "3")))),
        (NUMBERS, {"page": 1}, None, PageRequest((("page", "1"),))),
        (NUMBERS_IN_BODY, {"page": 0}, 7, PageRequest((), ((("paging", "limit"), 7), (("paging", "page"), 0)))),
        (FREE_NUMBERS, {"offset": 20}, 10, PageRequest((("limit", "10"), ("page", "3")))),
        (FREE_NUMBERS, {"offset": 0}, 10, PageRequest((("limit", "10"), ("page", "1")))),
        (FREE_NUMBERS, {"offset": 25}, 10, PageRequest((("limit", "10"), ("offset", "25")))),
        (FREE_NUMBERS, {"offset": 25}, 5, PageRequest((("limit", "5"), ("page", "6")))),
        (OFFSETS, {"offset": 25}, 10, PageRequest((("limit", "10"), ("skip", "25")))),
        (CURSORS, {}, 10, PageRequest((("limit", "10"),))),
        (CURSORS, {"cursor": "x y"}, 10, PageRequest((("limit", "10"), ("after", "x y")))),
        (EDGES, {}, 10, PageRequest((), ((("variables", "first"), 10),))),
        (EDGES, {"cursor": "c"}, 10, PageRequest((), ((("variables", "first"), 10), (("variables", "after"), "c")))),
        (LINKS, {}, 10, PageRequest((("limit", "10"),))),
        (LINKS, {"url": f"{ROOT}/people?page=2"}, 10, PageRequest(url=f"{ROOT}/people?page=2")),
    ],
)
def test_a_page_is_asked_for_in_the_words_of_its_kind(
    rules: dict[str, Any], page: dict[str, Any], size: int | None, expected: PageRequest
) -> None:
    assert paging(rules).request(page, size) == expected


@pytest.mark.parametrize(
    ("more", "page", "count", "body", "headers", "expected"),
    [
        # the number of records is known
        ({"total_header": "X-Total"}, {"page": 1}, 10, [], {"x_total": "25"}, {"page": 2, "before": 10}),
        ({"total_header": "X-Total"}, {"page": 3, "before": 20}, 5, [], {"x_total": "25"}, None),
        ({"total_header": "X-Total"}, {"page": 2, "before": 10}, 10, [], {"x_total": "20"}, None),
        ({"total_path": "meta.total"}, {"page": 1}, 10, {"meta": {"total": 11}}, {}, {"page": 2, "before": 10}),
        ({"total_path": "meta.total"}, {"page": 1}, 10, {"meta": {"total": 10}}, {}, None),
        # the provider cut the size that was asked for
        ({"total_header": "X-Total"}, {"page": 1}, 4, [], {"x_total": "9"}, {"page": 2, "before": 4}),
        ({"total_header": "X-Total"}, {"page": 2, "before": 4}, 4, [], {"x_total": "9"}, {"page": 3, "before": 8}),
        ({"total_header": "X-Total"}, {"page": 3, "before": 8}, 1, [], {"x_total": "9"}, None),
        # a proxy dropped it, or wrote nonsense: the number of pages, else the length of the page decides
        (
            {"total_header": "X-Total", "total_pages_header": "X-Pages"},
            {"page": 1},
            10,
            [],
            {"x_pages": "2"},
            {"page": 2, "before": 10},
        ),
        (
            {"total_header": "X-Total", "total_pages_header": "X-Pages"},
            {"page": 2, "before": 10},
            10,
            [],
            {"x_pages": "2"},
            None,
        ),
        ({"total_pages_header": "X-Pages"}, {"page": 1}, 4, [], {"x_pages": "2"}, {"page": 2, "before": 4}),
        ({"total_header": "X-Total"}, {"page": 1}, 10, [], {}, {"page": 2, "before": 10}),
        ({"total_header": "X-Total"}, {"page": 1}, 9, [], {}, None),
        ({"total_header": "X-Total"}, {"page": 1}, 10, [], {"x_total": "many"}, {"page": 2, "before": 10}),
        ({"total_header": "X-Total"}, {"page": 1}, 10, [], {"x_total": "²"}, {"page": 2, "before": 10}),
        ({"total_path": "meta.total"}, {"page": 1}, 10, {"meta": {"total": True}}, {}, {"page": 2, "before": 10}),
        ({}, {"page": 4, "before": 30}, 10, [], {}, {"page": 5, "before": 40}),
        ({}, {"page": 4, "before": 30}, 3, [], {}, None),
        # the answer says whether more follow
        ({"has_more_path": "more"}, {"page": 1}, 3, {"more": True}, {}, {"page": 2, "before": 3}),
        ({"has_more_path": "more"}, {"page": 1}, 10, {"more": False}, {}, None),
        ({"has_more_path": "more"}, {"page": 1}, 10, {}, {}, {"page": 2, "before": 10}),
        # nothing there: nothing follows, whatever is said
        ({"total_header": "X-Total"}, {"page": 9, "before": 80}, 0, [], {"x_total": "500"}, None),
        ({"has_more_path": "more"}, {"page": 1}, 0, {"more": True}, {}, None),
    ],
)
def test_after_a_numbered_page_comes_the_next_number(
    more: dict[str, Any],
    page: dict[str, Any],
    count: int,
    body: Any,
    headers: dict[str, str],
    expected: dict[str, Any] | None,
) -> None:
    assert follow(NUMBERS | more, page, count, body, **headers) == expected


@pytest.mark.parametrize(
    ("offset", "count", "headers", "expected"),
    [
        (20, 10, {"x_total": "35"}, {"offset": 30}),
        (25, 10, {"x_total": "35"}, None),
        (20, 4, {"x_total": "35"}, {"offset": 24}),
        (20, 10, {"x_pages": "4"}, {"offset": 30}),
        (30, 10, {"x_pages": "4"}, None),
        (25, 10, {"x_pages": "4"}, {"offset": 35}),  # the last page may hold more, or not
        (25, 7, {"x_pages": "4"}, None),
        (20, 10, {}, {"offset": 30}),
        (20, 9, {}, None),
        (20, 0, {"x_total": "35"}, None),
    ],
)
def test_a_numbered_list_with_a_free_start_goes_on_after_the_last_record(
    offset: int, count: int, headers: dict[str, str], expected: dict[str, Any] | None
) -> None:
    rules = FREE_NUMBERS | {"total_header": "X-Total", "total_pages_header": "X-Pages"}

    assert follow(rules, {"offset": offset}, count, [], **headers) == expected


@pytest.mark.parametrize(
    ("more", "count", "body", "headers", "expected"),
    [
        ({}, 10, {}, {}, {"offset": 30}),
        ({}, 9, {}, {}, None),
        ({"total_path": "total"}, 9, {"total": 40}, {}, {"offset": 29}),
        ({"total_path": "total"}, 10, {"total": 30}, {}, None),
        ({"total_path": "total"}, 0, {"total": 40}, {}, None),
        ({"total_header": "X-Total"}, 10, {}, {"x_total": " 31 "}, {"offset": 30}),
        ({"total_path": "total", "total_unknown_path": "many"}, 10, {"total": 30, "many": True}, {}, {"offset": 30}),
        ({"total_path": "total", "total_unknown_path": "many"}, 10, {"total": 30, "many": False}, {}, None),
    ],
)
def test_after_an_offset_comes_the_record_behind_the_page(
    more: dict[str, Any], count: int, body: Any, headers: dict[str, str], expected: dict[str, Any] | None
) -> None:
    assert follow(OFFSETS | more, {"offset": 20}, count, body, **headers) == expected


@pytest.mark.parametrize(
    ("more", "body", "expected"),
    [
        ({}, {"meta": {"next": "c2"}}, {"cursor": "c2"}),
        ({}, {"meta": {"next": 17}}, {"cursor": "17"}),
        ({}, {"meta": {"next": None}}, None),
        ({}, {"meta": {"next": ""}}, None),
        ({}, {"meta": {}}, None),
        ({"has_more_path": "meta.more"}, {"meta": {"next": "c2", "more": True}}, {"cursor": "c2"}),
        ({"has_more_path": "meta.more"}, {"meta": {"next": "c2", "more": False}}, None),
        ({"has_more_path": "meta.more"}, {"meta": {"next": "c2"}}, {"cursor": "c2"}),
        ({"has_more_path": "meta.more"}, {"meta": {}}, None),
    ],
)
def test_the_cursor_of_the_answer_asks_for_the_next_page(
    more: dict[str, Any], body: Any, expected: dict[str, Any] | None
) -> None:
    assert follow(CURSORS | more, {"cursor": "c1"}, 10, body) == expected


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"hasNextPage": True, "endCursor": "c2"}, {"cursor": "c2"}),
        ({"hasNextPage": False, "endCursor": "c2"}, None),
        ({"hasNextPage": False, "endCursor": None}, None),
    ],
)
def test_a_connection_says_whether_a_page_follows(info: dict[str, Any], expected: dict[str, Any] | None) -> None:
    assert follow(EDGES, {}, 10, {"data": {"people": {"pageInfo": info}}}) == expected


@pytest.mark.parametrize(
    ("rules", "body", "path"),
    [
        (
            EDGES,
            {"data": {"people": {"pageInfo": {"hasNextPage": True, "endCursor": None}}}},
            "data.people.pageInfo.endCursor",
        ),
        (EDGES, {"data": {"people": {"pageInfo": {}}}}, "data.people.pageInfo.endCursor"),
        (EDGES, {"data": {"people": {}}}, "data.people.pageInfo.endCursor"),
        (CURSORS | {"has_more_path": "meta.more"}, {"meta": {"more": True}}, "meta.next"),
    ],
)
def test_a_list_that_breaks_off_without_an_end_is_no_whole_list(rules: dict[str, Any], body: Any, path: str) -> None:
    with pytest.raises(ProviderError) as caught:
        follow(rules, {}, 10, body)

    message = f"the answer has no {path}, and does not say that the list ends here"
    assert (caught.value.message, caught.value.status_code, caught.value.code) == (message, 200, "page_lost")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f'<{ROOT}/people?page=2>; rel="next"', {"url": f"{ROOT}/people?page=2"}),
        (f"<{ROOT}/people?page=2>;rel=next", {"url": f"{ROOT}/people?page=2"}),
        (f'<{ROOT}/people?page=1>; rel="prev", <{ROOT}/people?page=3>; rel="next"', {"url": f"{ROOT}/people?page=3"}),
        (f'<{ROOT}/people?a=1,2&page=2>; title="a, b; rel=x"; REL="Next last"', {"url": f"{ROOT}/people?a=1,2&page=2"}),
        ('</api/people?page=2>; rel="next"', {"url": f"{ROOT}/people?page=2"}),
        ('<people?page=2>; rel="next"', {"url": f"{ROOT}/people?page=2"}),
        ('<?page=2>; rel="next"', {"url": f"{ROOT}/people?page=2"}),
        (f'<{ROOT}/people?page=1>; rel="prev"', None),
        ('<https://shop.example.test/>; rel="https://api.w.org/"', None),
        (f'<{ROOT}/next>; rel="nextish"', None),
        (f"<{ROOT}/next>", None),
        ("", None),
    ],
)
def test_the_link_named_next_is_followed(link: str, expected: dict[str, Any] | None) -> None:
    assert follow(LINKS, {}, 10, [], link=link) == expected


def test_links_of_several_headers_count_together() -> None:
    response = Response(
        200,
        (
            ("link", '<https://shop.example.test/wp-json/>; rel="https://api.w.org/"'),
            ("link", f'<{ROOT}/people?page=2>; rel="next"'),
        ),
    )

    assert paging(LINKS).next(answered(response, [], 10)) == {"url": f"{ROOT}/people?page=2"}


def test_links_are_known_by_relation_and_the_first_of_a_relation_counts() -> None:
    assert read_links('<a>; rel="one two", <b>; rel=two, <c>; rel="three"; type="x"') == {
        "one": "a",
        "two": "a",
        "three": "c",
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/api/people",
        "http://shop.example.test/api/people",
        "https://shop.example.test:8443/api/people",
        "https://shop.example.test.evil.test/",
        "https://shop.example.test@evil.test/",
        "https://user@shop.example.test/",
        "//evil.test/api/people",
        "https://shop.example.test\\@evil.test/",
        "javascript:alert(1)",
    ],
)
def test_a_link_to_another_origin_is_not_followed(url: str) -> None:
    with pytest.raises(ProviderError, match=r"outside its own origin$") as caught:
        follow(LINKS, {}, 10, [], link=f'<{url}>; rel="next"')

    assert (caught.value.status_code, caught.value.code) == (200, "foreign_page")


def test_a_link_of_a_cursor_to_another_origin_is_the_cursors_fault() -> None:
    with pytest.raises(InvalidCursor, match=r"outside the provider's origin$"):
        check_origin("https://evil.test/api/people", ROOT)


def test_an_origin_is_the_same_whatever_its_path_and_case() -> None:
    check_origin("https://SHOP.example.test/other?x=1", ROOT)


@pytest.mark.parametrize(
    ("rules", "page", "consumed", "expected"),
    [
        (OFFSETS, {"offset": 20}, 3, ({"offset": 23}, 0)),
        (FREE_NUMBERS, {"offset": 20}, 3, ({"offset": 23}, 0)),
        (NUMBERS, {"page": 2, "before": 10}, 3, ({"page": 2, "before": 10}, 3)),
        (CURSORS, {"cursor": "c"}, 3, ({"cursor": "c"}, 3)),
        (EDGES, {}, 3, ({}, 3)),
        (LINKS, {"url": "u"}, 3, ({"url": "u"}, 3)),
    ],
)
def test_a_place_inside_a_page_is_a_start_of_its_own_or_a_number_to_skip(
    rules: dict[str, Any], page: dict[str, Any], consumed: int, expected: tuple[dict[str, Any], int]
) -> None:
    assert paging(rules).position_after(page, consumed) == expected


@pytest.mark.parametrize(
    ("header", "path", "expected"),
    [
        ("X-Total", None, 7),
        ("X-None", None, None),
        ("X-Total", ("total",), 7),
        (None, ("total",), 5),
        (None, ("text",), None),
        (None, ("missing",), None),
        (None, None, None),
    ],
)
def test_the_total_is_read_from_the_header_or_the_body(
    header: str | None, path: tuple[str, ...] | None, expected: int | None
) -> None:
    response = Response(200, (("x-total", "7"),))

    assert answered(response, {"total": 5, "text": "5"}).number(header, path) == expected


def test_a_header_is_found_by_its_name_and_the_first_counts() -> None:
    response = Response(200, (("a", "1"), ("b", "2"), ("b", "3")))

    assert (answered(response).header("B"), answered(response).header("c")) == ("2", None)


def answer(rules: dict[str, Any], ask: PageRequest, total: int, cut: int) -> tuple[list[int], Response, Any]:
    """A provider with numbered records that never gives more than ``cut`` at once."""
    params = dict(ask.params)
    size = min(int(params["limit"]), cut)
    start = int(params["skip"]) if "skip" in params else (int(params["page"]) - 1) * size
    return list(range(total))[start : start + size], Response(200, (("x-total", str(total)),)), {}


@given(
    st.sampled_from([NUMBERS | {"total_header": "X-Total"}, OFFSETS | {"total_header": "X-Total"}]),
    st.integers(0, 60),
    st.integers(1, 12),
    st.integers(1, 10),
)
def test_walking_gives_every_record_once_even_where_the_provider_cuts_pages(
    rules: dict[str, Any], total: int, cut: int, size: int
) -> None:
    one = paging(rules)
    page: dict[str, Any] | None = one.first()
    seen: list[int] = []
    requests = 0
    while page is not None:
        records, response, body = answer(rules, one.request(page, size), total, cut)
        page = one.next(PageAnswer(page, size, response, body, records, ROOT))
        seen += records
        requests += 1

    assert seen == list(range(total))
    assert requests == max(-(-total // min(size, cut)), 1)


@given(st.dictionaries(st.sampled_from(["offset", "page", "cursor", "before"]), st.integers(0, 99) | st.text()))
def test_a_page_fits_into_json(page: dict[str, Any]) -> None:
    inside, _ = paging(CURSORS).position_after(page, 1)

    assert json.loads(json.dumps(inside)) == page
