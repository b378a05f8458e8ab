"""The filter of an account list as SQL conditions, and its opaque cursor."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS, as_id
from truto_unify.errors import InvalidCursor, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.accounts.records import IntegratedAccount

MAX_PAGE_ITEMS = 5000
"""Accounts, tokens or overrides of a page, and the default limit."""
TimeOp = Literal["eq", "gt", "gte", "lt", "lte"]
TIME_OPS: tuple[TimeOp, ...] = ("eq", "gt", "gte", "lt", "lte")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """The conditions of a list; an account must meet all that are set.

    Attributes:
        status: the account has one of these.
        created_at: instants by operator (``gte``).
        updated_at: the same.
    """

    tenant_id: str | None = None
    integration: str | None = None
    status: tuple[str, ...] = ()
    is_sandbox: bool | None = None
    created_at: Mapping[TimeOp, datetime] = field(default_factory=dict)
    updated_at: Mapping[TimeOp, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """Accounts, oldest first."""

    result: list[IntegratedAccount]
    next_cursor: str | None
    limit: int


def conditions(account_filter: AccountFilter) -> list[sa.ColumnElement[bool]]:
    """The filter in SQL.

    Raises:
        InvalidInput: a text holds a control character.
    """
    columns = INTEGRATED_ACCOUNTS.c
    clauses: list[sa.ColumnElement[bool]] = []
    for name in ("tenant_id", "integration", "is_sandbox"):
        value = getattr(account_filter, name)
        if isinstance(value, str) and not value.isprintable():
            raise InvalidInput(f"{name} holds a control character")
        if value is not None:
            clauses.append(columns[name] == value)
    if account_filter.status:
        clauses.append(columns.status.in_(account_filter.status))
    for name in ("created_at", "updated_at"):
        for op, moment in getattr(account_filter, name).items():
            compare = {"eq": "__eq__", "gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__"}[op]
            clauses.append(getattr(columns[name], compare)(moment))
    return clauses


def after(cursor: str) -> sa.ColumnElement[bool]:
    """The condition for the accounts after the account of a cursor.

    Raises:
        InvalidCursor: the cursor is not from this list.
    """
    created_at, account_id = _read_cursor(cursor)
    columns = INTEGRATED_ACCOUNTS.c
    is_later: sa.ColumnElement[bool] = columns.created_at > created_at
    return sa.or_(is_later, sa.and_(columns.created_at == created_at, columns.id > account_id))


def write_cursor(last: IntegratedAccount) -> str:
    """The cursor of the page after this account."""
    content = json.dumps([last.created_at.isoformat(), last.id]).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        content: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment, account_id = content
        created_at, known_id = datetime.fromisoformat(moment), as_id(account_id)
        if known_id is None or created_at.tzinfo is None:
            raise ValueError("not a cursor")
        return created_at.astimezone(UTC), known_id
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise InvalidCursor("next_cursor is not a cursor of this list") from None
