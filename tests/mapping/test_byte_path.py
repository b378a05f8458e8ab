"""Records that come as JSON leave as JSON; what does not fit the byte path is mapped as a value and says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.laid_over import mapper_of_file
from truto_unify.mapping.record import NativeRecord, UnifiedRecord
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.mapping.mapper import Mapper

RESOURCE = "ecommerce/customers"
ANA = b'{"id": 17, "first_name": "Ana", "x": 1.50, "big": 123456789012345678901234567890}'
ODD = b'{"id": 18, "first_name": "Bo", "billing": "nowhere"}'
BROKEN = b'{"id": 19, "billing": {"postcode": ["4101"]}}'
NAMELESS = b'{"first_name": "Dora"}'


@pytest.fixture
def mapper() -> Mapper:
    return Registry().mapper(RESOURCE, "woocommerce")


def map_texts(mapper: Mapper, *texts: bytes, **options: Any) -> list[UnifiedRecord | None]:
    return list(mapper.map_natives(map(NativeRecord, texts), **options))


def good(records: list[UnifiedRecord | None]) -> Iterator[UnifiedRecord]:
    return (record for record in records if record is not None)


@pytest.mark.parametrize("keeps_fields", [True, False])
def test_the_json_of_a_record_holds_the_very_bytes_that_came(mapper: Mapper, *, keeps_fields: bool) -> None:
    (record,) = good(map_texts(mapper, ANA, keeps_fields=keeps_fields))
    expected = mapper.map(json.loads(ANA))

    assert (record.id, record.faults, record.is_from_bytes, record.is_valid) == ("17", [], True, True)
    assert ANA in record.to_json()
    assert json.loads(record.to_json()) == expected


def test_a_record_whose_fields_are_read_later_answers_as_a_dict_does(mapper: Mapper) -> None:
    (record,) = good(map_texts(mapper, ANA))

    assert (record.fields["first_name"], record.fields.get("first_name"), record.fields.get("nothing")) == (
        "Ana",
        "Ana",
        None,
    )
    assert json.loads(record.to_json({"remote_data", "emails"})) == {
        name: value for name, value in mapper.map(json.loads(ANA)).items() if name not in {"remote_data", "emails"}
    }


def test_an_unread_record_is_only_its_json(mapper: Mapper) -> None:
    (record,) = good(map_texts(mapper, ANA, keeps_fields=False))

    assert (record.fields, record.native) == (None, None)
    assert record.encoded == record.to_json()


def test_each_record_that_does_not_fit_falls_back_alone(mapper: Mapper) -> None:
    records = list(good(map_texts(mapper, ANA, ODD, ANA, BROKEN, NAMELESS, ANA, keeps_fields=False)))

    assert [record.is_from_bytes for record in records] == [True, False, True, False, False, True]
    assert [record.id for record in records] == ["17", "18", "17", "19", None, "17"]
    assert [record.faults for record in records] == [
        [],
        [],
        [],
        [("addresses[0].postal_code", "expected text, got a list")],
        [("id", "every record must have an id")],
        [],
    ]
    assert all(ODD in record.to_json() for record in records if record.id == "18")


def test_a_decoder_that_meets_a_number_for_a_text_is_relaxed_once(mapper: Mapper) -> None:
    codes = [json.dumps({"id": number, "billing": {"postcode": 4101}}).encode() for number in range(3)]
    records = list(good(map_texts(mapper, ANA, *codes)))

    assert [record.is_from_bytes for record in records] == [True, False, True, True]
    assert [record.fields["addresses"][0]["postal_code"] for record in records[1:]] == ["4101"] * 3


def test_enum_values_that_the_table_lacks_are_counted_with_the_record_that_has_them() -> None:
    layer = {"response_mapping": {"status": {"expr": "role", "enum": {"a": "active"}}}, "unsupported": {"status": None}}
    mapper = mapper_of_file(Registry(), RESOURCE, "woocommerce", layer)
    texts = [b'{"id": 1, "role": "odd"}', b'{"id": 2, "role": "A"}', b'{"id": 3, "role": "odd", "last_name": {}}']

    assert [(record.id, dict(record.unmapped)) for record in good(map_texts(mapper, *texts))] == [
        ("1", {"status=odd": 1}),
        ("2", {}),
        ("3", {"status=odd": 1}),
    ]


def test_a_record_of_another_kind_is_none_whichever_way_it_takes() -> None:
    mapper = Registry().mapper(RESOURCE, "zohoinventory")
    vendor = {"contact_id": "1", "contact_type": "vendor"}
    customer = {"contact_id": "2", "contact_type": "customer"}
    by_bytes = map_texts(mapper, *(json.dumps(native).encode() for native in (vendor, customer)))
    by_value = list(mapper.map_natives([NativeRecord(parsed=native) for native in (vendor, customer)]))

    assert [record and record.id for record in by_bytes] == [record and record.id for record in by_value] == [None, "2"]


@pytest.mark.parametrize("number", [0, 11])
def test_a_record_of_which_get_gives_more_is_partial_whichever_way_it_takes(number: int) -> None:
    mapper = Registry().mapper(RESOURCE, "bigcommerce")
    native = {"id": 1, "address_count": number, "addresses": [{"id": 1, "city": "Town"}] * min(number, 10)}
    (by_bytes,) = good(map_texts(mapper, json.dumps(native).encode()))
    (by_value,) = good(list(mapper.map_natives([NativeRecord(parsed=native)])))

    assert by_bytes.is_partial is by_value.is_partial is (number > 10)


def test_the_interpreter_takes_every_record_as_a_value() -> None:
    mapper = Registry(engine="interpreter").mapper(RESOURCE, "woocommerce")
    (record,) = good(map_texts(mapper, ANA, keeps_fields=False))

    assert (record.id, record.is_from_bytes, ANA in record.to_json()) == ("17", False, True)


def test_a_record_given_as_a_value_is_written_again(mapper: Mapper) -> None:
    (record,) = good(list(mapper.map_natives([NativeRecord(parsed={"id": 17, "x": 1.5})], keeps_fields=False)))

    assert json.loads(record.to_json())["remote_data"] == {"id": 17, "x": 1.5}
    assert (record.is_from_bytes, record.is_valid) == (False, False)
