"""Logs what an operator should look at: a call that was refused because it could do harm."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from truto_unify.server.request_context import current_context

if TYPE_CHECKING:
    from truto_unify.errors import UnifyError

SECURITY = logging.getLogger("truto_unify.security")


def security_event(event: str, **fields: object) -> None:
    """Logs a warning with the event, its fields, and the request and account that it belongs to.

    Args:
        event: its kind, as ``destination_refused``.
        **fields: no secrets, and no text that a caller may choose but for short names.
    """
    context = current_context()
    if context is not None:
        own = {
            "request_id": context.request_id,
            "token_id": context.token_id,
            "provider": context.provider,
            "account_id": context.account_id,
        }
        fields = {**{name: value for name, value in own.items() if value is not None}, **fields}
    SECURITY.warning("security event", extra={"fields": {"event": event, **fields}})


def note_refusal(error: UnifyError) -> None:
    """Logs an error that is a security event; leaves out all others."""
    if error.security_event is not None:
        security_event(error.security_event, error=type(error).__name__, message=error.message)
