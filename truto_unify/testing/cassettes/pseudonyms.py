"""Replaces a text by a pseudonym of the same shape, which is the same for the same text and cannot be reversed.

A text is replaced piece by piece (a word, a number, an e-mail address, a phone number, a date), so that the pseudonym
of a full name consists of the pseudonyms of its parts. The text between the pieces stays.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import ipaddress
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from truto_unify.testing.cassettes.detectors import EMAIL

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

_BEYOND_ASCII = [chr(code) for code in range(0x80, 0x10000)]
_INVISIBLE = re.escape("".join(letter for letter in _BEYOND_ASCII if unicodedata.category(letter) == "Cf"))
_MARKS = re.escape("".join(letter for letter in _BEYOND_ASCII if unicodedata.category(letter) in {"Mn", "Mc"}))
_PIECE = re.compile(
    rf"""
    (?P<stays> FAKE_\w+ | opaque-[0-9a-f]{{16}} | &(?:\#\w+|[A-Za-z]\w*); )
  | (?P<email> {EMAIL.pattern} )
  | (?P<ip> (?<![\w.:])
      (?: \d{{1,3}}(?:\.\d{{1,3}}){{3}} (?![\w.]) | (?=[\dA-F:]*:[\dA-F]*:) [\dA-F:]{{3,39}} (?![\w:]) ) )
  | (?P<date> (?<!\w) (?: \d{{4}}-\d\d-\d\d (?: [T ]\d\d:\d\d[\d:.]* (?P<_zone> Z | [+-]\d\d:?\d\d )? )?
      | \d\d?(?P<_dot>[./-])\d\d?(?P=_dot)(?:\d{{4}}|\d\d) ) (?!\w) )
  | (?P<phone> (?<!\d) \+?(?:\((?=\d{{1,5}}\)))?\d(?:[ ()./-]{{0,2}}\d){{6,14}} (?!\d)
      (?P<_mark> \s*[,;]?\s*(?:x|ext(?:ension|n)?|\#)[.:=]?\s* (?=\d{{1,8}}\b) )? )
  | (?P<opaque> (?=[A-Z+/=_~-]*\d) (?=[\d+/=_~-]*[A-Z]) [A-Z\d+/=_~-]{{20,}} )
  | (?P<digits> \d+ )
  | (?P<word> (?:(?!\d)[^\W_]|[{_INVISIBLE}]) (?:(?!\d)[^\W_]|[{_MARKS}{_INVISIBLE}])* )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PART = re.compile(rf"(?P<digits>\d+)|(?P<word>[^\W\d_](?:[^\W\d_]|[{_MARKS}])*)")
_ENTITY = re.compile(r"&(?:#\w+|[A-Za-z]\w*);")
_MIN_RARE_LETTERS = 4
"""A shorter word often occurs by chance: the pseudonym of a word may then be another real word."""
_MAX_TRIES = 64
_VOWELS, _CONSONANTS = "aeiou", "bdfghjklmnprstvz"
_DOCUMENTATION_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")


class Pseudonyms:
    """The pseudonym of each text.

    Args:
        key: the seed. Without it, nobody can find the text of a pseudonym by trying texts.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()
        self._real: set[str] = set()
        self._shapeless: set[str] = set()

    def avoid(self, text: str) -> None:
        """Excludes the words of a real text from the pseudonyms."""
        self._real.update(word for word in words_of(text) if len(word) >= _MIN_RARE_LETTERS)

    def reserve(self, text: str) -> None:
        """Excludes a text that stays from the pseudonyms."""
        self._taken.add(text)

    def hide_shape(self, text: str) -> None:
        """Notes a secret, whose pseudonym has a form of its own, so that a reader sees that it is invented."""
        self._shapeless.add(text)

    def pseudonym_of(self, text: str, plain: Container[str] = ()) -> str:
        """The pseudonym of the text.

        Args:
            text: any text.
            plain: words of prose that stay, in their folded form.

        >>> names = Pseudonyms(b"key")
        >>> names.pseudonym_of("Ana Silva").split()[1] == names.pseudonym_of("SILVA").capitalize()
        True
        >>> names.pseudonym_of("+34 612 481 937")[1:].replace(" ", "") == names.pseudonym_of("34612481937")
        True
        """
        if text in self._shapeless:
            return self._opaque(text)

        def replace(piece: re.Match[str]) -> str:
            kind = next(name for name, value in piece.groupdict().items() if value is not None)
            if kind == "stays" or (fold(piece[0]) in plain and _is_prose(piece)):
                return piece[0]
            tail = piece["_zone"] or piece["_mark"] or ""
            pseudonym: str = _MAKERS[kind](self, piece[0].removesuffix(tail))
            return pseudonym + tail

        return _PIECE.sub(replace, _ENTITY.sub(_spell_out, text))

    def _parts(self, text: str) -> str:
        return _PART.sub(lambda part: _MAKERS[str(part.lastgroup)](self, part[0]), text)

    def _word(self, text: str) -> str:
        folded = fold(text)
        return _recased(self._unique("word", folded, lambda noise, extra: _similar_word(folded, noise, extra)), text)

    def _digits(self, text: str) -> str:
        if 7 <= len(text) <= 15:
            return self._phone(text)
        return self._unique("digits", text, lambda noise, extra: _similar_digits(text, noise, extra))

    def _email(self, text: str) -> str:
        return f"{self._parts(text)}.example.test"

    def _phone(self, text: str) -> str:
        """A North American number; in each area, a hundred numbers are reserved for fiction."""
        digits = "".join(letter for letter in text if letter.isdecimal())

        def make(noise: Iterator[int], extra: int) -> str:
            area = 201 + (next(noise) * 256 + next(noise)) % 799
            return f"1{area + (area % 100 == 11)}55501{next(noise) % 100:02d}{'0' * extra}"

        number = self._unique("phone", digits, make)
        plus = "+" if text.startswith("+") else ""
        is_plain = text.lstrip("+").isdecimal()
        return plus + (number if is_plain else f"{number[0]} {number[1:4]} {number[4:7]} {number[7:]}")

    def _date(self, text: str) -> str:
        """Another day in the same format. Both its month and its day are below 13, because either may come first."""

        def make(noise: Iterator[int], extra: int) -> str:
            ends = iter((12, 12, 24, 60, 60) if text[4:5] == "-" else (12, 12))

            def number(match: re.Match[str]) -> str:
                width = len(match[0])
                if width == 4:
                    return str(1930 + next(noise) % 70 + 100 * extra)
                end = next(ends, 10**width)
                return f"{next(noise) % min(end, 10**width - 1) + (end == 12):0{width}d}"

            return re.sub(r"\d{1,4}", number, text)

        return self._unique("date", text, make)

    def _ip(self, text: str) -> str:
        """An address of the networks that are reserved for documentation."""
        try:
            version = ipaddress.ip_address(text).version
        except ValueError:  # a time of day, or anything else with colons
            return self._parts(text)

        def make(noise: Iterator[int], extra: int) -> str:
            if version == 6 or extra:
                return f"2001:db8::{next(noise):x}{next(noise):02x}:{next(noise):x}"
            return f"{_DOCUMENTATION_NETWORKS[next(noise) % 3]}.{next(noise)}"

        return self._unique("ip", text.casefold(), make)

    def _opaque(self, text: str) -> str:
        return self._unique("opaque", text, lambda noise, _: f"opaque-{bytes(next(noise) for _ in range(8)).hex()}")

    def _unique(self, kind: str, text: str, make: Callable[[Iterator[int], int], str]) -> str:
        """The pseudonym of a text. No other text has it, and it is not a real text if there is a choice."""
        if (kind, text) in self._known:
            return self._known[kind, text]
        number = 0
        while True:
            seed = f"{kind} {number} {text}".encode("utf-8", "surrogatepass")
            noise = _stream(hmac.new(self._key, seed, hashlib.sha256).digest())
            pseudonym = make(noise, number // (4 * _MAX_TRIES))
            is_real = pseudonym == text or pseudonym in self._real
            if pseudonym not in self._taken and not (is_real and number < _MAX_TRIES):
                break
            number += 1
        self._taken.add(pseudonym)
        self._known[kind, text] = pseudonym
        return pseudonym


_MAKERS: dict[str, Callable[[Pseudonyms, str], str]] = {
    "email": Pseudonyms._email,
    "ip": Pseudonyms._ip,
    "date": Pseudonyms._date,
    "phone": Pseudonyms._phone,
    "opaque": Pseudonyms._opaque,
    "digits": Pseudonyms._digits,
    "word": Pseudonyms._word,
}


def fold(text: str) -> str:
    """The form in which texts are equal: case, Unicode form, invisible letters and outer blanks do not count."""
    if text.isascii():
        return text.strip().casefold()
    shown = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", shown).strip().casefold())


def words_of(text: str) -> list[str]:
    """The words of a text, folded.

    >>> words_of("Dr. Ana-María  O'Neil 7")
    ['dr', 'ana', 'maría', 'o', 'neil']
    """
    return [fold(part[0]) for part in _PIECE.finditer(text) if part["word"]]


def _spell_out(entity: re.Match[str]) -> str:
    """The letter of an HTML entity; other entities stay as they are."""
    meant = html.unescape(entity[0])
    return meant if meant.isalpha() else entity[0]


def _is_prose(piece: re.Match[str]) -> bool:
    """Whether the word is not written like a name: in small letters, in capitals, or at the beginning of a sentence."""
    before = piece.string[: piece.start()].rstrip()
    return (
        piece[0].islower()
        or (piece[0].isupper() and len(piece[0]) > 1)
        or before[-1:] in {"", ".", ":", "!", "?", ">", "<", "/"}
    )


def _recased(pseudonym: str, text: str) -> str:
    """The pseudonym with the capitals of the text."""
    if text.islower():
        return pseudonym
    if text.isupper():
        return pseudonym.upper()
    if text[1:].islower():
        return pseudonym[:1].upper() + pseudonym[1:]
    return "".join(
        letter.upper() if model.isupper() else letter
        for letter, model in zip(pseudonym, text.ljust(len(pseudonym), "a"), strict=False)
    )


@cache
def _alphabet(page: int) -> tuple[str, ...]:
    """The letters of 128 code points, in lower case if they have a case."""
    letters = (chr(code) for code in range(page * 128, page * 128 + 128))
    fit = (letter for letter in letters if letter.isalpha() and fold(letter) == letter)
    return tuple(letter for letter in fit if len(letter.upper()) == 1 and fold(letter.upper()) == letter)


def _similar_word(word: str, noise: Iterator[int], extra: int) -> str:
    """A word with letters of the same scripts; a word of ASCII can be pronounced."""
    letters = [letter for letter in word if letter.isalpha()] or ["a"]  # "¼" is a word without letters
    letters += ["a"] * extra
    begins_with_vowel = next(noise) % 4 == 0
    similar: list[str] = []
    for index, letter in enumerate(letters):
        choice = _VOWELS if (index % 2 == 1) != begins_with_vowel else _CONSONANTS
        if not letter.isascii():
            choice = "".join(_alphabet(ord(letter) // 128) or _alphabet(1))
        elif len(letters) < _MIN_RARE_LETTERS:
            choice = "".join(_alphabet(0))
        similar.append(choice[next(noise) % len(choice)])
    return "".join(similar)


def _similar_digits(digits: str, noise: Iterator[int], extra: int) -> str:
    """The same number of digits in the same script; a leading zero stays a zero."""
    values = [0 if int(digits[0]) == 0 else 1 + next(noise) % 9]
    values += [next(noise) % 10 for _ in range(len(digits) - 1 + extra)]
    zero = ord(digits[0]) - int(digits[0])
    return "".join(chr(zero + value) for value in values)


def _stream(digest: bytes) -> Iterator[int]:
    while True:
        yield from digest
        digest = hashlib.sha256(digest).digest()
