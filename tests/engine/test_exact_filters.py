"""A filter that the provider is said to serve exactly is looked at again, and a missing field proves nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.engine.exact_filters import ExactFilters
from truto_unify.engine.local_query import contradicts, matches
from truto_unify.models import RESOURCES
from truto_unify.types import Filter, PlanEntry

SCHEMA = RESOURCES["ecommerce/customers"]
SINCE = Filter("updated_at", "gte", datetime(2024, 5, 1, tzinfo=UTC))
EMAIL = Filter("email", "eq", "ana@shop.example")
PRIMARY = Filter("emails", "eq", {"email": "ana@shop.example", "is_primary": True})
OLD, NEW = "2024-04-30T23:59:59Z", "2024-05-01T00:00:00Z"


def emails(*addresses: str) -> list[dict[str, Any]]:
    return [{"email": address, "is_primary": index == 0} for index, address in enumerate(addresses)]


@pytest.mark.parametrize(
    ("record", "condition", "is_contradiction"),
    [
        ({"updated_at": NEW}, SINCE, False),
        ({"updated_at": OLD}, SINCE, True),
        ({"updated_at": None}, SINCE, False),
        ({}, SINCE, False),
        ({"emails": emails("bo@shop.example", "Ana@shop.example ")}, EMAIL, False),
        ({"emails": emails("bo@shop.example")}, EMAIL, True),
        ({"emails": []}, EMAIL, False),
        ({"emails": emails("bo@shop.example", "ana@shop.example")}, PRIMARY, True),
        ({"emails": emails("ana@shop.example")}, PRIMARY, False),
    ],
)
def test_a_record_contradicts_a_filter_if_it_holds_the_field_and_does_not_match(
    record: dict[str, Any], condition: Filter, is_contradiction: bool
) -> None:
    assert contradicts(record, condition, SCHEMA) is is_contradiction


@given(st.fixed_dictionaries({"name": st.none() | st.sampled_from(["Ana", "ana ", "Bo"])}))
def test_no_record_both_matches_and_contradicts(record: dict[str, Any]) -> None:
    condition = Filter("name", "eq", "Ana")

    assert not (matches(record, [condition], SCHEMA) and contradicts(record, condition, SCHEMA))


def test_the_records_that_are_left_out_are_counted_for_each_filter() -> None:
    entries = (PlanEntry("updated_at[gte]", "native", "exact"), PlanEntry("name", "emulated"))
    filters = ExactFilters((("updated_at[gte]", SINCE),), SCHEMA)

    accepted = [filters.accepts({"updated_at": time}) for time in (OLD, NEW, OLD, None)]

    assert accepted == [False, True, False, True]
    assert filters.counted(entries) == (
        PlanEntry("updated_at[gte]", "native", "exact", misses=2),
        PlanEntry("name", "emulated"),
    )


@pytest.mark.parametrize(
    ("times", "ignored"),
    [([], None), ([OLD, OLD], "updated_at[gte]"), ([OLD, NEW], None), ([OLD, None], None)],
)
def test_a_filter_is_ignored_if_every_record_contradicts_it(times: list[str | None], ignored: str | None) -> None:
    filters = ExactFilters((("updated_at[gte]", SINCE),), SCHEMA)

    assert filters.ignored_by([{"updated_at": time} for time in times]) == ignored
