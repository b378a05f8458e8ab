"""Structs of unified records are encoded like dicts."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.compiler.result import Result, result_type

NAMES = st.one_of(
    st.sampled_from(["id", "class", "_id", "__init__", "_attributes", "a b", "naïve", "", "1st", "é"]),
    st.text(max_size=6),
)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=9))


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_a_struct_is_encoded_like_the_dict_of_the_same_parts(parts: dict[str, Any]) -> None:
    kind = result_type(tuple(parts))

    if kind is None:
        assert any(set(name) & set('"\\') or not name.isprintable() for name in parts)
        return
    record = kind(*parts.values())
    assert orjson.loads(msgspec.json.encode(record)) == parts
    assert {name: record[name] for name in parts} == parts


def test_a_part_can_be_changed_by_its_name() -> None:
    kind = result_type(("number", "a b"))
    assert kind is not None
    record = kind("1", "2")

    record["number"], record["a b"] = "3", "4"

    assert (record.number, record["a b"]) == ("3", "4")  # type: ignore[attr-defined]  # made at run time
    assert isinstance(record, Result)


@pytest.mark.parametrize("name", ['"', "\\", "\n", "\x00", "\ud800"])
def test_a_name_that_must_be_escaped_gives_no_struct(name: str) -> None:
    assert result_type(("id", name)) is None
