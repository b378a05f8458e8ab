"""Finds known secrets in any spelling, and puts placeholders in their place."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST = 6
"""Characters of a secret that can be looked for; a shorter text occurs by chance."""
_CORE = 8  # letters of base64 that are looked for inside a longer piece; fewer occur by chance
_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_HEX_RUN = re.compile(r"[0-9a-fA-F]{12,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\(.)", re.DOTALL)
_LETTER_OF_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]")
_DEPTH = 3


class Secrets:
    """Secret texts, each with the placeholder that stands for it."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._spelled: dict[str, str] = {}
        self._cores: dict[str, str] = {}

    def add(self, secret: str, name: str, placeholder: str | None = None) -> None:
        """Notes a secret; one too short to be looked for is passed over.

        Args:
            secret: the text.
            name: what it is; the first secret of a name becomes ``FAKE_name``, the second ``FAKE_name_2``.
            placeholder: stands for it instead.
        """
        taken = set(self._names.values())
        if len(secret) < SHORTEST or secret in self._names or secret in taken:
            return
        number = 1
        placeholder = placeholder or f"FAKE_{name}"
        while placeholder in taken:
            number += 1
            placeholder = f"FAKE_{name}_{number}"
        self._names[secret] = placeholder
        self._pattern = None

    def placeholder(self, secret: str) -> str | None:
        """What stands for this secret."""
        return self._names.get(secret)

    def hide(self, text: str) -> str:
        """The text without secrets; a text from which they cannot be cut out becomes a placeholder as a whole.

        >>> secrets = Secrets()
        >>> secrets.add("p@ss word", "password")
        >>> secrets.hide("a=p%40ss+word&b=1")
        'a=FAKE_password&b=1'
        """
        if not self._names:
            return text
        pattern = self._compiled()
        hidden = pattern.sub(self._placeholder_of, text)
        for core, placeholder in self._cores.items():
            while (at := hidden.find(core)) >= 0:
                start, end = _whole_run(hidden, at, at + len(core))
                hidden = f"{hidden[:start]}{placeholder}{hidden[end:]}"
        left = self.find(hidden)
        return hidden if left is None else left

    def find(self, text: str) -> str | None:
        """The placeholder of a secret that the text holds in some spelling, or None.

        It decodes the text rather than spell the secret, and so also finds mixtures that ``hide`` does not know.
        """
        if not self._names:
            return None
        wanted = [(secret.casefold(), placeholder) for secret, placeholder in self._names.items()]
        for view in _views(text, _DEPTH):
            folded = view.casefold()
            for secret, placeholder in wanted:
                if secret in folded:
                    return placeholder
        return None

    def _compiled(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._spelled = {}
            self._cores = {}
            for secret, placeholder in self._names.items():
                for spelling in _spellings(secret):
                    self._spelled.setdefault(spelling, placeholder)
                for core in _cores(secret):
                    self._cores.setdefault(core, placeholder)
            longest = sorted(self._spelled, key=lambda one: (-len(one), one))
            self._pattern = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE)
        return self._pattern

    def _placeholder_of(self, found: re.Match[str]) -> str:
        exact = self._spelled.get(found[0])
        folded = found[0].casefold()
        return exact or next(one for text, one in self._spelled.items() if _same(text, folded))


def _same(text: str, folded: str) -> bool:
    return text.casefold() == folded or re.fullmatch(re.escape(text), folded, re.IGNORECASE) is not None


def _spellings(secret: str) -> set[str]:
    """How a text is written where its letters stay letters."""
    inner = json.dumps(secret)[1:-1]
    once = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    found = {secret, *once, *(quote(one, safe="") for one in once), html.escape(secret), repr(secret)[1:-1]}
    found |= {inner, json.dumps(secret, ensure_ascii=False)[1:-1], secret.encode().hex()}
    found |= {one.replace("/", "\\/") for one in (secret, inner)}
    return found


def _cores(secret: str) -> Iterator[str]:
    """What base64 makes of a text wherever it stands in a longer one, as a Basic pair: each of three alignments."""
    data = secret.encode("utf-8", "surrogatepass")
    for before in range(3):
        bits = 8 * before
        start = -(-bits // 6)  # the first letter that depends on this text alone
        end = (bits + 8 * len(data)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            core = encode(bytes(before) + data).decode()[start:end]
            if len(core) >= _CORE:
                yield core


def _whole_run(text: str, start: int, end: int) -> tuple[int, int]:
    while start and _LETTER_OF_BASE64.match(text[start - 1]) and text[start - 1] != "=":
        start -= 1
    while end < len(text) and _LETTER_OF_BASE64.match(text[end]):
        end += 1
    return start, end


def _views(text: str, depth: int) -> Iterator[str]:
    """The text, and what it says after each decoding, and after one more."""
    seen = {text}
    level = [text]
    yield text
    for _ in range(depth):
        after = []
        for one in level:
            for decoded in (unquote(one), unquote_plus(one), _unescape(one), html.unescape(one), *_decoded_runs(one)):
                if decoded and decoded not in seen:
                    seen.add(decoded)
                    after.append(decoded)
                    yield decoded
        level = after


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text

    def letter(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        return chr(int(code, 16)) if code else {"n": "\n", "t": "\t", "r": "\r"}.get(found[3], found[3])

    joined = _ESCAPE.sub(letter, text)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # pairs of \ud83d\ude00


def _decoded_runs(text: str) -> Iterator[str]:
    """What the pieces say that may be base64 (at each of four alignments) or hex (at each of two)."""
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
