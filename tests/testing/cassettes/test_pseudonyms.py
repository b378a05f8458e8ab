"""A pseudonym is the same for the same text, has its shape, and is never the text itself."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.testing.cassettes.detectors import is_invented_email
from truto_unify.testing.cassettes.phone_numbers import digits_of, is_reserved
from truto_unify.testing.cassettes.pseudonyms import Pseudonyms, fold, words_of

WORDS = st.text(st.characters(categories=["L"]), min_size=1, max_size=12).filter(lambda word: fold(word) != "")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf"]), max_size=30)


@pytest.fixture
def names() -> Pseudonyms:
    return Pseudonyms(b"key")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Silva", "[A-Z][a-z]{4}"),
        ("O'NEIL-WEST", "[A-Z]'[A-Z]{4}-[A-Z]{4}"),
        ("McKenna", "[A-Z][a-z][A-Z][a-z]{4}"),
        ("J. Ortega", r"[A-Z]\. [A-Z][a-z]{5}"),
        ("Müller 7", r"[A-Z][^a-zA-Z][a-z]{4} [1-9]"),
        ("SW1A 1AA", r"[A-Z]{2}\d[A-Z] \d[A-Z]{2}"),
        ("王伟", r"[\u6000-\u7fff\u4e00-\u4fff]{2}"),
        ("00123", r"0\d{4}"),
        ("ana.silva+shop@gmail.com", r"[a-z]{3}\.[a-z]{5}\+[a-z]{4}@[a-z]{5}\.[a-z]{3}\.example\.test"),
        ("+4930123456", r"\+1\d{3}55501\d\d"),
        ("030123456", r"1\d{3}55501\d\d"),
        ("+49 (30) 123-456", r"\+1 \d{3} 555 01\d\d"),
        ("+49 30 123456 ext. 77", r"\+1 \d{3} 555 01\d\d ext\. \d\d"),
        ("tel:612481937", r"[a-z]{3}:1\d{3}55501\d\d"),
        ("14/05/1987", r"(0[1-9]|1[0-2])/(0[1-9]|1[0-2])/19\d\d"),
        ("1987-05-14T08:30:00+02:00", r"19\d\d-(0[1-9]|1[0-2])-(0[1-9]|1[0-2])T[0-2]\d:[0-5]\d:[0-5]\d\+02:00"),
        ("5.3.87", r"[1-9]\.[1-9]\.\d\d"),
        ("83.44.12.201", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("eyJsYXN0X2lkIjogMTd9", "opaque-[0-9a-f]{16}"),
        ("AT&amp;T", "[A-Z]{2}&amp;[A-Z]"),
        ("FAKE_api_key", "FAKE_api_key"),
    ],
)
def test_the_shape_stays(text: str, form: str, names: Pseudonyms) -> None:
    pseudonym = names.pseudonym_of(text)

    assert re.fullmatch(form, pseudonym), pseudonym
    assert (pseudonym == text) == text.startswith("FAKE_")


def test_a_secret_loses_its_shape(names: Pseudonyms) -> None:
    names.hide_shape("2ov9t9j037xy52zz")

    assert re.fullmatch("opaque-[0-9a-f]{16}", names.pseudonym_of("2ov9t9j037xy52zz"))


def test_phone_numbers_and_addresses_are_from_reserved_ranges(names: Pseudonyms) -> None:
    assert is_reserved(names.pseudonym_of("+34 612 481 937"))
    assert is_invented_email(names.pseudonym_of("ana@gmail.com"))
    assert ipaddress.ip_address(names.pseudonym_of("2a02:908:1391::7")) in ipaddress.ip_network("2001:db8::/32")


def test_one_number_in_several_spellings_stays_one(names: Pseudonyms) -> None:
    spellings = ("612481937", "612 48 19 37", "612.481.937", "(612) 481-937", "tel:612481937")

    assert len({digits_of(names.pseudonym_of(text)) for text in spellings}) == 1


def test_a_letter_written_as_an_entity_is_the_letter(names: Pseudonyms) -> None:
    assert names.pseudonym_of("M&uuml;ller &amp; S&#246;hne") == names.pseudonym_of("Müller &amp; Söhne")


def test_numbered_names_stay_different(names: Pseudonyms) -> None:
    numbered = [f"Müller {number}" for number in range(1, 251)]

    pseudonyms = [names.pseudonym_of(text) for text in numbered]

    assert len({*pseudonyms}) == 250
    assert len({text.split()[0] for text in pseudonyms}) == 1


def test_prose_keeps_its_words_and_loses_its_people(names: Pseudonyms) -> None:
    plain_words = {"customer", "price", "exists", "already"}

    sentence = names.pseudonym_of("Customer Price already exists: CUSTOMER Ana", plain_words)

    assert re.fullmatch("Customer [A-Z][a-z]{4} already exists: CUSTOMER [A-Z][a-z]{2}", sentence)
    assert "Price" not in sentence


def test_another_key_makes_other_stand_ins() -> None:
    assert Pseudonyms(b"one").pseudonym_of("Ana Silva") != Pseudonyms(b"two").pseudonym_of("Ana Silva")


def test_what_stays_and_what_is_real_is_nobodys_stand_in() -> None:
    free = Pseudonyms(b"key").pseudonym_of("Silva")
    names = Pseudonyms(b"key")
    names.avoid(f"{free} Perez")

    taken = names.pseudonym_of("Silva")
    names.reserve(names.pseudonym_of("17"))

    assert taken != free
    assert len({names.pseudonym_of(str(number)) for number in range(10, 100)}) == 90


@given(st.lists(TEXTS, max_size=20))
def test_equal_texts_have_equal_stand_ins_and_different_ones_different(texts: list[str]) -> None:
    names = Pseudonyms(b"key")
    pseudonyms = [names.pseudonym_of(text) for text in texts]

    assert [names.pseudonym_of(text) for text in texts] == pseudonyms
    # Stand-ins write numbers with blanks and letters in their composed form: these spellings are no difference.
    assert len({_spelling(text) for text in pseudonyms}) == len({_spelling(text) for text in texts})


def _spelling(text: str) -> str:
    phones = re.sub(r"\+?\(?\d(?:[ ()./-]{0,2}\d){6,14}", lambda match: digits_of(match[0]), fold(text))
    return re.sub(r"\s+", " ", phones)


@given(WORDS, WORDS)
def test_a_whole_name_is_made_of_its_parts(first: str, last: str) -> None:
    names = Pseudonyms(b"key")

    whole = names.pseudonym_of(f"{first} {last}")

    assert whole.casefold() == f"{names.pseudonym_of(first)} {names.pseudonym_of(last)}".casefold()


@given(WORDS)
def test_capitals_make_no_difference(word: str) -> None:
    names = Pseudonyms(b"key")

    assert fold(names.pseudonym_of(word.upper())) == fold(names.pseudonym_of(fold(word.upper())))


@given(st.lists(st.text("abcdefgh", min_size=4, max_size=9), min_size=1, max_size=9, unique=True))
def test_no_long_word_survives(words: list[str]) -> None:
    names = Pseudonyms(b"key")
    names.avoid(" ".join(words))

    pseudonyms = [names.pseudonym_of(word) for word in words]

    assert {*pseudonyms}.isdisjoint(words)
    assert [len(words_of(text)) for text in pseudonyms] == [1] * len(words)
