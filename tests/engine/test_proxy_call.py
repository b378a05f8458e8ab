from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.driver import Driver, Outcome, play
from tests.engine.stores import KINDS, PretendStore, account, person, reply
from truto_unify import (
    ForbiddenParameter,
    InvalidCursor,
    InvalidId,
    InvalidInput,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    TransportError,
    UnifyError,
    UnknownResource,
    UnsupportedMethod,
    WriteRefused,
)
from truto_unify.engine.proxy_call import CustomCall, NativeCall, call_custom, call_native, list_native
from truto_unify.types import NativeAnswer, Page, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.registry import Registry
    from truto_unify.types import Request

EMPTY = reply({"people": [], "total": 0, "more": False})
BUSY = reply({"message": "slow down"}, 429, {"retry-after": "3"})
DOWN = reply({"message": "down"}, 503)
LOST = TransportError("GET https://acme.example.test/api/people: no answer in time (ReadTimeout)")
FORM = "application/x-www-form-urlencoded"
PEOPLE = [person(number) for number in range(1, 13)]


def native(stores: Registry, kind: str, provider: Callable[[Request], Outcome], **call: Any) -> tuple[Any, Driver]:
    """What a native list gives, and the driver that it ran on."""
    driver = Driver(stores, provider)
    asked = NativeCall(**{"resource": "people", "method": "list", **call})
    run = list_native if asked.method == "list" else call_native
    return driver.run(run(stores.provider(kind), account(kind), asked, driver.settings)), driver


def custom(stores: Registry, provider: Callable[[Request], Outcome], **call: Any) -> tuple[NativeAnswer, Driver]:
    driver = Driver(stores, provider)
    asked = CustomCall(**{"method": "GET", "path": "/x", **call})
    return driver.run(call_custom(stores.provider("offsets"), account("offsets"), asked, driver.settings)), driver


@pytest.mark.parametrize("limit", [None, 1, 3, 4, 5, 9, 12, 40])
@pytest.mark.parametrize("kind", [*KINDS, "one_page"])
def test_every_way_of_paging_gives_each_record_once(stores: Registry, kind: str, limit: int | None) -> None:
    people = PEOPLE[:5] if kind == "one_page" else PEOPLE
    store = PretendStore(kind, people)
    found: list[Any] = []
    cursor = None
    while True:
        page: Page[Any] = native(stores, kind, store, limit=limit, next_cursor=cursor)[0]
        assert page.result or page.next_cursor is None
        assert len(page.result) <= (limit or 5) or kind == "one_page"
        found += page.result
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == people


def test_a_cursor_belongs_to_its_query_and_account(stores: Registry) -> None:
    store = PretendStore("offsets", PEOPLE)
    cursor = native(stores, "offsets", store)[0].next_cursor
    with pytest.raises(InvalidCursor, match="belongs to another"):
        native(stores, "offsets", store, query={"only": "x"}, next_cursor=cursor)
    with pytest.raises(InvalidCursor, match="belongs to another"):
        native(stores, "cursors", store, next_cursor=cursor)


def test_the_query_goes_to_the_provider_with_our_authorization(stores: Registry) -> None:
    page, driver = native(stores, "offsets", PretendStore("offsets", PEOPLE), query={"tag": ["a b", "c"]})
    (sent,) = driver.sent
    assert (sent.query, dict(sent.headers)) == (
        "tag=a%20b&tag=c&size=5&offset=0",
        {"Authorization": "Bearer t0ken-of-acme"},
    )
    assert (page.request_count, page.rate_limit) == (1, None)


def test_the_query_of_a_call_by_post_goes_into_its_body(stores: Registry) -> None:
    _, driver = native(stores, "offsets_body", PretendStore("offsets_body", PEOPLE), query={"filter": {"name": "P1"}})
    assert json.loads(driver.sent[0].body or b"") == {"filter": {"name": "P1"}, "paging": {"size": 5, "offset": 0}}


def test_variables_of_graphql(stores: Registry) -> None:
    _, driver = native(stores, "edges", PretendStore("edges", PEOPLE), query={"only": "P1"})
    assert json.loads(driver.sent[0].body or b"")["variables"] == {"only": "P1", "size": 5}


def test_one_record_is_the_body_as_it_came(stores: Registry) -> None:
    body = b'{"person" : {"id":7}}'
    answer, driver = native(stores, "offsets", play(reply(body)), method="get", id="7 a/b")
    assert (answer.body, answer.status, answer.is_json) == (body, 200, True)
    assert driver.sent[0].url.endswith("/people/7%20a%2Fb")


def test_an_empty_status_is_an_empty_page(stores: Registry) -> None:
    assert native(stores, "offsets", play(reply(b"", 204)))[0].result == []


@pytest.mark.parametrize(
    ("kind", "call", "error", "message"),
    [
        ("offsets", {"resource": "men"}, UnknownResource, 'offsets has no native resource "men"; it has people'),
        ("offsets", {"method": "create"}, UnsupportedMethod, 'offsets people has no "create"; it has list, get'),
        ("offsets", {"method": "get"}, InvalidInput, "offsets people.get needs an id"),
        ("offsets", {"method": "get", "id": " "}, InvalidInput, "offsets people.get needs an id"),
        (
            "offsets",
            {"method": "get", "id": "x"},
            InvalidId,
            '"x" is not a valid id of offsets people.get',
        ),
        ("offsets", {"method": "get", "id": ".."}, InvalidId, '".." is not a valid id of offsets people.get'),
        (
            "offsets",
            {"query": {"offset": "3"}},
            InvalidInput,
            'the query may not set "offset", which pages the list; use limit and next_cursor',
        ),
        (
            "offsets",
            {"query": {"token": "3"}},
            InvalidInput,
            'the query may not set "token", which belongs to the account',
        ),
        ("sides", {"resource": "people", "method": "filtered"}, InvalidInput, "sides people.filtered needs an id"),
    ],
)  # fmt: skip
def test_an_impossible_call_is_not_sent(
    stores: Registry, kind: str, call: dict[str, Any], error: type[UnifyError], message: str
) -> None:
    with pytest.raises(error) as caught:
        native(stores, kind, play(), **call)
    assert caught.value.message == message


def test_a_list_that_gives_one_record(stores: Registry) -> None:
    driver = Driver(stores, play())
    asked = NativeCall(resource="people", method="get", id="1")
    with pytest.raises(UnsupportedMethod, match=r"^offsets people\.get gives one record and no list$"):
        driver.run(list_native(stores.provider("offsets"), account("offsets"), asked, driver.settings))


def test_a_refusal_is_a_typed_error(stores: Registry) -> None:
    with pytest.raises(NotFoundError) as caught:
        native(stores, "offsets", play(reply({"code": "LOST", "message": "gone"}, 400)), method="get", id="1")
    assert (caught.value.code, caught.value.raw_response) == ("LOST", {"code": "LOST", "message": "gone"})


def test_what_passes_is_tried_again(stores: Registry) -> None:
    page, driver = native(stores, "offsets", play(reply({}, 503), reply({"people": [], "total": 0})))
    assert (page.result, driver.waits) == ([], [0.25])


@pytest.mark.parametrize("body", [{}, {"people": None}, {"people": {"id": 1}}, []])
def test_an_answer_without_its_list_is_an_error(stores: Registry, body: Any) -> None:
    with pytest.raises(ProviderError, match="offsets people: no list of records at people") as caught:
        native(stores, "offsets", play(reply(body)))
    assert (caught.value.code, caught.value.raw_response) == ("no_records", body)


def test_a_provider_that_gives_the_same_cursor_again(stores: Registry) -> None:
    again = reply({"people": [PEOPLE[0]], "next": "here"})
    cursor = native(stores, "cursors", play(again))[0].next_cursor
    with pytest.raises(ProviderError, match="the same page again"):
        native(stores, "cursors", play(again), next_cursor=cursor)


# ----------------------------------------------------------------------------------------------------------- custom


def test_any_path_with_our_authorization(stores: Registry) -> None:
    answer, driver = custom(stores, play(reply({"a": 1})), path="/a b/c", query=[("q", "x y"), ("q", "2")])
    (sent,) = driver.sent
    assert (sent.method, sent.url, sent.query) == ("GET", "https://acme.example.test/api/a%20b/c", "q=x%20y&q=2")
    assert dict(sent.headers) == {"Authorization": "Bearer t0ken-of-acme"}
    assert (answer.body, answer.is_json) == (b'{"a": 1}', True)


@pytest.mark.parametrize(
    ("response", "is_json"),
    [
        (Response(200, (("content-type", "image/png"),), b"\x89PNG"), False),
        (Response(204, (), b""), False),
        (Response(200, (), b"null"), True),
        (Response(201, (), b"[]"), True),
    ],
)
def test_a_good_answer_may_hold_anything(stores: Registry, response: Response, is_json: bool) -> None:
    answer, _ = custom(stores, play(response))
    assert (answer.status, answer.body, answer.is_json) == (response.status, response.body, is_json)


def test_a_body_is_sent_as_it_is_and_not_twice(stores: Registry) -> None:
    with pytest.raises(ProviderError) as caught:
        custom(stores, play(reply({}, 503)), method="POST", body=b"a,b", content_type="text/csv")
    assert caught.value.status_code == 503


def test_a_write_is_not_repeated_after_a_bandwidth_limit_which_may_come_after_its_execution(stores: Registry) -> None:
    with pytest.raises(RateLimitedError) as caught:
        custom(stores, play(reply(b"Bandwidth", 509)), method="POST", body=b"a", content_type="text/csv")
    assert caught.value.status_code == 509


def test_a_refusal_for_lack_of_quota_is_repeated_even_so(stores: Registry) -> None:
    answer, driver = custom(
        stores, play(reply({}, 429, {"retry-after": "3"}), reply({})), method="POST", body=b"a", content_type="text/csv"
    )
    assert (answer.status, driver.waits, dict(driver.sent[1].headers)["Content-Type"]) == (200, [3.0], "text/csv")
    with pytest.raises(RateLimitedError):
        custom(stores, play(reply({}, 429, {"retry-after": "3000"})), method="POST")


@pytest.mark.parametrize("path", ["x", "", "/a/../b", "/..", "/./a", "/a\\b", "/a\n", "/\x7f", "/\ud800", "//..//"])
def test_a_path_must_stay_below_the_root(stores: Registry, path: str) -> None:
    with pytest.raises(InvalidInput, match="below the provider's API root"):
        custom(stores, play(), path=path)


@pytest.mark.parametrize(
    "path", ["//evil.test/x", "/@evil.test", "/http://evil.test", "/%2e%2e/x", "/?a=b", "/#x", "/{x}"]
)
def test_odd_paths_stay_with_the_provider(stores: Registry, path: str) -> None:
    _, driver = custom(stores, play(reply({})), path=path)
    (sent,) = driver.sent
    assert sent.url.startswith("https://acme.example.test/api/")
    assert not {"?", "#", "{"} & set(sent.url)
    assert "%2e" not in sent.url


@pytest.mark.parametrize(
    ("outcome", "kind"), [(DOWN, ProviderUnavailableError), (LOST, TransportError), (reply({}, 408), ProviderError)]
)
def test_what_may_have_been_carried_out_is_not_repeated(stores: Registry, outcome: Any, kind: type[Exception]) -> None:
    driver = Driver(stores, play(outcome))
    call = NativeCall(resource="people", method="list")

    with pytest.raises(kind):
        driver.run(list_native(stores.provider("unsafe"), account("unsafe"), call, driver.settings))
    assert driver.waits == []


def test_what_was_refused_for_lack_of_quota_is_repeated_even_if_unsafe(stores: Registry) -> None:
    page, driver = native(stores, "unsafe", play(BUSY, EMPTY))

    assert page.result == []
    assert driver.waits == [3.0]


@pytest.mark.parametrize(
    ("run", "call"),
    [
        (list_native, NativeCall(resource="people", method="list")),
        (call_native, NativeCall(resource="people", method="list", body={"a": 1})),
        *((call_custom, CustomCall(method=method, path="/x")) for method in ("POST", "PUT", "PATCH", "DELETE")),
        (call_custom, CustomCall(method="GET", path="/x", body=b"{}")),
    ],
)
def test_a_read_only_account_sends_nothing_that_may_write(stores: Registry, run: Any, call: Any) -> None:
    driver = Driver(stores, play())
    with pytest.raises(WriteRefused, match="this call may only read"):
        driver.run(run(stores.provider("unsafe"), replace(account("unsafe"), is_read_only=True), call, driver.settings))
    assert driver.sent == []


@pytest.mark.parametrize(
    ("call", "label"),
    [
        (CustomCall(method="POST", path="/x", query=[("_method", "PUT")]), "the query"),
        (CustomCall(method="POST", path="/x", body=b'{"_method": "PUT"}'), "the body"),
        (CustomCall(method="POST", path="/x", body=b"a=1&.method=PUT", content_type=FORM), "the body"),
    ],
)
def test_no_custom_call_changes_its_own_method(stores: Registry, call: CustomCall, label: str) -> None:
    driver = Driver(stores, play())
    with pytest.raises(ForbiddenParameter, match=rf"^{label} may not set .*, which changes the HTTP method"):
        driver.run(call_custom(stores.provider("offsets"), account("offsets"), call, driver.settings))
    assert driver.sent == []


@pytest.mark.parametrize("name", ["token", "TOKEN", "token[]"])
def test_what_belongs_to_the_account_is_not_for_callers(stores: Registry, name: str) -> None:
    with pytest.raises(InvalidInput, match="belongs to the account"):
        custom(stores, play(), query=[(name, "x")])
