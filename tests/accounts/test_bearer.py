from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from truto_unify.accounts.bearer import is_genuine, make_token, read_prefix

if TYPE_CHECKING:
    from truto_unify.accounts.records import TokenKind

KINDS: list[TokenKind] = ["api_token", "integrated_account_token"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_is_known_by_its_prefix_and_proven_by_its_hash(kind: TokenKind) -> None:
    token = make_token(kind)

    assert read_prefix(token.text) == (kind, token.prefix)
    assert is_genuine(token.text, token.secret_hash)
    assert re.fullmatch(r"[0-9a-f]{64}", token.secret_hash)
    assert len(token.text.removeprefix(token.prefix)) == 1 + 43  # 256 bits


def test_no_two_tokens_are_alike() -> None:
    tokens = [make_token("api_token") for _ in range(100)]

    assert len({token.text for token in tokens}) == len({token.prefix for token in tokens}) == 100


def test_the_text_is_not_in_a_representation() -> None:
    token = make_token("api_token")

    assert token.text not in repr(token)
    assert token.secret_hash not in repr(token)


@pytest.mark.parametrize("text", ["", "x", "tuapi_", "tuapi_0123456789abcdef", "Bearer x", "tuapi_é", "x" * 100_000])
def test_a_text_that_is_not_a_token_has_no_prefix(text: str) -> None:
    assert read_prefix(text) == ("api_token", "tuapi_none")
    assert not is_genuine(text, None)


def test_a_token_does_not_match_the_hash_of_another_token() -> None:
    token, other = make_token("api_token"), make_token("api_token")
    mixed = other.prefix + token.text.removeprefix(token.prefix)

    assert not is_genuine(other.text, token.secret_hash)
    assert not is_genuine(mixed, token.secret_hash)
    assert not is_genuine(mixed, other.secret_hash)
    assert not is_genuine(token.text, None)
