from __future__ import annotations

import base64
import string
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.engine import cursor
from truto_unify.engine.cursor import Position, fingerprint, read_cursor, write_cursor
from truto_unify.engine.send import Settings
from truto_unify.errors import InvalidCursor

DAMAGED = "this cursor is damaged; pass next_cursor exactly as it was given"
KEY = b"a key of the tests"
ALPHABET = string.ascii_letters + string.digits + "-_"
BINDING = fingerprint("woocommerce", "https://shop.example", "ecommerce/customers", [])
PAGES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"offset": st.integers(0)}),
    st.fixed_dictionaries({"page": st.integers(0), "before": st.integers(0)}),
    st.fixed_dictionaries({"cursor": st.text(st.characters(codec=None))}),
    st.just({}),
)
POSITIONS = st.builds(
    Position,
    page=PAGES,
    skip=st.integers(0, 300),
    size=st.none() | st.integers(1, 300),
    after=st.none() | st.tuples(st.integers(0, 1), st.text(), st.text()),
    given=st.lists(st.text(), max_size=3).map(tuple),
)


@given(POSITIONS, st.binary())
def test_a_cursor_is_read_back_as_its_position(position: Position, key: bytes) -> None:
    assert read_cursor(write_cursor(position, BINDING, key), BINDING, key) == position


@given(POSITIONS)
def test_a_cursor_is_text_for_an_address(position: Position) -> None:
    assert set(write_cursor(position, BINDING, KEY)) <= set(ALPHABET)


@given(POSITIONS, st.data())
def test_every_change_of_one_character_is_refused(position: Position, data: st.DataObject) -> None:
    cursor = write_cursor(position, BINDING, KEY)
    index = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.sampled_from(sorted({*ALPHABET, *"+/=. é"} - {cursor[index]})))

    with pytest.raises(InvalidCursor, match=f"^{DAMAGED}$"):
        read_cursor(cursor[:index] + other + cursor[index + 1 :], BINDING, KEY)


@pytest.mark.parametrize("skip", range(10, 16))
def test_every_other_last_character_is_refused(skip: int) -> None:
    cursor = write_cursor(Position({"offset": 10 ** (skip - 10)}, skip), BINDING, KEY)

    assert [last for last in ALPHABET if is_good(cursor[:-1] + last)] == [cursor[-1]]


@pytest.mark.parametrize("cursor", ["", "a", "====", "é", "\ud800", "not a cursor", "A" * 22, "A" * 21, "A" * 10_000])
def test_a_text_that_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor, match=f"^{DAMAGED}$"):
        read_cursor(cursor, BINDING, KEY)


@given(POSITIONS, st.text("=", min_size=1, max_size=3))
def test_a_cursor_with_padding_is_refused(position: Position, padding: str) -> None:
    with pytest.raises(InvalidCursor, match=f"^{DAMAGED}$"):
        read_cursor(write_cursor(position, BINDING, KEY) + padding, BINDING, KEY)


@given(POSITIONS, st.binary(), st.binary())
def test_another_key_is_refused(position: Position, key: bytes, other: bytes) -> None:
    with pytest.raises(InvalidCursor, match=f"^{DAMAGED}$"):
        # A key that ends in NUL is, for HMAC, the same as without it.
        read_cursor(write_cursor(position, BINDING, b"1" + key + b"1"), BINDING, b"2" + other + b"1")


@given(POSITIONS)
def test_another_call_is_refused(position: Position) -> None:
    other = fingerprint("woocommerce", "https://other.example", "ecommerce/customers", [])

    with pytest.raises(InvalidCursor, match=r"^this cursor belongs to another account, resource, query or sort; "):
        read_cursor(write_cursor(position, BINDING, KEY), other, KEY)


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("truto_unify.engine.cursor.VERSION", 0)
    old = write_cursor(Position({"offset": 10}), BINDING, KEY)
    monkeypatch.undo()

    with pytest.raises(InvalidCursor, match=r"^this cursor was made by another version; start again without a cursor$"):
        read_cursor(old, BINDING, KEY)


def test_a_cursor_holds_nothing_that_it_does_not_need() -> None:
    raw = base64.urlsafe_b64decode(write_cursor(Position({"offset": 10}), "b", KEY) + "==")

    assert raw[16:] == b'{"v":3,"b":"b","p":{"offset":10}}'


@pytest.mark.parametrize(
    "parts",
    [
        ("a", "b", {"x": 1}),
        ("b", "a", {"x": 1}),
        ("ab", {"x": 1}),
        ("a", "b", {"x": 2}),
        ("a", "b", {"x": "1"}),
        ("a", None, {"x": 1}),
        ("a", "\ud800", {"x": 1}),
    ],
)
def test_each_part_counts_in_the_binding(parts: tuple[Any, ...]) -> None:
    others = [("a", "b"), ("a", ["b", {"x": 1}]), ("a", "b", {"y": 1})]

    assert fingerprint(*parts) not in {fingerprint(*other) for other in others}


def test_the_order_of_names_does_not_count_in_the_binding() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_a_position_without_its_size_is_another_one() -> None:
    position = Position({"page": 2}, 3, 50)

    assert write_cursor(position, BINDING, KEY) != write_cursor(replace(position, size=None), BINDING, KEY)


def is_good(cursor: str) -> bool:
    try:
        read_cursor(cursor, BINDING, KEY)
    except InvalidCursor:
        return False
    return True


def test_a_client_seals_its_cursors_with_a_key_of_its_own() -> None:
    first, second = Settings(), Settings()
    cursor = write_cursor(Position({"offset": 10}), BINDING, first.cursor_key)

    assert read_cursor(cursor, BINDING, first.cursor_key) == Position({"offset": 10})
    with pytest.raises(InvalidCursor, match=f"^{DAMAGED}$"):
        read_cursor(cursor, BINDING, second.cursor_key)
    assert (len(first.cursor_key), "cursor_key" in repr(first)) == (32, False)


def test_every_part_of_a_position_has_a_letter_of_its_own() -> None:
    assert len({*cursor._LETTERS.values(), "v", "b"}) == len(fields(Position)) + 2
    assert set(cursor._LETTERS) == {field.name for field in fields(Position)}
