from __future__ import annotations

import json
import re
from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.stores import RESOURCE, person, unified
from tests.laid_over import mapper_of_file
from tests.shared_material import SHARED, needs_shared
from truto_unify.errors import MappingError
from truto_unify.mapping.record import NativeRecord
from truto_unify.models import RESOURCES
from truto_unify.models.fields import field_kinds
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.mapping.mapper import Mapper

SHIPPED = Registry()
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


# --------------------------------------------------------------------------------------------- whole pages


def test_a_page_of_bytes_becomes_the_array_of_unified_records(stores: Registry) -> None:
    natives = [person(1, name="Zoë"), person(2)]
    body = json.dumps({"people": natives, "total": 2}, ensure_ascii=False).encode()
    mapped = stores.mapper(RESOURCE, "numbers").map_page(body, context=CONTEXT, query={"since": "then"})

    assert "Zoë".encode() in mapped
    assert json.loads(mapped) == [unified(native, first_name="then") for native in natives]


def test_a_page_without_records_is_an_empty_array(stores: Registry) -> None:
    assert stores.mapper(RESOURCE, "numbers").map_page(b'{"people": []}') == b"[]"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"502 Bad Gateway", "the body is not JSON: Extra data: line 1 column 5 (char 4)"),
        (b'"x" y', "the body is not JSON: Extra data: line 1 column 5 (char 4)"),
        (
            b'{"message": "caf\xe9"}',
            "the body is not JSON: 'utf-8' codec can't decode byte 0xe9 in position 16: invalid continuation byte",
        ),
        (b'{"people": [{"id": 1, "note": "\xff"}]}', "the record is not UTF-8: invalid start byte at byte 19"),
        (b'{"people": [{"note": "\xc3\x28"}]}', "the record is not UTF-8: invalid continuation byte at byte 10"),
    ],
)
def test_a_body_that_is_not_json_is_refused(stores: Registry, body: bytes, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        stores.mapper(RESOURCE, "numbers").map_page(body)

    assert caught.value.message.startswith(f"numbers {RESOURCE}: record: {message} (")


def test_what_servers_write_and_json_lacks_is_replaced_in_its_record_only(stores: Registry) -> None:
    innocent = b'{"id": 2, "price": 1.10, "k": 1, "k": 2}'
    body = rb'{"people": [{"id": 1, "name": "Ana \ud83d", "created": null, "price": NaN}, ' + innocent + b"]}"
    mapper = stores.mapper(RESOURCE, "numbers")
    page = mapper.map_page(body)

    assert [record["remote_data"] for record in json.loads(page)] == [
        {"id": 1, "name": "Ana \ufffd", "created": None, "price": None},
        {"id": 2, "price": 1.1, "k": 2},
    ]
    assert innocent in page
    assert b"[" + b",".join(mapper.iter_page(body)) + b"]" == page


def test_a_whole_surrogate_pair_is_a_character(stores: Registry) -> None:
    body = rb'{"people": [{"id": 1, "name": "\ud83d\ude00 \\ud83d", "created": null}]}'
    mapped = json.loads(stores.mapper(RESOURCE, "numbers").map_page(body))[0]

    assert mapped["remote_data"] == {"id": 1, "name": "\U0001f600 \\ud83d", "created": None}


@pytest.mark.parametrize(
    ("body", "message", "remote_data"),
    [
        (b"<html>", "the body is not JSON: Expecting value: line 1 column 1 (char 0)", "<html>"),
        (b"", "the body is not JSON: Expecting value: line 1 column 1 (char 0)", ""),
        (b'{"persons": []}', "no list of records at people", {"persons": []}),
        (b'{"people": null}', "no list of records at people", {"people": None}),
        (b'{"people": {}}', "no list of records at people", {"people": {}}),
        (b"[]", "no list of records at people", "[]"),
        (b"null", "no list of records at people", "null"),
    ],
)
def test_a_page_without_its_list_is_an_error_and_never_an_empty_page(
    stores: Registry, body: bytes, message: str, remote_data: Any
) -> None:
    with pytest.raises(MappingError) as caught:
        stores.mapper(RESOURCE, "numbers").map_page(body)

    assert caught.value.message.startswith(f"numbers {RESOURCE}: record: {message} (")
    assert (caught.value.field, caught.value.remote_data) == ("", remote_data)


def test_a_body_nested_without_end_is_an_error_of_ours(stores: Registry) -> None:
    with pytest.raises(MappingError, match="the body is not JSON: "):
        stores.mapper(RESOURCE, "numbers").map_page(b"[" * 100_000)


def test_a_store_that_keeps_numbers_where_text_is_expected_is_still_read_in_the_short_way() -> None:
    mapper = Registry().mapper(RESOURCE, "woocommerce")
    strict = mapper.decoded
    natives = [{"id": number, "billing": {"postcode": code}} for number, code in enumerate(["04101", 4101, ["x"]])]
    texts = [json.dumps(native).encode() for native in natives]
    body = b"[" + b",".join(texts[:2]) + b"]"

    assert [json.loads(text)["addresses"][0]["postal_code"] for text in mapper.iter_page(body)] == ["04101", "4101"]
    assert strict is not None
    assert mapper.decoded is not None
    assert mapper.decoded is not strict
    with pytest.raises(msgspec.ValidationError):
        strict.decode(texts[1])
    mapper.decoded.decode(texts[1])
    assert json.loads(mapper.map_page(body)) == [mapper.map(native) for native in natives[:2]]
    records = list(mapper.map_natives(map(NativeRecord, texts[:2])))
    assert [record.fields["addresses"][0]["postal_code"] for record in records if record] == ["04101", "4101"]
    with pytest.raises(MappingError, match=r"addresses\[0\].postal_code: expected text, got a list"):
        mapper.map_page(b"[" + b",".join(texts) + b"]")


def test_one_bad_record_ends_a_page_with_its_field(stores: Registry) -> None:
    body = json.dumps({"people": [person(1), person(2, name=[])]}).encode()

    with pytest.raises(MappingError) as caught:
        stores.mapper(RESOURCE, "numbers").map_page(body, context=CONTEXT)

    assert (caught.value.field, caught.value.remote_data) == ("name", person(2, name=[]))


def test_the_whole_body_may_be_the_list(stores: Registry) -> None:
    body = json.dumps([{"id": 17}]).encode()

    assert [record["id"] for record in json.loads(SHIPPED.mapper(RESOURCE, "woocommerce").map_page(body))] == ["17"]


# ------------------------------------------------------------------------- native records, with holes in them

WOOCOMMERCE: dict[str, Any] = {
    "id": 25,
    "date_created": "2024-03-21T16:09:28",
    "date_created_gmt": "2024-03-21T19:09:28",
    "date_modified": None,
    "date_modified_gmt": "2024-03-22T19:09:28",
    "email": "ana@x.test",
    "first_name": "Ana",
    "last_name": "Ruiz",
    "role": "customer",
    "username": "ana",
    "billing": {
        "first_name": "A.",
        "last_name": "R.",
        "company": "Acme",
        "address_1": "1 Road",
        "address_2": "Flat 2",
        "city": "Town",
        "postcode": "10",
        "country": "US",
        "state": "CA",
        "email": "billing@x.test",
        "phone": "555 0100 x7",
    },
    "shipping": {
        "first_name": "",
        "last_name": "",
        "company": "",
        "address_1": "",
        "address_2": "",
        "city": "",
        "postcode": "",
        "country": "",
        "state": "",
        "phone": "",
    },
    "is_paying_customer": False,
    "avatar_url": "https://x.test/a.png",
    "meta_data": [{"id": 1, "key": "k", "value": {"a": [1]}}],
    "_links": {"self": [{"href": "https://x.test"}]},
}
SHOPIFY: dict[str, Any] = {
    "id": "gid://shopify/Customer/17",
    "legacyResourceId": "17",
    "firstName": "Ana",
    "lastName": "Ruiz",
    "displayName": "Ana Ruiz",
    "state": "ENABLED",
    "tags": ["vip"],
    "numberOfOrders": "13",
    "createdAt": "2024-03-21T16:09:28Z",
    "updatedAt": "2024-03-22T16:09:28Z",
    "defaultEmailAddress": {"emailAddress": "ana@x.test", "marketingState": "SUBSCRIBED"},
    "defaultPhoneNumber": {"phoneNumber": "+15550100"},
    "defaultAddress": {"id": "gid://shopify/MailingAddress/1?model_name=CustomerAddress", "company": "Acme"},
    "amountSpent": {"amount": "11884.9", "currencyCode": "CAD"},
    "addressesV2": {
        "nodes": [
            {
                "id": "gid://shopify/MailingAddress/1?model_name=CustomerAddress",
                "company": "Acme",
                "address1": "1 Road",
                "address2": None,
                "city": "Town",
                "province": "Ontario",
                "provinceCode": "ON",
                "country": "Canada",
                "countryCodeV2": "CA",
                "zip": "K1A",
                "phone": "+15550199",
            }
        ],
        "pageInfo": {"hasNextPage": False},
    },
}


def holes(record: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a record."""
    pairs = record.items() if isinstance(record, dict) else enumerate(record) if isinstance(record, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from holes(value, (*path, key))


def nulled(record: Any, path: tuple[Any, ...]) -> Any:
    copy = deepcopy(record)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = None
    return copy


def without(record: Any, path: tuple[Any, ...]) -> Any:
    copy = deepcopy(record)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return copy


def blanked(record: Any, path: tuple[Any, ...]) -> Any:
    copy = deepcopy(record)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = ""
    return copy


def sweep(provider: str, native: dict[str, Any]) -> list[Any]:
    """The faults of every record with one hole, but for a hole in the only thing that makes the id."""
    mapper = SHIPPED.mapper(RESOURCE, provider)
    paths = [path for path in holes(native) if path != ("id",) or "legacyResourceId" in native]
    pierced = [change(native, path) for path in paths for change in (nulled, without)]
    return [(mapped.faults, record) for record in pierced for mapped in [mapper.map_record(record)] if mapped.faults]


@pytest.mark.parametrize(
    ("provider", "native"),
    [("woocommerce", WOOCOMMERCE), ("shopify", SHOPIFY)],
)
def test_nothing_that_is_missing_or_null_breaks_a_record(provider: str, native: dict[str, Any]) -> None:
    assert SHIPPED.mapper(RESOURCE, provider).map_record(native).faults == []
    assert sweep(provider, native) == []


@pytest.mark.parametrize(
    ("provider", "native", "name"), [("woocommerce", WOOCOMMERCE, "id"), ("shopify", SHOPIFY, "nothing")]
)
def test_blank_text_anywhere_breaks_no_record(provider: str, native: dict[str, Any], name: str) -> None:
    mapper = SHIPPED.mapper(RESOURCE, provider)
    leaves = [path for path in holes(native) if isinstance(at(native, path), str) and path[-1] != name]

    assert [mapper.map_record(blanked(native, path)).faults for path in leaves] == [[]] * len(leaves)


def at(record: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        record = record[step]
    return record


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([("woocommerce", WOOCOMMERCE), ("shopify", SHOPIFY)]), JSON, st.data())
def test_any_value_in_a_record_is_mapped_or_a_fault(
    example: tuple[str, dict[str, Any]], value: Any, data: st.DataObject
) -> None:
    provider, record = example
    path = data.draw(st.sampled_from(sorted(holes(record), key=repr)))
    native = deepcopy(record)
    at(native, path[:-1])[path[-1]] = value
    mapped = SHIPPED.mapper(RESOURCE, provider).map_record(native)

    assert set(mapped.fields) == {*field_kinds(RESOURCES[RESOURCE].record), "remote_data"}
    assert mapped.fields["remote_data"] is native
    assert {name.partition("[")[0] for name, _ in mapped.faults} <= set(mapped.fields)


def natives_of(provider: str) -> list[dict[str, Any]]:
    """Every customer in the shared fixtures and recordings of a provider, whatever lies around it."""
    folders = [SHARED / "fixtures" / provider, SHARED / "recordings" / provider]
    bodies = [
        json.loads(path.read_text(encoding="utf-8")) for folder in folders for path in sorted(folder.glob("*.json"))
    ]
    known = {
        "woocommerce": {"id", "billing", "shipping", "role"},
        "shopify": {"id", "displayName", "state"},
    }
    return [
        native
        for body in bodies
        for native in objects(body)
        if known[provider] <= set(native) and isinstance(native["id"], int | str)
    ]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    if isinstance(value, str) and value[:2] in {"[{", '{"'}:
        yield from objects(json.loads(value))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


@needs_shared
@pytest.mark.parametrize(("provider", "at_least"), [("woocommerce", 50), ("shopify", 5)])
def test_nothing_that_is_missing_in_a_known_customer_breaks_it(provider: str, at_least: int) -> None:
    natives = natives_of(provider)
    mapper = SHIPPED.mapper(RESOURCE, provider)
    shapes = list({json.dumps([*holes(native)]): native for native in natives}.values())

    assert len(natives) >= at_least
    assert [mapper.map_record(native).faults for native in natives] == [[]] * len(natives)
    assert [fault for native in shapes[:20] for fault in sweep(provider, native)] == []
