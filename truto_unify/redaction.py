"""Keeps secrets out of everything that people or machines may read: the only module that redacts."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

MASK = "[redacted]"
_SHORTEST = 4  # a shorter "secret" would blank out half of every text it occurs in


class Redactor:
    """Replaces known secrets, in every spelling they travel in.

    Args:
        secrets: the secret texts; blank and very short ones are ignored.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        plain = {secret for secret in secrets if len(secret) >= _SHORTEST}
        spellings = set(plain)
        for secret in plain:
            spellings |= {quote(secret, safe=""), quote_plus(secret), _base64(secret), _base64(f"{secret}:")}
        for user in plain:
            spellings |= {_base64(f"{user}:{password}") for password in plain}
        self._spellings = sorted(spellings, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets.

        >>> Redactor(["s3cret-key"]).text("Authorization: Bearer s3cret-key")
        'Authorization: Bearer [redacted]'
        """
        for spelling in self._spellings:
            text = text.replace(spelling, MASK)
        return text

    def value(self, value: Any) -> Any:
        """The JSON-like value with secrets replaced in every text and key of it."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return value


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def hide_query(url: str) -> str:
    """The URL without its query, which may hold credentials or personal data.

    >>> hide_query("https://shop.example/customers?consumer_secret=cs_1&page=2")
    'https://shop.example/customers?[redacted]'
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, MASK if parts.query else "", ""))
