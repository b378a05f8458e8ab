"""The unified order.

Fields and their meaning follow the public Unified E-commerce API
(https://www.truto.one/docs/api-reference/unified-e-commerce-api/orders). Amounts are as the store says them; where it
says an amount with and without tax, it is the one without, and ``total_amount`` the one with.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from truto_unify.models.ecommerce import PLACE_PARTS, Email, Phone
from truto_unify.models.fields import Country, Decimal, Id, Kind, Money, OptionalId, Status, Text, Time

ORDER_STATUSES = ("active", "completed", "cancelled", "archived", "pending")
PAYMENT_STATUSES = (
    "pending",
    "authorized",
    "paid",
    "partial",
    "refunded",
    "partially_refunded",
    "voided",
    "cancelled",
    "unknown",
)
FULFILLMENT_STATUSES = ("pending", "partial", "delivered", "cancelled")


class Discount(BaseModel):
    """A discount of an order."""

    model_config = ConfigDict(extra="allow")

    code: Text = Field(default=None, description="The code that the customer gave, or the name of the discount.")
    amount: Money = Field(default=None, description="What it takes off.")
    percentage: Decimal = Field(default=None, description="The share that it takes off, in percent.")


class OrderCustomer(BaseModel):
    """Who placed an order, as the order says it."""

    model_config = ConfigDict(extra="allow")

    id: OptionalId = Field(default=None, description="The store's id of the customer; null for a guest.")
    name: Text = Field(default=None, description="Full name.")
    first_name: Text = Field(default=None, description="Given name.")
    last_name: Text = Field(default=None, description="Family name.")
    company_name: Text = Field(default=None, description="Company.")
    emails: Annotated[list[Email], Kind("list", Email, required=("email",), unique=("email",))] = Field(
        default_factory=list, description="E-mail addresses, without repeats."
    )
    phones: Annotated[list[Phone], Kind("list", Phone, required=("number",), unique=("number", "extension"))] = Field(
        default_factory=list, description="Phone numbers, without repeats."
    )


class OrderAddress(BaseModel):
    """An address of an order."""

    model_config = ConfigDict(extra="allow")

    street_1: Text = Field(default=None, description="First line.")
    street_2: Text = Field(default=None, description="Second line.")
    city: Text = Field(default=None, description="City.")
    state: Text = Field(default=None, description="Code where the store gives one, else the text.")
    postal_code: Text = Field(default=None, description="Postal code.")
    country: Country = Field(default=None, description="ISO 3166-1 alpha-2 wherever the store gives one.")
    company_name: Text = Field(default=None, description="Company.")


class LineItem(BaseModel):
    """A line of an order."""

    model_config = ConfigDict(extra="allow")

    id: Id = Field(description="The store's id of the line.")
    product_id: OptionalId = Field(default=None, description="The product; null if the store no longer has it.")
    variant_id: OptionalId = Field(default=None, description="The variant of the product.")
    sku: Text = Field(default=None, description="Stock keeping unit.")
    name: Text = Field(default=None, description="What was bought, as the order says it.")
    quantity: Decimal = Field(default=None, description="How many, as decimal text.")
    unit_price: Money = Field(default=None, description="The price of one, before discounts.")
    total_discount: Money = Field(default=None, description="What discounts take off the line.")
    total_tax: Money = Field(default=None, description="The tax of the line.")
    total_amount: Money = Field(default=None, description="The price of the line after discounts.")


class Fulfillment(BaseModel):
    """A shipment of an order."""

    model_config = ConfigDict(extra="allow")

    id: Id = Field(description="The store's id of the shipment.")
    status: Status = Field(default=None, description="As the store says it.")
    carrier: Text = Field(default=None, description="Who carries it.")
    tracking_number: Text = Field(default=None, description="The number at the carrier.")
    tracking_url: Text = Field(default=None, description="Where the shipment can be followed.")
    shipped_at: Time = Field(default=None, description="When it left.")


class Refund(BaseModel):
    """A refund of an order."""

    model_config = ConfigDict(extra="allow")

    id: Id = Field(description="The store's id of the refund.")
    amount: Money = Field(default=None, description="What was given back, never below zero.")
    reason: Text = Field(default=None, description="Why.")
    created_at: Time = Field(default=None, description="When it was given back.")


class Order(BaseModel):
    """One order, the same whichever store it comes from."""

    model_config = ConfigDict(extra="allow")

    id: Id = Field(description="The store's id, as text.")
    order_number: Text = Field(default=None, description="The number that people see.")
    currency: Text = Field(default=None, description="ISO 4217 code of every amount.")
    exchange_rate: Decimal = Field(default=None, description="Units of the shop's own currency for one of the buyer's.")
    discounts: Annotated[list[Discount], Kind("list", Discount, required=("code", "amount", "percentage"))] = Field(
        default_factory=list, description="The discounts of the order."
    )
    sub_total: Money = Field(default=None, description="The lines together, as the store says them.")
    shipping_cost: Money = Field(default=None, description="What shipping costs.")
    total_discount: Money = Field(default=None, description="What all discounts take off.")
    total_tax: Money = Field(default=None, description="All taxes.")
    total_amount: Money = Field(default=None, description="What the customer had to pay, as placed, with tax.")
    status: Annotated[str | None, Kind("status", values=ORDER_STATUSES)] = Field(
        default=None, description="active, completed, cancelled, archived, pending, or the store's own word."
    )
    payment_status: Annotated[str | None, Kind("status", values=PAYMENT_STATUSES)] = Field(
        default=None,
        description=(
            "pending, authorized, paid, partial, refunded, partially_refunded, voided, cancelled, unknown, or the "
            "store's own word."
        ),
    )
    fulfillment_status: Annotated[str | None, Kind("status", values=FULFILLMENT_STATUSES)] = Field(
        default=None, description="pending, partial, delivered, cancelled, or the store's own word."
    )
    payment_method: Text = Field(default=None, description="How it was paid, as the store says it.")
    customer: Annotated[OrderCustomer | None, Kind("object", OrderCustomer)] = Field(
        default=None, description="Who placed the order."
    )
    billing_address: Annotated[OrderAddress | None, Kind("object", OrderAddress, required=PLACE_PARTS)] = Field(
        default=None, description="Where the bill goes; null if it names no place."
    )
    shipping_address: Annotated[OrderAddress | None, Kind("object", OrderAddress, required=PLACE_PARTS)] = Field(
        default=None, description="Where the goods go; null if it names no place."
    )
    line_items: Annotated[list[LineItem], Kind("list", LineItem)] = Field(
        default_factory=list, description="What was bought."
    )
    fulfillments: Annotated[list[Fulfillment], Kind("list", Fulfillment)] = Field(
        default_factory=list, description="The shipments."
    )
    refunds: Annotated[list[Refund], Kind("list", Refund)] = Field(
        default_factory=list, description="What was given back."
    )
    notes: Text = Field(default=None, description="The customer's note, or the store's.")
    tags: Annotated[list[str], Kind("list", of=Kind("text"), unique=True)] = Field(
        default_factory=list, description="The store's labels, without repeats."
    )
    created_at: Time = Field(default=None, description="When the order was placed.")
    updated_at: Time = Field(default=None, description="When the store last changed the record.")
    remote_data: Any = Field(default=None, description="The store's own record, exactly as received.")
