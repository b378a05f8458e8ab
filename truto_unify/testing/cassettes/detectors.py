"""Tells what looks like a secret or like personal data, for scans that do not know the values."""

from __future__ import annotations

import base64
import math
import re
from collections import Counter

from truto_unify.secret_shapes import KNOWN_PREFIXES, NAMES_A_SECRET

EMAIL = re.compile(r"[^\s@<>\"'(),;:=&?/\\\[\]{}|`]+@[^\s@<>\"'(),;:=&?/\\\[\]{}|`]+\.[^\W\d_]{2,}")
_INVENTED_DOMAIN = re.compile(
    r"(?i)@([\w-]+\.)*(example(\.(com|org|net|edu))?|[\w-]+\.(test|invalid|example|localhost))$"
)
NAMES_A_PHONE = re.compile(r"(?i)(phone|mobile|telephone|tel|fax|cell|msisdn|whatsapp)([ _-]?number)?s?$")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Sortable ids, many vendors' with a word before: cus_01J9ZK4TQ7XW3M5N8P2R6S0V1B.
_ULID = re.compile(r"(?:[a-z]+_)?[0-7][0-9A-HJKMNP-TV-Z]{25}")
_MIN_RANDOM_LETTERS = 24
_MIN_SECRET_LETTERS = 8
_MIN_BITS = 4.0
"""The entropy of a letter in a random text."""


def is_invented_email(text: str) -> bool:
    """Whether the address is in a domain that is reserved for examples, by RFC 2606 and RFC 6761.

    >>> is_invented_email("ana@example.test"), is_invented_email("ana@gmail.com")
    (True, False)
    """
    return _INVENTED_DOMAIN.search(text) is not None


def is_named_secret(name: str, text: str) -> bool:
    """Whether the name of a field says that its text is a secret, and the text looks possible as a secret.

    >>> is_named_secret("ticket_secret", "2ov9t9j037xy52zz"), is_named_secret("secret", "yes")
    (True, False)
    """
    return NAMES_A_SECRET.search(name) is not None and re.fullmatch(rf"\S{{{_MIN_SECRET_LETTERS},}}", text) is not None


def looks_secret(token: str) -> bool:
    """Whether a token begins like a known kind of key, or is too random for a name, an id or a coded text.

    >>> looks_secret("gid://shop/Customer/12345678901234567890"), looks_secret("aB3xK9qLm2Zt7Rw5Yp8Vn4Hc")
    (False, True)
    >>> looks_secret("address_01J9ZK4TQ7XW3M5N8P2R6S0V1B")
    False
    """
    if token.startswith(("FAKE_", "opaque-")):
        return False
    if KNOWN_PREFIXES.search(token):
        return True
    return any(_is_random(piece) for piece in re.split(r"[/.:=]+", token))


def _is_random(piece: str) -> bool:
    kinds = (re.search(r"[a-z]", piece), re.search(r"[A-Z]", piece), re.search(r"\d", piece))
    if len(piece) < _MIN_RANDOM_LETTERS or not all(kinds) or said_by_base64(piece) is not None:
        return False
    if _UUID.fullmatch(piece) or _ULID.fullmatch(piece):
        return False
    changes = len(re.findall(r"[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|\d(?=[A-Za-z])", piece))
    return entropy(piece) > _MIN_BITS and changes * 7 > len(piece) * 2


def said_by_base64(token: str) -> str | None:
    """The readable text that a token of base64 encodes; None for other tokens.

    >>> said_by_base64("eyJsYXN0X2lkIjogMTd9"), said_by_base64("customers_by_name")
    ('{"last_id": 17}', None)
    """
    plain = token.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) < 8 or len(plain) % 4 == 1 or not re.fullmatch(r"[A-Za-z0-9+/]+", plain):
        return None
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8")
    except ValueError:
        return None
    return decoded if decoded.isprintable() else None


def entropy(text: str) -> float:
    """Shannon's entropy of a text, in bits for each letter.

    >>> entropy("aaaa"), entropy("abab")
    (0.0, 1.0)
    """
    counts = Counter(text).values()
    return sum(-count / len(text) * math.log2(count / len(text)) for count in counts) + 0.0
