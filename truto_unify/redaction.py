"""Keeps secrets out of messages, logs and error bodies: the only module that redacts."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

from truto_unify.errors import MappingError

MASK = "[redacted]"
_MAX_DEPTH = 100  # levels of a value; deeper ones would exhaust the stack of the JSON writer
_LINE_END = re.compile(r"(?:\s|\\[rn])")  # also as JSON spells it
_MIN_WRAPPED_CHARS = 8
_MIN_SECRET_CHARS = 4  # a shorter "secret" would mask half of every text


class Redactor:
    """Replaces known secrets, in every spelling they travel in.

    Args:
        secrets: the secret texts; blank and very short ones are ignored.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secrets)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Compiled on first use: most calls show nothing."""
        secrets = self._secrets
        plain = {secret for secret in secrets if len(secret) >= _MIN_SECRET_CHARS}
        spellings = set(plain)
        for secret in plain:
            percent = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
            spellings |= percent | {re.sub(r"%..", lambda code: code[0].lower(), text) for text in percent}
            spellings |= {html.escape(secret), _base64(secret), _base64(f"{secret}:"), repr(secret)[1:-1]}
            spellings |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
            spellings |= set(_encoded(secret))
            # A Basic header encodes a name and a password together, however short one of them is.
            spellings |= {_base64(f"{secret}:{other}") for other in self._secrets}
            spellings |= {_base64(f"{other}:{secret}") for other in self._secrets}
        # Longest first: a secret that is part of another one must not leave the rest of it unmasked.
        ordered = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
        return re.compile("|".join(map(re.escape, ordered)) or "(?!)")

    @cached_property
    def _wrapped_pattern(self) -> re.Pattern[str]:
        """The longer base64 spellings, broken into lines anywhere, as in mails and keys."""
        spellings: set[str] = set()
        for secret in (secret for secret in self._secrets if len(secret) >= _MIN_SECRET_CHARS):
            spellings |= {text for text in _inner_base64(secret) if len(text) >= _MIN_WRAPPED_CHARS}
        ordered = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
        wrapped = (_LINE_END.pattern.join(["(?:", ")*"]).join(map(re.escape, spelling)) for spelling in ordered)
        return re.compile("|".join(wrapped) or "(?!)")

    def adding(self, *secrets: str | None) -> Redactor:
        """A redactor that knows more secrets."""
        return Redactor((*self._secrets, *(secret for secret in secrets if secret)))

    def text(self, text: str) -> str:
        """The text without secrets.

        >>> Redactor(["s3cret-key"]).text("Authorization: Bearer s3cret-key")
        'Authorization: Bearer [redacted]'
        """
        shown = self._pattern.sub(MASK, text)
        return self._wrapped_pattern.sub(MASK, shown) if _LINE_END.search(shown) else shown

    def start(self, text: str, length: int) -> str:
        """The beginning of the text, without secrets; the cut leaves no piece of a secret either.

        >>> Redactor(["s3cret-key"]).start("the key s3cret-key is wrong", 14)
        'the key [reda…'
        """
        longest = max((len(secret) for secret in self._secrets), default=0)
        margin = 24 * longest + 20  # longer than any spelling of a secret
        shown = self.text(text[: length + margin])
        if len(text) > length + margin:
            shown = shown[:-margin]
        return shown if len(shown) <= length else f"{shown[: length - 1]}…"

    def value(self, value: Any, _depth: int = 0) -> Any:
        """The JSON-like value with secrets replaced in every text and key; levels below the 100th are cut off.

        >>> Redactor(["s3cret-key"]).value({"key": "s3cret-key", "tries": [1, 2]})
        {'key': '[redacted]', 'tries': [1, 2]}
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping | list | tuple) and _depth == _MAX_DEPTH:
            return "…"
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(inner, _depth + 1) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner, _depth + 1) for inner in value]
        return value


def _encoded(secret: str) -> Iterator[str]:
    """Spellings in which every character is encoded, and those that stand inside of a longer encoded text."""
    data, wide = secret.encode("utf-8", "surrogatepass"), secret.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(wide[at : at + 2]) for at in range(0, len(wide), 2)]  # JSON escapes these
    yield json.dumps(secret)[1:-1].replace("/", "\\/")
    yield _base64(_base64(secret))
    yield quote(quote(secret, safe=""), safe="")
    yield "".join(f"&#{ord(letter)};" for letter in secret)
    for digits in ("x", "X"):
        yield "".join(f"{byte:02{digits}}" for byte in data)
        yield "".join(f"%{byte:02{digits}}" for byte in data)
        yield "".join(f"\\x{byte:02{digits}}" for byte in data)
        yield "".join(f"\\u{number:04{digits}}" for number in units)
        yield "".join(f"&#x{ord(letter):{digits}};" for letter in secret)
    yield from _inner_base64(secret)


def _inner_base64(secret: str) -> Iterator[str]:
    """The characters of base64 that hold the secret alone, wherever it stands in the encoded text."""
    data = secret.encode("utf-8", "surrogatepass")
    for before in range(3):
        # The first and the last characters also depend on the neighbours of the secret.
        text = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        inner = text[-(-before * 8 // 6) : len(text) - ((before + len(data)) % 3 > 0)]
        if len(inner) >= _MIN_SECRET_CHARS + 2:
            yield inner
            yield inner.translate(_URL_SAFE)


_URL_SAFE = str.maketrans("+/", "-_")


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


@contextmanager
def masked_errors(redactor: Redactor) -> Iterator[None]:
    """Takes secrets, which a record may repeat, out of a mapping error that passes through."""
    try:
        yield
    except MappingError as error:
        error.message = redactor.text(error.message)
        error.args = (error.message,)
        error.remote_data = redactor.value(error.remote_data)
        raise
