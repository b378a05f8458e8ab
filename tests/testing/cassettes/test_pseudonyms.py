"""Inventions: consistent, in shape, never the value itself."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.testing.cassettes.detectors import is_invented_email
from truto_unify.testing.cassettes.phone_numbers import digits_of, is_reserved
from truto_unify.testing.cassettes.pseudonyms import Inventions, fold


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("+4930123456", r"\+1\d{3}55501\d\d"),
        ("030123456", r"1\d{3}55501\d\d"),
        ("+49 (30) 123-456", r"\+1 \d{3} 555 01\d\d"),
        ("+49 30 123456 ext. 77", r"\+1 \d{3} 555 01\d\d ext\. \d\d"),
    ],
)
def test_a_phone_number_keeps_its_form(text: str, form: str) -> None:
    made = Inventions(b"key").stand_in("phone", text)

    assert re.fullmatch(form, made)
    assert is_reserved(made.partition(" ext")[0])


def test_one_number_in_two_spellings_stays_one() -> None:
    one = Inventions(b"key")

    assert digits_of(one.stand_in("phone", "+49 30 123456")) == digits_of(one.stand_in("phone", "+4930123456"))


def test_codes_of_states_stay_and_names_do_not() -> None:
    one = Inventions(b"key")

    assert [one.stand_in("state", text) for text in ("CA", "NSW", "US-ME")] == ["CA", "NSW", "US-ME"]
    assert one.stand_in("state", "California").endswith(" Region")


def test_shapes_stay() -> None:
    made = Inventions(b"key").stand_in("postal", "SW1A 1AA")

    assert re.fullmatch(r"[A-Z]{2}\d[A-Z] \d[A-Z]{2}", made)
    assert made != "SW1A 1AA"


def test_another_key_makes_other_people() -> None:
    assert Inventions(b"one").stand_in("name", "Ana Silva") != Inventions(b"two").stand_in("name", "Ana Silva")


@given(st.lists(st.text(min_size=1), max_size=30))
def test_different_emails_stay_different_and_equal_ones_equal(texts: list[str]) -> None:
    one = Inventions(b"key")
    emails = [f"{text}@shop.example" for text in texts]
    made = [one.stand_in("email", email) for email in emails]

    assert len(set(made)) == len({fold(email) for email in emails})
    assert all(is_invented_email(email) for email in made)


@given(st.text(), st.text())
def test_a_whole_name_is_made_of_its_parts(first: str, last: str) -> None:
    one = Inventions(b"key")
    first, last = f"Ana{first}".strip(), f"Silva{last}".strip()

    whole = one.stand_in("name", f"{first} {last}")

    parts = [one.stand_in("name", part) for part in (first, last)]
    assert whole.casefold() == " ".join(parts).casefold()
