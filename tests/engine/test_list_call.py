from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.driver import Driver, ids, play
from tests.engine.stores import (
    FREE_START,
    KINDS,
    MOST,
    RESOURCE,
    ROOT,
    PretendStore,
    account,
    person,
    reply,
    unified,
)
from truto_unify.engine import mapped_pages
from truto_unify.engine.cursor import Position, write_cursor
from truto_unify.engine.retry import RetryPolicy
from truto_unify.engine.send import Budget
from truto_unify.errors import (
    AuthenticationError,
    InvalidCursor,
    InvalidInput,
    MappingError,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
    TransportError,
    UnsupportedParameter,
    WriteRefused,
)
from truto_unify.models.fields import format_time
from truto_unify.types import Account, Filter, Page, PlanEntry, RecordError, Request, Sort

if TYPE_CHECKING:
    from truto_unify.registry import Registry

SHOP = Account(provider="shopify", credentials={"access_token": "shpat_0123"}, context={"shop": "acme"})
EMPTY = reply({"people": [], "total": 0, "more": False})
BUSY = reply({"message": "slow down"}, 429, {"retry-after": "3"})
DOWN = reply({"message": "down"}, 503)
LOST = TransportError("GET https://acme.example.test/api/people: no answer in time (ReadTimeout)")
LIKE_1 = Filter("name", "like", "1")


def people(count: int) -> list[dict[str, Any]]:
    return [person(number) for number in range(1, count + 1)]


# -------------------------------------------------------------------------------------------------- retries


@pytest.mark.parametrize(
    ("outcomes", "waits"),
    [
        ([], []),
        ([BUSY], [3.0]),
        ([BUSY, BUSY, BUSY, BUSY], [3.0, 3.0, 3.0, 3.0]),
        ([reply({}, 429, {"retry-after": "2.5"})], [2.5]),
        ([reply({}, 429, {"retry-after": "Thu, 01 Jan 2026 00:00:30 GMT"})], [30.0]),
        ([reply({}, 503, {"retry-after": "7"})], [7.0]),
        ([reply({}, 429, {"retry-after": "Wed, 31 Dec 2025 23:59:00 GMT"})], [0.25]),
        ([reply({}, 429, {"retry-after": "0"}), reply({}, 429, {"retry-after": "-5"})], [0.25, 0.5]),
        ([BUSY, reply({}, 503, {"retry-after": "Thu, 01 Jan 2026 00:00:30 GMT"})], [3.0, 27.0]),
        ([reply({}, 429)], [0.25]),
        ([DOWN, DOWN, DOWN, DOWN], [0.25, 0.5, 1.0, 2.0]),
        ([LOST, DOWN, BUSY], [0.25, 0.5, 3.0]),
        ([reply(b"<html>", 502), reply({}, 408), reply({}, 425)], [0.25, 0.5, 1.0]),
        ([reply(b"error code: 520", 520), reply(b"<html>", 525), reply(b"Bandwidth", 509)], [0.25, 0.5, 1.0]),
        ([reply(b"<html>"), reply(b'{"people": ['), reply(b"")], [0.25, 0.5, 1.0]),
    ],
)
def test_what_may_pass_is_tried_again_after_the_right_wait(
    stores: Registry, outcomes: list[Any], waits: list[float]
) -> None:
    driver = Driver(stores, play(*outcomes, EMPTY))

    assert driver.page(account("offsets")).result == []
    assert driver.waits == waits
    assert driver.sent == [driver.sent[0]] * (len(outcomes) + 1)


def test_each_try_may_take_what_is_left_of_the_deadline(stores: Registry) -> None:
    driver = Driver(stores, play(BUSY, reply({}, 429, {"retry-after": "86.5"}), DOWN, EMPTY))
    with pytest.raises(ProviderUnavailableError):
        driver.page(account("offsets"))

    assert driver.waits == [3.0, 86.5]
    assert driver.left == [90.0, 87.0, 1.0]  # a try that begins at the very end has a second


def test_the_jitter_is_that_of_the_settings(stores: Registry) -> None:
    driver = Driver(stores, play(DOWN, BUSY, EMPTY), {"random": lambda: 0.5})
    driver.page(account("offsets"))

    assert driver.waits == [0.375, 3.15]


@pytest.mark.parametrize(
    ("status", "kind", "retry_after", "waits"),
    [
        (429, RateLimitedError, ["3600"], []),
        (429, RateLimitedError, ["Thu, 01 Jan 2026 00:01:01 GMT"], []),
        (503, ProviderUnavailableError, ["61"], []),
        (429, RateLimitedError, ["40", "40"], [40.0]),
        (503, ProviderUnavailableError, ["20", "20", "21"], [20.0, 20.0]),
    ],
)
def test_a_wait_past_the_deadline_is_an_error_at_once(
    stores: Registry, status: int, kind: type[ProviderError], retry_after: list[str], waits: list[float]
) -> None:
    outcomes = [reply({"message": "no"}, status, {"retry-after": value}) for value in retry_after]
    driver = Driver(stores, play(*outcomes), {"retry": RetryPolicy(deadline=60.0)})

    with pytest.raises(kind) as caught:
        driver.page(account("offsets"))

    last = {"3600": 3600.0, "61": 61.0, "40": 40.0, "21": 21.0}.get(retry_after[-1], 61.0)
    assert (driver.waits, caught.value.retry_after, caught.value.retryable) == (waits, last, True)


def test_the_deadline_counts_from_the_first_sending_and_anew_for_each_page(stores: Registry) -> None:
    slow = reply({}, 429, {"retry-after": "50"})
    full = reply({"people": people(MOST)})
    end = reply({"people": people(MOST)[-1:]})
    driver = Driver(stores, play(slow, full, slow, end), {"retry": RetryPolicy(deadline=60.0)})

    assert ids([driver.page(account("offsets"), limit=10)]) == [1, 2, 3, 4, 5]
    assert driver.waits == [50.0, 50.0]


@pytest.mark.parametrize(
    ("outcome", "kind", "attempts"),
    [(DOWN, ProviderUnavailableError, 5), (LOST, TransportError, 5), (BUSY, RateLimitedError, 5)],
)
def test_patience_ends_with_the_last_attempt(
    stores: Registry, outcome: Any, kind: type[Exception], attempts: int
) -> None:
    driver = Driver(stores, play(*[outcome] * 9))

    with pytest.raises(kind):
        driver.page(account("offsets"))
    assert (len(driver.sent), len(driver.waits)) == (attempts, attempts - 1)


def test_patience_is_that_of_the_settings(stores: Registry) -> None:
    driver = Driver(stores, play(DOWN, DOWN), {"retry": RetryPolicy(attempts=2, first_delay=8.0)})

    with pytest.raises(ProviderUnavailableError):
        driver.page(account("offsets"))
    assert driver.waits == [4.0]


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (reply({"message": "who?"}, 401), AuthenticationError),
        (reply({"message": "what?"}, 400), RejectedInputError),
        (reply({}, 501), ProviderUnavailableError),
        (TransportError("no such host", retryable=False), TransportError),
    ],
)
def test_what_cannot_pass_is_raised_at_once(stores: Registry, outcome: Any, kind: type[Exception]) -> None:
    driver = Driver(stores, play(outcome))

    with pytest.raises(kind):
        driver.page(account("offsets"))
    assert driver.waits == []


def test_a_list_whose_endpoint_may_write_is_not_sent(stores: Registry) -> None:
    driver = Driver(stores, play())

    with pytest.raises(WriteRefused) as caught:
        driver.page(account("unsafe"))
    assert (caught.value.message, driver.sent) == (
        "unsafe POST /people may write, and this call may only read (a POST that reads says read_only: true)",
        [],
    )


def throttled(requested: int, available: int, rate: int) -> Any:
    cost = {"requestedQueryCost": requested, "throttleStatus": {"currentlyAvailable": available, "restoreRate": rate}}
    return reply(
        {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}}
    )


NO_CUSTOMERS = reply({"data": {"customers": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}})


def test_a_bucket_that_is_empty_is_waited_for_by_its_formula_inside_http_200(stores: Registry) -> None:
    driver = Driver(stores, play(throttled(752, 252, 100), throttled(752, 750, 100), NO_CUSTOMERS))

    assert driver.page(SHOP).result == []
    assert driver.waits == [5.0, 1.0]


def test_a_bucket_that_fills_too_slowly_is_told_and_not_waited_for(stores: Registry) -> None:
    driver = Driver(stores, play(throttled(1000, 0, 10)), {"retry": RetryPolicy(deadline=60.0)})

    with pytest.raises(RateLimitedError) as caught:
        driver.page(SHOP)
    assert (caught.value.retry_after, caught.value.status_code, driver.waits) == (100.0, 200, [])


def test_every_try_is_authorized_and_no_error_shows_the_secret(stores: Registry) -> None:
    echo = reply({"message": "bad token t0ken-of-acme"}, 401)
    driver = Driver(stores, play(DOWN, echo))

    with pytest.raises(AuthenticationError) as caught:
        driver.page(account("offsets"))

    assert [request.headers for request in driver.sent] == [(("Authorization", "Bearer t0ken-of-acme"),)] * 2
    assert caught.value.to_dict() == {
        "statusCode": 401,
        "error": "Unauthorized",
        "message": "offsets GET /people: bad token [redacted] (HTTP 401); refused: token",
        "truto_is_remote_error": True,
        "raw_response": {"message": "bad token [redacted]"},
    }


# ------------------------------------------------------------------------------------------------------ get


def test_get_gives_one_unified_record(stores: Registry) -> None:
    driver = Driver(stores, play(reply({"person": person(7)})))

    assert driver.get(account("offsets"), "7") == unified(person(7))
    assert driver.sent == [
        Request("GET", f"{ROOT}/people/7", "", (("Authorization", "Bearer t0ken-of-acme"),), None, is_safe=True)
    ]


def test_get_shapes_the_record_and_passes_the_callers_query_through(stores: Registry) -> None:
    driver = Driver(stores, play(reply({"person": person(7)})))
    got = driver.get(
        account("offsets"),
        "7/8",
        remote_query={"deep": True, "in": ["a", "b"]},
        exclude_fields=("name",),
        ignore_remote_data=True,
    )
    expected = unified(person(7))

    assert got == {name: expected[name] for name in expected if name not in {"name", "remote_data"}}
    assert (driver.sent[0].url, driver.sent[0].query) == (f"{ROOT}/people/7%2F8", "deep=true&in=a&in=b")


def test_get_retries_like_any_call(stores: Registry) -> None:
    driver = Driver(stores, play(BUSY, LOST, reply({"person": person(7)})))

    assert driver.get(account("offsets"), "7")["id"] == "7"
    assert driver.waits == [3.0, 0.5]


@pytest.mark.parametrize("record_id", [None, "", "  "])
def test_get_needs_an_id(stores: Registry, record_id: str | None) -> None:
    with pytest.raises(InvalidInput, match=r"^get needs an id$"):
        Driver(stores, play()).get(account("offsets"), record_id)


@pytest.mark.parametrize("record_id", ["x", "17x", ".", "..", "...", "\ud800"])
def test_an_id_that_cannot_be_one_is_refused_unsent(stores: Registry, record_id: str) -> None:
    with pytest.raises(InvalidInput, match=r"is not a valid id of offsets"):
        Driver(stores, play()).get(account("offsets"), record_id)


def test_an_unknown_id_is_not_found(stores: Registry) -> None:
    for outcome in (reply({"person": None}), reply({"message": "none"}, 404), reply({"code": "LOST"}, 400)):
        driver = Driver(stores, play(outcome))

        with pytest.raises(NotFoundError) as caught:
            driver.get(account("offsets"), "7")
        assert caught.value.raw_response == json.loads(outcome.body)


@pytest.mark.parametrize(
    ("provider", "body", "where"),
    [("offsets", {"man": {}}, "person"), ("offsets", [], "person"), ("woocommerce", None, "the whole body")],
)
def test_an_answer_without_its_record_is_a_broken_mapping(
    stores: Registry, provider: str, body: Any, where: str
) -> None:
    keys = {"consumer_key": "ck_1234", "consumer_secret": "cs_1234"}
    shop = Account(provider="woocommerce", credentials=keys, context={"store_url": "https://acme.example.test"})
    to = {"woocommerce": shop}.get(provider, account("offsets"))

    with pytest.raises(MappingError, match=f"record: no record at {where} ") as caught:
        Driver(stores, play(reply(body))).get(to, "7")
    assert caught.value.remote_data == body


def test_a_filtered_list_serves_where_there_is_no_call_for_one_record(stores: Registry) -> None:
    driver = Driver(stores, play(reply({"people": [person(7), person(8)]})))

    assert driver.get(account("by_list"), "7") == unified(person(7), company_name=None)
    assert [(request.url, request.query) for request in driver.sent] == [(f"{ROOT}/people", "only=7")]


@pytest.mark.parametrize("people", [[], [person(8)]], ids=["nobody", "somebody else"])
def test_a_filtered_list_without_the_record_is_not_found(stores: Registry, people: list[Any]) -> None:
    body = {"people": people}

    with pytest.raises(NotFoundError, match=rf'^by_list has no {RESOURCE} with the id "7"$') as caught:
        Driver(stores, play(reply(body))).get(account("by_list"), "7")
    assert (caught.value.status_code, caught.value.raw_response) == (200, body)


@pytest.mark.parametrize("body", [{"persons": []}, {"people": None}, {"people": {}}])
def test_a_filtered_list_that_is_none_is_a_broken_mapping(stores: Registry, body: Any) -> None:
    with pytest.raises(MappingError):
        Driver(stores, play(reply(body))).get(account("by_list"), "7")


def test_a_record_that_breaks_the_mapping_is_raised_by_get(stores: Registry) -> None:
    with pytest.raises(MappingError) as caught:
        Driver(stores, play(reply({"person": person(7, name=[])}))).get(account("offsets"), "7")
    assert (caught.value.field, caught.value.remote_data) == ("name", person(7, name=[]))


# ------------------------------------------------------------------------------------------- lists, page by page


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [None, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 40])
def test_every_record_comes_once_and_in_order_at_any_limit(stores: Registry, kind: str, limit: int | None) -> None:
    store = PretendStore(kind, people(12))
    pages = Driver(stores, store).walk(account(kind), limit=limit)
    results = [record for page in pages for record in page.result]

    assert results == [unified(person) for person in people(12)]
    assert all(0 < page.result_count <= (limit or MOST) for page in pages[:-1])
    assert sum(page.request_count for page in pages) == len(store.asked)


@given(st.sampled_from(KINDS), st.integers(0, 24), st.none() | st.integers(1, 30))
def test_walking_the_cursors_loses_and_repeats_nothing(
    stores: Registry, kind: str, count: int, limit: int | None
) -> None:
    pages = Driver(stores, PretendStore(kind, people(count))).walk(account(kind), limit=limit)
    sizes = [page.result_count for page in pages]

    assert ids(pages) == list(range(1, count + 1))
    assert all(0 < size <= (limit or MOST) for size in sizes[:-1])
    assert 0 <= sizes[-1] <= (limit or MOST)


@given(st.sampled_from(sorted(FREE_START - {"offsets"})), st.integers(1, 24), st.integers(1, 30))
def test_where_a_page_may_start_anywhere_and_the_total_is_told_no_request_is_wasted(
    stores: Registry, kind: str, count: int, limit: int
) -> None:
    pages = Driver(stores, PretendStore(kind, people(count))).walk(account(kind), limit=limit)

    assert all(page.request_count <= max(-(-page.result_count // MOST), 1) for page in pages)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"numbers", "numbers_more", "offsets"}))
def test_one_call_for_everything_reads_no_page_twice(stores: Registry, kind: str) -> None:
    driver = Driver(stores, PretendStore(kind, people(12)))
    page = driver.page(account(kind), limit=60)

    assert (ids([page]), page.next_cursor, page.request_count) == (list(range(1, 13)), None, 3)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("offsets", [("offset", 0, 5), ("offset", 4, 5), ("offset", 8, 5), ("offset", 12, 5)]),
        # Numbered pages start at multiples of their size: another size makes them overlap.
        ("numbers_more", [("page", 1, 5), ("page", 2, 4), ("page", 2, 5), ("page", 4, 3)]),
        ("numbers", [("page", 1, 5), ("page", 2, 4), ("page", 2, 5), ("page", 4, 3), ("page", 3, 5)]),
    ],
)
def test_pages_overlap_where_no_total_tells_whether_they_shifted(
    stores: Registry, kind: str, asked: list[tuple[str, int, int]]
) -> None:
    store = PretendStore(kind, people(12))
    page = Driver(stores, store).page(account(kind), limit=60)

    assert (ids([page]), page.next_cursor, page.may_have_changed) == (list(range(1, 13)), None, False)
    assert store.asked == [{name: str(place), "size": str(size)} for name, place, size in asked]


@pytest.mark.parametrize(
    ("limit", "sizes"),
    [(3, ["3"]), (5, ["5"]), (6, ["3", "3"]), (8, ["4", "4"]), (11, ["4", "4", "4"])],
)
def test_numbered_pages_of_a_call_are_equal_so_that_none_is_cut(stores: Registry, limit: int, sizes: list[str]) -> None:
    store = PretendStore("numbers_total", people(20))
    Driver(stores, store).page(account("numbers_total"), limit=limit)

    assert [ask["size"] for ask in store.asked] == sizes


def test_the_limit_may_change_from_page_to_page(stores: Registry) -> None:
    for kind in KINDS:
        driver = Driver(stores, PretendStore(kind, people(12)))
        first = driver.page(account(kind), limit=2)
        second = driver.page(account(kind), limit=4, next_cursor=first.next_cursor)
        third = driver.page(account(kind), next_cursor=second.next_cursor, limit=90)

        assert ids([first, second, third]) == list(range(1, 13))
        assert third.next_cursor is None


def test_a_list_without_pagination_is_cut_by_the_limit_too(stores: Registry) -> None:
    body = reply({"people": people(5)})
    pages = Driver(stores, lambda _request: body).walk(account("one_page"), limit=2)

    assert [page.result_count for page in pages] == [2, 2, 1]
    assert ids(pages) == [1, 2, 3, 4, 5]
    assert ids([Driver(stores, lambda _request: body).page(account("one_page"))]) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("kind", ["numbers_total", "numbers_offset"])
@pytest.mark.parametrize("dropped", [("x-total",), ("x-total", "x-pages")])
def test_headers_that_a_proxy_drops_lose_no_record(stores: Registry, kind: str, dropped: tuple[str, ...]) -> None:
    store = PretendStore(kind, people(12))

    def behind_proxy(request: Request) -> Any:
        response = store(request)
        return replace(response, headers=tuple(pair for pair in response.headers if pair[0] not in dropped))

    assert ids(Driver(stores, behind_proxy).walk(account(kind), limit=5)) == list(range(1, 13))


def test_pages_that_are_shorter_than_asked_lose_no_record_where_the_total_is_told(stores: Registry) -> None:
    for kind in ("numbers_total", "offsets_body", "cursors", "links", "edges"):
        store = PretendStore(kind, people(12))

        def short(request: Request, store: PretendStore = store) -> Any:
            if store.kind == "offsets_body":
                return store(replace(request, body=(request.body or b"").replace(b'"size":5', b'"size":2')))
            return store(replace(request, query=request.query.replace("size=5", "size=2")))

        assert ids([Driver(stores, short).page(account(kind), limit=60)]) == list(range(1, 13))


def test_native_parameters_are_sent_with_every_page(stores: Registry) -> None:
    since = datetime(2024, 1, 1, tzinfo=UTC)
    call: dict[str, Any] = {
        "filters": (Filter("created_at", "gte", since),),
        "sort": Sort("updated_at", "desc"),
        "remote_query": {"role": "all"},
    }
    store = PretendStore("offsets", people(7))
    page = Driver(stores, store).page(account("offsets"), limit=7, **call)

    assert store.asked == [
        {"order": "-updated", "since": "2024-01-01T00:00:00Z", "role": "all", "size": "5", "offset": "0"},
        {"order": "-updated", "since": "2024-01-01T00:00:00Z", "role": "all", "size": "5", "offset": "4"},
    ]
    assert page.result[0] == unified(person(1), first_name="2024-01-01T00:00:00Z")
    assert page.query_plan == (
        PlanEntry("created_at[gte]", "native", "exact", "since=2024-01-01T00:00:00Z"),
        PlanEntry("sort_by[updated_at]", "native", "exact", "order=-updated"),
    )


# ------------------------------------------------------------------------------- filters that the engine does


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 30])
def test_filtered_pages_are_full_and_together_they_are_all(stores: Registry, kind: str, limit: int) -> None:
    pages = Driver(stores, PretendStore(kind, people(23))).walk(account(kind), filters=(LIKE_1,), limit=limit)
    wanted = [number for number in range(1, 24) if "1" in str(number)]

    assert ids(pages) == wanted
    assert [page.result_count for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert pages[0].query_plan == (
        PlanEntry("name[like]", "emulated", reason='the provider has no filter for "name[like]"'),
    )


@given(st.sampled_from(KINDS), st.sets(st.integers(1, 24)), st.integers(0, 24), st.none() | st.integers(1, 9))
def test_emulated_filters_equal_a_filter_of_the_whole_list(
    stores: Registry, kind: str, chosen: set[int], count: int, limit: int | None
) -> None:
    marked = [person(number, name="yes" if number in chosen else "no") for number in range(1, count + 1)]
    driver = Driver(stores, PretendStore(kind, marked))
    pages = driver.walk(account(kind), filters=(Filter("name", "eq", "YES "),), limit=limit)

    assert ids(pages) == sorted(number for number in chosen if number <= count)
    assert all(page.result for page in pages[:-1])


def test_a_wider_native_filter_is_checked_again(stores: Registry) -> None:
    store = PretendStore("offsets", people(7))
    page = Driver(stores, store).page(account("offsets"), filters=(Filter("email", "eq", "P6@x.test"),), limit=9)

    assert (ids([page]), page.next_cursor) == ([6], None)
    assert [ask["mail"] for ask in store.asked] == ["P6@x.test"] * 3
    assert page.query_plan == (PlanEntry("email", "native", "wider", "mail=P6@x.test"),)


def test_a_filter_may_be_ignored_or_refused_instead(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("offsets", people(3)))
    page = driver.page(account("offsets"), filters=(LIKE_1,), unsupported="ignore")

    assert ids([page]) == [1, 2, 3]
    assert [entry.how for entry in page.query_plan] == ["ignored"]
    with pytest.raises(UnsupportedParameter):
        driver.page(account("offsets"), filters=(LIKE_1,), unsupported="error")
    assert len(driver.sent) == 1


# --------------------------------------------------------------------------------- sorts that the engine does

CREATED = st.none() | st.integers(0, 4).map(lambda minute: f"2024-01-01T00:0{minute}:00")


@given(
    st.sampled_from(KINDS),
    st.lists(CREATED, max_size=12),
    st.none() | st.integers(1, 14),
    st.sampled_from(["asc", "desc"]),
)
def test_pages_of_an_emulated_sort_equal_the_sorted_whole(
    stores: Registry, kind: str, moments: list[str | None], limit: int | None, direction: Any
) -> None:
    natives = [person(number, created=moment) for number, moment in enumerate(moments, start=1)]
    pages = Driver(stores, PretendStore(kind, natives)).walk(
        account(kind), sort=Sort("created_at", direction), limit=limit
    )
    by_id = sorted(natives, key=lambda native: str(native["id"]))
    dated = sorted(
        (native for native in by_id if native["created"]),
        key=lambda native: str(native["created"]),
        reverse=direction == "desc",
    )
    expected = [native["id"] for native in (*dated, *(native for native in by_id if not native["created"]))]

    assert ids(pages) == expected
    assert [page.result_count for page in pages[:-1]] == [limit or 0] * (len(pages) - 1)


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_sort_ends_even_where_broken_records_have_neither_key_nor_id(
    stores: Registry, direction: Any, limit: int
) -> None:
    body = reply({"people": [*people(14), {"id": None}, {"id": None}, {"id": None}]})
    driver = Driver(stores, lambda _request: body)
    pages = driver.walk(account("one_page"), sort=Sort("created_at", direction), limit=limit)
    found = [record["id"] for page in pages for record in page.result]

    assert found[-3:] == [None, None, None]
    assert sorted(found[:-3], key=int, reverse=direction == "desc") == found[:-3]
    assert len(found) == 17


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_sort_goes_on_where_the_last_record_would_stand_when_it_is_gone(stores: Registry, direction: Any) -> None:
    store = PretendStore("offsets", [*people(8), person(9, created=None)])
    driver = Driver(stores, store)
    call: dict[str, Any] = {"sort": Sort("created_at", direction), "limit": 4}
    first = driver.page(account("offsets"), **call)
    last = ids([first])[-1]
    store.people = [person for person in store.people if person["id"] != last]
    second = driver.page(account("offsets"), next_cursor=first.next_cursor, **call)
    third = driver.page(account("offsets"), next_cursor=second.next_cursor, **call)
    expected = {"asc": [1, 2, 3, 4, 5, 6, 7, 8, 9], "desc": [8, 7, 6, 5, 4, 3, 2, 1, 9]}[direction]

    assert ids([first, second, third]) == expected


def test_an_emulated_sort_reads_the_whole_list_whatever_the_limit(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("numbers_total", people(12)))
    page = driver.page(account("numbers_total"), sort=Sort("created_at", "desc"), limit=2)

    assert (ids([page]), page.request_count) == ([12, 11], 3)
    assert page.query_plan == (PlanEntry("sort_by[created_at]", "emulated", reason="the provider cannot sort by it"),)


# -------------------------------------------------------------------------------------------------- budgets


def test_a_page_of_too_many_records_is_refused(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("numbers_total", people(12)), {"budget": Budget(max_page_records=4)})

    with pytest.raises(ProviderError) as caught:
        driver.page(account("numbers_total"))

    assert (caught.value.code, caught.value.retryable, caught.value.message) == (
        "page_too_large",
        False,
        f"numbers_total {RESOURCE}: a page holds 5 records, and Budget.max_page_records allows 4",
    )


def test_a_large_page_of_broken_records_is_not_examined_to_its_end(
    stores: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped_pages, "_MAX_BROKEN_RECORDS", 2)
    broken: Any = []
    records = [*people(1), *[broken] * 4]
    driver = Driver(stores, PretendStore("numbers_total", records))

    with pytest.raises(MappingError) as caught:
        driver.page(account("numbers_total"))

    assert caught.value.message.startswith(
        f"numbers_total {RESOURCE}: record: more than 2 of 5 records break the mapping; one of them: a record must be"
    )


@pytest.mark.parametrize(
    ("budget", "spent", "read"),
    [
        (Budget(max_requests=2), "max_requests=2", "2 requests (10 records)"),
        (Budget(max_records=7), "max_records=7", "2 requests (10 records)"),
    ],
)
@pytest.mark.parametrize(
    ("call", "name"),
    [
        ({"sort": Sort("created_at", "asc"), "limit": 1}, "sort_by[created_at]"),
        ({"filters": (Filter("name", "eq", "P12"),)}, "name"),
        ({"filters": (Filter("email", "eq", "p12@x.test"),)}, "email"),
    ],
)
def test_a_budget_that_is_used_up_is_named(
    stores: Registry, budget: Budget, spent: str, read: str, call: dict[str, Any], name: str
) -> None:
    driver = Driver(stores, PretendStore("numbers_total", people(12)), {"budget": budget})

    with pytest.raises(UnsupportedParameter) as caught:
        driver.page(account("numbers_total"), **call)

    assert (caught.value.message, caught.value.parameter) == (
        f"numbers_total {RESOURCE}: {name} is served by reading the list, and {read} were not enough; the budget "
        f"{spent} is used up. Raise it, or narrow the list with what the provider serves itself",
        name,
    )


def test_a_used_up_budget_names_the_native_form_that_may_miss_records(stores: Registry) -> None:
    page = {"nodes": [{"id": "gid://shopify/Customer/1"}], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}
    driver = Driver(stores, play(reply({"data": {"customers": page}})), {"budget": Budget(max_requests=1)})

    with pytest.raises(UnsupportedParameter) as caught:
        driver.page(SHOP, filters=(Filter("email", "eq", "a@x.test"),), unsupported="emulate_may_miss")

    assert caught.value.message.endswith(
        'or narrow the list with what the provider serves itself; with unsupported="emulate" the provider serves more '
        "itself, and may miss records"
    )


def test_what_was_found_within_the_budget_is_a_page_and_the_cursor_goes_on(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("numbers_total", people(23)), {"budget": Budget(max_requests=2)})
    pages = driver.walk(account("numbers_total"), filters=(LIKE_1,), limit=30)

    assert [ids([page]) for page in pages] == [[1, 10], [11, 12, 13, 14, 15, 16, 17, 18, 19], [21]]


# ---------------------------------------------------------------------------------------------- broken lists


def stuck(driver: Driver, kind: str, message: str, **call: Any) -> None:
    with pytest.raises(ProviderError) as caught:
        driver.walk(account(kind), **call)

    assert caught.value.message == f"{kind} {RESOURCE}: {message}; stopped so as not to loop"
    assert (caught.value.code, caught.value.status_code) == ("pagination_loop", 200)


@pytest.mark.parametrize(
    ("kind", "limit"), [("cursors", 30), ("cursors", 5), ("cursors_more", 30), ("cursors_more", 1)]
)
def test_a_page_that_names_itself_as_the_next_is_no_way_on(stores: Registry, kind: str, limit: int) -> None:
    def provider(request: Request) -> Any:
        number = 0 if b"begin" in (request.body or b"after") and b"after" not in request.query.encode() else 5
        return reply({"people": [person(number + 1), person(number + 2)], "next": "after-5", "more": True})

    stuck(Driver(stores, provider), kind, "the provider gave the same page again", limit=limit)


def test_a_page_that_was_read_before_is_no_way_on(stores: Registry) -> None:
    following = {"": "a", "after=a": "b", "after=b": "a"}
    numbers = iter(range(1, 100))

    def provider(request: Request) -> Any:
        key = request.query.partition("&")[2]
        return reply({"people": [person(next(numbers))], "next": following[key]})

    stuck(Driver(stores, provider), "cursors", "the provider gave the same page again", limit=30)


def test_a_page_without_a_new_record_is_no_way_on(stores: Registry) -> None:
    stuck(
        Driver(stores, lambda _request: reply({"people": people(5)})),
        "offsets",
        "the provider gave the same page again",
        limit=30,
    )


def test_newcomers_before_the_place_repeat_nobody(stores: Registry) -> None:
    pages = play(reply({"people": people(5)}), reply({"people": people(7)[3:]}), reply({"people": people(7)[6:]}))

    assert ids([Driver(stores, pages).page(account("offsets"), limit=30)]) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"persons": []}, "no list of records at people"),
        ({"people": None}, "no list of records at people"),
        ({"people": {"a": {}}}, "no list of records at people"),
        ([], "no list of records at people"),
        (None, "no list of records at people"),
    ],
)
def test_an_answer_without_its_list_is_an_error_and_never_an_empty_list(
    stores: Registry, body: Any, message: str
) -> None:
    with pytest.raises(MappingError) as caught:
        Driver(stores, play(reply(body))).page(account("offsets"))

    assert caught.value.message.startswith(f"offsets {RESOURCE}: record: {message} (")


def test_an_answer_without_a_body_is_an_empty_list_where_that_is_declared(stores: Registry) -> None:
    assert Driver(stores, play(reply(b"", 204))).page(account("offsets")) == Page(result=[], request_count=1)


@pytest.mark.parametrize(
    ("outcome", "kind", "message"),
    [
        (
            reply(b"<html>maintenance</html>", 200, {"content-type": "text/html"}),
            ProviderUnavailableError,
            'offsets GET /people: the answer is an HTML page and not JSON: "maintenance" (HTTP 200)',
        ),
        (
            reply(b'<b>Warning</b>: x in y.php\n{"people": []}', 200, {"content-type": "application/json"}),
            ProviderUnavailableError,
            'offsets GET /people: the answer holds a message of PHP before its JSON: "Warning: x in y.php" (HTTP 200)',
        ),
        (reply(b""), ProviderUnavailableError, "offsets GET /people: the answer has an empty body (HTTP 200)"),
    ],
)
def test_an_answer_that_is_no_json_is_never_a_list(
    stores: Registry, outcome: Any, kind: type[ProviderError], message: str
) -> None:
    driver = Driver(stores, play(*[outcome] * 5))

    with pytest.raises(kind) as caught:
        driver.page(account("offsets"))
    assert (caught.value.message, caught.value.code, driver.waits) == (message, "not_json", [0.25, 0.5, 1.0, 2.0])


def test_a_warning_inside_http_200_is_an_error_and_not_a_wider_answer(stores: Registry) -> None:
    warning = {"field": "created_at", "message": "Invalid search field for this query.", "code": "invalid_field"}
    body = json.loads(NO_CUSTOMERS.body) | {"extensions": {"search": [{"warnings": [warning]}]}}

    with pytest.raises(RejectedInputError) as caught:
        Driver(stores, play(reply(body))).page(SHOP)
    assert (caught.value.code, caught.value.status_code) == ("invalid_field", 200)


def test_a_connection_that_breaks_off_is_no_whole_list(stores: Registry) -> None:
    body = {"data": {"people": {"nodes": [person(1)], "pageInfo": {"hasNextPage": True, "endCursor": None}}}}

    with pytest.raises(ProviderError) as caught:
        Driver(stores, play(reply(body))).page(account("edges"))
    assert caught.value.code == "page_lost"


# --------------------------------------------------------------------------------------------- broken records

MIXED = [person(1), person(2, name=[], status="odd"), person(3, status="odd"), person(4), person(5)]
FAULT = RecordError(1, "name", "expected text, got a list")


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        ("keep_raw", [1, 2, 3, 4, 5]),
        ("skip", [1, 3, 4, 5]),
    ],
)
def test_a_broken_record_is_kept_or_left_out_and_counted(stores: Registry, policy: Any, kept: list[int]) -> None:
    page = Driver(stores, PretendStore("numbers_total", MIXED)).page(account("numbers_total"), on_record_error=policy)

    assert (ids([page]), page.record_errors, page.unmapped) == (kept, (FAULT,), {"status=odd": 2})


def test_a_broken_record_is_raised_where_that_is_asked_for(stores: Registry) -> None:
    with pytest.raises(MappingError) as caught:
        Driver(stores, PretendStore("offsets", MIXED)).page(account("offsets"), on_record_error="raise")
    assert (caught.value.field, caught.value.remote_data) == ("name", MIXED[1])


@pytest.mark.parametrize("kind", KINDS)
def test_records_left_out_are_made_up_for_by_the_next_page(stores: Registry, kind: str) -> None:
    natives = [*MIXED, *people(9)[5:]]
    pages = Driver(stores, PretendStore(kind, natives)).walk(account(kind), on_record_error="skip", limit=4)

    assert [ids([page]) for page in pages if page.result] == [[1, 3, 4, 5], [6, 7, 8, 9]]


def test_a_page_of_broken_records_means_a_broken_mapping(stores: Registry) -> None:
    natives = [person(number, name=[]) for number in range(1, 3)]

    with pytest.raises(MappingError, match="2 of 2 records break the mapping"):
        Driver(stores, PretendStore("offsets", natives)).page(account("offsets"))


@pytest.mark.parametrize(("limit", "partial"), [(5, True), (2, False), (3, True)])
def test_a_page_is_partial_when_one_of_its_records_is(stores: Registry, limit: int, partial: bool) -> None:
    natives = [person(number, is_brief=number == 3) for number in range(1, 6)]
    page = Driver(stores, PretendStore("numbers", natives)).page(account("numbers"), limit=limit)

    assert page.is_partial_response is partial


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({}, unified(person(1))),
        ({"response_format": "raw"}, person(1)),
        ({"response_format": "normalized"}, {**unified(person(1)), "remote_data": None}),
    ],
)
def test_records_are_shaped_as_the_caller_wants_them(
    stores: Registry, call: dict[str, Any], expected: dict[str, Any]
) -> None:
    (record,) = Driver(stores, PretendStore("offsets", people(1))).page(account("offsets"), **call).result

    assert {"remote_data": None, **record} == {"remote_data": None, **expected}
    assert ("remote_data" in record) == (call == {})


# -------------------------------------------------------------------------------------------------- cursors


@pytest.mark.parametrize(
    "other",
    [
        {"filters": (Filter("name", "like", "2"),)},
        {"filters": ()},
        {"sort": Sort("created_at", "asc")},
        {"unsupported": "ignore"},
        {"remote_query": {"role": "all"}},
    ],
)
def test_a_cursor_belongs_to_its_query(stores: Registry, other: dict[str, Any]) -> None:
    driver = Driver(stores, PretendStore("offsets", people(12)))
    call: dict[str, Any] = {"filters": (LIKE_1,), "limit": 1}
    first = driver.page(account("offsets"), **call)

    with pytest.raises(InvalidCursor, match=r"^this cursor belongs to another account, resource, query or sort"):
        driver.page(account("offsets"), **call | other, next_cursor=first.next_cursor)
    assert len(driver.sent) == 1


def test_a_cursor_belongs_to_its_account_but_not_to_its_token(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("offsets", people(12)))
    cursor = driver.page(account("offsets"), limit=2).next_cursor

    for other in (account("offsets", id="b"), account("offsets", context={"shop": "b"}), account("cursors")):
        with pytest.raises(InvalidCursor):
            driver.page(other, limit=2, next_cursor=cursor)
    rotated = account("offsets", credentials={"token": "another"})
    assert ids([driver.page(rotated, limit=2, next_cursor=cursor)]) == [3, 4]


def test_a_cursor_is_sealed_with_the_key_of_the_settings(stores: Registry) -> None:
    store = PretendStore("offsets", people(12))
    cursor = Driver(stores, store, {"cursor_key": b"one"}).page(account("offsets"), limit=2).next_cursor

    with pytest.raises(InvalidCursor, match=r"^this cursor is damaged"):
        Driver(stores, store, {"cursor_key": b"two"}).page(account("offsets"), limit=2, next_cursor=cursor)


def test_a_cursor_never_leads_to_another_origin(stores: Registry) -> None:
    driver = Driver(stores, play())
    forged = write_cursor(Position({"url": "https://evil.test/people"}), driver.binding(account("links")), b"driver")

    with pytest.raises(InvalidCursor, match=r"outside the provider's API root$"):
        driver.page(account("links"), next_cursor=forged)
    with pytest.raises(InvalidCursor, match=r"outside the provider's API root$"):
        driver.first_request(account("links"), next_cursor=forged)
    assert driver.sent == []


def test_a_cursor_shows_no_secret(stores: Registry) -> None:
    for kind in KINDS:
        page = Driver(stores, PretendStore(kind, people(12))).page(account(kind), limit=2)
        raw = base64.urlsafe_b64decode(f"{page.next_cursor}==")

        assert b"t0ken-of-acme" not in raw


# -------------------------------------------------------------------------------------------------- explain


@pytest.mark.parametrize("kind", [*KINDS, "one_page"])
def test_the_first_request_is_known_without_sending_it(stores: Registry, kind: str) -> None:
    driver = Driver(stores, PretendStore(kind, people(3)))
    first = driver.first_request(account(kind), limit=3)

    assert (first.headers == (), driver.sent) == (
        kind not in {"numbers_body", "offsets_body", "cursors_more", "edges"},
        [],
    )
    driver.page(account(kind), limit=3)
    assert replace(driver.sent[0], headers=first.headers) == first


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sort", [None, Sort("created_at", "asc")])
def test_the_request_behind_a_cursor_is_known_without_sending_it(
    stores: Registry, kind: str, sort: Sort | None
) -> None:
    driver = Driver(stores, PretendStore(kind, people(12)))
    cursor = driver.page(account(kind), limit=2, sort=sort).next_cursor
    already = len(driver.sent)
    explained = driver.first_request(account(kind), limit=2, sort=sort, next_cursor=cursor)
    driver.page(account(kind), limit=2, sort=sort, next_cursor=cursor)

    assert replace(driver.sent[already], headers=explained.headers) == explained


@given(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(1, 3))
def test_an_instant_is_compared_as_an_instant(stores: Registry, moment: datetime, seconds: int) -> None:
    before, after = (moment + timedelta(seconds=seconds * sign) for sign in (-1, 1))
    natives = [person(n, created=format_time(one).removesuffix("Z")) for n, one in enumerate([before, moment, after])]
    driver = Driver(stores, PretendStore("offsets", natives))

    found = {
        op: ids([driver.page(account("offsets"), filters=(Filter("created_at", op, moment),))])
        for op in ("eq", "gt", "lt", "lte")
    }
    assert found == {"eq": [1], "gt": [2], "lt": [0], "lte": [0, 1]}
