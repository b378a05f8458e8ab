"""The account that a call is about: found for its caller alone, and told what its provider answered."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from truto_unify.errors import AuthenticationError, InvalidInput, NotVisible, StorageError
from truto_unify.server.errors import missing_parameters
from truto_unify.server.request_context import current_facts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import Request

    from truto_unify.accounts.records import Connection, Identity
    from truto_unify.accounts.store import AccountStore

LONGEST_ID = 100
ACCOUNT_PARAM = "integrated_account_id"


async def find_connection(request: Request, identity: Identity, account_id: Any, method: str = "list") -> Connection:
    """The connection of the account that a call names.

    Args:
        request: the request.
        identity: who calls.
        account_id: what the call gives as ``integrated_account_id``; None where it gives nothing.
        method: ``list`` or ``get``.

    Raises:
        Refused: 400 without an id.
        NotVisible: the caller has no such account.
        AccountBlocked: 503.
    """
    own = identity.integrated_account_id
    if account_id is None:
        account_id = own
    if account_id is None:
        raise missing_parameters(ACCOUNT_PARAM)
    if not isinstance(account_id, str):
        raise InvalidInput(f"{ACCOUNT_PARAM} must be one value")
    found = None
    is_allowed = identity.kind == "api_token" or account_id == own
    if is_allowed and len(account_id) <= LONGEST_ID and account_id.isascii() and account_id.isprintable():
        store: AccountStore = request.app.state.store
        found = await store.connection(identity.environment_id, account_id, method=method)
    if found is None:
        raise NotVisible("there is no such integrated account")
    facts = current_facts()
    if facts is not None:
        facts.provider, facts.account_id = found.account.provider, found.stored.id
    return found


@asynccontextmanager
async def watched(request: Request, connection: Connection) -> AsyncIterator[None]:
    """Tells the account store whether the provider took the account's credentials."""
    store: AccountStore = request.app.state.store
    stored = connection.stored
    try:
        yield
    except AuthenticationError as error:
        # What the provider said matters more to the caller than whether it could be kept.
        with suppress(StorageError):
            await store.note_failure(stored.id, error)
        raise
    with suppress(StorageError):
        await store.note_success(stored.id, seen_status=stored.status)
