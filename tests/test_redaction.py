from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.spellings import EVERY_LETTER, SPELLINGS
from truto_unify.redaction import MASK, Redactor, hide_query

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = 'pä ss/w+"rd\\'
SECRETS = st.text(st.characters(codec="utf-8"), min_size=4, max_size=12)
AROUND = st.text("xyz ", max_size=6)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=8, max_size=40)


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@given(TEXTS, st.sampled_from([*SPELLINGS.values(), *EVERY_LETTER.values()]), AROUND, AROUND)
@example('pä ss/w+"rd\\', SPELLINGS["JSON, slashes"], "", "")
@example("key-\U0001f511-of-acme", EVERY_LETTER["JSON"], "", "")
def test_a_secret_is_hidden_in_every_spelling(
    secret: str, spell: Callable[[str], str], before: str, after: str
) -> None:
    shown = Redactor([secret, "someone", "something"]).text(f"{before} {spell(secret)} {after}")

    assert MASK in shown
    # The first and the last letter of base64 also hold bits of its neighbours.
    assert len(shown.replace(MASK, "")) <= len(f"{before}  {after}") + 2


@pytest.mark.parametrize("pair", ["{}:", "user-name:{}", "{}:user-name", "me:{}"])
def test_a_secret_is_hidden_in_a_basic_header(pair: str) -> None:
    header = base64_of(pair.format(SECRET))

    assert Redactor([SECRET, "user-name", "me"]).text(f"Basic {header}") == f"Basic {MASK}"


@given(st.text("abcXYZ", max_size=9), st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
def test_a_secret_is_hidden_inside_of_a_longer_text_in_base64(before: str, encode: Any) -> None:
    secret = "s3cret?>~key-9"
    shown = Redactor([secret]).text(encode(f"{before}{secret}{before}".encode()).decode())

    assert MASK in shown
    assert max(map(len, shown.split(MASK))) <= -(-len(before) * 4 // 3) + 4


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n  ", "\\n", "\\r\\n"])
@pytest.mark.parametrize("width", [4, 7, 8, 64])
@pytest.mark.parametrize("around", ["", "user:", "a"])
def test_a_secret_in_base64_is_hidden_although_lines_break_it(around: str, width: int, end: str) -> None:
    secret = "s3cret?>~key-9 of the merchant"
    text = base64_of(f"{around}{secret}{around}")
    shown = Redactor([secret]).text(end.join(text[at : at + width] for at in range(0, len(text), width)))

    assert MASK in shown
    assert (
        len("".join(shown.replace(MASK, "").replace("\\n", "").replace("\\r", "").split())) <= 2 * len(around) * 2 + 4
    )


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
