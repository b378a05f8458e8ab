from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from truto_unify.engine.shaping import RecordStats, collect_records, dump_page, key_records, shape_of
from truto_unify.errors import InvalidInput, MappingError
from truto_unify.mapping.record import NativeRecord, UnifiedRecord
from truto_unify.types import Call, OnRecordError, Page, RecordError

TEXT = b'{"id": 17, "x": 1.50}'
NATIVE = NativeRecord(TEXT)
RECORD = UnifiedRecord("17", {"id": "17", "name": "Ana", "emails": [], "remote_data": NATIVE.value}, NATIVE)


class Doubler:
    """A mapper that breaks on negative numbers and counts odd ones as unmapped."""

    def map_record(self, native: int) -> UnifiedRecord:
        faults = [("name", f"{native} is negative"), ("status", "so is its double")] if native < 0 else []
        fields = {"id": str(native), "double": None if faults else native * 2}
        unmapped = {f"status={native}": 1} if native % 2 else {}
        return UnifiedRecord(str(native), fields, NativeRecord(parsed=native), faults, unmapped, is_from_bytes=True)

    def error(self, native: Any, name: str, message: str) -> MappingError:
        return MappingError(f"{name}: {message}", provider="p", resource="r", field=name, remote_data=native)


def map_all(natives: list[int], policy: OnRecordError, stats: RecordStats | None = None) -> list[Any]:
    mapper = Doubler()
    mapped = map(mapper.map_record, natives)
    records = collect_records(mapper, mapped, policy=policy, stats=stats or RecordStats())
    return [record and record.fields["double"] for record in records]


@pytest.mark.parametrize("policy", ["raise", "skip", "keep_raw"])
def test_good_records_are_mapped_whatever_the_policy(policy: OnRecordError) -> None:
    stats = RecordStats()

    assert map_all([1, 2, 3, 1], policy, stats) == [2, 4, 6, 2]
    assert stats == RecordStats(seen=4, unmapped=Counter({"status=1": 2, "status=3": 1}))


@pytest.mark.parametrize(("policy", "returned"), [("skip", None), ("keep_raw", {"id": "-1", "double": None})])
def test_a_record_that_does_not_fit_is_omitted_or_returned_and_its_faults_are_counted(
    policy: OnRecordError, returned: Any
) -> None:
    stats = RecordStats(seen=10)
    mapper = Doubler()
    records = collect_records(mapper, map(mapper.map_record, [2, -1, 4, 6]), policy=policy, stats=stats)

    assert [records[1] and records[1].fields, len(records)] == [returned, 4]
    assert stats == RecordStats(
        seen=14,
        errors=[RecordError(11, "name", "-1 is negative"), RecordError(11, "status", "so is its double")],
        unmapped=Counter({"status=-1": 1}),
    )


def test_the_policy_raise_ends_with_the_first_broken_record() -> None:
    with pytest.raises(MappingError) as caught:
        map_all([2, -3, -5, 4], "raise")

    assert (caught.value.message, caught.value.field, caught.value.remote_data) == ("name: -3 is negative", "name", -3)


@pytest.mark.parametrize("policy", ["skip", "keep_raw"])
@pytest.mark.parametrize("natives", [[-2], [2, -2], [2, 2, 2, -2], [2, 2, 2, 2, 2, 2, -2, -2]])
def test_up_to_a_quarter_of_a_page_may_be_broken_and_one_record_always(
    natives: list[int], policy: OnRecordError
) -> None:
    stats = RecordStats()
    map_all(natives, policy, stats)

    assert (stats.seen, len(stats.errors)) == (len(natives), 2 * natives.count(-2))


@pytest.mark.parametrize("policy", ["skip", "keep_raw"])
@pytest.mark.parametrize("natives", [[-2, -4], [2, -2, -4], [2, 2, 2, 2, 2, -2, -4]])
def test_more_than_a_quarter_means_that_the_mapping_is_broken(natives: list[int], policy: OnRecordError) -> None:
    with pytest.raises(MappingError) as caught:
        map_all(natives, policy)

    message = f"name: 2 of {len(natives)} records break the mapping; the first: -2 is negative"
    assert (caught.value.message, caught.value.remote_data) == (message, -2)


def test_a_record_of_another_resource_is_left_out_and_no_error() -> None:
    stats = RecordStats()
    mapped = [None, Doubler().map_record(2), None]

    assert [record and record.id for record in collect_records(Doubler(), mapped, policy="raise", stats=stats)] == [
        None,
        "2",
        None,
    ]
    assert stats == RecordStats(seen=3)


def test_records_that_did_not_take_the_byte_path_are_counted() -> None:
    stats = RecordStats()
    mapped = [UnifiedRecord("1", {}, is_from_bytes=True), UnifiedRecord("2", {}), UnifiedRecord("3", {})]
    collect_records(Doubler(), mapped, policy="raise", stats=stats)

    assert stats == RecordStats(seen=3, fallbacks=2)


ALL = {"id": "17", "name": "Ana", "emails": [], "remote_data": {"id": 17, "x": 1.5}}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ALL),
        ({"response_format": "stream"}, ALL),
        ({"ignore_remote_data": True}, {"id": "17", "name": "Ana", "emails": []}),
        ({"exclude_fields": ("name", "remote_data")}, {"id": "17", "emails": []}),
        ({"exclude_fields": ("nothing",)}, ALL),
        ({"response_format": "normalized"}, {"id": "17", "name": "Ana", "emails": []}),
        ({"response_format": "normalized", "exclude_fields": ("emails",)}, {"id": "17", "name": "Ana"}),
        ({"response_format": "raw"}, {"id": 17, "x": 1.5}),
        ({"response_format": "raw", "exclude_fields": ("name",), "ignore_remote_data": True}, {"id": 17, "x": 1.5}),
    ],
)
def test_a_record_is_shaped_as_the_caller_wants_it(arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    shape = shape_of(Call(resource="ecommerce/customers", method="list", **arguments))

    assert shape.value(RECORD) == json.loads(shape.json(RECORD)) == expected
    assert (TEXT in shape.json(RECORD)) == ("x" in expected or "remote_data" in expected)


def test_records_are_looked_up_by_a_field() -> None:
    records = [b'{"id":"1","name":"a"}', b'{"id":"2","name":"b"}']

    assert key_records(records, "name") == {"a": records[0], "b": records[1]}
    assert key_records([], "name") == {}


@pytest.mark.parametrize(
    ("records", "what"),
    [
        ([b'{"name":"a"}', b'{"name":"a"}'], 'the value "a" twice'),
        ([b'{"name":"a"}', b'{"name":null}'], "no such value"),
        ([b'{"id":"1"}'], "no such value"),
        ([b'{"name":[]}'], "no such value"),
        ([b"[1]"], "no such value"),
    ],
)
def test_no_record_is_lost_by_looking_it_up(records: list[bytes], what: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        key_records(records, "name")

    message = f'the page cannot be keyed by "name": it has {what}; id is there once in each record'
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("keyed", "result"),
    [(None, b'[{"id":"1"},{"id": 1.50}]'), ({"a": b'{"id":"1"}', 'b"': b"2"}, b'{"a":{"id":"1"},"b\\"":2}')],
)
def test_the_envelope_of_a_page_holds_its_records_as_they_are(keyed: dict[str, bytes] | None, result: bytes) -> None:
    page = Page(result=[b'{"id":"1"}', b'{"id": 1.50}'], next_cursor="x", is_partial_response=True)
    flags = b'"is_partial_response":true,"may_have_changed":false,"partial_reasons":[]'
    rest = b'"next_cursor":"x","prev_cursor":null,"result_count":2,' + flags + b"}"

    assert dump_page(page, keyed) == b'{"result":' + result + b"," + rest
