from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.redaction import MASK, Redactor, hide_query

SECRET = 'pä ss/w+"rd\\'
SECRETS = st.text(st.characters(codec="utf-8"), min_size=4, max_size=12)
AROUND = st.text("xyz ", max_size=6)


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        base64_of(SECRET),
        base64_of(f"{SECRET}:"),
        base64_of(f"user-name:{SECRET}"),
        base64_of(f"{SECRET}:user-name"),
        base64_of(f"me:{SECRET}"),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        quote(quote(SECRET, safe=""), safe=""),
        "".join(f"%{byte:02X}" for byte in SECRET.encode()),
        "".join(f"\\u{ord(letter):04x}" for letter in SECRET),
        "".join(f"\\u{ord(letter):04X}" for letter in SECRET),
        "".join(f"\\x{byte:02x}" for byte in SECRET.encode()),
        "".join(f"&#{ord(letter)};" for letter in SECRET),
        "".join(f"&#x{ord(letter):X};" for letter in SECRET),
    ],
)
def test_a_secret_is_hidden_in_every_spelling_that_it_travels_in(spelling: str) -> None:
    redactor = Redactor([SECRET, "user-name", "me"])

    assert redactor.text(f"before {spelling} after") == f"before {MASK} after"


@given(st.text("abcXYZ", max_size=9), st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
def test_a_secret_is_hidden_inside_of_a_longer_text_in_base64(before: str, encode: Any) -> None:
    secret = "s3cret?>~key-9"
    shown = Redactor([secret]).text(encode(f"{before}{secret}{before}".encode()).decode())

    assert MASK in shown
    assert max(map(len, shown.split(MASK))) <= -(-len(before) * 4 // 3) + 4


@given(st.lists(SECRETS, min_size=1, max_size=3), AROUND, AROUND)
def test_no_secret_survives(secrets: list[str], before: str, after: str) -> None:
    text = before.join(secrets) + after

    hidden = Redactor(secrets).text(text).replace(MASK, "\0")

    assert [secret for secret in secrets if secret in hidden] == []


@given(st.text("xyz [redacted]", max_size=30))
def test_text_without_a_secret_stays_as_it_is(text: str) -> None:
    assert Redactor(["ABCDEFG", "HIJK"]).text(text) == text


def test_the_longest_secret_is_hidden_first_and_the_mask_is_never_hidden_again() -> None:
    redactor = Redactor(["abcd", "abcdefgh", "redacted"])

    assert redactor.text("abcdefgh abcd") == f"{MASK} {MASK}"


def test_blank_and_very_short_secrets_would_hide_everything_and_are_left_alone() -> None:
    assert Redactor(["", " ", "a", "abc"]).text("abc a  ") == "abc a  "
    assert Redactor([]).text("text") == "text"


def test_every_text_and_key_of_a_json_value_is_searched() -> None:
    value = {"s3cret": ["x s3cret", 1, None, True, {"a": ("s3cret",)}], "b": 2.5}

    assert Redactor(["s3cret"]).value(value) == {
        MASK: [f"x {MASK}", 1, None, True, {"a": [MASK]}],
        "b": 2.5,
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://shop.example/a?key=s3cret&page=2", f"https://shop.example/a?{MASK}"),
        ("https://shop.example/a#part", "https://shop.example/a"),
        ("https://user:s3cret@shop.example:8443/a", "https://shop.example:8443/a"),
        ("https://shop.example", "https://shop.example"),
        ("/a?b", f"/a?{MASK}"),
    ],
)
def test_a_shown_address_has_neither_a_query_nor_a_user(url: str, shown: str) -> None:
    assert hide_query(url) == shown
