"""A secret in any spelling never stands in the bytes of a cassette, and the last scan finds it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from vcr.request import Request

from tests.spellings import SPELLINGS
from truto_unify.testing.cassettes.cassette_file import cassette_text
from truto_unify.testing.cassettes.cleaning import Cleaner
from truto_unify.testing.cassettes.final_scan import scan_text
from truto_unify.testing.cassettes.headers import RESPONSE
from truto_unify.testing.cassettes.keep_list import KeepList
from truto_unify.testing.cassettes.pseudonyms import Pseudonyms
from truto_unify.testing.cassettes.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=6, max_size=40)
KEYS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=_-.", min_size=6, max_size=64)


def write(secret: str, spelled: str) -> tuple[str, list[str]]:
    """Writes a cassette with the spelled secret in every place; returns it with the findings of the last scan."""
    secrets = Secrets()
    secrets.add(secret, "it")
    cleaner = Cleaner(secrets, KeepList(), Pseudonyms(b"key"), names={}, headers=RESPONSE)
    url = f"https://shop.example.test/a?q={quote_plus(spelled)}"
    request = Request("POST", url, json.dumps({"echo": spelled}).encode(), {"accept": "*/*", "x-key": spelled})
    body = {"at": [spelled, {"inner": f"before {spelled} after", "status": spelled}], spelled: 1}
    response = {
        "status": {"code": 200, "message": spelled},
        "headers": {"location": [f"/next?q={quote_plus(spelled)}"], "set-cookie": [spelled]},
        "body": {"string": json.dumps(body).encode()},
    }
    cleaner.learn(request, response)
    text = cassette_text([(cleaner.clean_request(request), cleaner.clean_response(response))])
    return text, scan_text(text, secrets, ())


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@given(secret=KEYS | TEXTS.filter(lambda text: any(letter.isalnum() for letter in text)))
@example(secret="ck_0123456789abcdef")
@example(secret="p/ss+w=rd&1?x")
@example(secret='"quoted" \\ back')
@example(secret="naïve-ключ-鍵鍵鍵")
@example(secret="straße-ſecret-İ")
@example(secret="'it''s'")
def test_no_spelling_of_a_secret_survives(spell: Callable[[str], str], secret: str) -> None:
    assume(secret == secret.strip() and secret.casefold() not in write("another secret", "nothing")[0].casefold())
    assume(secret.casefold() not in "fake_it" and any(letter.isalnum() for letter in secret))

    text, refused = write(secret, spell(secret))

    assert refused == []
    assert secret.casefold() not in text.casefold()
    assert spell(secret) not in text


def test_a_secret_of_punctuation_alone_is_refused() -> None:
    assert {fault.partition(": ")[2] for fault in write("!!.!.!", "!!.!.!")[1]} == {
        "the secret that FAKE_it stands for"
    }


def test_a_secret_that_is_a_word_of_the_format_is_refused_at_its_place() -> None:
    assert write("interactions", "nothing")[1] == ["line 2: the secret that FAKE_it stands for"]


def test_placeholders_of_one_name_are_numbered() -> None:
    secrets = Secrets()
    for text in ("first-token", "second-token", "first-token"):
        secrets.add(text, "access_token")

    assert [secrets.placeholder(text) for text in ("first-token", "second-token")] == [
        "FAKE_access_token",
        "FAKE_access_token_2",
    ]


def test_a_text_that_is_too_short_is_no_secret() -> None:
    secrets = Secrets()
    secrets.add("abc", "it")

    assert (secrets.placeholder("abc"), secrets.find("abc")) == (None, None)


def test_a_cookie_stays_only_with_the_token_of_the_login() -> None:
    secrets = Secrets()
    secrets.add("7d1f0c5e9a42", "access_token")
    kept = {"session_id"}
    cleaner = Cleaner(secrets, KeepList(), Pseudonyms(b"key"), names={}, headers={"set-cookie"}, cookies=kept)
    cookies = ["session_id=7d1f0c5e9a42; Path=/", "session_id=8f2c1d9e77ab44c0; HttpOnly", "session_id=", "seen=1"]

    cleaned = cleaner.clean_response(
        {"status": {"code": 200}, "headers": {"Set-Cookie": cookies}, "body": {"string": b"{}"}}
    )

    assert cleaned["headers"] == {"set-cookie": ["session_id=FAKE_access_token"]}
