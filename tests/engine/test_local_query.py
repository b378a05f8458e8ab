from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from operator import eq, ge, gt, le, lt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.engine.local_query import matches, sort_key, sort_records
from truto_unify.mapping.record import UnifiedRecord
from truto_unify.models import RESOURCES
from truto_unify.models.fields import format_time
from truto_unify.types import Filter, Sort

CUSTOMERS = RESOURCES["ecommerce/customers"]
TEXTS = ("name", "first_name", "last_name", "company_name")
TIMES = ("created_at", "updated_at")
WORDS = st.sampled_from(["Ana", "ana ", "ANA RUIZ", "ruiz", "a", "É", "é", "ß", "SS", "acme"])
INSTANTS = st.integers(0, 5).map(lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
NUMBERS = st.sampled_from(["555 0100", "(555) 01-00", "+1 5550100", "5550101", "n/a", " N/A"])
EMAILS = st.fixed_dictionaries(
    {
        "email": st.none() | WORDS,
        "type": st.none() | WORDS,
        "status": st.none() | WORDS,
        "is_primary": st.none() | st.booleans(),
    }
)
PHONES = st.fixed_dictionaries(
    {"number": st.none() | NUMBERS, "extension": st.none() | WORDS, "type": st.none() | WORDS}
)
RECORDS = st.fixed_dictionaries(
    {
        "id": st.integers(1, 9).map(str),
        **{name: st.none() | WORDS for name in TEXTS},
        **{name: st.none() | INSTANTS.map(format_time) for name in TIMES},
        "emails": st.lists(EMAILS, max_size=2),
        "phones": st.lists(PHONES, max_size=2),
    }
)
EMAIL_PARTS = st.fixed_dictionaries(
    {}, optional={"email": WORDS, "type": WORDS, "status": WORDS, "is_primary": st.booleans()}
).filter(bool)
PHONE_PARTS = st.fixed_dictionaries({}, optional={"number": NUMBERS, "extension": WORDS, "type": WORDS}).filter(bool)
MANY_WORDS = st.lists(WORDS, min_size=2, max_size=3).map(tuple)
FILTERS = st.one_of(
    st.builds(Filter, st.sampled_from((*TEXTS, "email")), st.sampled_from(["eq", "like"]), WORDS),
    st.builds(Filter, st.sampled_from((*TEXTS, "email")), st.just("in"), MANY_WORDS),
    st.builds(Filter, st.sampled_from(TIMES), st.sampled_from(["eq", "gt", "gte", "lt", "lte"]), INSTANTS),
    st.builds(Filter, st.just("emails"), st.just("eq"), EMAIL_PARTS),
    st.builds(Filter, st.just("emails"), st.just("in"), st.tuples(EMAIL_PARTS, EMAIL_PARTS)),
    st.builds(Filter, st.just("phones"), st.just("eq"), PHONE_PARTS),
    st.builds(Filter, st.just("phones"), st.just("in"), st.tuples(PHONE_PARTS, PHONE_PARTS)),
)
SORTS = st.builds(Sort, st.sampled_from(TIMES), st.sampled_from(["asc", "desc"]))


def expect(record: dict[str, Any], condition: Filter) -> bool:
    """The meaning of a filter, written down a second time, as plainly as design section 5 says it."""
    if condition.field in TIMES:
        compare = {"eq": eq, "gt": gt, "gte": ge, "lt": lt, "lte": le}[condition.op]
        return record[condition.field] is not None and compare(
            datetime.fromisoformat(record[condition.field]), condition.value
        )
    alternatives = list(condition.value) if condition.op == "in" else [condition.value]
    if condition.field in {"emails", "phones"}:
        return any(
            all(expect_part(element[part], wanted, part) for part, wanted in parts.items())
            for element in record[condition.field]
            for parts in alternatives
        )
    values = (
        [element["email"] for element in record["emails"]] if condition.field == "email" else [record[condition.field]]
    )
    texts = [value.strip().casefold() for value in values if value is not None]
    wanted = [each.strip().casefold() for each in alternatives]
    if condition.op == "like":
        return any(wanted[0] in text for text in texts)
    return not set(texts).isdisjoint(wanted)


def expect_part(value: Any, wanted: Any, part: str) -> bool:
    if value is None:
        return False
    if part == "is_primary":
        return bool(value is wanted)
    if part == "number":
        return (re.findall(r"\d", value) or value.strip().lower()) == (
            re.findall(r"\d", wanted) or wanted.strip().lower()
        )
    return bool(value.strip().casefold() == wanted.strip().casefold())


@given(st.lists(RECORDS, max_size=4), st.lists(FILTERS, max_size=3))
def test_filters_equal_a_reference_written_apart(records: list[dict[str, Any]], filters: list[Filter]) -> None:
    expected = [record for record in records if all(expect(record, condition) for condition in filters)]

    assert [record for record in records if matches(record, filters, CUSTOMERS)] == expected


ANA = {
    "id": "1",
    "name": " Ana Ruiz ",
    "created_at": "2024-01-01T00:00:00Z",
    "emails": [
        {"email": "ana@x.test", "type": "primary", "status": None, "is_primary": True},
        {"email": "work@x.test", "type": "work", "status": "subscribed", "is_primary": False},
    ],
    "phones": [{"number": "+1 555-0100", "extension": "7", "type": None}],
}


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("name", "eq", "ana ruiz", True),
        ("name", "eq", "ana", False),
        ("name", "like", "A R", True),
        ("name", "in", ("bo", "ANA RUIZ"), True),
        ("first_name", "like", "a", False),
        ("email", "eq", "WORK@x.test ", True),
        ("email", "like", "@y.", False),
        ("created_at", "gte", datetime(2024, 1, 1, tzinfo=UTC), True),
        ("created_at", "gt", datetime(2024, 1, 1, tzinfo=UTC), False),
        ("updated_at", "lte", datetime(2024, 1, 1, tzinfo=UTC), False),
        ("emails", "eq", {"email": "ana@x.test", "is_primary": True}, True),
        ("emails", "eq", {"email": "ana@x.test", "is_primary": False}, False),
        ("emails", "eq", {"email": "ana@x.test", "type": "work"}, False),
        ("emails", "eq", {"status": "SUBSCRIBED", "type": "work"}, True),
        ("emails", "in", ({"type": "home"}, {"is_primary": False}), True),
        ("phones", "eq", {"number": "(1) 5550100"}, True),
        ("phones", "eq", {"number": "5550100"}, False),
        ("phones", "eq", {"number": "15550100", "type": "mobile"}, False),
        ("phones", "eq", {"extension": "7"}, True),
    ],
)
def test_a_filter_means_the_same_for_every_provider(field: str, op: Any, value: Any, expected: bool) -> None:
    assert matches(ANA, [Filter(field, op, value)], CUSTOMERS) is expected


@pytest.mark.parametrize("name", CUSTOMERS.filter_names)
def test_an_empty_record_matches_no_filter(name: str) -> None:
    field, _, part = name.removesuffix("]").partition("[][")
    value: Any = {part: "x"} if part else datetime(2024, 1, 1, tzinfo=UTC) if field in TIMES else "x"

    assert not matches({"id": "1"}, [Filter(field, "eq", value)], CUSTOMERS)


def test_a_record_matches_when_no_filter_is_given() -> None:
    assert matches({"id": "1"}, (), CUSTOMERS)


@given(st.lists(RECORDS, max_size=12), SORTS)
def test_records_are_sorted_by_instant_then_by_id_and_those_without_come_last(
    many_fields: list[dict[str, Any]], sort: Sort
) -> None:
    records = [UnifiedRecord(fields["id"], fields) for fields in many_fields]
    by_id = sorted(records, key=lambda record: str(record.id))
    present = [record for record in by_id if record.fields[sort.field] is not None]
    ordered = sorted(present, key=lambda record: str(record.fields[sort.field]), reverse=sort.direction == "desc")
    absent = [record for record in by_id if record.fields[sort.field] is None]

    assert sort_records(records, sort) == [*ordered, *absent]


@given(st.permutations([UnifiedRecord(number, {"created_at": None}) for number in "01234"]), SORTS)
def test_the_order_does_not_depend_on_the_order_of_the_list(records: list[UnifiedRecord], sort: Sort) -> None:
    assert [record.id for record in sort_records(records, Sort("created_at", sort.direction))] == list("01234")


@pytest.mark.parametrize(
    ("record", "key"),
    [
        ({"id": "7", "created_at": "2024-05-02T08:00:00.120Z"}, (0, "2024-05-02T08:00:00.120000+00:00", "7")),
        ({"id": "7", "created_at": "0009-05-02T08:00:00Z"}, (0, "0009-05-02T08:00:00.000000+00:00", "7")),
        ({"id": "7", "created_at": None}, (1, "", "7")),
        ({"id": None}, (1, "", "")),
    ],
)
def test_the_key_of_a_record_is_its_instant_and_its_id(record: dict[str, Any], key: tuple[int, str, str]) -> None:
    assert sort_key(record, Sort("created_at", "asc")) == key
