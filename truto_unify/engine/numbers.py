"""Reads numbers of headers and bodies, which may be texts."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any


def read_number(value: Any) -> float | None:
    """The value as a number; None if it is not a finite number.

    >>> read_number(" 2.50 "), read_number(-1), read_number("soon"), read_number(True)
    (2.5, -1.0, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return float(number) if number.is_finite() and isfinite(number) else None
