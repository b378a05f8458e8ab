"""The account of a call: looked up for its caller only, and marked if its provider refuses the credentials."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.accounts.admission import Admission
from truto_unify.errors import AuthenticationError, InvalidInput, NotVisible, StorageError
from truto_unify.server.errors import missing_parameters
from truto_unify.server.request_context import current_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import Request

    from truto_unify.accounts.records import Connection, Identity
    from truto_unify.accounts.store import AccountStore

MAX_ID_CHARS = 100
ACCOUNT_PARAM = "integrated_account_id"


async def find_connection(
    request: Request, identity: Identity, account_id: Any, method: str = "list", *, may_write: bool = False
) -> Connection:
    """The connection of the account that a call names.

    Args:
        request: the request.
        identity: who calls.
        account_id: the parameter ``integrated_account_id``; None if absent.
        method: ``list`` or ``get``.
        may_write: whether the scopes of the caller allow writes; a sandbox account never does.

    Raises:
        Refused: 400 if there is no id.
        NotVisible: the caller has no such account.
        AccountBlocked: 503 if the account is blocked.
        ForbiddenDestination: 403 if the account leads to a host that is no longer allowed.
    """
    own = identity.integrated_account_id
    if account_id is None:
        account_id = own
    if account_id is None:
        raise missing_parameters(ACCOUNT_PARAM)
    if not isinstance(account_id, str):
        raise InvalidInput(f"{ACCOUNT_PARAM} takes one value; write {ACCOUNT_PARAM}=…, once")
    connection = None
    is_allowed = identity.kind == "api_token" or account_id == own
    if is_allowed and len(account_id) <= MAX_ID_CHARS and account_id.isascii() and account_id.isprintable():
        store: AccountStore = request.app.state.store
        connection = await store.connection(identity.environment_id, account_id, method=method)
    if connection is None:
        raise NotVisible("there is no such integrated account")
    context = current_context()
    if context is not None:
        context.provider, context.account_id = connection.account.provider, connection.stored.id
    Admission(request.app.state.registry, request.app.state.store.outbound).check_use(connection.account)
    is_read_only = connection.stored.is_sandbox or not may_write
    return replace(connection, account=replace(connection.account, is_read_only=is_read_only))


@asynccontextmanager
async def observe_errors(request: Request, connection: Connection) -> AsyncIterator[None]:
    """Tells the account store whether the provider accepted the account's credentials."""
    store: AccountStore = request.app.state.store
    stored = connection.stored
    try:
        yield
    except AuthenticationError as error:
        # The provider's error matters more to the caller than a failure to store it.
        with suppress(StorageError):
            await store.note_failure(stored.id, error)
        raise
    with suppress(StorageError):
        await store.note_success(stored.id, seen_status=stored.status)
