"""The unified product.

Fields and their meaning follow the public Unified E-commerce API
(https://www.truto.one/docs/api-reference/unified-e-commerce-api/products).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from truto_unify.models.fields import Decimal, Id, Kind, Money, OptionalId, Text, Time


class Image(BaseModel):
    """A picture of a product."""

    model_config = ConfigDict(extra="allow")

    id: OptionalId = Field(default=None, description="The store's id of the picture, where it has one.")
    url: Text = Field(default=None, description="Where the picture is.")


class ProductOption(BaseModel):
    """A property in which the variants of a product differ."""

    model_config = ConfigDict(extra="allow")

    id: OptionalId = Field(default=None, description="The store's id of the option, where it has one.")
    name: Text = Field(default=None, description="What differs: size, colour.")
    values: Annotated[list[str], Kind("list", of=Kind("text"), unique=True)] = Field(
        default_factory=list, description="What it may be."
    )


class VariantOption(BaseModel):
    """One option of a variant."""

    model_config = ConfigDict(extra="allow")

    id: OptionalId = Field(default=None, description="The store's id of the option, where it has one.")
    name: Text = Field(default=None, description="What differs: size, colour.")
    value: Text = Field(default=None, description="What it is for this variant.")


class Variant(BaseModel):
    """A variant of a product, which is what a customer buys."""

    model_config = ConfigDict(extra="allow")

    id: Id = Field(description="The store's id of the variant.")
    name: Text = Field(default=None, description="Name.")
    price: Money = Field(default=None, description="The price today.")
    compare_at_price: Money = Field(default=None, description="The price before a sale.")
    sku: Text = Field(default=None, description="Stock keeping unit.")
    barcode: Text = Field(default=None, description="EAN, UPC, ISBN or another number on the goods.")
    inventory_quantity: Decimal = Field(default=None, description="In stock; null if the store does not count.")
    weight: Decimal = Field(default=None, description="In the product's unit.")
    options: Annotated[list[VariantOption], Kind("list", VariantOption, required=("name", "value"))] = Field(
        default_factory=list, description="What makes it this variant."
    )


class Category(BaseModel):
    """A category that a product stands in."""

    model_config = ConfigDict(extra="allow")

    id: OptionalId = Field(default=None, description="The store's id of the category, where it has one.")
    name: Text = Field(default=None, description="Name.")


class Product(BaseModel):
    """One product, the same whichever store it comes from."""

    model_config = ConfigDict(extra="allow")

    id: Id = Field(description="The store's id, as text.")
    name: Text = Field(default=None, description="Name.")
    description: Text = Field(default=None, description="Description, in HTML where the store keeps it so.")
    status: Annotated[str | None, Kind("status", values=("active", "inactive"))] = Field(
        default=None, description="active, inactive, or the store's own word."
    )
    price: Money = Field(default=None, description="The price today; of several, the lowest or the first.")
    compare_at_price: Money = Field(default=None, description="The price before a sale.")
    currency: Text = Field(default=None, description="ISO 4217 code of every amount.")
    sku: Text = Field(default=None, description="Stock keeping unit.")
    barcode: Text = Field(default=None, description="EAN, UPC, ISBN or another number on the goods.")
    inventory_quantity: Decimal = Field(default=None, description="In stock; null if the store does not count.")
    vendor: Text = Field(default=None, description="Maker or brand.")
    url: Text = Field(default=None, description="The page of the product.")
    weight: Decimal = Field(default=None, description="Weight, as decimal text.")
    weight_unit: Text = Field(default=None, description="The unit of every weight: g, kg, oz, lb.")
    images: Annotated[list[Image], Kind("list", Image, required=("url",))] = Field(
        default_factory=list, description="Pictures, the first one first."
    )
    options: Annotated[list[ProductOption], Kind("list", ProductOption, required=("name",))] = Field(
        default_factory=list, description="In what the variants differ."
    )
    variants: Annotated[list[Variant], Kind("list", Variant)] = Field(
        default_factory=list, description="What a customer can buy."
    )
    categories: Annotated[list[Category], Kind("list", Category, required=("id", "name"))] = Field(
        default_factory=list, description="Where it stands in the shop."
    )
    tags: Annotated[list[str], Kind("list", of=Kind("text"), unique=True)] = Field(
        default_factory=list, description="The store's labels, without repeats."
    )
    notes: Text = Field(default=None, description="What the store notes about it.")
    created_at: Time = Field(default=None, description="When the store created the record.")
    updated_at: Time = Field(default=None, description="When the store last changed the record.")
    remote_data: Any = Field(default=None, description="The store's own record, exactly as received.")
