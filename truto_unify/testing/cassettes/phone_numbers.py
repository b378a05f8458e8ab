"""Tells phone numbers from other texts, and real numbers from those that authorities reserve for fiction.

North America: 555-0100 to 555-0199 of every area. United Kingdom: Ofcom, numbers for drama use. France: ARCEP,
audiovisual works. Germany: Bundesnetzagentur, numbers for media. Australia: ACMA, fictitious numbers.
"""

from __future__ import annotations

import re

_RESERVED = re.compile(
    r"1?[2-9]\d{2}55501\d{2}|55501\d{2}"
    r"|(44|0)(7700900|2079460|1632960|1914980|1214960|1314960|1174960)\d{3}"
    r"|(33|0)(199|261|353|465|536|63998)\d{5,6}"
    r"|(49|0)3023125\d{2,3}"
    r"|(61|0)(2|3|7|8)(5550|7010)\d{4}|(61|0)49157\d{4}"
)
# Written for people: a plus and a country, or groups of three, three and four.
LOOKS_LIKE_A_NUMBER = re.compile(
    r"(?<![\w+./:-])(?:\+\d[\d ().-]{6,18}\d|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[ .-]\d{3}[ .-]\d{4})(?![\w/:-])"
)


def digits_of(text: str) -> str:
    """The digits of a text.

    >>> digits_of("+1 (202) 555-0143")
    '12025550143'
    """
    return "".join(letter for letter in text if letter.isdecimal())


def is_reserved(text: str) -> bool:
    """Whether the number is reserved for fiction, or too short for a phone number.

    >>> is_reserved("+1 202 555 0143"), is_reserved("+1 202 456 1414")
    (True, False)
    """
    digits = digits_of(text)
    return len(digits) < 7 or _RESERVED.fullmatch(digits) is not None
