"""Different records of one page with the same id: none of them vanishes, and the page says so."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.engine.driver import Driver, ids
from tests.engine.stores import RESOURCE, account, people, person, reply
from truto_unify import AsyncClient
from truto_unify.engine.walks import tell_apart
from truto_unify.errors import MappingError
from truto_unify.types import JsonPage, RecordError

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.registry import Registry
    from truto_unify.types import Request, Response

SAME = 'another record of this page has the id "2", and it differs'
OTHER = person(2, name="Other")


def shows(*records: dict[str, Any]) -> Callable[[Request], Response]:
    return lambda _request: reply({"people": list(records), "total": len(records), "more": False})


def test_a_different_record_with_the_id_of_another_comes_too_and_is_reported(stores: Registry) -> None:
    page = Driver(stores, shows(*people(4), OTHER)).page(account("one_page"), limit=50)

    assert [(record["id"], record["name"]) for record in page.result][1::3] == [("2", "P2"), ("2", "Other")]
    assert page.record_errors == (RecordError(4, "id", SAME),)
    assert page.may_have_changed is False


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 50])
def test_it_comes_at_any_limit(stores: Registry, limit: int) -> None:
    pages = Driver(stores, shows(person(1), person(2), OTHER, person(3), person(4))).walk(
        account("one_page"), limit=limit
    )

    assert ids(pages) == [1, 2, 2, 3, 4]


def test_it_is_left_out_if_broken_records_are(stores: Registry) -> None:
    page = Driver(stores, shows(*people(4), OTHER)).page(account("one_page"), limit=50, on_record_error="skip")

    assert (ids([page]), page.record_errors) == ([1, 2, 3, 4], (RecordError(4, "id", SAME),))


def test_it_ends_the_call_if_broken_records_do(stores: Registry) -> None:
    with pytest.raises(MappingError) as caught:
        Driver(stores, shows(*people(4), OTHER)).page(account("one_page"), limit=50, on_record_error="raise")

    assert (SAME in caught.value.message, caught.value.field, caught.value.remote_data) == (True, "id", OTHER)


def test_more_than_a_quarter_of_them_mean_that_the_id_is_none(stores: Registry) -> None:
    records = [person(1, name=f"P{number}") for number in range(11)]
    with pytest.raises(MappingError, match="10 of 11 records break the mapping; the first: another record of"):
        Driver(stores, shows(*records)).page(account("one_page"), limit=50)


def test_a_page_of_thousands_is_not_mapped_to_its_end(stores: Registry) -> None:
    records = [person(1, name=f"P{number}") for number in range(2000)]
    with pytest.raises(MappingError, match="more than 250 of 2000 records break the mapping; one of them: another"):
        Driver(stores, shows(*records)).page(account("one_page"))


def test_an_equal_record_comes_once_and_is_no_fault(stores: Registry) -> None:
    reordered = dict(reversed(person(2).items()))
    page = Driver(stores, shows(*people(4), person(2), reordered)).page(account("one_page"))

    assert (ids([page]), page.record_errors) == ([1, 2, 3, 4], ())


def test_it_is_still_reported_once_its_side_loads_are_there(stores: Registry) -> None:
    records = (*people(4), OTHER)

    def provider(request: Request) -> Response:
        return shows(*records)(request) if request.url.endswith("/people") else reply({"cards": []})

    page = Driver(stores, provider).page(account("sides"), side_load=("cards",))

    assert (len(page.result), page.record_errors) == (5, (RecordError(4, "id", SAME),))


def test_a_record_of_another_kind_with_the_same_native_id_hides_none(stores: Registry) -> None:
    page = Driver(stores, shows(person(2, kind="robot"), *people(4))).page(account("sides"))

    assert (ids([page]), page.record_errors) == ([1, 2, 3, 4], ())


def test_items_of_a_side_load_with_one_id_all_come(stores: Registry) -> None:
    notes = [{"id": 7, "text": "a"}, {"id": 7, "text": "b"}, {"id": 7, "text": "a"}]

    def provider(request: Request) -> Response:
        return reply({"notes": notes}) if request.url.endswith("/notes") else reply({"person": person(1)})

    assert Driver(stores, provider).get(account("sides"), "1")["notes"] == ["a", "b"]


def test_the_json_of_a_page_holds_it_and_names_it(stores: Registry) -> None:
    records = [*people(4), OTHER]
    answer = httpx.MockTransport(lambda _request: httpx.Response(200, json={"people": records}))

    async def read() -> JsonPage:
        async with AsyncClient(stores, transport=answer) as client:
            return await client.list_json(RESOURCE, account("one_page"))

    page = asyncio.run(read())

    assert [record["name"] for record in json.loads(page.body)["result"]] == ["P1", "P2", "P3", "P4", "Other"]
    assert page.page.record_errors == (RecordError(4, "id", SAME),)


def test_bytes_that_are_no_json_are_told_apart_as_they_are() -> None:
    assert tell_apart(["1", "1", "1"], [b"{", b"[", b"{"])[1] == [(1, 0)]
