from __future__ import annotations

from typing import Any

import pytest

from truto_unify.scaffold.values import guess_status, guess_time, is_currency, is_email, is_phone

MEANINGS = {"active": ("enabled", "active"), "inactive": ("disabled",)}


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ([], {"expr": "at"}),
        (["2024-05-02T08:00:00Z", "2024-05-02T08:00:00.120+02:00"], {"expr": "at"}),
        (["2024-05-02 08:00:00 +0000"], {"expr": "at"}),
        (["2024-05-02T08:00:00", "2024-05-02T08:00:00Z"], {"expr": "at", "zone": "utc"}),
        (["2024-05-02 08:00:00"], {"expr": "at", "zone": "utc"}),
        (["Thu, 02 May 2024 08:00:00 +0000"], {"expr": "at", "format": "rfc2822"}),
        ([1714636800], {"expr": "at", "zone": "utc", "format": "epoch_seconds"}),
        (["1714636800"], {"expr": "at", "zone": "utc", "format": "epoch_seconds"}),
        ([1714636800000], {"expr": "at", "zone": "utc", "format": "epoch_milliseconds"}),
    ],
)
def test_the_values_of_a_time_suggest_its_zone_and_format(values: list[Any], rule: dict[str, str]) -> None:
    guess = guess_time("at", "at", values)

    assert guess is not None
    assert guess.value == rule


@pytest.mark.parametrize("values", [["2024-05-02"], ["soon"], [True], [17], ["2024-05-02T08:00:00Z", "later"]])
def test_other_values_are_not_taken_for_times(values: list[Any]) -> None:
    assert guess_time("at", "at", values) is None


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        (["ENABLED", "invited"], {"expr": "state", "enum": {"enabled": "active"}}),
        (["disabled", "Enabled"], {"expr": "state", "enum": {"disabled": "inactive", "enabled": "active"}}),
        ([], {"expr": "state"}),
        ([True, False], {"expr": "state", "enum": {"true": "active", "false": "inactive"}}),
    ],
)
def test_a_status_maps_the_values_that_the_vocabulary_knows(values: list[Any], rule: dict[str, Any]) -> None:
    guess = guess_status("state", values, MEANINGS)

    assert guess is not None
    assert guess.value == rule


@pytest.mark.parametrize("values", [["California"], [5], [{}]])
def test_other_values_are_not_taken_for_statuses(values: list[Any]) -> None:
    assert guess_status("state", values, MEANINGS) is None


def test_a_status_of_a_resource_without_words_passes_unchanged() -> None:
    guess = guess_status("state", ["n", "p"], {})

    assert guess is not None
    assert (guess.value, guess.reason) == (
        {"expr": "state"},
        "seen: n, p; the documentation may name more values; the engine passes the other values unchanged",
    )


def test_emails_phones_and_currencies_are_recognized() -> None:
    assert [is_email(value) for value in ("ana@example.test", " ana@example.test", "ana", "a@b", 5)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [is_phone(value) for value in ("+1 (555) 010-0", "555 0100 x12", 5550100, "none", "12", True)] == [
        *(True, True, True),
        *(False, False, False),
    ]
    assert [is_currency(value) for value in ("USD", "eur", "US", "EURO", 5)] == [True, True, False, False, False]
