from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from truto_unify.config.filters import NamedFormat
from truto_unify.engine.encoding import encode_value, round_time, write_time

if TYPE_CHECKING:
    from collections.abc import Callable

FORMS = sorted({*get_args(NamedFormat)} - {"local_date"})
STEPS = {
    "rfc3339": 1,
    "rfc3339_seconds": 10**6,
    "rfc3339_milliseconds": 10**3,
    "rfc3339_offset": 10**6,
    "date": 86_400 * 10**6,
    "epoch_seconds": 10**6,
    "epoch_milliseconds": 10**3,
}
PATTERNS = ["%Y-%m-%d", "%d.%m.%Y %H", "%Y%m%d%H%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z"]
CLOCKS = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))
TRICKY = [
    '"',
    "\\",
    '\\"',
    "OR",
    "AND",
    "NOT",
    "-",
    "*",
    "(",
    ")",
    ":",
    ":>",
    "<=",
    "'",
    ",",
    "|",
    "{",
    "$ne",
    "a",
    "é",
    "李",
    " ",
]
TEXTS = st.text() | st.lists(st.sampled_from(TRICKY), min_size=1).map("".join)
MOMENT = datetime(2024, 1, 2, 8, 30, 15, 120_500, tzinfo=timezone(timedelta(hours=2)))


def read_terms(text: str) -> list[tuple[str, bool]]:
    """An independent reader of a search text: (term, whether it was quoted), a backslash taking the next letter."""
    terms: list[tuple[str, bool]] = []
    letters = iter(text)
    for letter in letters:
        if letter == '"':
            phrase = ""
            for inner in letters:
                if inner == '"':
                    break
                phrase += next(letters) if inner == "\\" else inner
            else:
                raise AssertionError(f"a phrase without its end: {text!r}")
            terms.append((phrase, True))
        elif letter != " ":
            terms.append((letter, False))
    return terms


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("rfc3339", "2024-01-02T06:30:15.120500Z"),
        ("rfc3339_milliseconds", "2024-01-02T06:30:15.120Z"),
        ("rfc3339_offset", "2024-01-02T06:30:15+0000"),
        ("date", "2024-01-02"),
        ("epoch_seconds", "1704177015"),
    ],
)
def test_an_instant_is_written_in_utc_in_the_declared_format(form: str, text: str) -> None:
    assert write_time(MOMENT, form) == text


@given(MOMENTS, st.sampled_from(FORMS), st.booleans())
def test_a_rounded_instant_is_the_nearest_that_the_format_can_say(moment: datetime, form: str, up: bool) -> None:
    rounded = round_time(moment, form, up=up)
    distance = (rounded - moment) / timedelta(microseconds=1) * (1 if up else -1)

    assert 0 <= distance < STEPS[form]
    assert round_time(rounded, form, up=not up) == rounded


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)),
    st.sampled_from(PATTERNS),
    st.sampled_from(CLOCKS),
    st.booleans(),
)
@example(datetime(2024, 10, 27, 0, 30, tzinfo=UTC), "%Y-%m-%d %H:%M:%S", "Europe/Berlin", False)
@example(datetime(2024, 10, 27, 1, 30, tzinfo=UTC), "%Y-%m-%d %H:%M:%S", "Europe/Berlin", True)
@example(datetime(2024, 3, 31, 0, 59, 30, tzinfo=UTC), "%Y%m%d%H%M", "Europe/Berlin", True)
def test_what_a_clock_shows_is_outside_of_the_range_however_a_store_reads_it(
    moment: datetime, form: str, zone: str, up: bool
) -> None:
    rounded = round_time(moment, form, zone, up=up)
    text = write_time(rounded, form, zone)

    shown = datetime.strptime(text, form)
    clock = ZoneInfo(zone)
    readings = [shown.replace(tzinfo=shown.tzinfo or clock, fold=fold) for fold in (0, 1)]
    assert all(reading >= moment if up else reading <= moment for reading in readings)
    assert abs(rounded - moment) < timedelta(days=1, hours=3)


@given(MOMENTS, st.sampled_from(FORMS))
def test_what_is_written_of_a_rounded_instant_says_all_of_it(moment: datetime, form: str) -> None:
    rounded = round_time(moment, form, up=False)
    readers: dict[str, Callable[[str], datetime]] = {
        "rfc3339": datetime.fromisoformat,
        "rfc3339_seconds": datetime.fromisoformat,
        "rfc3339_milliseconds": datetime.fromisoformat,
        "epoch_milliseconds": lambda text: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text)),
        "rfc3339_offset": datetime.fromisoformat,
        "date": lambda text: datetime.fromisoformat(f"{text}T00:00:00Z"),
        "epoch_seconds": lambda text: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text)),
    }

    assert readers[form](write_time(rounded, form)) == rounded


ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, ZONES)
def test_the_day_of_an_instant_lies_between_its_local_dates_in_every_zone(moment: datetime, zone: timezone) -> None:
    first, last = (write_time(round_time(moment, "local_date", up=up), "local_date") for up in (False, True))

    assert first <= moment.astimezone(zone).date().isoformat() <= last
    assert last <= (moment.date() + timedelta(days=1)).isoformat()


def test_no_day_follows_the_last_one() -> None:
    with pytest.raises(OverflowError):
        round_time(datetime(9999, 12, 31, 12, tzinfo=UTC), "date", up=True)


@pytest.mark.parametrize(
    ("encoder", "text", "expected"),
    [
        ("plain", 'a"b\\c,d*', 'a"b\\c,d*'),
        ("plain", "a\x00", None),
        ("plain", "a\nb", None),
        ("list_item", "a b", "a b"),
        ("list_item", "a\tb", None),
        ("list_item", "a,b", None),
        ("quoted", "Ana OR b:c", '"Ana OR b:c"'),
        ("quoted", ' a"b\\c ', '"a\\"b\\\\c"'),
        ("quoted", "-- !", None),
        ("quoted", "__", None),
        ("quoted", "a\nb", None),
        ("quoted", "a\x00", None),
        ("quoted", "a\x7f", None),
        ("words", "Ana  OR\u00a0Ruiz", '"Ana" "OR" "Ruiz"'),
        ("words", "Ana - Ruiz", '"Ana" "Ruiz"'),
        ("words", "- !", None),
        ("words", "a\tb", None),
    ],
)
def test_a_value_is_written_so_that_none_of_it_is_syntax(encoder: str, text: str, expected: str | None) -> None:
    assert encode_value(text, encoder) == expected


CONTROLS = {*map(chr, range(32)), "\x7f"}


@given(TEXTS)
def test_a_quoted_value_is_one_phrase_that_reads_back_as_the_same_text(text: str) -> None:
    encoded = encode_value(text, "quoted")

    assert encoded is None or read_terms(encoded) == [(text.strip(), True)]


@given(TEXTS)
def test_words_read_back_as_phrases_of_the_same_text(text: str) -> None:
    encoded = encode_value(text, "words")
    words = [(word, True) for word in text.split() if any(letter.isalnum() for letter in word)]

    assert encoded is None or read_terms(encoded) == words


@given(st.lists(st.text(), min_size=1))
def test_a_list_of_items_is_split_where_it_was_joined(texts: list[str]) -> None:
    encoded = [item for text in texts if (item := encode_value(text, "list_item")) is not None]

    assert encoded == [text for text in texts if "," not in text and not set(text) & CONTROLS]
    assert ",".join(encoded).split(",") == (encoded or [""])
