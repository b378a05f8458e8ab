"""What looks like a secret or like a person, whoever's it is: for scans that do not know the values."""

from __future__ import annotations

import base64
import math
import re
from collections import Counter

EMAIL = re.compile(r"[^\s@<>\"'(),;:=&?/\\\[\]{}|`]+@[^\s@<>\"'(),;:=&?/\\\[\]{}|`]+\.[^\W\d_]{2,}")
_INVENTED_DOMAIN = re.compile(
    r"(?i)@([\w-]+\.)*(example(\.(com|org|net|edu))?|[\w-]+\.(test|invalid|example|localhost))$"
)
# The beginnings by which vendors make their keys known, each with what follows.
KNOWN_PREFIXES = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}"
    r"|shp(?:at|ca|pa|ss|rt)_[A-Za-z0-9]{16,}|c[ks]_[0-9a-f]{32,}"
    r"|A(?:KI|SI)A[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|xox[abeprs]-[\w-]{10,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|1000\.[0-9a-f]{32}\.[0-9a-f]{32}|EAA[A-Za-z0-9]{40,}|sq0[a-z]{3}-[\w-]{20,}"
    r"|(?:[A-Z]{3}\.)?eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r")"
)
NAMES_A_SECRET = re.compile(
    r"(?i)(token|secret|passw(or)?d|(api|private|access|order)[ _-]?key|signature|credential|nonce)$"
)
NAMES_A_PHONE = re.compile(r"(?i)(phone|mobile|telephone|tel|fax|cell|msisdn|whatsapp)([ _-]?number)?s?$")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Sortable ids, many vendors' with a word before: cus_01J9ZK4TQ7XW3M5N8P2R6S0V1B.
_ULID = re.compile(r"(?:[a-z]+_)?[0-7][0-9A-HJKMNP-TV-Z]{25}")
_LONG_ENOUGH = 24
_SHORTEST_SECRET = 8
_BITS = 4.0


def is_invented_email(text: str) -> bool:
    """Whether the address is in a domain that nobody can have, RFC 2606 and RFC 6761.

    >>> is_invented_email("ana@example.test"), is_invented_email("ana@gmail.com")
    (True, False)
    """
    return _INVENTED_DOMAIN.search(text) is not None


def is_named_secret(name: str, text: str) -> bool:
    """Whether the name of a field says that its text is a secret, and the text may be one.

    >>> is_named_secret("ticket_secret", "2ov9t9j037xy52zz"), is_named_secret("secret", "yes")
    (True, False)
    """
    return NAMES_A_SECRET.search(name) is not None and re.fullmatch(rf"\S{{{_SHORTEST_SECRET},}}", text) is not None


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
    if len(piece) < _LONG_ENOUGH or not all(kinds) or said_by_base64(piece) is not None:
        return False
    if _UUID.fullmatch(piece) or _ULID.fullmatch(piece):
        return False
    changes = len(re.findall(r"[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|\d(?=[A-Za-z])", piece))
    return entropy(piece) > _BITS and changes * 7 > len(piece) * 2


def said_by_base64(token: str) -> str | None:
    """What the token says when it is base64 of readable text, else None.

    >>> said_by_base64("eyJsYXN0X2lkIjogMTd9"), said_by_base64("customers_by_name")
    ('{"last_id": 17}', None)
    """
    plain = token.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) < 8 or len(plain) % 4 == 1 or not re.fullmatch(r"[A-Za-z0-9+/]+", plain):
        return None
    try:
        said = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8")
    except ValueError:
        return None
    return said if said.isprintable() else None


def entropy(text: str) -> float:
    """Bits for each letter, by Shannon's measure.

    >>> entropy("aaaa"), entropy("abab")
    (0.0, 1.0)
    """
    counts = Counter(text).values()
    return sum(-count / len(text) * math.log2(count / len(text)) for count in counts) + 0.0
