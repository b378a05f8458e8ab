"""What the rules of a mapping make of a record, and the faults of values that break them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.stores import RESOURCE, person, unified
from tests.laid_over import mapper_of_file
from truto_unify.errors import MappingError
from truto_unify.models import RESOURCES
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.registry import Registry

CONTEXT = {"shop": "acme", "zone": "Europe/Berlin"}
STATUS = {"expr": "s", "enum": {"Enabled": "active", "0": "inactive", "true": "active"}}
ADDRESS = {
    "id": "id",
    "type": "t",
    "street_1": "s",
    "city": "c",
    "country": "n",
    "state": "record.st",
}
ADDRESS_PARTS = {**ADDRESS, "street_2": "query.q", "postal_code": "context.shop"}
ADDRESSES = [{"each": "list", **ADDRESS_PARTS}]
NUMBER = "invalid type for value: 7, expected one of: ['{}', 'null'], received: \"number\""
NO_ADDRESS = dict.fromkeys(("id", "type", "street_1", "street_2", "city", "state", "postal_code", "country"))


def mapper_with(stores: Registry, **rules: Any) -> Mapper:
    """The mapper of an invented store with these rules in place of its own."""
    freed: dict[str, None] = dict.fromkeys(set(rules) & {"last_name", "phones", "addresses", "currency", "orders"})
    parts = dict.fromkeys(("emails.type", "emails.status", "emails.is_primary")) if "emails" in rules else {}
    side_loads = {"more": {"endpoint": "people.get"}}
    layer = {"response_mapping": rules, "unsupported": freed | parts, "side_loads": side_loads}
    return mapper_of_file(stores, RESOURCE, "numbers", layer)


@pytest.mark.parametrize(
    ("name", "rule", "native", "expected"),
    [
        # text, id, status
        ("name", "n", {"n": "  Ana "}, "Ana"),
        ("name", "n", {"n": " "}, None),
        ("name", "n", {}, None),
        ("name", "n", {"n": 7}, "7"),
        ("id", "deep.id", {"deep": {"id": 17}}, "17"),
        ("currency", "c || 'USD'", {"c": None}, "USD"),
        ("name", "join_text(' ', [a, b])", {"a": "Ana", "b": ""}, "Ana"),
        # enum: whatever the case, what is not in the table passes
        ("status", STATUS, {"s": "ENABLED "}, "active"),
        ("status", STATUS, {"s": 0}, "inactive"),
        ("status", STATUS, {"s": True}, "active"),
        ("status", STATUS, {"s": "Invited"}, "Invited"),
        ("status", STATUS, {"s": False}, "false"),
        ("status", STATUS, {"s": 7}, "7"),
        ("status", STATUS, {"s": " "}, None),
        ("status", STATUS, {"s": None}, None),
        # default: only where nothing is left
        ("status", {"expr": "s", "default": "active"}, {"s": ""}, "active"),
        ("status", {"expr": "s", "default": "active"}, {"s": "inactive"}, "inactive"),
        ("status", {**STATUS, "default": "active"}, {"s": " "}, "active"),
        ("currency", {"expr": "c", "default": "USD"}, {}, "USD"),
        # times
        ("created_at", {"expr": "t", "zone": "utc"}, {"t": "2024-01-02T10:00:00"}, "2024-01-02T10:00:00Z"),
        ("created_at", {"expr": "t", "zone": "utc"}, {"t": "2024-01-02T10:00:00+02:00"}, "2024-01-02T08:00:00Z"),
        ("created_at", {"expr": "t", "zone": "in_value"}, {"t": "2024-01-02T10:00:00Z"}, "2024-01-02T10:00:00Z"),
        ("created_at", {"expr": "t", "zone": "America/New_York"}, {"t": "2024-07-02T10:00:00"}, "2024-07-02T14:00:00Z"),
        (
            "created_at",
            {"expr": "t", "zone": "in_value", "format": "epoch_milliseconds"},
            {"t": 1704189600123},
            "2024-01-02T10:00:00.123Z",
        ),
        ("created_at", {"expr": "t", "zone": "utc"}, {"t": ""}, None),
        (
            "created_at",
            {"expr": "t", "zone": "utc", "format": ["rfc2822", "epoch_seconds", "iso"]},
            {"t": "2024-01-02T10:00:00"},
            "2024-01-02T10:00:00Z",
        ),
        (
            "created_at",
            {"expr": "t", "zone": "utc", "format": ["rfc2822", "iso"]},
            {"t": "Tue, 02 Jan 2024 10:00:00 +0200"},
            "2024-01-02T08:00:00Z",
        ),
        # names of the call hide native keys, and are null without a call
        ("name", "query.since", {"query": {"since": "native"}}, "then"),
        ("name", "context.shop", {}, "acme"),
        ("name", "loaded.more.name", {}, "side"),
        # lists
        ("addresses", ADDRESSES, {"list": None}, []),
        ("addresses", ADDRESSES, {"list": []}, []),
        (
            "addresses",
            ADDRESSES,
            {"st": "CA", "list": [{"id": 1, "t": "home", "s": " ", "c": "Town", "n": "us"}]},
            [
                NO_ADDRESS
                | {"id": "1", "type": "home", "city": "Town", "state": "CA", "postal_code": "acme", "country": "US"}
            ],
        ),
        (
            "emails",
            [
                {
                    "each": "[{e: a}, {e: b}, {e: c}]",
                    "email": "e",
                    "type": "'t'",
                    "status": "`null`",
                    "is_primary": "e == record.a",
                }
            ],
            {"a": "x@x.test", "b": "", "c": "X@x.test"},
            [{"email": "x@x.test", "type": "t", "status": None, "is_primary": True}],
        ),
        (
            "phones",
            [{"each": "list", "number": "@", "type": "'mobile'"}],
            {"list": ["555 0100 x7", None, " ", "5550100", "555 0199"]},
            [
                {"number": "555 0100", "extension": "7", "type": "mobile"},
                {"number": "555 0199", "extension": None, "type": "mobile"},
            ],
        ),
        (
            "orders",
            [{"each": "list", "id": "id", "status": {"expr": "s", "enum": {"P": "paid"}}, "total_amount": "t"}],
            {"list": [{"id": 9, "s": "p", "t": 5}, {"id": 9, "s": "p", "t": 5}]},
            [{"id": "9", "status": "paid", "total_amount": "5"}] * 2,
        ),
        (
            "orders",
            [
                {
                    "each": "list",
                    "id": "id",
                    "status": {"expr": "s", "default": "open"},
                    "total_amount": "t",
                    "at": {"expr": "at", "type": "time", "zone": "{context.shop}"},
                }
            ],
            {"list": [{"id": "9", "at": None}]},
            [{"id": "9", "status": "open", "total_amount": None, "at": None}],
        ),
        # fields that the model does not have
        ("loyalty_tier", "tier", {"tier": {"level": [1]}}, {"level": [1]}),
        ("loyalty_tier", {"expr": "tier", "type": "text"}, {"tier": " gold "}, "gold"),
        ("loyalty_tier", {"expr": "tier", "type": "money"}, {"tier": 5}, "5"),
        ("loyalty_tier", {"expr": "tier", "type": "boolean"}, {"tier": "1"}, True),
        ("loyalty_tier", {"expr": "tier", "type": "country"}, {"tier": "us"}, "US"),
        (
            "loyalty_tier",
            {"expr": "tier", "type": "time", "zone": "utc"},
            {"tier": "2024-01-02"},
            "2024-01-02T00:00:00Z",
        ),
        ("loyalty_tier", {"expr": "tier", "enum": {"g": "gold"}}, {"tier": "G"}, "gold"),
        (
            "tiers",
            [{"each": "tiers", "n": "@", "raw": "record.id"}],
            {"tiers": [1, 1]},
            [{"n": 1, "raw": 1}] * 2,
        ),
        ("tiers", [{"each": "tiers", "n": "@"}], {}, []),
    ],
)
def test_a_rule_makes_its_field(stores: Registry, name: str, rule: Any, native: dict[str, Any], expected: Any) -> None:
    mapper = mapper_with(stores, **{name: rule})
    native = {"id": 1} | native
    query, loaded = {"since": "then"}, {"more": {"name": "side"}}

    assert mapper.map(native, query=query, context=CONTEXT, loaded=loaded)[name] == expected


@pytest.mark.parametrize(
    ("name", "rule", "native", "fault"),
    [
        ("name", "n", {"n": []}, ("name", "expected text, got a list")),
        ("id", "n", {"n": 1.5}, ("id", "expected an id, got the number 1.5")),
        ("id", "n", {"n": " "}, ("id", "every record must have an id")),
        ("status", STATUS, {"s": {}}, ("status", "expected text, got an object")),
        (
            "created_at",
            {"expr": "t", "zone": "in_value"},
            {"t": "2024-01-02"},
            ("created_at", 'the time "2024-01-02" carries no zone'),
        ),
        (
            "created_at",
            {"expr": "t", "zone": "{context.shop}"},
            {"t": "2024-01-02"},
            ("created_at", 'unknown time zone "acme"'),
        ),
        ("addresses", ADDRESSES, {"list": {"a": 1}}, ("addresses", "expected a list, got an object")),
        (
            "addresses",
            ADDRESSES,
            {"list": [{"c": "Town"}, {"n": ["us"]}]},
            ("addresses[1].country", "expected text, got a list"),
        ),
        (
            "addresses",
            [{"each": "list", **ADDRESS_PARTS, "city": "lower(c)"}],
            {"list": [{"c": 7}]},
            (
                "addresses[0].city",
                "In function lower(), " + NUMBER.format("string"),
            ),
        ),
        (
            "name",
            "lower(n)",
            {"n": 7},
            (
                "name",
                "In function lower(), " + NUMBER.format("string"),
            ),
        ),
        (
            "phones",
            [{"each": "join_text(' ', list)", "number": "@", "type": "@"}],
            {"list": 7},
            (
                "phones",
                "In function join_text(), " + NUMBER.format("array"),
            ),
        ),
    ],
)
def test_a_value_that_breaks_its_rule_is_a_fault_of_its_field(
    stores: Registry, name: str, rule: Any, native: dict[str, Any], fault: tuple[str, str]
) -> None:
    mapper = mapper_with(stores, **{name: rule})
    native = {"id": 1} | native
    mapped = mapper.map_record(native, context=CONTEXT)

    assert (mapped.faults, mapped.fields[name], mapped.fields["remote_data"]) == (
        [fault],
        [] if name in {"addresses", "phones"} else None,
        native,
    )
    with pytest.raises(MappingError) as caught:
        mapper.map(native, context=CONTEXT)
    place = mapper.mapping.place_of(fault[0])
    error = caught.value
    assert (error.provider, error.resource, error.field, error.place, error.remote_data, error.message) == (
        "numbers",
        RESOURCE,
        fault[0],
        place,
        native,
        f"numbers {RESOURCE}: {fault[0]}: {fault[1]} ({place})",
    )


def test_an_error_names_the_place_of_the_rule_in_its_file(stores: Registry) -> None:
    mapper = stores.mapper(RESOURCE, "numbers")

    with pytest.raises(MappingError) as caught:
        mapper.map(person(1, mail=["a"]))

    assert caught.value.field == "emails[0].email"
    assert re.fullmatch(rf".*/mappings/{RESOURCE}/numbers\.yaml:\d+:\d+", caught.value.place)


def test_a_whole_record_has_every_unified_field_and_the_native_record_itself(stores: Registry) -> None:
    native = person(1) | {"unknown": [1.10, {"deep": None}]}
    mapped = stores.mapper(RESOURCE, "numbers").map(native, context=CONTEXT)

    assert mapped == unified(native)
    assert mapped["remote_data"] is native


def test_a_record_keeps_its_good_fields_if_another_field_is_bad(stores: Registry) -> None:
    native = person(1, name=[], mail={}, created="never")
    mapped = stores.mapper(RESOURCE, "numbers").map_record(native, context=CONTEXT)

    assert mapped.fields == unified(person(1), name=None, emails=[], created_at=None, remote_data=native)
    assert mapped.faults == [
        ("name", "expected text, got a list"),
        ("emails[0].email", "expected text, got an object"),
        ("created_at", 'expected a time, got "never"'),
    ]


@pytest.mark.parametrize(("native", "kind"), [([], "a list"), ("x", "a text"), (None, "null"), (7, "a number")])
def test_a_record_that_is_no_object_is_a_fault_and_never_an_exception(stores: Registry, native: Any, kind: str) -> None:
    mapped = stores.mapper(RESOURCE, "numbers").map_record(native, context=CONTEXT)
    lists = {"emails", "phones", "addresses", "orders"}
    empty: dict[str, Any] = {name: [] if name in lists else None for name in field_kinds(RESOURCES[RESOURCE].record)}

    assert mapped.faults == [("", f"a record must be an object, not {kind}")]
    assert mapped.fields == empty | {"company_name": "acme", "remote_data": native}


def test_values_that_an_enum_lacks_are_counted_by_field(stores: Registry) -> None:
    emails = [
        {
            "each": "mails",
            "email": "e",
            "type": {"expr": "t", "enum": {"w": "work"}},
            "status": {"expr": "s", "enum": {"on": "ok"}},
            "is_primary": "`null`",
        }
    ]
    mapper = mapper_with(stores, emails=emails, status=STATUS)
    mails = [{"e": "a", "t": "w", "s": "off"}, {"e": "b", "t": "x", "s": "off"}, {"e": "c", "t": "on", "s": "on"}]
    mapped = mapper.map_record({"id": 1, "s": "y" * 70, "mails": mails})

    assert mapped.faults == []
    assert mapped.unmapped == Counter(
        {"emails.status=off": 2, "emails.type=x": 1, "emails.type=on": 1, f"status={'y' * 60}": 1}
    )


def test_a_zone_of_the_account_is_taken_from_its_context(stores: Registry) -> None:
    rule = {"expr": "t", "zone": "{context.shop}"}
    mapper = mapper_with(stores, created_at=rule)
    native = {"id": 1, "t": "2024-07-02T10:00:00"}

    assert mapper.map(native, context={"shop": "Europe/Berlin"})["created_at"] == "2024-07-02T08:00:00Z"
    assert [mapper.map_record(native, context=context).faults for context in (None, {}, {"shop": "../x"})] == [
        [("created_at", 'unknown time zone ""')],
        [("created_at", 'unknown time zone ""')],
        [("created_at", 'unknown time zone "../x"')],
    ]


def test_one_mapper_serves_many_records_without_remembering_any(stores: Registry) -> None:
    mapper = stores.mapper(RESOURCE, "numbers")
    natives = [person(1), person(2, mail=None, status=""), person(3)]
    expected = [
        unified(natives[0]),
        unified(person(2), emails=[], status=None, remote_data=natives[1]),
        unified(natives[2]),
    ]

    assert [mapper.map(native, context=CONTEXT) for native in natives] == expected
    assert [mapper.map(native, context=CONTEXT) for native in reversed(natives)] == expected[::-1]
