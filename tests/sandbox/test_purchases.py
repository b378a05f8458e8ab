"""What is inside of invented orders adds up, whatever the total."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from truto_unify.sandbox.people import PurchaseOrder, invent_people
from truto_unify.sandbox.purchases import count_units, itemize, write_amount

ORDERS = [order for person in invent_people() for order in person.orders]
MOMENT = datetime(2026, 5, 4, tzinfo=UTC)


@given(st.integers(1001, 9999), st.integers(1000, 10**9), st.sampled_from(["pending", "paid", "refunded"]))
def test_the_parts_of_an_order_are_its_total(number: int, total: int, status: str) -> None:
    order = PurchaseOrder(number, status, total, MOMENT)  # type: ignore[arg-type]  # a status is one of these texts
    purchase = itemize(order)

    assert purchase.price - purchase.discount + purchase.shipping + purchase.tax == total
    assert min(line.amount for line in purchase.lines) > 0
    assert sum(refund.amount for refund in purchase.refunds) == (total if status == "refunded" else 0)
    assert (purchase.coupon.amount if purchase.coupon else 0) == purchase.discount


def test_a_share_is_that_of_the_price_rounded_down() -> None:
    coupons = [(purchase.coupon, purchase.price) for purchase in map(itemize, ORDERS)]
    tenths = [(coupon.amount, price // 10) for coupon, price in coupons if coupon and coupon.percentage == 10]

    assert tenths
    assert all(amount == tenth for amount, tenth in tenths)


def test_a_shops_orders_have_everything_that_an_order_may_have() -> None:
    purchases = [itemize(order) for order in ORDERS]

    assert {len(purchase.lines) for purchase in purchases} == {1, 2, 3}
    assert {len(purchase.refunds) for purchase in purchases} == {0, 1, 2}
    assert {purchase.buyer_rate for purchase in purchases} == {1, 2, 4}
    for part in ("shipping", "tax", "coupon", "note", "tags"):
        assert {bool(getattr(purchase, part)) for purchase in purchases} == {True, False}


def test_amounts_have_the_decimals_of_their_currency() -> None:
    currencies = ("JPY", "EUR", "KWD")

    assert [write_amount(1230, currency) for currency in currencies] == ["1230", "12.30", "1.230"]
    assert [write_amount(-5, currency) for currency in currencies] == ["-5", "-0.05", "-0.005"]
    assert [str(count_units(1200, currency)) for currency in currencies] == ["1200", "12", "1.2"]
