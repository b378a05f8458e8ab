from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.engine.waits import read_retry_after

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("2.0", 2.0),
        ("0", 0.0),
        ("-1", None),
        ("-0", 0.0),
        ("1e2", 100.0),
        ("NaN", None),
        ("sNaN", None),
        ("Infinity", None),
        ("1e400", None),
        ("", None),
        ("Wed, 31 Dec 2025 23:59:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 01:00:30 +0100", 30.0),
        ("Thu, 01 Jan 2026 00:00:30 -0000", 30.0),
        ("Thursday, 01-Jan-26 00:00:30 GMT", 30.0),
        ("Thu, 01 Jan 99999999999 00:00:30 GMT", None),
        ("Thu, 32 Jan 2026 00:00:30 GMT", None),
        ("2026-01-01T00:00:30Z", None),
        ("\x00", None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(value: str, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


@given(st.text() | st.from_regex(r"\A\w{3}, \d{1,2} \w{3} \d{1,6} \d{1,2}:\d{1,2}:\d{1,2} ([A-Z]{3}|[+-]\d{4})\Z"))
def test_no_retry_after_breaks_the_reader(value: str) -> None:
    seconds = read_retry_after(value, NOW)

    assert seconds is None or 0.0 <= seconds < float("inf")


@given(st.integers(0, 10**6))
def test_an_http_date_is_as_good_as_its_seconds(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert read_retry_after(date, NOW) == read_retry_after(str(seconds), NOW) == seconds
