"""The compiled mapping equals the interpreted one, whatever a record holds."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loopback import Clock, make_sandbox
from truto_unify import Account, Client, Registry, Settings
from truto_unify.sandbox.serve import run_in_thread

RESOURCE = "ecommerce/customers"
REGISTRY = Registry()
ODD = st.sampled_from(
    [
        None,
        "",
        " ",
        " x ",
        0,
        1,
        -3,
        1.5,
        True,
        False,
        [],
        {},
        [None],
        ["a", 1],
        {"id": 1},
        "2024-02-30T00:00:00Z",
        "é\u2028",
    ]
)


@pytest.fixture(scope="module")
def natives() -> dict[str, list[Any]]:
    clock = Clock()
    sandbox = make_sandbox(clock)
    with run_in_thread(sandbox) as origin, Client(REGISTRY, settings=Settings(), sleep=clock.advance) as client:
        return {
            slug: [
                record.remote_data
                for record in client.list(RESOURCE, Account(**sandbox.account_arguments(slug, origin)), limit=40).result
            ]
            for slug in sandbox.stores
        }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [*([path] if path else []), *(place for key, one in inner for place in places(one, (*path, key)))]


def put(record: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(record)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return changed


def outcome(mapped: Any) -> tuple[Any, Any, Any]:
    return mapped.record, mapped.faults, mapped.unmapped


@pytest.mark.parametrize("slug", REGISTRY.providers)
def test_the_records_of_the_stores_come_out_the_same(natives: dict[str, list[Any]], slug: str) -> None:
    mapper = REGISTRY.mapper(RESOURCE, slug)

    assert [outcome(mapper.map_record(one)) for one in natives[slug]] == [
        outcome(mapper.interpret_record(one)) for one in natives[slug]
    ]


@pytest.mark.parametrize("slug", REGISTRY.providers)
@settings(max_examples=150)
@given(data=st.data())
def test_a_record_with_an_odd_value_comes_out_the_same(natives: dict[str, list[Any]], slug: str, data: Any) -> None:
    mapper = REGISTRY.mapper(RESOURCE, slug)
    record = data.draw(st.sampled_from(natives[slug]))
    changed = put(record, data.draw(st.sampled_from(places(record))), data.draw(ODD))

    assert outcome(mapper.map_record(changed)) == outcome(mapper.interpret_record(changed))
