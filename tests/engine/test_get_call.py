"""One unified record by its id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.driver import Driver, play
from tests.engine.stores import (
    RESOURCE,
    ROOT,
    account,
    person,
    reply,
    unified,
)
from truto_unify.errors import (
    InvalidInput,
    MappingError,
    NotFoundError,
    TransportError,
)
from truto_unify.types import Account, Request

if TYPE_CHECKING:
    from truto_unify.registry import Registry

BUSY = reply({"message": "slow down"}, 429, {"retry-after": "3"})
LOST = TransportError("GET https://acme.example.test/api/people: no answer in time (ReadTimeout)")


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
