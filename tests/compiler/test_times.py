"""A time whose text says it all leaves as the library would have it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from truto_unify.compiler.times import quick_time
from truto_unify.values import clean_time

OFFSETS = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
# A day from either end of the calendar, so that every moment has its place in UTC.
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=OFFSETS)


def write(moment: datetime, *, digits: str, is_zulu: bool) -> str:
    text = moment.astimezone(UTC).isoformat(timespec=digits) if is_zulu else moment.isoformat(timespec=digits)
    return text.replace("+00:00", "Z") if is_zulu else text


@given(MOMENTS, st.sampled_from(["seconds", "milliseconds", "microseconds", "minutes"]), st.booleans())
def test_what_it_says_is_what_the_library_says(moment: datetime, digits: str, is_zulu: bool) -> None:
    text = write(moment, digits=digits, is_zulu=is_zulu)

    assert quick_time(text) in {None, clean_time(text, zone=None)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-02T08:00:00Z", "2024-05-02T08:00:00Z"),
        ("2024-05-02T08:00:00.120Z", "2024-05-02T08:00:00.120Z"),
        ("2024-05-02T08:00:00.000Z", "2024-05-02T08:00:00Z"),
        ("2024-05-02T08:00:00+02:00", "2024-05-02T06:00:00Z"),
        ("2024-05-02T08:00:00-00:00", "2024-05-02T08:00:00Z"),
        ("2024-03-01T01:59:59+02:00", "2024-02-29T23:59:59Z"),
        ("2023-12-31T19:00:00-05:00", "2024-01-01T00:00:00Z"),
        ("2024-05-02T08:00:00+14:00", "2024-05-01T18:00:00Z"),
    ],
)
def test_the_usual_forms_are_read(text: str, expected: str) -> None:
    assert quick_time(text) == expected == clean_time(text, zone=None)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2024-05-02",
        "2024-05-02T08:00:00",
        "2024-05-02 08:00:00Z",
        "2024-W18-4T08:00:00Z",
        "2024-05-02T080000.12Z",
        "2024-05-02T08:00:00+05:30",
        "2024-05-02T08:00:00.1234Z",
        "2024-05-02T08:00:00.12345",
        "2024-05-02T24:00:00+01:00",
        None,
        1714636800,
        ["2024-05-02T08:00:00Z"],
        datetime(2024, 5, 2, tzinfo=UTC),
    ],
)
def test_anything_else_is_left_to_the_rule(value: Any) -> None:
    assert quick_time(value) is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30T08:00:00Z",
        "2024-05-02T08:61:00Z",
        "2024-05-02T08:00:00.1x0Z",
        "2024-02-30T08:00:00+02:00",
        "2023-02-29T23:00:00-05:00",
        "2024-05-02T08:00:61-05:00",
    ],
)
def test_what_looks_like_a_time_and_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        quick_time(text)


@pytest.mark.parametrize("text", ["0001-01-01T01:00:00+02:00", "9999-12-31T23:00:00-05:00"])
def test_a_time_that_has_no_place_in_utc_is_refused(text: str) -> None:
    with pytest.raises(OverflowError):
        quick_time(text)


@given(st.text("0123456789-:T.Z+ W", min_size=18, max_size=26))
@example("2024-05-02T08:00:00+0x:00")
def test_no_text_is_read_otherwise_than_by_the_library(text: str) -> None:
    try:
        converted = quick_time(text)
    except (ValueError, OverflowError):
        converted = None

    if converted is not None:
        assert converted == clean_time(text, zone=None)
