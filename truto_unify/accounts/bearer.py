"""Bearer tokens of the service: their format, and their verification against the stored hash.

The secret part is 256 random bits, so a plain SHA-256 is as safe as a slow password hash, which would
slow down every request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truto_unify.accounts.records import TokenKind

_WORDS: dict[TokenKind, str] = {"api_token": "tuapi", "integrated_account_token": "tuacc"}
_SHAPE = re.compile(r"((tuapi|tuacc)_[0-9a-f]{16})_[A-Za-z0-9_-]{43}")
_UNKNOWN_PREFIX = "tuapi_none"
_NO_HASH = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


@dataclass(frozen=True, slots=True)
class NewToken:
    """A new token, with its text, which is known only now.

    Attributes:
        text: the bearer token that the caller sends.
        prefix: its first part, which is not secret; the token is looked up by it.
        secret_hash: the stored hash of the text.
    """

    text: str = field(repr=False)
    prefix: str
    secret_hash: str = field(repr=False)


def make_token(kind: TokenKind) -> NewToken:
    """Creates a token.

    >>> make_token("api_token").text.startswith("tuapi_")
    True
    """
    prefix = f"{_WORDS[kind]}_{secrets.token_hex(8)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    return NewToken(text, prefix, _hash(text))


def read_prefix(bearer: str) -> tuple[TokenKind, str]:
    """The kind and the prefix of a token; a text that is not a token gets a prefix that no token has."""
    match = _SHAPE.fullmatch(bearer)
    if match is None:
        return "api_token", _UNKNOWN_PREFIX
    return ("api_token" if match[2] == _WORDS["api_token"] else "integrated_account_token"), match[1]


def is_genuine(bearer: str, secret_hash: str | None) -> bool:
    """Whether the hash is that of this token; takes the same time if there is no hash."""
    bearer_hash = _hash(bearer)
    is_equal = hmac.compare_digest(bearer_hash, secret_hash or _NO_HASH)
    return is_equal and secret_hash is not None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
