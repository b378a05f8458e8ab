"""Answers that are no list, lists that go round in circles, and records that break the mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.driver import Driver, ids, play
from tests.engine.stores import (
    KINDS,
    RESOURCE,
    PretendStore,
    account,
    people,
    person,
    reply,
    unified,
)
from truto_unify.errors import (
    MappingError,
    ProviderError,
    ProviderUnavailableError,
    RejectedInputError,
)
from truto_unify.types import Account, Page, RecordError, Request

if TYPE_CHECKING:
    from truto_unify.registry import Registry

SHOP = Account(provider="shopify", credentials={"access_token": "shpat_0123"}, context={"shop": "acme"})


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
    customers = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    body = {"data": {"customers": customers}, "extensions": {"search": [{"warnings": [warning]}]}}

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


@pytest.mark.parametrize("kind", KINDS)
def test_each_of_several_equal_records_without_an_id_counts(stores: Registry, kind: str) -> None:
    natives: list[Any] = [None, *people(5)[1:], None, *people(10)[6:]]
    pages = Driver(stores, PretendStore(kind, natives)).walk(account(kind), limit=10)

    numbers = [record["id"] for page in pages for record in page.result]
    assert numbers == [None, "2", "3", "4", "5", None, "7", "8", "9", "10"]
    messages = [error.message for page in pages for error in page.record_errors]
    assert messages == ["a record must be an object, not null"] * 2


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
