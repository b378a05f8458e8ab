from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.engine.arguments import filter_names, read_filters, read_sort
from truto_unify.errors import InvalidInput, UnsupportedParameter
from truto_unify.models import RESOURCES
from truto_unify.types import Filter, Sort

CUSTOMERS = RESOURCES["ecommerce/customers"]
NAMES = "created_at, updated_at, name, first_name, last_name, company_name, email, emails, phones"
NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, []),
        ({"email": " Ana@x.test "}, [Filter("email", "eq", " Ana@x.test ")]),
        ({"name": 17}, [Filter("name", "eq", "17")]),
        ({"name": {"like": "an"}}, [Filter("name", "like", "an")]),
        ({"email": {"in": "a@x.test,b@x.test,a@x.test"}}, [Filter("email", "in", ("a@x.test", "b@x.test"))]),
        ({"email": {"in": ["a@x.test"]}}, [Filter("email", "eq", "a@x.test")]),
        ({"email": ["a@x.test", "b@x.test"]}, [Filter("email", "in", ("a@x.test", "b@x.test"))]),
        ({"name": ("a", 1)}, [Filter("name", "in", ("a", "1"))]),
        ({"created_at": "2024-01-01"}, [Filter("created_at", "eq", NEW_YEAR)]),
        ({"created_at": {"gte": date(2024, 1, 1)}}, [Filter("created_at", "gte", NEW_YEAR)]),
        ({"created_at": {"lt": NEW_YEAR}}, [Filter("created_at", "lt", NEW_YEAR)]),
        ({"created_at": {"gt": " 2024-01-01T02:00:00+02:00 "}}, [Filter("created_at", "gt", NEW_YEAR)]),
        (
            {"created_at": {"lte": datetime(2023, 12, 31, 19, tzinfo=timezone(timedelta(hours=-5)))}},
            [Filter("created_at", "lte", NEW_YEAR)],
        ),
        (
            {"created_at": {"lt": "2024-01-01", "gte": "2024-01-01"}},
            [Filter("created_at", "gte", NEW_YEAR), Filter("created_at", "lt", NEW_YEAR)],
        ),
        (
            {"emails": [{"type": "work", "email": "a@x.test"}]},
            [Filter("emails", "eq", {"email": "a@x.test", "type": "work"})],
        ),
        ({"emails": {"is_primary": "true"}}, [Filter("emails", "eq", {"is_primary": True})]),
        (
            {"phones": [{"number": 5550100}, {"extension": "7"}]},
            [Filter("phones", "in", ({"number": "5550100"}, {"extension": "7"}))],
        ),
        ({"name": "b", "email": "a"}, [Filter("email", "eq", "a"), Filter("name", "eq", "b")]),
    ],
)
def test_arguments_become_canonical_filters(query: dict[str, Any], expected: list[Filter]) -> None:
    assert read_filters(CUSTOMERS, query) == tuple(expected)


@pytest.mark.parametrize(
    ("query", "message", "parameter", "supported"),
    [
        ({"emial": "a"}, 'ecommerce/customers has no query parameter "emial" (did you mean "email"?)', "emial", None),
        ({"zzz": "a"}, f'ecommerce/customers has no query parameter "zzz"; it has {NAMES}', "zzz", None),
        (
            {"created_at": {"in": "a"}},
            '"created_at" has no operator "in"; it has eq, gt, gte, lt, lte',
            "created_at[in]",
            ("eq", "gt", "gte", "lt", "lte"),
        ),
        (
            {"name": {"lkie": "a"}},
            '"name" has no operator "lkie" (did you mean "like"?)',
            "name[lkie]",
            ("eq", "in", "like"),
        ),
        ({"name": {7: "a"}}, '"name" has no operator "7"; it has eq, in, like', "name[7]", ("eq", "in", "like")),
        (
            {"emails": [{"emial": "a"}]},
            '"emails" has no part "emial" (did you mean "email"?)',
            "emails[][emial]",
            ("email", "type", "status", "is_primary"),
        ),
        (
            {"phones": {"zzz": "a"}},
            '"phones" has no part "zzz"; it has number, extension, type',
            "phones[][zzz]",
            ("number", "extension", "type"),
        ),
    ],
)
def test_an_unknown_name_is_refused_with_what_is_known(
    query: dict[str, Any], message: str, parameter: str, supported: tuple[str, ...] | None
) -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        read_filters(CUSTOMERS, query)

    expected = (message, parameter, supported or filter_names(CUSTOMERS))
    assert (caught.value.message, caught.value.parameter, caught.value.supported) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"email": ""}, "email[eq] is blank, which nothing can match"),
        ({"email": {"like": " "}}, "email[like] is blank, which nothing can match"),
        ({"email": None}, "email is None, which is no value to filter by; leave email out to list without it"),
        ({"emails": None}, "emails is None, which is no value to filter by; leave emails out to list without it"),
        (
            {"created_at": None},
            "created_at is None, which is no value to filter by; leave created_at out to list without it",
        ),
        ({"email": {"eq": None}}, "email[eq] must be text, not null"),
        ({"email": True}, "email[eq] must be text, not true/false"),
        ({"email": b"a"}, "email[eq] must be text, not bytes"),
        ({"email": {}}, "email names no operator; it has eq, in, like"),
        ({"created_at": {}}, "created_at names no operator; it has eq, gt, gte, lt, lte"),
        ({"email": {"eq": ["a"]}}, "email[eq] must be text, not a list"),
        ({"email": []}, "email[in] is an empty list, which nothing can match"),
        ({"email": {"in": None}}, "email[in] must be text, not null"),
        ({"email": {"in": True}}, "email[in] must be text, not true/false"),
        ({"email": {"in": "a,,b"}}, "email[in] is blank, which nothing can match"),
        ({"email": ["a", {}]}, "email[in] must be text, not an object"),
        ({"name": "a\ud800"}, "name[eq] holds half of a surrogate pair, which is not text"),
        ({"created_at": ["2024-01-01"]}, "created_at takes one value or operators (eq, gt, gte, lt, lte), not a list"),
        (
            {"created_at": "yesterday"},
            'created_at[eq] must be an ISO 8601 time such as 2024-01-01T00:00:00Z, not "yesterday"',
        ),
        (
            {"created_at": {"gte": 1704067200}},
            "created_at[gte] must be an ISO 8601 time such as 2024-01-01T00:00:00Z, not 1704067200",
        ),
        (
            {"created_at": "2024-01-01T00:00:00 02:00"},
            'created_at[eq] must be an ISO 8601 time such as 2024-01-01T00:00:00Z, not "2024-01-01T00:00:00 02:00"'
            "; in a URL, write + as %2B",
        ),
        (
            {"updated_at": {"lt": None}},
            "updated_at[lt] must be an ISO 8601 time such as 2024-01-01T00:00:00Z, not null",
        ),
        ({"emails": []}, "emails is an empty list, which nothing can match"),
        ({"emails": "a@x.test"}, "emails[0] must name parts of an element: email, type, status, is_primary"),
        ({"emails": [{"email": "a"}, {}]}, "emails[1] must name parts of an element: email, type, status, is_primary"),
        ({"emails": [{"is_primary": "maybe"}]}, 'emails[0][is_primary] must be true or false, not "maybe"'),
        ({"emails": [{"is_primary": ""}]}, 'emails[0][is_primary] must be true or false, not ""'),
        ({"phones": [{"number": " "}]}, "phones[0][number] is blank, which nothing can match"),
    ],
)
def test_a_value_that_cannot_be_understood_is_refused_by_name(query: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_filters(CUSTOMERS, query)

    assert caught.value.message == message


@given(st.permutations(["name", "email", "first_name", "last_name", "company_name"]))
def test_the_order_of_the_arguments_means_nothing(names: list[str]) -> None:
    query = dict.fromkeys(names, "x")

    assert read_filters(CUSTOMERS, query) == tuple(Filter(name, "eq", "x") for name in sorted(names))


@pytest.mark.parametrize(
    ("sort_by", "expected"),
    [
        (None, None),
        ({}, None),
        ("", None),
        ({"created_at": "asc"}, Sort("created_at", "asc")),
        ({"updated_at": "desc"}, Sort("updated_at", "desc")),
    ],
)
def test_sort_by_names_one_field_and_a_direction(sort_by: Any, expected: Sort | None) -> None:
    assert read_sort(CUSTOMERS, sort_by) == expected


@pytest.mark.parametrize(
    "sort_by", ["created_at", ["created_at"], {"created_at": "asc", "updated_at": "asc"}], ids=["text", "list", "two"]
)
def test_sort_by_is_refused_in_another_form(sort_by: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_sort(CUSTOMERS, sort_by)

    assert caught.value.message == 'sort_by takes one field, as in {"created_at": "desc"}'


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("create_at", ' (did you mean "created_at"?)'),
        ("zzz", "; it has created_at, updated_at"),
        (7, "; it has created_at, updated_at"),
    ],
)
def test_a_field_that_nothing_is_sorted_by_is_refused(name: Any, hint: str) -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        read_sort(CUSTOMERS, {name: "asc"})

    expected = (f'ecommerce/customers cannot be sorted by "{name}"{hint}', f"sort_by[{name}]", CUSTOMERS.sorts)
    assert (caught.value.message, caught.value.parameter, caught.value.supported) == expected


@pytest.mark.parametrize(
    ("direction", "shown"), [("up", '"up"'), ("", '""'), (None, "null"), (1, "1"), (["asc"], "a list")]
)
def test_a_direction_is_asc_or_desc(direction: Any, shown: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_sort(CUSTOMERS, {"created_at": direction})

    assert caught.value.message == f"sort_by[created_at] must be asc or desc, not {shown}"
