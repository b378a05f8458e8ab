"""The unified schema of the ``ecommerce`` model.

Fields and their meaning follow the public Unified E-commerce API
(https://www.truto.one/docs/api-reference/unified-e-commerce-api/customers).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from truto_unify.models.fields import Country, Flag, Id, Kind, Money, OptionalId, Status, Text, Time


class Email(BaseModel):
    """One e-mail address of a customer."""

    model_config = ConfigDict(extra="allow")

    email: Text = Field(description="The address.")
    type: Text = Field(default=None, description="What the store calls it: primary, billing, work.")
    status: Status = Field(default=None, description="Marketing consent or deliverability, as the store says it.")
    is_primary: Flag = Field(default=None, description="Whether it is the customer's main address.")


class Phone(BaseModel):
    """One phone number of a customer."""

    model_config = ConfigDict(extra="allow")

    number: Annotated[str | None, Kind("phone")] = Field(
        description="The number as the store gives it, without the extension."
    )
    extension: Annotated[str | None, Kind("text", split_from="number")] = Field(
        default=None, description="Digits after x, ext. or #; cut off the number where nothing else gives it."
    )
    type: Text = Field(default=None, description="What the store calls it: primary, billing, mobile.")


PLACE_PARTS = ("street_1", "street_2", "city", "state", "postal_code", "country")
"""The parts that name a place."""


class Address(BaseModel):
    """One postal address of a customer."""

    model_config = ConfigDict(extra="allow")

    id: OptionalId = Field(default=None, description="The store's id of the address, where it has one.")
    type: Text = Field(default=None, description="What the store calls it: billing, shipping, default.")
    street_1: Text = Field(default=None, description="First line.")
    street_2: Text = Field(default=None, description="Second line.")
    city: Text = Field(default=None, description="City.")
    state: Text = Field(default=None, description="Code where the store gives one, else the text.")
    postal_code: Text = Field(default=None, description="Postal code.")
    country: Country = Field(default=None, description="ISO 3166-1 alpha-2 wherever the store gives one.")


class CustomerOrder(BaseModel):
    """One order of a customer, in brief."""

    model_config = ConfigDict(extra="allow")

    id: Id = Field(description="The store's id of the order.")
    status: Status = Field(default=None, description="As the store says it.")
    total_amount: Money = Field(default=None, description="Decimal text in the order's currency.")


class Customer(BaseModel):
    """One customer, the same whichever store it comes from."""

    model_config = ConfigDict(extra="allow")

    id: Id = Field(description="The store's id, as text.")
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
    addresses: Annotated[list[Address], Kind("list", Address, required=PLACE_PARTS)] = Field(
        default_factory=list, description="Addresses that name a place."
    )
    currency: Text = Field(default=None, description="ISO 4217 code.")
    status: Annotated[str | None, Kind("status", values=("active", "inactive"))] = Field(
        default=None, description="active, inactive, or the store's own word."
    )
    orders: Annotated[list[CustomerOrder], Kind("list", CustomerOrder)] = Field(
        default_factory=list, description="Orders, in brief."
    )
    created_at: Time = Field(default=None, description="When the store created the record.")
    updated_at: Time = Field(default=None, description="When the store last changed the record.")
    remote_data: Any = Field(default=None, description="The store's own record, exactly as received.")
