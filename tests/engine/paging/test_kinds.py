from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from truto_unify.config.pagination import PageSize, Pagination
from truto_unify.engine.api_root import ApiRoot
from truto_unify.engine.paging import Facts, OffsetBasedPaging, PageAnswer, PageRequest, Paging, paging_of
from truto_unify.engine.paging.links import read_links
from truto_unify.errors import ProviderError
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
    return PageAnswer(page or {}, 10, response, body, [{}] * count, f"{ROOT}/people", ApiRoot(ROOT))


def follow(rules: dict[str, Any], page: dict[str, Any], count: int, body: Any = None, **headers: str) -> Any:
    response = Response(200, tuple((name.replace("_", "-"), value) for name, value in headers.items()))
    return paging(rules).next(answered(response, body, count, page))


@pytest.mark.parametrize(
    ("rules", "first", "free_start", "free_size"),
    [
        (NUMBERS, {"start": 0}, False, False),
        (NUMBERS_IN_BODY, {"start": 0}, False, False),
        (FREE_NUMBERS, {"start": 0}, True, True),
        (OFFSETS, {"start": 0}, True, True),
        (CURSORS, {}, False, True),
        (CURSORS | {"first_cursor": "*"}, {"cursor": "*"}, False, True),
        (EDGES, {}, False, True),
        (LINKS, {}, False, False),
    ],
)
def test_each_kind_begins_at_its_first_page(
    rules: dict[str, Any], first: dict[str, Any], free_start: bool, free_size: bool
) -> None:
    kind = paging(rules)

    assert (kind.first(), kind.has_free_start, kind.has_free_size, kind.max_size) == (first, free_start, free_size, 10)


@pytest.mark.parametrize("first", [None, "*"])
def test_a_later_page_leaves_out_what_its_token_knows(first: str | None) -> None:
    rules = {"type": "cursor", "cursor_path": "next", "cursor_body_path": "paging.after", "max_page_size": 10}
    kind = paging(rules | {"first_cursor": first, "cursor_replaces": ("filter", "paging.sort")})
    left_out = ((("filter",), LEFT_OUT), (("paging", "sort"), LEFT_OUT))

    tokens = [first] if first else []
    assert kind.request(kind.first(), None).body == tuple((("paging", "after"), token) for token in tokens)
    assert kind.request({"cursor": "next"}, None).body == ((("paging", "after"), "next"), *left_out)


def test_a_list_without_pagination_is_one_page() -> None:
    kind = paging_of(None)

    assert (kind.first(), kind.max_size, kind.has_free_start, kind.has_free_size) == ({}, None, False, False)
    assert kind.request({}, None) == PageRequest()
    assert kind.next(answered(Response(200), [1, 2], 2)) is None


@pytest.mark.parametrize(
    ("rules", "page", "size", "expected"),
    [
        (NUMBERS, {"start": 20}, 10, PageRequest((("limit", "10"), ("page", "3")))),
        (NUMBERS, {"start": 0}, None, PageRequest((("page", "1"),))),
        (NUMBERS_IN_BODY, {"start": 0}, 7, PageRequest((), ((("paging", "limit"), 7), (("paging", "page"), 0)))),
        (FREE_NUMBERS, {"start": 20}, 10, PageRequest((("limit", "10"), ("page", "3")))),
        (FREE_NUMBERS, {"start": 0}, 10, PageRequest((("limit", "10"), ("page", "1")))),
        (FREE_NUMBERS, {"start": 25}, 10, PageRequest((("limit", "10"), ("offset", "25")))),
        (FREE_NUMBERS, {"start": 25}, 5, PageRequest((("limit", "5"), ("page", "6")))),
        (FREE_NUMBERS, {"start": 25, "by_offset": True}, 5, PageRequest((("limit", "5"), ("offset", "25")))),
        (OFFSETS, {"start": 25}, 10, PageRequest((("limit", "10"), ("skip", "25")))),
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
    ("rules", "body", "headers", "expected"),
    [
        (NUMBERS | {"total_header": "X-Total"}, [], {"x_total": " 25 "}, Facts(total=25)),
        (NUMBERS | {"total_header": "X-Total"}, [], {}, Facts()),
        (NUMBERS | {"total_header": "X-Total"}, [], {"x_total": "many"}, Facts()),
        (NUMBERS | {"total_header": "X-Total"}, [], {"x_total": "²"}, Facts()),
        (NUMBERS | {"total_header": "X-Total"}, [], {"x_total": "\x1d8"}, Facts(total=8)),
        (NUMBERS | {"total_header": "X-Total"}, [], {"x_total": "9" * 5000}, Facts()),
        (NUMBERS | {"total_path": "meta.total"}, {"meta": {"total": 11}}, {}, Facts(total=11)),
        (NUMBERS | {"total_path": "meta.total"}, {"meta": {"total": "11"}}, {}, Facts(total=11)),
        (NUMBERS | {"total_path": "meta.total"}, {"meta": {"total": True}}, {}, Facts()),
        (NUMBERS | {"total_path": "meta.total"}, {"meta": {"total": -1}}, {}, Facts()),
        (NUMBERS | {"total_pages_header": "X-Pages"}, [], {"x_pages": "2"}, Facts(pages=2)),
        (NUMBERS | {"has_more_path": "more"}, {"more": True}, {}, Facts(more=True)),
        (NUMBERS | {"has_more_path": "more"}, {"more": 0}, {}, Facts(more=False)),
        (NUMBERS | {"has_more_path": "more"}, {"more": "false"}, {}, Facts(more=False)),
        (NUMBERS | {"has_more_path": "more"}, {"more": "https://a.test/?page=2"}, {}, Facts(more=True)),
        (NUMBERS | {"has_more_path": "more"}, {"more": ""}, {}, Facts()),
        (NUMBERS | {"has_more_path": "more"}, {}, {}, Facts()),
        # The end of a list whose pages are addresses; a truth value that is null says nothing else.
        (NUMBERS | {"has_more_path": "more"}, {"more": None}, {}, Facts(short_page_is_last=True)),
        (NUMBERS | {"ends_on": "short_page"}, {}, {}, Facts(short_page_is_last=True)),
        (NUMBERS, [], {"link": f'<{ROOT}/people?page=2>; rel="next"'}, Facts(more=True)),
        (NUMBERS, [], {"link": f'<{ROOT}/people?page=1>; rel="prev"'}, Facts()),
        (OFFSETS | {"total_path": "total"}, {"total": 40}, {}, Facts(total=40)),
        (OFFSETS | {"total_header": "X-Total"}, {}, {"x_total": "31"}, Facts(total=31)),
        (OFFSETS | {"total_path": "total", "total_unknown_path": "many"}, {"total": 30, "many": True}, {}, Facts()),
        (OFFSETS | {"ends_on": "short_page"}, {}, {}, Facts(short_page_is_last=True)),
        (OFFSETS, [], {"link": f'<{ROOT}/people?skip=10>; rel="next"'}, Facts(more=True)),
    ],
)
def test_a_kind_that_counts_places_reads_what_is_told_about_the_end(
    rules: dict[str, Any], body: Any, headers: dict[str, str], expected: Facts
) -> None:
    response = Response(200, tuple((name.replace("_", "-"), value) for name, value in headers.items()))

    assert paging(rules).read(answered(response, body, 3)) == expected


@pytest.mark.parametrize(
    ("first", "place", "size", "most", "expected"),
    [
        (0, 0, 10, 10, (0, 10)),
        (20, 20, 10, 10, (20, 10)),
        (27, 27, 10, 10, (20, 10)),
        (9, 10, 10, 10, (9, 9)),  # page 2 of nine records holds the tenth record once more
        (17, 18, 10, 10, (16, 8)),
        (2, 3, 3, 3, (2, 2)),
        (5, 6, 3, 3, (6, 3)),  # no page of three records or fewer does
    ],
)
def test_a_numbered_page_overlaps_by_another_size(
    first: int, place: int, size: int, most: int, expected: tuple[int, int]
) -> None:
    kind = paging(NUMBERS)
    assert isinstance(kind, OffsetBasedPaging)

    assert kind.window(first, place, size, most) == expected


@pytest.mark.parametrize(
    ("rules", "first", "end", "expected"),
    [
        (OFFSETS, 20, 25, (20, 6)),
        (OFFSETS, 15, 25, None),
        (NUMBERS, 8, 10, (8, 4)),
        (NUMBERS, 4, 10, None),  # no page of ten records or fewer holds the 5th and the 11th
        (NUMBERS, 11, 12, (10, 5)),
    ],
)
def test_a_page_reaches_over_the_end_that_the_store_tells_where_one_can(
    rules: dict[str, Any], first: int, end: int, expected: tuple[int, int] | None
) -> None:
    kind = paging(rules)
    assert isinstance(kind, OffsetBasedPaging)

    assert kind.window_over(first, end, 10) == expected


@pytest.mark.parametrize(
    ("more", "body", "expected"),
    [
        ({}, {"meta": {"next": "c2"}}, {"cursor": "c2"}),
        ({}, {"meta": {"next": 17}}, {"cursor": "17"}),
        ({}, {"meta": {"next": None}}, None),
        ({}, {"meta": {"next": ""}}, None),
        ({}, {"meta": {}}, None),
        ({}, {"meta": {"next": False}}, None),
        ({"has_more_path": "meta.more"}, {"meta": {"next": "c2", "more": True}}, {"cursor": "c2"}),
        ({"has_more_path": "meta.more"}, {"meta": {"next": "c2"}}, {"cursor": "c2"}),
        ({"has_more_path": "meta.more"}, {"meta": {}}, None),
    ],
)
def test_the_cursor_of_the_answer_asks_for_the_next_page(
    more: dict[str, Any], body: Any, expected: dict[str, Any] | None
) -> None:
    assert follow(CURSORS | more, {"cursor": "c1"}, 10, body) == expected


@pytest.mark.parametrize(
    ("count", "cursor", "expected"),
    [(10, "c2", {"cursor": "c2"}), (9, "c2", None), (0, "c2", None), (10, "c1", None), (10, None, None)],
)
def test_a_full_page_with_a_cursor_is_looked_behind_although_it_says_that_no_more_follow(
    count: int, cursor: str | None, expected: dict[str, Any] | None
) -> None:
    body = {"meta": {"next": cursor, "more": False}}

    assert follow(CURSORS | {"has_more_path": "meta.more"}, {"cursor": "c1"}, count, body) == expected


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
        "https://shop.example.test:99999/api/people",
        "https://[shop.example.test/api/people",
        "/admin/delete-everything",
        "/api/../admin",
        "/api/%2e%2e/admin",
        "https://shop.example.test/api/..%5cadmin",
        "/apis",
    ],
)
def test_a_link_to_another_origin_is_not_followed(url: str) -> None:
    with pytest.raises(ProviderError, match=r"outside its API root$") as caught:
        follow(LINKS, {}, 10, [], link=f'<{url}>; rel="next"')

    assert (caught.value.status_code, caught.value.code) == (200, "foreign_page")


@pytest.mark.parametrize(
    ("header", "path", "expected"),
    [
        ("X-Total", None, 7),
        ("X-None", None, None),
        ("X-Total", ("total",), 7),
        (None, ("total",), 5),
        (None, ("text",), 5),
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
