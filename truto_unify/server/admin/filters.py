"""Reads the query string of an account list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from truto_unify.accounts.listing import MAX_PAGE_ITEMS, TIME_OPS, AccountFilter, TimeOp
from truto_unify.accounts.records import STATUSES
from truto_unify.errors import InvalidInput, UnsupportedParameter
from truto_unify.expressions import suggest
from truto_unify.server.query import read_parameters
from truto_unify.values import read_time

if TYPE_CHECKING:
    from fastapi import Request

NAMES = ("tenant_id", "integration", "status", "is_sandbox", "created_at", "updated_at", "limit", "next_cursor")
_NULLS = ("", "None")
_MAX_DIGITS = 9
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class AccountListQuery:
    """The query string of an account list."""

    filter: AccountFilter
    limit: int | None
    next_cursor: str | None


def read_account_list(request: Request) -> AccountListQuery:
    """Reads the query string of an account list; a filter without a value is ignored.

    Raises:
        InvalidInput, UnsupportedParameter: a parameter is wrong or unknown.
    """
    parameters = {name: value for name, value in read_parameters(request).items() if value not in _NULLS}
    for name in parameters:
        if name not in NAMES:
            hint = suggest(name, NAMES) or f"; the filters are {', '.join(NAMES)}"
            raise UnsupportedParameter(f'unknown filter "{name[:80]}"{hint}', parameter=name[:80], supported=NAMES)
    integration = parameters.get("integration")
    if isinstance(integration, Mapping) and set(integration) == {"name"}:
        integration = integration["name"]
    account_filter = AccountFilter(
        tenant_id=_text("tenant_id", parameters.get("tenant_id")),
        integration=_text("integration", integration),
        status=_statuses(parameters.get("status")),
        is_sandbox=_flag("is_sandbox", parameters.get("is_sandbox")),
        created_at=_times("created_at", parameters.get("created_at")),
        updated_at=_times("updated_at", parameters.get("updated_at")),
    )
    return AccountListQuery(
        account_filter, _limit(parameters.get("limit")), _text("next_cursor", parameters.get("next_cursor"))
    )


def _text(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"{name} takes one value; write {name}=…, once")
    return value


def _flag(name: str, value: Any) -> bool | None:
    if value is None:
        return None
    if not isinstance(value, str) or value.lower() not in _FLAGS:
        raise InvalidInput(f"{name} must be true or false")
    return _FLAGS[value.lower()]


def _limit(value: Any) -> int | None:
    if value is None:
        return None
    is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS
    if not is_number or not 1 <= int(value) <= MAX_PAGE_ITEMS:
        raise InvalidInput(f"limit must be a whole number from 1 to {MAX_PAGE_ITEMS}")
    return int(value)


def _statuses(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping) and set(value) == {"in"}:
        value = value["in"]
    texts = value.split(",") if isinstance(value, str) else [] if value is None else value
    for text in texts:
        if text not in STATUSES:
            raise InvalidInput(f"status must be one of {', '.join(STATUSES)}")
    return tuple(texts)


def _times(name: str, value: Any) -> dict[TimeOp, datetime]:
    if value is None:
        return {}
    by_op = value if isinstance(value, Mapping) else {"eq": value}
    times: dict[TimeOp, datetime] = {}
    for op, text in by_op.items():
        operator: TimeOp | None = next((known for known in TIME_OPS if known == op), None)
        if operator is None:
            raise InvalidInput(f'{name} has no operator "{str(op)[:80]}"; its operators are {", ".join(TIME_OPS)}')
        try:
            times[operator] = read_time(text, zone=UTC)
        except (ValueError, TypeError):
            raise InvalidInput(f"{name}[{op}] must be a time, for example 2024-01-31T12:00:00Z") from None
    return times
