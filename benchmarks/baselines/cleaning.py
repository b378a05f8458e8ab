"""The cleaning rules as a careful engineer writes them by hand: one readable function each.

They share no line with ``truto_unify/values.py``, so that a change of one side does not change the other.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Record = dict[str, Any]

_EXTENSION = re.compile(r"[\s,;]*(?:x|ext\.?|extension|#)[\s.:]*(\d{1,10})$", re.IGNORECASE)
_NOT_DIGITS = re.compile(r"\D+")


def clean_text(value: Any) -> str | None:
    """Trimmed text; None if blank.

    Raises:
        ValueError: the value is a boolean, a list or an object.
    """
    if isinstance(value, str):
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"expected text, got {type(value).__name__}")


def clean_country(value: Any) -> str | None:
    """A two-letter code in capitals; a longer name unchanged."""
    text = clean_text(value)
    return text.upper() if text and len(text) == 2 and text.isalpha() else text


def clean_time(value: str | None) -> str | None:
    """RFC 3339 in UTC with ``Z``; a time without a zone is in UTC."""
    if not value:
        return None
    moment = datetime.fromisoformat(value)
    text = moment.isoformat() if moment.tzinfo is None else moment.astimezone(UTC).isoformat().removesuffix("+00:00")
    # A fraction of six digits becomes three digits if the last three are zero.
    return f"{text.removesuffix('000') if moment.microsecond else text}Z"


def join_names(*parts: str | None) -> str | None:
    """The parts that are not blank, with a blank between."""
    return " ".join(text for part in parts if part and (text := part.strip())) or None


def first_text(*candidates: str | None) -> str | None:
    """The first text that is not blank, trimmed."""
    for candidate in candidates:
        if candidate and (text := candidate.strip()):
            return text
    return None


def make_email(
    address: Any, kind: str | None = None, status: str | None = None, *, is_primary: bool | None = None
) -> Record:
    """One unified e-mail."""
    return {"email": clean_text(address), "type": kind, "status": status, "is_primary": is_primary}


def make_phone(number: Any, kind: str | None) -> Record:
    """One unified phone; the digits after ``x``, ``ext.`` or ``#`` are its extension."""
    text, extension = clean_text(number), None
    if text and not _is_bare(text):
        match = _EXTENSION.search(text)
        if match and any(character.isdigit() for character in text[: match.start()]):
            text, extension = text[: match.start()].strip(), match[1]
    return {"number": text, "extension": extension, "type": kind}


def _is_bare(number: str) -> bool:
    """Whether it is a plus and digits, as most numbers: without an extension, and comparable as text."""
    return number[0] == "+" and number[1:].isdecimal()


def keep_emails(emails: list[Record]) -> list[Record]:
    """The e-mails without blanks and repeats, ignoring case."""
    seen: set[str] = set()
    unique = []
    for email in emails:
        if email["email"] is None:
            continue
        key = email["email"].casefold()
        if key not in seen:
            seen.add(key)
            unique.append(email)
    return unique


def keep_phones(phones: list[Record]) -> list[Record]:
    """The phones without blanks and repeats: equal digits, and extensions that agree."""
    unique: list[tuple[str, Record]] = []
    for phone in phones:
        if phone["number"] is None:
            continue
        digits = _read_digits(phone["number"])
        for other_digits, other in unique:
            if digits == other_digits and _agree(phone["extension"], other["extension"]):
                other["extension"] = other["extension"] or phone["extension"]
                break
        else:
            unique.append((digits, phone))
    return [phone for _, phone in unique]


def _read_digits(number: str) -> str:
    return number[1:] if _is_bare(number) else _NOT_DIGITS.sub("", number) or number.casefold()


def _agree(extension: str | None, other: str | None) -> bool:
    return extension is None or other is None or extension == other


def keep_addresses(addresses: list[Record]) -> list[Record]:
    """The addresses with at least one part of a location."""
    return [
        address
        for address in addresses
        if address["street_1"]
        or address["street_2"]
        or address["city"]
        or address["state"]
        or address["postal_code"]
        or address["country"]
    ]


def clean_amount(value: Any) -> str | None:
    """A number as decimal text with the decimals that the store writes."""
    text = clean_text(value)
    if text is None:
        return None
    digits = format(Decimal(text), "f")
    return digits.removesuffix(".0") if isinstance(value, float) else digits


def sum_amounts(amounts: list[Any]) -> str | None:
    """The exact sum of those that are not null; None without any."""
    decimals = [Decimal(str(amount)) for amount in amounts if amount is not None]
    return format(sum(decimals, Decimal()), "f") if decimals else None


def subtract_amounts(minuend: Any, subtrahend: Any) -> str | None:
    """The exact difference; None if one of them is missing."""
    if minuend is None or subtrahend is None:
        return None
    return format(Decimal(str(minuend)) - Decimal(str(subtrahend)), "f")


def divide_amount(amount: Any, number: Any) -> str | None:
    """The quotient with the decimals of the amount, or with four more if these do not suffice."""
    if amount is None or not number:
        return None
    dividend = Decimal(str(amount))
    quotient = dividend / Decimal(str(number))
    unit = Decimal(1).scaleb(min(int(dividend.as_tuple().exponent), 0))
    short = quotient.quantize(unit)
    return format(short if short == (long := quotient.quantize(unit.scaleb(-4))) else long, "f")


def plain_name(value: Any) -> str | None:
    """A name that is kept as HTML, as text."""
    text = clean_text(value)
    return clean_text(html.unescape(text)) if text and "&" in text else text


def drop_repeats(texts: list[Any]) -> list[str]:
    """The texts without blanks and repeats, ignoring case."""
    unique: dict[str, str] = {}
    for value in texts:
        text = clean_text(value)
        if text is not None:
            unique.setdefault(text.casefold(), text)
    return list(unique.values())
