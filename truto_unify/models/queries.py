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

ResourceName = Literal["ecommerce/customers"]
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
