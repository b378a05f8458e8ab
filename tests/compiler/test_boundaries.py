"""What a text search takes for the records of a page are the records, or whoever decodes them finds out."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from truto_unify import MappingError, Registry
from truto_unify.compiler import boundaries
from truto_unify.compiler.boundaries import guess_records
from truto_unify.compiler.page import NotJson, check_syntax, cut_records

PATH = ("data", "people")
KEY = "identifier"
BETWEEN = f'}},{{"{KEY}":"gid://x/'
RESOURCE: Final = "ecommerce/customers"

TEXTS = st.sampled_from(["", "gid://x/1", "gid://x/2", BETWEEN, "}]", '"}]', "[{", "\\", "é", "/"])
VALUES = st.recursive(
    st.none() | st.integers(0, 3) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([KEY, "a", "}]", "{"]), inner),
    max_leaves=8,
)
RECORDS = st.lists(
    st.builds(lambda first, rest: {KEY: first, **rest}, TEXTS | VALUES, st.dictionaries(TEXTS, VALUES, max_size=3))
    | VALUES,
    max_size=5,
)


def write(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def page(records: str, *, before: str = "", after: str = "") -> bytes:
    return f'{{"data":{{{before}"people":{records}{after}}}}}'.encode()


def proven(body: bytes) -> list[bytes] | None:
    """The guess, if it holds."""
    found = guess_records(body, PATH)
    if found is None:
        return None
    pieces = list(found)
    try:
        check_syntax(pieces)
    except NotJson:
        return None
    return pieces


def cut(body: bytes) -> list[bytes] | None:
    try:
        found = cut_records(body, PATH)
    except NotJson:
        return None
    return None if found is None else list(map(bytes, found))


@given(RECORDS, st.none() | VALUES, st.none() | VALUES)
def test_a_guess_that_holds_is_the_truth(records: list[Any], before: Any, after: Any) -> None:
    first = "" if before is None else f'"before":{write(before)},'
    last = "" if after is None else f',"after":{write(after)}'
    body = page(write(records), before=first, after=last)
    guessed = proven(body)

    assert guessed is None or guessed == cut(body) == [write(one).encode() for one in records]


PIECES = ["{", "}", "[", "]", ",", '"', "\\", BETWEEN, f'[{{"{KEY}":"gid://x/', "}]", '"data":', '"people":', " ", "é"]


@given(RECORDS, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3), st.sampled_from(PIECES)), max_size=4))
@example([{KEY: "gid://x/1", "a": [{KEY: "gid://x/2"}, {KEY: "gid://x/2"}]}, {KEY: "gid://x/2"}], [])
@example([{KEY: "gid://x/1"}, {KEY: "gid://x/2"}], [(len(page("[")) - 2, 0, "[")])
def test_a_guess_that_holds_is_the_truth_of_any_bytes(records: list[Any], edits: list[tuple[int, int, str]]) -> None:
    body = page(write(records))
    for place, length, text in edits:
        body = body[:place] + text.encode() + body[place + length :]
    guessed = proven(body)

    assert guessed is None or guessed == cut(body)


@given(st.integers(1, 300), st.text("ab/é}]{[,", max_size=40))
def test_records_that_begin_alike_are_found(count: int, text: str) -> None:
    assume(BETWEEN not in text)
    records = [{KEY: f"gid://x/{number}", "note": text, "places": [{"id": 1}, {"id": 2}]} for number in range(count)]

    assert proven(page(write(records), after=',"next":null')) == [write(one).encode() for one in records]


TWO = write([{KEY: "gid://x/1"}, {KEY: "gid://x/2"}])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (page("[]"), "no record"),
        (page('[{"id":"1"},{"id":"2"}]'), "records begin with too little"),
        (page(json.dumps([{KEY: "gid://x/1"}, {KEY: "gid://x/2"}])), "blanks stand between records"),
        (page(write([{"a": 0, KEY: "gid://x/1"}])), "records begin with too little"),
        (page("[1,2]"), "no objects"),
        (page(TWO).replace(b"data", b"date"), "they stand elsewhere"),
        (page("[]", before=f'"others":{TWO},'), "other records stand before"),
        (page("null", before=f'"others":{TWO},'), "other records stand before"),
        (page(TWO, after=f',"others":{TWO}'), "other records stand behind"),
        (page(TWO, after=f',"people":{TWO}'), "the last of two counts"),
        (page(TWO)[:-1], "cut off"),
        (page(TWO)[:-6], "cut off inside a record"),
        (page(TWO)[: page(TWO).index(b"gid")], "cut off inside the first value"),
        (page(TWO)[: page(TWO).index(b'"gid')], "cut off before the first value"),
        (page(TWO)[: page(TWO).index(KEY.encode())], "cut off inside the first key"),
        (page(TWO) + b"}", "too much"),
        (page(TWO, before=f'"long":"{"x" * 5000}",'), "they begin late"),
        (page(TWO.replace("]", ",7]")), "something else at the end"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(body: bytes, reason: str) -> None:
    assert proven(body) is None, reason


def test_the_place_of_the_records_is_nothing_that_an_answer_can_say() -> None:
    body = page('["guess"]', before=f'"others":{TWO},')

    assert guess_records(body, PATH) is None
    assert len(json.loads(boundaries._PLACE)) == 32


# -------------------------------------------------------------------------------------------------- through a mapping


def nodes(*records: dict[str, Any], after: str = "") -> bytes:
    return f'{{"data":{{"customers":{{"nodes":{write(list(records))}{after}}}}}}}'.encode()


def customer(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"gid://shopify/Customer/{number}", "firstName": "Zoë", **more}


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return Registry()


def test_a_page_that_is_guessed_is_the_page_that_is_cut(shipped: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    mapper = shipped.mapper(RESOURCE, "shopify")
    body = nodes(*(customer(number, note=number) for number in range(20)), after=',"pageInfo":{"hasNextPage":false}')
    guessed = mapper.map_page(body)
    monkeypatch.setattr(mapper, "_cut", None)

    assert mapper.map_page(body) == guessed
    monkeypatch.undo()
    monkeypatch.setattr("truto_unify.mapping.mapper.guess_records", lambda *_: None)
    assert mapper.map_page(body) == guessed
    assert [one["id"] for one in json.loads(guessed)] == [str(number) for number in range(20)]


@pytest.mark.parametrize(
    "more",
    [
        {"amountSpent": 7},  # no object: the decoder refuses it
        {"metafields": [customer(1), customer(2)]},  # two that look like records
    ],
)
def test_a_page_that_is_guessed_wrongly_is_cut(shipped: Registry, more: dict[str, Any]) -> None:
    mapper = shipped.mapper(RESOURCE, "shopify")
    natives = [customer(1), customer(2, **more), customer(3)]
    made = json.loads(mapper.map_page(nodes(*natives)))

    assert made == [mapper.map(one) for one in natives]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (nodes(customer(1), customer(2))[:-1], "the body is not JSON: "),
        (nodes(customer(1), {**customer(2), "amountSpent": float("nan")}), "the body is not JSON: "),
        (nodes(customer(1), customer(2)).replace("ë".encode(), b"\xff"), "the record is not UTF-8: "),
        (nodes(customer(1), {**customer(2), "id": "gid://shopify/Customer/"}), "every record must have an id"),
        (nodes(customer(1), {**customer(2), "note": r"\ud83d"}).replace(rb"\\ud", rb"\ud"), "half of a character "),
    ],
)
def test_what_is_wrong_with_a_page_that_was_guessed_is_said(shipped: Registry, body: bytes, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        shipped.mapper(RESOURCE, "shopify").map_page(body)

    assert message in caught.value.message
