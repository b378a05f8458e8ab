"""Writes amounts, times and ids as Shopify's Admin GraphQL API does, and reads ids."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

from graphql import GraphQLError

from truto_unify.sandbox.purchases import write_amount

if TYPE_CHECKING:
    from datetime import datetime

Record = dict[str, object]


def money(minor: int, currency: str) -> Record:
    """A ``MoneyV2``; decimals are not padded, and there is at least one: 11884.9, 5.0, JPY 1000.0."""
    whole, _, decimals = write_amount(minor, currency).partition(".")
    return {"amount": f"{whole}.{decimals.rstrip('0') or '0'}", "currencyCode": currency}


def money_bag(minor: int, currency: str) -> Record:
    """A ``MoneyBag`` of a buyer who pays in the shop's currency."""
    amount = money(minor, currency)
    return {"shopMoney": amount, "presentmentMoney": amount}


def write_time(moment: datetime) -> str:
    """A ``DateTime``: UTC, in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def name_record(kind: str, number: int) -> Record:
    """The two ids of a record."""
    return {"id": f"gid://shopify/{kind}/{number}", "legacyResourceId": str(number)}


def read_gid(kind: str, gid: str) -> int:
    """The number in a global id.

    Raises:
        GraphQLError: The id is malformed or of another type.
    """
    match = re.fullmatch(rf"gid://shopify/{kind}/(\d+)", gid)
    if not match:
        raise GraphQLError(f"Invalid id: {gid}", extensions={"code": "RESOURCE_NOT_FOUND"})
    return int(match[1])
