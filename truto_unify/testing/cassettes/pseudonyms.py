"""Invents a stand-in for each personal value: the same for the same value, in its shape, and not to be reversed."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from truto_unify.testing.cassettes.detectors import EMAIL
from truto_unify.testing.cassettes.phone_numbers import digits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal[
    "name", "email", "phone", "extension", "street", "city", "state", "postal", "username", "number", "opaque"
]

# A number with what follows it: "x123", "ext. 123".
_EXTENSION = re.compile(r"(?i)(\s*(?:x|ext\.?|extension|#)\s*)(\d{1,8})\s*$")
_TOKEN = re.compile(r"[^\s!-/:-@\[-`{-~]+")  # letters of any script with their marks, and digits
_SHORT_CODE = re.compile(r"[A-Za-z0-9]{1,3}|[A-Z]{2}-[A-Z0-9]{1,3}")
_STARTS = ("b", "br", "d", "dr", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "r", "t", "v")
_ENDS = ("a", "al", "an", "ar", "e", "el", "en", "er", "i", "il", "in", "ir", "o", "ol", "on", "or")
_SYLLABLES = tuple(start + end for start in _STARTS for end in _ENDS)  # 256: one for each value of a byte


class Inventions:
    """Stand-ins by kind and value.

    Args:
        key: seeds them; who lacks it cannot find the value of a stand-in by trying values.

    Attributes:
        made: every stand-in that was given out.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[tuple[str, str], str] = {}
        self._taken: set[tuple[str, str]] = set()
        self.made: set[str] = set()
        self._real: set[str] = set()

    def avoid(self, text: str) -> None:
        """Notes a real value, which then stands for nobody else."""
        self._real.update({fold(text), digits_of(_EXTENSION.sub("", text.strip())), *map(fold, words_of(text))})

    def stand_in(self, kind: Kind, text: str) -> str:
        """What stands for the text; blanks around it stay.

        >>> one = Inventions(b"key")
        >>> one.stand_in("name", "Ana Silva").split()[1] == one.stand_in("name", "SILVA").capitalize()
        True
        >>> one.stand_in("email", "Ana@Shop.Example") == one.stand_in("email", "ana@shop.example")
        True
        """
        inner = text.strip()
        if not inner:
            return text
        made = _MAKERS[kind](self, inner)
        self.made.add(made)
        return text.replace(inner, made, 1)

    def _once(self, kind: str, value: str, make: Callable[[bytes], str]) -> str:
        """The stand-in of a value, which no other value of its kind has, nor the value itself."""
        folded = fold(value)
        known = self._known.get((kind, folded))
        if known is not None:
            return known
        for number in range(1_000):
            made = make(self._digest(kind, f"{number} {folded}"))
            if fold(made) != folded and fold(made) not in self._real and (kind, made) not in self._taken:
                break
        self._taken.add((kind, made))
        self._known[kind, folded] = made
        return made

    def _digest(self, kind: str, text: str) -> bytes:
        return hmac.new(self._key, f"{kind} {text}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()

    def _name(self, text: str) -> str:
        if EMAIL.fullmatch(text):
            return self._email(text)
        made = _TOKEN.sub(lambda found: self._word(found[0]), text)
        return made.upper() if text.isupper() else made

    def _word(self, token: str) -> str:
        if token.isdecimal():
            return self._number(token)
        word = self._once("word", token, lambda digest: "".join(_SYLLABLES[byte] for byte in digest[:3]))
        if token.isupper() and len(token) > 1:
            return word.upper()
        return word if token.islower() else word.capitalize()

    def _email(self, text: str) -> str:
        if "@" not in text:
            return self._name(text)
        return self._once("email", text, lambda digest: f"{_syllables(digest, 2)}.{digest[2:5].hex()}@example.test")

    def _phone(self, text: str) -> str:
        cut = _EXTENSION.search(text)
        number = text[: cut.start()] if cut else text
        digits = digits_of(number)
        if not digits:
            return self._name(text)
        made = self._once("phone", digits, _fictitious_number)
        shown = made if number.isdecimal() else f"+{made}"
        if any(letter in number for letter in " -.()"):
            shown = f"+{made[0]} {made[1:4]} {made[4:7]} {made[7:]}"
        return shown if cut is None else f"{shown}{cut[1]}{self._extension(cut[2])}"

    def _extension(self, text: str) -> str:
        return self._shaped("extension", text)

    def _number(self, text: str) -> str:
        return self._shaped("number", text)

    def _postal(self, text: str) -> str:
        return self._shaped("postal", text)

    def _shaped(self, kind: str, text: str) -> str:
        """Digits for digits, letters for letters; what is in between stays."""

        def make(digest: bytes) -> str:
            luck = _stream(digest)
            return "".join(_like(letter, next(luck)) for letter in unicodedata.normalize("NFC", text))

        return self._once(kind, text, make)

    def _street(self, text: str) -> str:
        return self._once("street", text, lambda digest: f"{1 + digest[3]} {_syllables(digest, 3).capitalize()} Street")

    def _city(self, text: str) -> str:
        return self._once("city", text, lambda digest: f"{_syllables(digest, 2).capitalize()}ville")

    def _state(self, text: str) -> str:
        if _SHORT_CODE.fullmatch(text):
            return text  # a code names a region of millions, and mappings read it
        return self._once("state", text, lambda digest: f"{_syllables(digest, 2).capitalize()} Region")

    def _username(self, text: str) -> str:
        return self._email(text) if "@" in text else self._once("username", text, lambda one: f"user-{one[:4].hex()}")

    def _opaque(self, text: str) -> str:
        return self._once("opaque", text, lambda digest: f"opaque-{digest[:8].hex()}")


_MAKERS: dict[Kind, Callable[[Inventions, str], str]] = {
    "name": Inventions._name,
    "email": Inventions._email,
    "phone": Inventions._phone,
    "extension": Inventions._extension,
    "street": Inventions._street,
    "city": Inventions._city,
    "state": Inventions._state,
    "postal": Inventions._postal,
    "username": Inventions._username,
    "number": Inventions._number,
    "opaque": Inventions._opaque,
}


def fold(text: str) -> str:
    """Texts that filters take for equal become the same: case, form and blanks around do not count."""
    return unicodedata.normalize("NFC", text).strip().casefold()


def words_of(text: str) -> list[str]:
    """The pieces of a name that are replaced one by one."""
    return _TOKEN.findall(text)


def _syllables(digest: bytes, count: int) -> str:
    return "".join(_SYLLABLES[byte] for byte in digest[:count])


def _fictitious_number(digest: bytes) -> str:
    """A North American number out of the hundred of its area that are kept for fiction."""
    area = 201 + int.from_bytes(digest[:4], "big") % 799
    return f"1{area if area % 100 != 11 else area + 1}55501{digest[4] % 100:02d}"


def _stream(digest: bytes) -> Iterator[int]:
    while True:
        yield from digest
        digest = hashlib.sha256(digest).digest()


def _like(letter: str, luck: int) -> str:
    if letter.isdecimal():
        return str(luck % 10)
    if letter.isalpha():
        return chr(ord("A" if letter.isupper() else "a") + luck % 26)
    return letter
