"""JSON is read as the standard library reads it, faster where that makes no difference."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.mapping.json_input import NotJson, cut_record, cut_records, parse_json, split_page, to_strict_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def outcome(run: Any) -> str:
    try:
        return repr(run())
    except (ValueError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"


@given(VALUES, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_value_is_the_one_of_the_standard_library(value: Any, ascii_only: bool, encoding: str) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode(encoding, "surrogatepass")

    assert repr(parse_json(body)[0]) == repr(json.loads(body))


@pytest.mark.parametrize(
    "body",
    [
        b"-0",
        b"-0.0",
        b"1E400",
        b"-1e400",
        b"1e-400",
        b"123456789012345678901234567890",
        b"[1,]",
        b"01",
        b"1.",
        b"",
        b"[1] x",
        b'"a\nb"',
        b'"\x7f"',
        b'"\\u0000"',
        b'"\xff"',
        b'{"a":1,"a":2}',
        b"[" * 100_000,
    ],
)
def test_odd_and_invalid_json_is_read_as_by_the_standard_library(body: bytes) -> None:
    assert outcome(lambda: parse_json(body)[0]) == outcome(lambda: json.loads(body))


@pytest.mark.parametrize(
    ("body", "value", "strict"),
    [
        (rb'["\ud83d\ude00", "NaN"]', ["\U0001f600", "NaN"], None),
        (
            rb'["\ud83d", "\ude00\ud83d", "\\ud83d"]',
            ["\ufffd", "\ufffd\ufffd", "\\ud83d"],
            rb'["\ufffd", "\ufffd\ufffd", "\\ud83d"]',
        ),
        (b"[NaN, -Infinity,Infinity, 1.10]", [None, None, None, 1.1], b"[null, null,null, 1.10]"),
        (
            b'["\xed\xa0\xbd\xed\xb8\x80", "\xed\xa0\xbd"]',
            ["\U0001f600", "\ufffd"],
            '["\U0001f600", "\ufffd"]'.encode(),
        ),
        ("[1.10]".encode("utf-16"), [1.1], b"[1.10]"),
        (b"[" + b"9" * 5000 + b"]", [float("inf")], None),
    ],
)
def test_what_servers_write_and_json_lacks_is_replaced_and_all_else_stays(
    body: bytes, value: Any, strict: bytes | None
) -> None:
    assert (parse_json(body)[0], to_strict_json(body)) == (value, strict)


@given(VALUES)
def test_strict_json_is_left_alone(value: Any) -> None:
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")

    assert parse_json(body)[1] or to_strict_json(body) is None


BODY = b'{"a": {"list": [{"id": 1.50}, {"id": 2}], "one": {"id": 1.50}}, "next": "x"}'


def test_records_are_cut_out_as_they_stand() -> None:
    assert list(map(bytes, cut_records(BODY, ("a", "list")) or ())) == [b'{"id": 1.50}', b'{"id": 2}']
    assert cut_record(BODY, ("a", "one")) == b'{"id": 1.50}'
    assert cut_record(BODY, ("a", "two")) is None


def test_an_answer_is_split_into_its_envelope_and_its_records() -> None:
    split = split_page(BODY, ("a", "list"))
    assert split is not None
    envelope, records = split

    assert envelope == {"a": {"list": [], "one": {"id": 1.5}}, "next": "x"}
    assert list(map(bytes, records)) == [b'{"id": 1.50}', b'{"id": 2}']


def test_records_that_begin_and_end_alike_are_cut_at_their_own_places() -> None:
    alike = [json.dumps({"text": "a" * 100, "n": number, "more": "b" * 100}) for number in range(150)]
    body = f'{{"before": [{", ".join(alike)}], "list": [{", ".join(alike[3:6])}], "after": [{", ".join(alike)}]}}'
    split = split_page(body.encode(), ("list",))

    # The same records stand outside the list, where they begin first: the list cannot be told apart.
    assert split is None
    body = (
        f'{{"before": [{", ".join(alike[6:])}], "list": [{", ".join(alike[3:6])}], "after": [{", ".join(alike[6:])}]}}'
    )
    split = split_page(body.encode(), ("list",))
    assert split is not None
    assert [bytes(record).decode() for record in split[1]] == alike[3:6]
    assert split[0] == {**json.loads(body), "list": []}


@pytest.mark.parametrize("path", [("a",), ("b",), ("a", "list", "id")])
def test_an_answer_without_its_list_is_not_split(path: tuple[str, ...]) -> None:
    assert split_page(BODY, path) is None


def test_a_body_that_is_no_json_cannot_be_cut() -> None:
    with pytest.raises(NotJson, match="the body is not JSON: Expecting value: line 1 column 1"):
        cut_records(b"<html>", ())
