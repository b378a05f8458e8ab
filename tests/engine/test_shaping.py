from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from truto_unify.engine.shaping import RecordTally, collect_records, key_records, shape_record
from truto_unify.errors import InvalidInput, MappingError
from truto_unify.types import OnRecordError, RecordError, ResponseFormat

RECORD = {"id": "17", "name": "Ana", "emails": [], "remote_data": {"id": 17, "x": 1}}


@dataclass
class Made:
    record: dict[str, Any]
    faults: list[tuple[str, str]] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)


class Doubler:
    """A mapper that breaks on negative numbers and counts odd ones as unmapped."""

    def map_record(self, native: Any) -> Made:
        faults = [("name", f"{native} is negative"), ("status", "so is its double")] if native < 0 else []
        record = {"id": native, "double": None if faults else native * 2}
        return Made(record, faults, Counter({f"status={native}": native % 2}) if native % 2 else Counter())

    def error(self, native: Any, name: str, message: str) -> MappingError:
        return MappingError(f"{name}: {message}", provider="p", resource="r", field=name, remote_data=native)


def map_all(natives: list[int], policy: OnRecordError, tally: RecordTally | None = None) -> list[Any]:
    mapper = Doubler()
    mapped = map(mapper.map_record, natives)
    made = collect_records(mapper, natives, mapped, policy=policy, tally=tally or RecordTally())
    return [record and record["double"] for record in made]


@pytest.mark.parametrize("policy", ["raise", "skip", "keep_raw"])
def test_good_records_are_mapped_whatever_the_policy(policy: OnRecordError) -> None:
    tally = RecordTally()

    assert map_all([1, 2, 3, 1], policy, tally) == [2, 4, 6, 2]
    assert tally == RecordTally(seen=4, unmapped=Counter({"status=1": 2, "status=3": 1}))


@pytest.mark.parametrize(("policy", "kept"), [("skip", None), ("keep_raw", {"id": -1, "double": None})])
def test_a_broken_record_is_left_out_or_kept_with_its_faults_counted(policy: OnRecordError, kept: Any) -> None:
    tally = RecordTally(seen=10)
    mapper = Doubler()
    natives = [2, -1, 4, 6]
    made = collect_records(mapper, natives, map(mapper.map_record, natives), policy=policy, tally=tally)

    assert [made[1], len(made)] == [kept, 4]
    assert tally == RecordTally(
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
    tally = RecordTally()
    map_all(natives, policy, tally)

    assert (tally.seen, len(tally.errors)) == (len(natives), 2 * natives.count(-2))


@pytest.mark.parametrize("policy", ["skip", "keep_raw"])
@pytest.mark.parametrize("natives", [[-2, -4], [2, -2, -4], [2, 2, 2, 2, 2, -2, -4]])
def test_more_than_a_quarter_means_that_the_mapping_is_broken(natives: list[int], policy: OnRecordError) -> None:
    with pytest.raises(MappingError) as caught:
        map_all(natives, policy)

    message = f"name: 2 of {len(natives)} records break the mapping; the first: -2 is negative"
    assert (caught.value.message, caught.value.remote_data) == (message, -2)


@pytest.mark.parametrize(
    ("response_format", "exclude", "ignore_remote_data", "expected"),
    [
        ("unified", (), False, RECORD),
        ("stream", (), False, RECORD),
        ("unified", (), True, {"id": "17", "name": "Ana", "emails": []}),
        ("unified", ("name", "remote_data"), False, {"id": "17", "emails": []}),
        ("unified", ("nothing",), False, RECORD),
        ("normalized", (), False, {"id": "17", "name": "Ana", "emails": []}),
        ("normalized", ("emails",), False, {"id": "17", "name": "Ana"}),
        ("raw", (), False, {"id": 17, "x": 1}),
        ("raw", ("name",), True, {"id": 17, "x": 1}),
    ],
)
def test_a_record_is_shaped_as_the_caller_wants_it(
    response_format: ResponseFormat, exclude: tuple[str, ...], ignore_remote_data: bool, expected: dict[str, Any]
) -> None:
    assert shape_record(RECORD, response_format, exclude, ignore_remote_data=ignore_remote_data) == expected


def test_records_are_looked_up_by_a_field() -> None:
    records = [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]

    assert key_records(records, "name") == {"a": records[0], "b": records[1]}
    assert key_records([], "name") == {}


@pytest.mark.parametrize(
    ("records", "what"),
    [
        ([{"name": "a"}, {"name": "a"}], "the value 'a' twice"),
        ([{"name": "a"}, {"name": None}], "no such value"),
        ([{"id": "1"}], "no such value"),
        ([{"name": []}], "no such value"),
    ],
)
def test_no_record_is_lost_by_looking_it_up(records: list[dict[str, Any]], what: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        key_records(records, "name")

    message = f'the page cannot be keyed by "name": it has {what}; id is there once in each record'
    assert caught.value.message == message
