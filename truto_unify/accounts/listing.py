"""Which accounts a list asks for, and the opaque cursor that goes on after one of them."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS, as_id
from truto_unify.errors import InvalidCursor, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.accounts.records import IntegratedAccount

MOST = 5000
"""Accounts on a page, unless fewer are asked for."""
TimeOp = Literal["eq", "gt", "gte", "lt", "lte"]
TIME_OPS: tuple[TimeOp, ...] = ("eq", "gt", "gte", "lt", "lte")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """The conditions of a list; each one that is given must hold.

    Attributes:
        status: any of these.
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
    """Accounts, the oldest first."""

    result: list[IntegratedAccount]
    next_cursor: str | None
    limit: int


def conditions(asked: AccountFilter) -> list[sa.ColumnElement[bool]]:
    """What the filter says, in SQL.

    Raises:
        InvalidInput: a text holds what no account can hold.
    """
    columns = INTEGRATED_ACCOUNTS.c
    found: list[sa.ColumnElement[bool]] = []
    for name in ("tenant_id", "integration", "is_sandbox"):
        value = getattr(asked, name)
        if isinstance(value, str) and not value.isprintable():
            raise InvalidInput(f"{name} holds a control character")
        if value is not None:
            found.append(columns[name] == value)
    if asked.status:
        found.append(columns.status.in_(asked.status))
    for name in ("created_at", "updated_at"):
        for op, moment in getattr(asked, name).items():
            compare = {"eq": "__eq__", "gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__"}[op]
            found.append(getattr(columns[name], compare)(moment))
    return found


def after(cursor: str) -> sa.ColumnElement[bool]:
    """What comes after the account of a cursor.

    Raises:
        InvalidCursor: it is none of ours.
    """
    created_at, account_id = _read_cursor(cursor)
    columns = INTEGRATED_ACCOUNTS.c
    is_later: sa.ColumnElement[bool] = columns.created_at > created_at
    return sa.or_(is_later, sa.and_(columns.created_at == created_at, columns.id > account_id))


def write_cursor(last: IntegratedAccount) -> str:
    """The cursor that goes on after this account."""
    content = json.dumps([last.created_at.isoformat(), last.id]).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        content: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment, account_id = content
        created_at, known = datetime.fromisoformat(moment), as_id(account_id)
        if known is None or created_at.tzinfo is None:
            raise ValueError("not of a cursor")
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise InvalidCursor("next_cursor is none that this list gave") from None
    return created_at, known
