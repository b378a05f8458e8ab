"""Finds known secrets in any spelling: percent-encoded, escaped, base64 at any place of a longer text, hex."""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

MIN_SECRET_LETTERS = 6
"""A shorter text occurs by chance, so that no scan can look for it."""
_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_HEX_RUN = re.compile(r"[0-9a-fA-F]{12,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\(.)", re.DOTALL)
_MAX_DEPTH = 3


class Secrets:
    """Secret texts, each with its placeholder."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._found: dict[str, str | None] = {}

    def add(self, secret: str, name: str, placeholder: str | None = None) -> None:
        """Notes a secret; a secret shorter than ``MIN_SECRET_LETTERS`` is passed over.

        Args:
            secret: the text.
            name: the name of the field; the first secret of a name becomes ``FAKE_name``, the second ``FAKE_name_2``.
            placeholder: replaces the secret; if None, it is made from the name.
        """
        taken = set(self._names.values())
        if len(secret) < MIN_SECRET_LETTERS or secret in self._names or secret in taken:
            return
        number = 1
        placeholder = placeholder or f"FAKE_{name}"
        while placeholder in taken:
            number += 1
            placeholder = f"FAKE_{name}_{number}"
        self._names[secret] = placeholder
        self._found.clear()

    def placeholder(self, secret: str) -> str | None:
        """The placeholder of this secret; None if it is not known."""
        return self._names.get(secret)

    def find(self, text: str) -> str | None:
        """The placeholder of a secret that the text holds in some spelling, or None.

        It decodes the text instead of encoding the secret, so it finds mixed encodings too. Names and values of records
        repeat, so that the result for each text is remembered until the next secret.

        >>> secrets = Secrets()
        >>> secrets.add("p@ss word", "password")
        >>> secrets.find("a=p%40ss+word&b=1")
        'FAKE_password'
        """
        if not self._names or len(text) < MIN_SECRET_LETTERS:
            return None
        if text not in self._found:
            self._found[text] = self._search(text)
        return self._found[text]

    def _search(self, text: str) -> str | None:
        wanted = [(secret.casefold(), placeholder) for secret, placeholder in self._names.items()]
        for view in _views(text, _MAX_DEPTH):
            folded = view.casefold()
            for secret, placeholder in wanted:
                if secret in folded:
                    return placeholder
        return None


def _views(text: str, depth: int) -> Iterator[str]:
    """The text, its decodings, and their decodings up to a depth."""
    seen = {text}
    level = [text]
    yield text
    for _ in range(depth):
        after = []
        for view in level:
            for decoded in (
                unquote(view),
                unquote_plus(view),
                _unescape(view),
                html.unescape(view),
                *_decoded_runs(view),
            ):
                if decoded and decoded not in seen:
                    seen.add(decoded)
                    after.append(decoded)
                    yield decoded
        level = after


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text

    def letter(escape: re.Match[str]) -> str:
        code = escape[1] or escape[2]
        return chr(int(code, 16)) if code else {"n": "\n", "t": "\t", "r": "\r"}.get(escape[3], escape[3])

    joined = _ESCAPE.sub(letter, text)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # pairs of \ud83d\ude00


def _decoded_runs(text: str) -> Iterator[str]:
    """The decodings of the parts that may be base64 (at each of four alignments) or hex (at each of two)."""
    runs = _RUN.findall(text)
    for offset in range(4 if runs else 0):
        yield "\n".join(_from_base64(run[offset:]) for run in runs)
    hex_runs = _HEX_RUN.findall(text)
    for offset in range(2 if hex_runs else 0):
        yield "\n".join(_from_hex(run[offset:]) for run in hex_runs)


def _from_base64(run: str) -> str:
    plain = run.replace("-", "+").replace("_", "/")
    plain = plain[:-1] if len(plain) % 4 == 1 else plain
    return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")


def _from_hex(run: str) -> str:
    return bytes.fromhex(run[: len(run) // 2 * 2]).decode("utf-8", "replace")
