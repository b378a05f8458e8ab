"""The rules of amounts: in units or in cents, by what stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.scaffold.shape import expression_of, known_values
from truto_unify.scaffold.values import all_fit, is_amount, is_currency, is_integer
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from truto_unify.scaffold.shape import Path, RecordShape
    from truto_unify.scaffold.vocabulary import Vocabulary

_CHILDREN = ("amount", "value")
"""Children of an object that hold its amount."""
_CURRENCIES = ("currencycode", "currency", "currencyid", "currencyiso")
_SCALES = ("scale", "exponent", "decimalplaces", "fractiondigits")
_MIN_AMOUNTS = 3
"""Fewer amounts do not show whether they are cents."""


def names_of_amount(names: tuple[Path, ...]) -> tuple[Path, ...]:
    """The names of an amount, and after them those of the amount in an object of such a name.

    >>> names_of_amount((("total",),))
    (('total',), ('total', 'amount'), ('total', 'value'))
    """
    return (*names, *((*steps, child) for steps in names for child in _CHILDREN))


def has_minor_units(shape: RecordShape, names: set[Path]) -> bool:
    """Whether all amounts look like cents: whole JSON numbers that are zero, or 100 at least.

    Args:
        shape: the shape of the records.
        names: the folded names of amounts.
    """
    amounts = [
        value
        for path, values in shape.leaves.items()
        if _is_named(path, names) and scale_beside(path, shape) is None
        for value in known_values(values)
        if value != 0
    ]
    is_whole = all(isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 100 for value in amounts)
    return len(amounts) >= _MIN_AMOUNTS and is_whole


def _is_named(path: Path, names: set[Path]) -> bool:
    steps = [fold(step) for step in path]
    return bool(path) and ((steps[-1],) in names or (steps[-1] in _CHILDREN and tuple(steps[-2:-1]) in names))


def scale_beside(path: Path, shape: RecordShape) -> str | None:
    """The call that puts the decimal point of an amount, if its object says where it is; None otherwise.

    >>> from truto_unify.scaffold.shape import RecordShape
    >>> shape = RecordShape.of([{"total": {"amount": 2599, "divisor": 100}}])
    >>> scale_beside(("total", "amount"), shape)
    'divide_decimals({}, total.divisor)'
    """
    for name, values in _beside(path, shape).items():
        where = expression_of((*path[:-1], name))
        if fold(name) == "divisor" and all_fit(is_amount, values):
            return f"divide_decimals({{}}, {where})"
        if fold(name) in _SCALES and all_fit(is_integer, values):
            return f"shift_decimal({{}}, {where})"
    return None


def money_rule(
    expression: str, path: Path, shape: RecordShape, words: Vocabulary, *, is_inside: bool = False
) -> tuple[str, str]:
    """The rule of an amount, and its reason; the reason is empty if the amount needs no conversion.

    Args:
        expression: the amount.
        path: the path of the amount.
        shape: the shape of what holds the path.
        words: what the records say about their amounts and their currency.
        is_inside: whether the path begins in an element and not in the record.
    """
    scale = scale_beside(path, shape)
    if scale is not None:
        return scale.format(expression), "the object of the amount says where its decimal point is"
    if not words.has_minor_units:
        return expression, ""
    currency = _currency_beside(path, shape)
    if currency is None and words.currency is not None:
        currency = f"record.{words.currency}" if is_inside else words.currency
    why = "all amounts are whole numbers from 100, as cents are"
    if currency is not None:
        return f"from_minor_units({expression}, {currency})", f"{why}; the currency says how many decimals they have"
    return f"shift_decimal({expression}, '2')", f"{why}; check the currencies that have no cents"


def _currency_beside(path: Path, shape: RecordShape) -> str | None:
    """The currency in the object of the amount; None if it has none, or not for each amount."""
    count = len(known_values(shape.leaves[path]))
    for name, values in _beside(path, shape).items():
        if fold(name) in _CURRENCIES and len(values) >= count and all_fit(is_currency, values):
            return expression_of((*path[:-1], name))
    return None


def _beside(path: Path, shape: RecordShape) -> dict[str, list[object]]:
    """The values of the plain fields beside a path."""
    above, size = path[:-1], len(path)
    return {
        other[-1]: known_values(values)
        for other, values in shape.leaves.items()
        if len(other) == size and other[:-1] == above and other != path and known_values(values)
    }
