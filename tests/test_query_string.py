from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.errors import InvalidInput
from truto_unify.query_string import MAX_DEPTH, MAX_PAIRS, read_query, split_query

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="[]"), min_size=1, max_size=6).filter(
    lambda name: not name.isdigit()
)
VALUES = st.text(st.characters(codec="utf-8"), max_size=8)
ELEMENTS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=3)
QUERIES = st.dictionaries(
    NAMES,
    VALUES
    | ELEMENTS
    | st.dictionaries(NAMES, ELEMENTS | st.lists(VALUES, min_size=1, max_size=3), min_size=1, max_size=2)
    | st.lists(VALUES, min_size=1, max_size=3)
    | st.lists(ELEMENTS, min_size=1, max_size=3),
    max_size=4,
)


def read(text: str) -> dict[str, Any]:
    return read_query(split_query(text))


def write(value: Any, name: str, *, indices: bool) -> Iterator[tuple[str, str]]:
    """The pairs of a nested value, the elements of lists by index or in order."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from write(inner, f"{name}[{key}]", indices=indices)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from write(inner, f"{name}[{index if indices else ''}]", indices=indices)
    else:
        yield name, value


def pairs_of(query: dict[str, Any], *, indices: bool) -> list[tuple[str, str]]:
    return [pair for name, value in query.items() for pair in write(value, name, indices=indices)]


@given(QUERIES)
def test_elements_with_an_index_come_back(query: dict[str, Any]) -> None:
    assert read_query(pairs_of(query, indices=True)) == query


@given(QUERIES)
def test_percent_encoded_brackets_and_values_come_back(query: dict[str, Any]) -> None:
    pairs = pairs_of(query, indices=True)
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)

    assert (read(text), read(f"?{text}")) == (query, query)


@given(st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=4), max_size=3))
def test_elements_without_an_index_come_back_in_order(query: dict[str, Any]) -> None:
    assert read_query(pairs_of(query, indices=False)) == query


@given(st.lists(st.fixed_dictionaries({"email": VALUES, "type": VALUES}), min_size=1, max_size=4))
def test_parts_without_an_index_belong_to_one_element_until_a_part_repeats(elements: list[dict[str, str]]) -> None:
    query = {"emails": elements}

    assert read_query(pairs_of(query, indices=False)) == query


@given(QUERIES, st.randoms(use_true_random=False))
def test_the_order_of_indexed_pairs_does_not_matter(query: dict[str, Any], random: Any) -> None:
    pairs = pairs_of(query, indices=True)
    random.shuffle(pairs)

    assert read_query(pairs) == query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", {}),
        ("?", {}),
        ("&&a=1&", {"a": "1"}),
        ("a", {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("a=x+y%20z", {"a": "x y z"}),
        ("a=%FF", {"a": "�"}),
        (
            "created_at[gte]=2024-01-01&created_at[lt]=2025-01-01",
            {"created_at": {"gte": "2024-01-01", "lt": "2025-01-01"}},
        ),
        ("sort_by[created_at]=desc", {"sort_by": {"created_at": "desc"}}),
        ("id[2]=c&id[0]=a&id[1]=b", {"id": ["a", "b", "c"]}),
        ("id[7]=a&id[10]=b", {"id": ["a", "b"]}),
        ("id[7]=a&id[]=b", {"id": ["a", "b"]}),
        ("id[01]=b&id[0]=a", {"id": ["a", "b"]}),
        ("e[][email]=a&e[][type]=x&e[][email]=b", {"e": [{"email": "a", "type": "x"}, {"email": "b"}]}),
        ("e[0][email]=a&e[][type]=x", {"e": [{"email": "a", "type": "x"}]}),
        ("email[in][]=a&email[in][]=b", {"email": {"in": ["a", "b"]}}),
        ("a[][]=1&a[][]=2", {"a": [["1", "2"]]}),
        ("a[²]=1", {"a": {"²": "1"}}),
        ("a[99999]=1", {"a": {"99999": "1"}}),
        ("a[b][c][d][e][f]=1", {"a": {"b": {"c": {"d": {"e": {"f": "1"}}}}}}),
    ],
)
def test_a_query_string_means_this(text: str, query: dict[str, Any]) -> None:
    assert read(text) == query


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("=1", 'cannot read the query parameter ""; write name[part]=value'),
        ("a[=1", 'cannot read the query parameter "a["; write name[part]=value'),
        ("a]=1", 'cannot read the query parameter "a]"; write name[part]=value'),
        ("[a]=1", 'cannot read the query parameter "[a]"; write name[part]=value'),
        ("a[b]c=1", 'cannot read the query parameter "a[b]c"; write name[part]=value'),
        ("a[[b]]=1", 'cannot read the query parameter "a[[b]]"; write name[part]=value'),
        ("a=1&a=2", 'the query parameter "a" is given twice; give it once, or a[]=… for each value'),
        ("a[b]=1&a[b]=2", 'the query parameter "a[b]" is given twice; give it once'),
        ("a[0]=1&a[0]=2", 'the query parameter "a[0]" is given twice; give it once'),
        ("a[0]=1&a[00]=2", 'the query parameter "a[00]" is given twice; give it once'),
        ("a=1&a[b]=2", 'the query parameter "a[b]" is used both as a value and as a group'),
        ("a[b]=1&a=2", 'the query parameter "a" is used both as a value and as a group'),
        ("a[b]=1&a[]=2", 'the query parameter "a[]" is used both as a value and as a group'),
        ("a[]=1&a[b]=2", 'the query parameter "a[b]" is used both as a value and as a group'),
        ("a[0]=1&a[0][b]=2", 'the query parameter "a[0][b]" is used both as a value and as a group'),
        ("a" + "[b]" * MAX_DEPTH + "=1", 'the query parameter "a[b][b][b][b][b][b]" is nested more than 6 deep'),
        ("x" * 200 + "[=1", f'cannot read the query parameter "{"x" * 80}"; write name[part]=value'),
        ("&".join(f"a{number}=1" for number in range(MAX_PAIRS + 1)), "the query has more than 200 parameters"),
    ],
)
def test_a_query_string_that_cannot_be_meant_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(text)

    assert caught.value.message == message


HOSTILE = st.lists(
    st.tuples(st.text("a0[]²", max_size=14) | st.from_regex(r"a(\[[0b]?\]){0,7}", fullmatch=True), st.text(max_size=2)),
    max_size=8,
)


@given(HOSTILE)
def test_hostile_names_give_a_query_or_invalid_input_and_nothing_else(pairs: list[tuple[str, str]]) -> None:
    assert isinstance(read_or_refuse(pairs), dict | InvalidInput)


@given(st.text(max_size=40))
def test_any_text_gives_a_query_or_invalid_input_and_nothing_else(text: str) -> None:
    assert isinstance(read_or_refuse(split_query(text)), dict | InvalidInput)


def read_or_refuse(pairs: list[tuple[str, str]]) -> dict[str, Any] | InvalidInput:
    try:
        return read_query(pairs)
    except InvalidInput as error:
        return error
