"""Bearer tokens of the service: how they look, and how one is recognised from what the database keeps.

The secret part is 256 random bits, so that nobody can guess it and a plain SHA-256 keeps it as safe as a slow hash of
passwords would, which every request would have to pay for.
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
_NOBODY = "tuapi_none"
_NO_HASH = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token at the only moment when its text is known.

    Attributes:
        text: what the caller sends.
        prefix: its first part, by which it is looked up and which people may see.
        secret_hash: what is kept of the text.
    """

    text: str = field(repr=False)
    prefix: str
    secret_hash: str = field(repr=False)


def make_token(kind: TokenKind) -> NewToken:
    """A fresh token.

    >>> make_token("api_token").text.startswith("tuapi_")
    True
    """
    prefix = f"{_WORDS[kind]}_{secrets.token_hex(8)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    return NewToken(text, prefix, _hash(text))


def read_prefix(bearer: str) -> tuple[TokenKind, str]:
    """The kind and the prefix of a token; a text that is no token has those of nobody."""
    match = _SHAPE.fullmatch(bearer)
    if match is None:
        return "api_token", _NOBODY
    return ("api_token" if match[2] == _WORDS["api_token"] else "integrated_account_token"), match[1]


def is_genuine(bearer: str, secret_hash: str | None) -> bool:
    """Whether this is the token that the hash was made of; takes as long where there is no hash."""
    given = _hash(bearer)
    is_equal = hmac.compare_digest(given, secret_hash or _NO_HASH)
    return is_equal and secret_hash is not None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
