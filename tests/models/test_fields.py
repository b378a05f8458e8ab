from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from truto_unify.models.fields import Kind, field_kinds, format_time, nested_kinds


class Inner(BaseModel):
    id: Annotated[str, Kind("id")]


class Outer(BaseModel):
    id: Annotated[str, Kind("id")]
    parts: Annotated[list[Inner], Kind("list", Inner)] = []
    remote_data: object = None


class Holder(BaseModel):
    outer: Annotated[Outer | None, Kind("object", Outer)] = None
    tags: Annotated[list[str], Kind("list", of=Kind("text"))] = []


class Unmarked(BaseModel):
    name: str


class MarkedTwice(BaseModel):
    name: Annotated[str, Kind("text"), Kind("id")]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 5, 2, 8, tzinfo=UTC), "2024-05-02T08:00:00Z"),
        (datetime(2024, 5, 2, 8, 0, 0, 120_000, tzinfo=UTC), "2024-05-02T08:00:00.120Z"),
        (datetime(2024, 5, 2, 8, 0, 0, 120_001, tzinfo=UTC), "2024-05-02T08:00:00.120001Z"),
        (datetime(2024, 5, 2, 8, tzinfo=timezone(timedelta(hours=2))), "2024-05-02T06:00:00Z"),
        (datetime(9, 5, 2, 8, tzinfo=UTC), "0009-05-02T08:00:00Z"),
    ],
)
def test_a_time_is_written_in_utc_with_a_fraction_only_where_there_is_one(moment: datetime, text: str) -> None:
    assert format_time(moment) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_written_time_is_read_back_as_the_same_instant(moment: datetime) -> None:
    assert datetime.fromisoformat(format_time(moment)) == moment


@given(st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0)))
def test_the_texts_of_whole_seconds_are_in_the_order_of_time(moment: datetime) -> None:
    other = datetime(2024, 1, 1, tzinfo=UTC)

    assert (format_time(moment) < format_time(other)) == (moment < other)


def test_the_kinds_of_a_model_leave_remote_data_out() -> None:
    assert field_kinds(Outer) == {"id": Kind("id"), "parts": Kind("list", Inner)}


@pytest.mark.parametrize(("model", "count"), [(Unmarked, 0), (MarkedTwice, 2)])
def test_a_field_has_exactly_one_kind(model: type[BaseModel], count: int) -> None:
    with pytest.raises(TypeError, match=f"^unified field name has {count} kinds instead of one$"):
        field_kinds(model)


def test_the_kinds_of_nested_models_are_named_by_their_paths() -> None:
    assert list(nested_kinds(Holder)) == [
        ("outer", Kind("object", Outer)),
        ("outer.id", Kind("id")),
        ("outer.parts", Kind("list", Inner)),
        ("outer.parts.id", Kind("id")),
        ("tags", Kind("list", of=Kind("text"))),
    ]
