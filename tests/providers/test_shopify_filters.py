"""Filters and sorts at the pretend Shopify store, over a real socket: hostile values, and the engine's own filters."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.loopback import PEOPLE, Loopback
from tests.twins import SyncTwin, Twin, both
from truto_unify import Registry
from truto_unify.sandbox.shopify.search import SearchTerm, parse_search

if TYPE_CHECKING:
    from truto_unify.sandbox.people import Person


@pytest.fixture
def people(loopback: Loopback) -> list[Person]:
    return loopback.store("shopify").people


def asked(loopback: Loopback) -> list[dict[str, Any]]:
    """The variables of each request that reached the store."""
    return [json.loads(request.body)["variables"] for request in loopback.store("shopify").requests]


def read_terms(query: str) -> list[tuple[str, str]]:
    """The terms of a search text, as the store's own parser reads it; all of them must hold."""
    tree: Any = parse_search(query)
    parts = getattr(tree, "parts", (tree,))
    assert getattr(tree, "joiner", "and") == "and"
    assert {type(part) for part in parts} == {SearchTerm}
    return [(part.field, part.value) for part in parts]


HOSTILE = [
    pytest.param('Ana "The Rock" Ruiz', ["Ana", '"The', 'Rock"', "Ruiz"], id="double quotes"),
    pytest.param("O'Neil 'x", ["O'Neil", "'x"], id="single quotes"),
    pytest.param("back\\slash \\", ["back\\slash"], id="backslashes"),
    pytest.param('end\\"', ['end\\"'], id="an escaped quote"),
    pytest.param("a:b first_name:Zoe", ["a:b", "first_name:Zoe"], id="colons"),
    pytest.param("Ana OR Ben AND NOT Cy", ["Ana", "OR", "Ben", "AND", "NOT", "Cy"], id="operators"),
    pytest.param("-Ana (Ben)", ["-Ana", "(Ben)"], id="minus and parentheses"),
    pytest.param("Ana* b*c", ["Ana*", "b*c"], id="stars"),
    pytest.param("id:>1 *:* tag:x", ["id:>1", "tag:x"], id="other fields"),
    pytest.param("Ana\tRuiz", None, id="a tab"),
    pytest.param("Ana\nRuiz", None, id="a line break"),
    pytest.param("Ana\x00Ruiz", None, id="NUL"),
    pytest.param("* OR *", ["OR"], id="an operator between stars"),
    pytest.param("--- !", None, id="no letter"),
    pytest.param("ﬁ Ｚｏë 李", ["ﬁ", "Ｚｏë", "李"], id="other letters"),
]


@both
@pytest.mark.parametrize(("name", "words"), HOSTILE)
def test_a_hostile_name_reaches_the_store_as_plain_words_or_not_at_all(
    name: str, words: list[str] | None, twin: type[Twin], loopback: Loopback, people: list[Person]
) -> None:
    people[40] = replace(people[40], first_name=name, last_name="")

    page = twin(on_wait=loopback.clock.advance).list(loopback.account("shopify"), name=name, limit=1)

    sent = {variables.get("query") for variables in asked(loopback)}
    assert [read_terms(query) for query in sent if query] == [[("default", word) for word in words or ()]] * bool(words)
    assert [entry.how for entry in page.query_plan] == ["native" if words else "emulated"]
    assert [record.id for record in page.result] == ["7000000000041"]


@pytest.mark.parametrize(("name", "words"), HOSTILE)
@pytest.mark.parametrize(("parameter", "field"), [("first_name", "first_name"), ("last_name", "last_name")])
def test_a_hostile_part_of_a_name_reaches_the_store_as_one_phrase_or_not_at_all(
    parameter: str, field: str, name: str, words: list[str] | None, loopback: Loopback, people: list[Person]
) -> None:
    names = {"first_name": "x", "last_name": "y", parameter: name}
    people[40] = replace(people[40], first_name=names["first_name"], last_name=names["last_name"])

    page = SyncTwin(on_wait=loopback.clock.advance).list(loopback.account("shopify"), limit=1, **{parameter: name})

    sent = {variables.get("query") for variables in asked(loopback)}
    assert [read_terms(query) for query in sent if query] == [[(field, name)]] * bool(words)
    assert [record.id for record in page.result] == ["7000000000041"]


@both
def test_a_name_of_100_kilobytes_is_quoted_word_by_word(
    twin: type[Twin], loopback: Loopback, people: list[Person]
) -> None:
    name = "ab " * 33_000 + '"'
    people[40] = replace(people[40], first_name=name, last_name="")
    client = twin(on_wait=loopback.clock.advance)

    page = client.list(loopback.account("shopify"), first_name=name, limit=1)

    assert read_terms(asked(loopback)[0]["query"]) == [("first_name", name)]
    assert [record.id for record in page.result] == ["7000000000041"]


@both
@pytest.mark.parametrize(
    "email", ['a"b@example.com', "a\\@example.com", "a OR email:*", "*", "x@example.com)", "-x@example.com", "'"]
)
def test_a_hostile_email_matches_no_other_customer(email: str, twin: type[Twin], loopback: Loopback) -> None:
    client = twin(on_wait=loopback.clock.advance)

    page = client.list(loopback.account("shopify"), email=email, limit=5)

    assert (page.result, page.next_cursor) == ([], None)
    sent = {variables.get("query") for variables in asked(loopback)}
    assert [read_terms(query) for query in sent if query] == [[("email", email)]] * any(map(str.isalnum, email))


@both
@pytest.mark.parametrize("number", ['+1555"', "+1555 OR phone:*", "*", "+15550100 x7", "15550100"])
def test_a_phone_that_is_no_e164_number_is_looked_for_on_the_records(
    number: str, twin: type[Twin], loopback: Loopback
) -> None:
    client = twin(on_wait=loopback.clock.advance)

    page = client.list(loopback.account("shopify"), phones=[{"number": number, "type": "primary"}], limit=5)

    assert [entry.how for entry in page.query_plan] == ["emulated"]
    assert {variables.get("query") for variables in asked(loopback)} == {None}


def test_times_are_quoted(loopback: Loopback) -> None:
    page = SyncTwin(on_wait=loopback.clock.advance).list(
        loopback.account("shopify"), limit=2, created_at={"gte": "2024-01-01T00:00:00+02:00"}, updated_at="2026-01-01"
    )

    assert asked(loopback)[0]["query"] == (
        "customer_date:>='2023-12-31T22:00:00Z' updated_at:>='2026-01-01T00:00:00Z' updated_at:<='2026-01-01T00:00:00Z'"
    )
    assert [(entry.how, entry.match) for entry in page.query_plan] == [("native", "may_miss"), ("native", "may_miss")]


FILTERS: list[dict[str, Any]] = [
    {"created_at": {"gt": "2024-06-01T00:00:00Z", "lte": "2025-06-01T00:00:00Z"}},
    {"updated_at": {"gte": "2025-06-01T00:00:00Z"}},
    {"created_at": PEOPLE[20].created_at},
    {"name": f"{PEOPLE[4].first_name} {PEOPLE[4].last_name}"},
    {"first_name": PEOPLE[7].first_name.upper()},
    {"last_name": PEOPLE[9].last_name},
    {"email": PEOPLE[12].email},
    {"emails": [{"email": PEOPLE[12].email, "is_primary": True}]},
    {"phones": [{"number": PEOPLE[14].phone, "type": "primary"}]},
    {"phones": [{"number": PEOPLE[14].phone, "type": "primary"}], "created_at": {"lt": "2030-01-01"}},
]


@pytest.fixture(scope="module")
def without_filters(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A mapping without native filters and sorts."""
    folder = tmp_path_factory.mktemp("overlay")
    file = folder / "mappings" / "ecommerce" / "customers" / "shopify.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"list": {"filters": None, "sort": None, "search": None}}))
    return Registry(overlay=[folder])


@pytest.mark.parametrize("query", FILTERS, ids=repr)
def test_a_filter_of_the_store_equals_the_filter_of_the_engine(
    query: dict[str, Any], without_filters: Registry, loopback: Loopback
) -> None:
    account = loopback.account("shopify")

    native = SyncTwin(on_wait=loopback.clock.advance).list(account, limit=1000, **query)
    emulated = SyncTwin(without_filters, on_wait=loopback.clock.advance).list(account, limit=1000, **query)

    assert {entry.how for entry in native.query_plan} == {"native"}
    assert {entry.how for entry in emulated.query_plan} == {"emulated"}
    assert native.result == emulated.result != []


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_sort_of_the_store_equals_the_sort_of_the_engine(
    field: str, direction: str, without_filters: Registry, loopback: Loopback
) -> None:
    account, sort = loopback.account("shopify"), {field: direction}

    native = SyncTwin(on_wait=loopback.clock.advance).list(account, limit=1000, sort_by=sort)
    emulated = SyncTwin(without_filters, on_wait=loopback.clock.advance).list(account, limit=1000, sort_by=sort)

    moments = [getattr(record, field) for record in native.result]
    assert moments == sorted(moments, reverse=direction == "desc")
    assert moments == [getattr(record, field) for record in emulated.result]
    assert {record.id for record in native.result} == {record.id for record in emulated.result}
