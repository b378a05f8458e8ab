"""Whole pages of bytes: what becomes of a body, of what is no JSON, and of a page without its list."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tests.engine.stores import RESOURCE, person, unified
from tests.shipped import REGISTRY
from truto_unify.errors import MappingError
from truto_unify.mapping.record import NativeRecord
from truto_unify.registry import Registry

CONTEXT = {"shop": "acme", "zone": "Europe/Berlin"}


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

    assert [record["id"] for record in json.loads(REGISTRY.mapper(RESOURCE, "woocommerce").map_page(body))] == ["17"]
