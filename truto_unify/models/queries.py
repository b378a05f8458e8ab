"""The typed query of each unified resource, written by ``make signatures`` from the unified schema."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, Required, TypedDict

from truto_unify.models.query_values import (
    DictFormat,
    GetOptions,
    ListOptions,
    ModelFormat,
    TextFilter,
    TextValue,
    TimeFilter,
)
from truto_unify.types import Direction

ResourceName = Literal["ecommerce/customers", "ecommerce/orders", "ecommerce/products"]
"""Every unified resource."""

Customers = Literal["ecommerce/customers"]
CustomerField = Literal[
    "id",
    "name",
    "first_name",
    "last_name",
    "company_name",
    "emails",
    "phones",
    "addresses",
    "currency",
    "status",
    "orders",
    "created_at",
    "updated_at",
    "remote_data",
]


class CustomerEmails(TypedDict, total=False):
    """Parts of an element of ``emails``, all of which must match the same one."""

    email: TextValue
    type: TextValue
    status: TextValue
    is_primary: bool


class CustomerPhones(TypedDict, total=False):
    """Parts of an element of ``phones``, all of which must match the same one."""

    number: TextValue
    extension: TextValue
    type: TextValue


class CustomerSort(TypedDict, total=False):
    """The field that customers are sorted by."""

    created_at: Direction
    updated_at: Direction


class _CustomerQuery(ListOptions, total=False):
    """Filters, sort and options of a list of customers."""

    created_at: TimeFilter
    updated_at: TimeFilter
    name: TextFilter
    first_name: TextFilter
    last_name: TextFilter
    company_name: TextFilter
    email: TextFilter
    emails: CustomerEmails | Sequence[CustomerEmails]
    phones: CustomerPhones | Sequence[CustomerPhones]
    sort_by: CustomerSort | None
    exclude_fields: Collection[CustomerField] | None


class CustomerQuery(_CustomerQuery, total=False):
    """The same, for records that are models."""

    response_format: ModelFormat


class CustomerDictQuery(_CustomerQuery, total=False):
    """The same, for records that are dictionaries."""

    response_format: Required[DictFormat]


class _CustomerGetOptions(GetOptions, total=False):
    """Options of a get of one of the customers."""

    exclude_fields: Collection[CustomerField] | None


class CustomerGetOptions(_CustomerGetOptions, total=False):
    """The same, for a record that is a model."""

    response_format: ModelFormat


class CustomerGetDictOptions(_CustomerGetOptions, total=False):
    """The same, for a record that is a dictionary."""

    response_format: Required[DictFormat]


Orders = Literal["ecommerce/orders"]
OrderField = Literal[
    "id",
    "order_number",
    "currency",
    "exchange_rate",
    "discounts",
    "sub_total",
    "shipping_cost",
    "total_discount",
    "total_tax",
    "total_amount",
    "status",
    "payment_status",
    "fulfillment_status",
    "payment_method",
    "customer",
    "billing_address",
    "shipping_address",
    "line_items",
    "fulfillments",
    "refunds",
    "notes",
    "tags",
    "created_at",
    "updated_at",
    "remote_data",
]


class OrderSort(TypedDict, total=False):
    """The field that orders are sorted by."""

    created_at: Direction
    updated_at: Direction
    id: Direction


class _OrderQuery(ListOptions, total=False):
    """Filters, sort and options of a list of orders."""

    created_at: TimeFilter
    updated_at: TimeFilter
    status: TextFilter
    payment_status: TextFilter
    fulfillment_status: TextFilter
    customer_id: TextFilter
    sort_by: OrderSort | None
    exclude_fields: Collection[OrderField] | None


class OrderQuery(_OrderQuery, total=False):
    """The same, for records that are models."""

    response_format: ModelFormat


class OrderDictQuery(_OrderQuery, total=False):
    """The same, for records that are dictionaries."""

    response_format: Required[DictFormat]


class _OrderGetOptions(GetOptions, total=False):
    """Options of a get of one of the orders."""

    exclude_fields: Collection[OrderField] | None


class OrderGetOptions(_OrderGetOptions, total=False):
    """The same, for a record that is a model."""

    response_format: ModelFormat


class OrderGetDictOptions(_OrderGetOptions, total=False):
    """The same, for a record that is a dictionary."""

    response_format: Required[DictFormat]


Products = Literal["ecommerce/products"]
ProductField = Literal[
    "id",
    "name",
    "description",
    "status",
    "price",
    "compare_at_price",
    "currency",
    "sku",
    "barcode",
    "inventory_quantity",
    "vendor",
    "url",
    "weight",
    "weight_unit",
    "images",
    "options",
    "variants",
    "categories",
    "tags",
    "notes",
    "created_at",
    "updated_at",
    "remote_data",
]


class ProductSort(TypedDict, total=False):
    """The field that products are sorted by."""

    created_at: Direction
    updated_at: Direction
    id: Direction


class _ProductQuery(ListOptions, total=False):
    """Filters, sort and options of a list of products."""

    created_at: TimeFilter
    updated_at: TimeFilter
    name: TextFilter
    status: TextFilter
    sku: TextFilter
    sort_by: ProductSort | None
    exclude_fields: Collection[ProductField] | None


class ProductQuery(_ProductQuery, total=False):
    """The same, for records that are models."""

    response_format: ModelFormat


class ProductDictQuery(_ProductQuery, total=False):
    """The same, for records that are dictionaries."""

    response_format: Required[DictFormat]


class _ProductGetOptions(GetOptions, total=False):
    """Options of a get of one of the products."""

    exclude_fields: Collection[ProductField] | None


class ProductGetOptions(_ProductGetOptions, total=False):
    """The same, for a record that is a model."""

    response_format: ModelFormat


class ProductGetDictOptions(_ProductGetOptions, total=False):
    """The same, for a record that is a dictionary."""

    response_format: Required[DictFormat]
