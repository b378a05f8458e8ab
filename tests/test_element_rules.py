from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.element_rules import ElementRule, element_rule, keep_values
from truto_unify.models.ecommerce import PLACE_PARTS, Customer
from truto_unify.models.fields import field_kinds
from truto_unify.values import phone_digits, split_phone

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = field_kinds(Customer)
keep_emails = element_rule(KINDS["emails"]).keep
keep_phones = element_rule(KINDS["phones"]).keep
keep_addresses = element_rule(KINDS["addresses"]).keep
SPACES = st.text(" \t\n", max_size=2)
EMAILS = st.fixed_dictionaries(
    {
        "email": st.none()
        | st.builds("{}{}{}".format, SPACES, st.sampled_from(["ana@x.test", "ANA@x.test", "b"]), SPACES),
        "type": st.none() | st.sampled_from(["primary", "billing"]),
    }
)
PHONES = st.fixed_dictionaries(
    {
        "number": st.none()
        | st.sampled_from(["555 0100", "(555) 01-00", "555 0100 x7", "555 0100 ext. 8", "n/a", "N/A"]),
        "extension": st.none() | st.sampled_from(["7", "8"]),
        "type": st.none() | st.sampled_from(["mobile", "home"]),
    }
)
ADDRESSES = st.fixed_dictionaries(
    {name: st.none() | st.sampled_from(["x"]) for name in ("id", "type", *PLACE_PARTS)},
)


def test_the_kind_of_a_list_says_which_elements_stay() -> None:
    assert {name: element_rule(kind) for name, kind in KINDS.items() if kind.is_list} == {
        "emails": ElementRule(required=("email",), unique=("email",)),
        "phones": ElementRule(
            required=("number",),
            unique=("number", "extension"),
            compares="phone",
            splits=(("number", "extension"),),
        ),
        "addresses": ElementRule(required=PLACE_PARTS),
        "orders": ElementRule(),
    }


def test_a_list_that_the_model_lacks_keeps_all_elements() -> None:
    assert element_rule(None).keep([{"a": None}, {"a": 1}, {"a": 1}]) == [{"a": None}, {"a": 1}, {"a": 1}]


def test_elements_without_the_part_that_makes_them_equal_all_stay() -> None:
    rule = ElementRule(unique=("id",), compares="id")

    assert rule.keep([{"id": None}, {"id": "A"}, {"id": None}, {"id": "a"}, {"id": "A"}]) == [
        {"id": None},
        {"id": "A"},
        {"id": None},
        {"id": "a"},
    ]


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("text", ["Sale", "new", "sale"], ["Sale", "new"]),
        ("phone", ["555-0100", "5550100"], ["555-0100"]),
        ("id", ["a", "A", "a"], ["a", "A"]),
        ("text", [], []),
    ],
)
def test_of_equal_values_the_first_stays(kind: str, values: Sequence[str], expected: list[str]) -> None:
    assert keep_values([*values], kind) == expected


def test_of_equal_emails_the_first_stays() -> None:
    items: list[dict[str, Any]] = [
        {"email": None, "type": "blank"},
        {"email": "Ana@x.test", "type": "primary"},
        {"email": "ana@X.test", "type": "billing"},
        {"email": "b@x.test", "type": "work"},
    ]

    assert keep_emails(items) == [{"email": "Ana@x.test", "type": "primary"}, {"email": "b@x.test", "type": "work"}]


@given(st.lists(EMAILS))
def test_kept_emails_are_a_subsequence_that_names_each_address_once(items: list[dict[str, Any]]) -> None:
    emails = keep_emails(items)
    wanted = {item["email"].strip().casefold() for item in items if item["email"] is not None}

    assert [items.index(item) for item in emails] == sorted(items.index(item) for item in emails)
    assert sorted(item["email"].strip().casefold() for item in emails) == sorted(wanted)
    assert keep_emails(emails) == emails


def test_of_equal_phones_the_first_stays_and_takes_the_extension() -> None:
    items: list[dict[str, Any]] = [
        {"number": None, "extension": "9", "type": "blank"},
        {"number": "555-0100", "extension": None, "type": "mobile"},
        {"number": "(555) 0100 x7", "extension": None, "type": "billing"},
        {"number": "5550100", "extension": "8", "type": "work"},
        {"number": "5550100", "extension": None, "type": "again"},
    ]

    assert keep_phones(items) == [
        {"number": "555-0100", "extension": "7", "type": "mobile"},
        {"number": "5550100", "extension": "8", "type": "work"},
    ]


def test_an_extension_of_its_own_leaves_the_number_alone() -> None:
    assert keep_phones([{"number": "555 0100 x7", "extension": "9", "type": None}]) == [
        {"number": "555 0100 x7", "extension": "9", "type": None}
    ]


@given(st.lists(PHONES))
def test_kept_phones_name_each_number_and_extension_once(items: list[dict[str, Any]]) -> None:
    phones = keep_phones(deepcopy(items))
    pairs = [(phone_digits(item["number"]), item["extension"]) for item in phones]
    numbers = {phone_digits(number) for number, _ in pairs}

    assert len(set(pairs)) == len(pairs)
    assert [number for number, extension in pairs if extension is None] == sorted(
        {number for number, _ in pairs} - {number for number, extension in pairs if extension is not None},
        key=[number for number, _ in pairs].index,
    )
    assert numbers == {phone_digits(split_number(item)) for item in items if item["number"] is not None}
    assert keep_phones(deepcopy(phones)) == phones


def split_number(item: dict[str, Any]) -> str:
    number: str = item["number"]
    return split_phone(number)[0] if item["extension"] is None else number


@given(st.lists(ADDRESSES))
def test_an_address_without_a_place_is_dropped_and_no_other(items: list[dict[str, Any]]) -> None:
    expected = [item for item in items if {item[part] for part in PLACE_PARTS} != {None}]

    assert keep_addresses(items) == expected
