"""What is inside of an invented order: lines, shipping, tax, a coupon, refunds; everything follows from its number.

This module knows no store: each store module decides what it can hold of an order. Amounts count the smallest unit of
the order's currency, and add up: the total is the lines without what the coupon takes off, with shipping and tax.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truto_unify.sandbox.people import PurchaseOrder

# https://www.iso.org/iso-4217-currency-codes.html; the currencies of the pretend stores, others have two.
_DECIMAL_PLACES = {"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3}
# A buyer who pays in another currency than the order's has one of as many decimals.
_BUYERS_CURRENCIES = {"JPY": "KRW", "KWD": "BHD"}
_FIRST_THING = 11
_NUMBERS_APART = 10_000_000


@dataclass(frozen=True, slots=True)
class Coupon:
    """What the buyer was granted."""

    code: str
    percentage: int | None  # None: it takes off a fixed amount
    amount: int


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """One line of an order."""

    number: int  # unique over the whole population
    product_number: int  # that of a thing that is not among the goods any more
    name: str
    sku: str
    quantity: int
    unit_price: int
    discount: int  # for the whole line
    tax: int  # for the whole line, not in its price

    @property
    def price(self) -> int:
        """The price before the discount."""
        return self.unit_price * self.quantity

    @property
    def amount(self) -> int:
        """The price after the discount, without tax."""
        return self.price - self.discount


@dataclass(frozen=True, slots=True)
class PurchaseRefund:
    """One refund of an order."""

    number: int  # unique over the whole population
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """What an order consists of; absent texts are empty.

    Attributes:
        lines: At least one.
        shipping: What shipping costs, without tax; it bears none.
        coupon: None if the buyer had none.
        refunds: Together the order's total; empty if it was not refunded.
        note: What the buyer wrote.
        tags: The shop's labels.
        buyer_rate: What one unit of the order's currency costs in the buyer's; 1 if both are the same.
    """

    lines: tuple[PurchaseLine, ...]
    shipping: int
    coupon: Coupon | None
    refunds: tuple[PurchaseRefund, ...]
    note: str
    tags: tuple[str, ...]
    buyer_rate: int

    @property
    def price(self) -> int:
        """The lines before the coupon, without tax."""
        return sum(line.price for line in self.lines)

    @property
    def discount(self) -> int:
        """What the coupon takes off."""
        return sum(line.discount for line in self.lines)

    @property
    def sub_total(self) -> int:
        """The lines after the coupon, without tax."""
        return self.price - self.discount

    @property
    def tax(self) -> int:
        """The tax of all lines."""
        return sum(line.tax for line in self.lines)

    @property
    def quantity(self) -> int:
        """The number of pieces."""
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Kind:
    line_count: int = 1
    has_shipping: bool = False
    has_tax: bool = False
    code: str = ""
    percentage: int | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ("",)
    buyer_rate: int = 1


# The kind of an order is the last digit of its number.
_KINDS = (
    _Kind(3, True, True, "TENTH", 10, "Ring twice, please.", ("gift", "express"), ("Damaged", "")),
    _Kind(),
    _Kind(),
    _Kind(),
    _Kind(2, has_shipping=True),
    _Kind(has_tax=True, code="TWO50", tags=("gift",)),
    _Kind(3, True, True, note='Für "Zoë" & Söhne'),
    _Kind(2, code="TENTH", percentage=10, tags=("Wholesale",), buyer_rate=2),
    _Kind(1, True, True, reasons=("Too small", "Late")),
    _Kind(2, True, True, "TWO50", note="No bag", reasons=("Changed my mind",), buyer_rate=4),
)


def decimal_places(currency: str) -> int:
    """The number of decimals of a currency by ISO 4217."""
    return _DECIMAL_PLACES.get(currency, 2)


def write_amount(amount: int, currency: str) -> str:
    """Writes an amount in the smallest unit of a currency as text with all decimals of the currency.

    Example:
        >>> write_amount(1234, "EUR"), write_amount(1234, "JPY"), write_amount(-1234, "KWD")
        ('12.34', '1234', '-1.234')
    """
    places = decimal_places(currency)
    digits = f"{abs(amount):0{places + 1}}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def count_units(amount: int, currency: str) -> float:
    """An amount in whole units as a JSON number: without decimals if it is whole."""
    unit: int = 10 ** decimal_places(currency)
    return amount / unit if amount % unit else amount // unit


def buyers_currency(purchase: Purchase, currency: str) -> str:
    """The currency that the buyer of an order in this currency paid in."""
    return currency if purchase.buyer_rate == 1 else _BUYERS_CURRENCIES.get(currency, "CHF")


@cache
def itemize(order: PurchaseOrder) -> Purchase:
    """Invents what an order consists of, the same every time; it adds up to the total of the order."""
    kind = _KINDS[order.number % len(_KINDS)]
    shipping = min(495, order.total_minor // 10) if kind.has_shipping else 0
    tax = order.total_minor // 6 if kind.has_tax else 0
    coupon = _coupon(kind, order.total_minor - shipping - tax)
    discount = coupon.amount if coupon else 0
    return Purchase(
        lines=_lines(order.number, kind, order.total_minor - shipping - tax + discount, discount, tax),
        shipping=shipping,
        coupon=coupon,
        refunds=_refunds(order, kind),
        note=kind.note,
        tags=kind.tags,
        buyer_rate=kind.buyer_rate,
    )


def _coupon(kind: _Kind, sub_total: int) -> Coupon | None:
    """The coupon that leaves ``sub_total``: a tenth of the price is a ninth of what is left."""
    if not kind.code:
        return None
    return Coupon(kind.code, kind.percentage, 250 if kind.percentage is None else sub_total // 9)


def _lines(number: int, kind: _Kind, price: int, discount: int, tax: int) -> tuple[PurchaseLine, ...]:
    """Lines of this price. The coupon counts for the last, of which there is one piece: all stores can say that."""
    shapes = [(position + 2, price // 10) for position in range(kind.line_count - 1)]
    shapes.append((1, price - sum(quantity * unit_price for quantity, unit_price in shapes)))
    tax_of_others = tax // kind.line_count
    last = len(shapes) - 1
    return tuple(
        PurchaseLine(
            number=number + position * _NUMBERS_APART,
            product_number=_FIRST_THING + position,
            name="Invented thing" if position == 0 else f"Invented thing {position + 1}",
            sku=f"SKU-{position + 1}",
            quantity=quantity,
            unit_price=unit_price,
            discount=discount if position == last else 0,
            tax=tax - tax_of_others * last if position == last else tax_of_others,
        )
        for position, (quantity, unit_price) in enumerate(shapes)
    )


def _refunds(order: PurchaseOrder, kind: _Kind) -> tuple[PurchaseRefund, ...]:
    if order.status != "refunded":
        return ()
    count = len(kind.reasons)
    part = order.total_minor // count
    return tuple(
        PurchaseRefund(
            number=order.number + position * _NUMBERS_APART,
            amount=order.total_minor - part * (count - 1) if position == 0 else part,
            reason=reason,
        )
        for position, reason in enumerate(kind.reasons)
    )
