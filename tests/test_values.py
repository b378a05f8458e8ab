from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify import values
from truto_unify.models.fields import format_time
from truto_unify.values import (
    clean_country,
    clean_flag,
    clean_id,
    clean_money,
    clean_text,
    clean_time,
    compare_text,
    phone_digits,
    read_time,
    split_phone,
)

SCALARS = st.none() | st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC) | OFFSETS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (" \t\n", None),
        ("  Ana ", "Ana"),
        ("\u00a0Ana\u2003", "Ana"),
        ("\u200bAna", "Ana"),
        (" \u200e\u202aAna\u202c \u00ad", "Ana"),
        ("\ufeff", None),
        ("\u3164", None),
        ("A\u200bna", "A\u200bna"),
        ("\N{WOMAN}\u200d\N{PERSONAL COMPUTER}\ufe0f", "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}\ufe0f"),
        (False, None),
        (5550100, "5550100"),
        (0, "0"),
        (1.5, "1.5"),
        (Decimal("1.50"), "1.50"),
    ],
)
def test_text_is_trimmed_and_blank_text_is_null(value: Any, expected: str | None) -> None:
    assert clean_text(value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "expected text, got true/false"),
        ([], "expected text, got a list"),
        ({"a": 1}, "expected text, got an object"),
        (b"Ana", "expected text, got bytes"),
    ],
)
def test_text_refuses_other_types(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        clean_text(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (" 17 ", "17"),
        (17, "17"),
        (17.0, "17"),
        (0, "0"),
        (-1, "-1"),
        ("gid://x/17", "gid://x/17"),
    ],
)
def test_an_id_leaves_as_text(value: Any, expected: str | None) -> None:
    assert clean_id(value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, r"expected an id, got the number 1\.5"),
        (float("inf"), "expected an id, got the number inf"),
        (True, "expected an id, got true/false"),
        ([17], "expected an id, got a list"),
        ({}, "expected an id, got an object"),
    ],
)
def test_an_id_refuses_what_names_no_record(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        clean_id(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (" ", None),
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        ("1", True),
        (" TRUE ", True),
        ("false", False),
        ("0", False),
    ],
)
def test_a_truth_value_is_read_from_its_spellings(value: Any, expected: bool | None) -> None:
    assert clean_flag(value) is expected


@pytest.mark.parametrize("value", ["yes", "2", 2, 1.0, [], {}])
def test_a_truth_value_refuses_other_spellings(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^expected true or false, got "):
        clean_flag(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (" ", None),
        ("us", "US"),
        (" De ", "DE"),
        ("USA", "US"),
        ("deu", "DE"),
        ("USB", "USB"),
        ("United States", "United States"),
        ("u1", "u1"),
        (49, "49"),
    ],
)
def test_a_country_code_is_of_two_capitals_and_a_name_passes(value: Any, expected: str | None) -> None:
    assert clean_country(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (0, "0"),
        ("0.0", "0.0"),
        (10, "10"),
        (10.0, "10"),
        (11884.9, "11884.9"),
        ("1200", "1200"),
        ("5.000", "5.000"),
        ("0.1234", "0.1234"),
        ("-3.5", "-3.5"),
        (1e22, "10000000000000000000000"),
        ("1e-3", "0.001"),
        (Decimal("2.00"), "2.00"),
    ],
)
def test_money_has_the_decimals_of_the_store_and_no_exponent(value: Any, expected: str | None) -> None:
    assert clean_money(value) == expected


@pytest.mark.parametrize(
    "value", ["ten", "1,000.00", "$5", "NaN", "Infinity", "sNaN", "1e400", "1e999999999", "1e-999999999"]
)
def test_money_refuses_what_is_no_amount(value: str) -> None:
    with pytest.raises(ValueError, match=f'^expected an amount, got "{re.escape(value)}"$'):
        clean_money(value)


def test_money_refuses_a_truth_value() -> None:
    with pytest.raises(ValueError, match=r"^expected text, got true/false$"):
        clean_money(True)


@pytest.mark.parametrize(
    ("value", "zone", "form", "expected"),
    [
        (None, None, "iso", None),
        ("", None, "iso", None),
        ("  ", UTC, "iso", None),
        ("2026-11-24T06:48:02", UTC, "iso", "2026-11-24T06:48:02Z"),
        (" 2026-11-24 06:48:02 ", UTC, "iso", "2026-11-24T06:48:02Z"),
        ("2026-11-24", UTC, "iso", "2026-11-24T00:00:00Z"),
        ("2026-11-24T06:48:02Z", None, "iso", "2026-11-24T06:48:02Z"),
        ("2026-06-09T09:45:19-0400", None, "iso", "2026-06-09T13:45:19Z"),
        ("2026-06-09T09:45:19+05:30", ZoneInfo("Europe/Berlin"), "iso", "2026-06-09T04:15:19Z"),
        ("2026-06-09T09:45:19.25Z", None, "iso", "2026-06-09T09:45:19.250Z"),
        ("2026-06-09T09:45:19.000001Z", None, "iso", "2026-06-09T09:45:19.000001Z"),
        ("2026-07-01T12:00:00", ZoneInfo("Europe/Berlin"), "iso", "2026-07-01T10:00:00Z"),
        ("2026-01-01T12:00:00", ZoneInfo("Europe/Berlin"), "iso", "2026-01-01T11:00:00Z"),
        ("0009-01-01T00:00:00Z", None, "iso", "0009-01-01T00:00:00Z"),
        ("Tue, 02 Jan 2024 10:00:00 +0200", None, "rfc2822", "2024-01-02T08:00:00Z"),
        ("Tue, 02 Jan 2024 10:00:00 -0000", UTC, "rfc2822", "2024-01-02T10:00:00Z"),
        (0, None, "epoch_seconds", "1970-01-01T00:00:00Z"),
        ("1704189600", None, "epoch_seconds", "2024-01-02T10:00:00Z"),
        (1704189600.5, None, "epoch_seconds", "2024-01-02T10:00:00.500Z"),
        (1704189600123, None, "epoch_milliseconds", "2024-01-02T10:00:00.123Z"),
        (-1, None, "epoch_seconds", "1969-12-31T23:59:59Z"),
    ],
)
def test_a_time_leaves_in_utc(value: Any, zone: tzinfo | None, form: str, expected: str | None) -> None:
    assert clean_time(value, zone=zone, form=form) == expected


@pytest.mark.parametrize(
    ("value", "form", "message"),
    [
        ("2026-11-24T06:48:02", "iso", 'the time "2026-11-24T06:48:02" carries no zone'),
        ("Tue, 02 Jan 2024 10:00:00 -0000", "rfc2822", 'the time "Tue, 02 Jan 2024 10:00:00 -0000" carries no zone'),
        ("yesterday", "iso", 'expected a time, got "yesterday"'),
        ("0000-01-01T00:00:00Z", "iso", 'expected a time, got "0000-01-01T00:00:00Z"'),
        (True, "iso", "expected a time, got true"),
        ("0001-01-01T00:00:00+05:00", "iso", r'expected a time, got "0001-01-01T00:00:00\+05:00"'),
        (1704189600, "iso", "expected a time, got 1704189600"),
        ([], "iso", "expected a time, got a list"),
        ("Tue", "rfc2822", 'expected a time, got "Tue"'),
        (
            "Thu, 01 Jan 99999999999 00:00:30 GMT",
            "rfc2822",
            'expected a time, got "Thu, 01 Jan 99999999999 00:00:30 GMT"',
        ),
        ("soon", "epoch_seconds", 'expected a time, got "soon"'),
        (True, "epoch_seconds", "expected a time, got true"),
        (float("nan"), "epoch_seconds", "expected a time, got NaN"),
        (float("inf"), "epoch_seconds", "expected a time, got Infinity"),
        ("1e999999999", "epoch_seconds", 'expected a time, got "1e999999999"'),
        (10**15, "epoch_seconds", "expected a time, got 1000000000000000"),
    ],
)
def test_a_time_refuses_what_is_no_instant(value: Any, form: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        clean_time(value, zone=None, form=form)


@given(MOMENTS)
def test_every_instant_survives_its_own_text(moment: datetime) -> None:
    assert read_time(format_time(moment), zone=None) == moment


@given(MOMENTS)
def test_an_offset_in_the_value_wins_over_the_zone(moment: datetime) -> None:
    assert clean_time(moment.isoformat(), zone=ZoneInfo("Asia/Kolkata")) == format_time(moment)


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]),
)
def test_a_time_without_a_zone_takes_the_given_one(moment: datetime, zone: str) -> None:
    expected = moment.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)  # a text holds no fold

    assert read_time(moment.isoformat(), zone=ZoneInfo(zone)) == expected


@given(MOMENTS)
def test_epoch_numbers_name_the_same_instant(moment: datetime) -> None:
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    seconds, milliseconds = Decimal(microseconds) / 10**6, Decimal(microseconds) / 10**3

    assert read_time(str(seconds), zone=None, form="epoch_seconds") == moment
    assert read_time(str(milliseconds), zone=None, form="epoch_milliseconds") == moment


@pytest.mark.parametrize("value", ["0000-00-00", "0000-00-00 00:00:00", " 0000-00-00T00:00:00Z", False])
def test_a_zero_date_is_no_time(value: Any) -> None:
    assert clean_time(value, zone=None) is None


@given(MOMENTS)
def test_cleaning_a_time_again_changes_nothing(moment: datetime) -> None:
    once = clean_time(moment, zone=None)

    assert clean_time(once, zone=None) == once


@given(SCALARS)
def test_cleaning_text_again_changes_nothing(value: Any) -> None:
    once = clean_text(value)

    assert clean_text(once) == once


@given(SCALARS)
def test_cleaning_a_country_again_changes_nothing(value: Any) -> None:
    once = clean_country(value)

    assert clean_country(once) == once


@given(st.none() | st.integers() | st.text())
def test_cleaning_an_id_again_changes_nothing(value: Any) -> None:
    once = clean_id(value)

    assert clean_id(once) == once


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4))
def test_money_keeps_its_value_and_cleaning_it_again_changes_nothing(amount: Decimal) -> None:
    once = clean_money(str(amount))

    assert once is not None
    assert (Decimal(once), clean_money(once)) == (amount, once)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+1 555-0100", ("+1 555-0100", None)),
        ("+1 555-0100 x123", ("+1 555-0100", "123")),
        ("+1 555-0100x123", ("+1 555-0100", "123")),
        ("555 0100 ext. 7", ("555 0100", "7")),
        ("555 0100 EXT 7", ("555 0100", "7")),
        ("555 0100, extension: 7", ("555 0100", "7")),
        ("555 0100 #7", ("555 0100", "7")),
        ("555 0100 x", ("555 0100 x", None)),
        ("+1 212-555-0100 (ext 4)", ("+1 212-555-0100", "4")),
        ("555 0100 [x4]", ("555 0100", "4")),
        ("+12125550100;ext=55", ("+12125550100", "55")),
        ("tel:555-0100;ext=55", ("tel:555-0100", "55")),
        ("555 0100 extn 4", ("555 0100", "4")),
        ("(555) 0100", ("(555) 0100", None)),
        ("x123", ("x123", None)),
        ("ext. 123", ("ext. 123", None)),
        ("555 0100 x12345678901", ("555 0100 x12345678901", None)),
        ("", ("", None)),
    ],
)
def test_a_trailing_extension_is_cut_off_the_number(number: str, expected: tuple[str, str | None]) -> None:
    assert split_phone(number) == expected


@given(st.from_regex(r"\+?[0-9]{0,3}[ ,;]{0,2}(x|X|ex|ext\.?|#)? ?[0-9]{0,11}", fullmatch=True))
def test_the_short_way_of_cutting_an_extension_cuts_as_the_pattern_does(number: str) -> None:
    parts = values._EXTENSION.match(number)

    assert split_phone(number) == ((parts["number"].strip(), parts["extension"]) if parts else (number, None))


def test_a_text_far_too_long_for_a_number_is_not_taken_apart() -> None:
    text = "1" + " " * 100_000 + "x1"

    assert split_phone(text) == (text, None)


@pytest.mark.parametrize(
    ("number", "digits"),
    [("+1 (555) 01-00", "15550100"), ("5550100", "5550100"), (" N/A ", "n/a"), ("", "")],
)
def test_numbers_are_compared_by_their_digits(number: str, digits: str) -> None:
    assert phone_digits(number) == digits


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (" ANA ", "ana"),
        ("STRASSE", "straße"),
        ("ÉMILE", "émile"),
        ("E\u0301mile", "\u00c9MILE"),
        ("Ana\u00a0Ruiz ", "ana ruiz"),
        ("\uff21na", "ana"),
        ("A\u200bn\u200da\ufeff", "ana"),
    ],
)
def test_texts_are_compared_whatever_the_case_the_blanks_and_the_unicode_form(left: str, right: str) -> None:
    assert compare_text(left) == compare_text(right)
