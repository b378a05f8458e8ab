"""Integrated accounts: create, list, read, change, delete; their tokens and credentials."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from truto_unify.accounts.admission import AccountDraft
from truto_unify.errors import AuthenticationError, InvalidInput, NotVisible
from truto_unify.server.admin.dependencies import (
    CHANGE_ERRORS,
    ERRORS,
    RECORD_ERRORS,
    VERIFY_ERRORS,
    AccountReader,
    AccountWriter,
    InjectedAdmission,
    InjectedClient,
    InjectedRegistry,
    InjectedStore,
)
from truto_unify.server.admin.filters import read_account_list
from truto_unify.server.admin.shapes import (
    AccountChanges,
    AccountDetails,
    AccountList,
    AccountShape,
    AccountToken,
    Body,
    CredentialChanges,
    Deleted,
    ManyAccounts,
    ManyDeleted,
    NewAccount,
    OneAccount,
    Refreshed,
    Verified,
    account_details,
    account_shape,
)
from truto_unify.server.catalogue import describe_integration
from truto_unify.server.connection import find_connection, observe_errors
from truto_unify.server.errors import dump
from truto_unify.server.query import read_parameters

if TYPE_CHECKING:
    from truto_unify.accounts.records import Identity
    from truto_unify.engine.verify_call import Verification

# The SDKs send JSON under other names too.
router = APIRouter(prefix="/integrated-account", tags=["integrated accounts"], strict_content_type=False)


@router.post("", responses=CHANGE_ERRORS | VERIFY_ERRORS)
async def create_account(
    request: Request,
    body: NewAccount,
    caller: AccountWriter,
    store: InjectedStore,
    registry: InjectedRegistry,
    admission: InjectedAdmission,
    *,
    verify: Annotated[bool, Query(description="Stores the account only if its provider accepts it.")] = False,
) -> AccountShape:
    """Stores an account in the environment of the token."""
    integration = body.integration or body.environment_integration_id
    if integration is None:
        raise InvalidInput("integration is required: the name of a provider; GET /integration lists them")
    if body.environment_integration_id not in (None, integration):
        raise InvalidInput("integration and environment_integration_id name different providers; one is enough")
    context, credentials = admission.sort_context(integration, body.context)
    fields = body.model_dump(exclude={"integration", "environment_integration_id", "context", "credentials"})
    draft = AccountDraft(
        integration=integration, context=context, credentials={**credentials, **body.credentials}, **fields
    )
    account = await store.accounts.create(caller.environment_id, draft, admission)
    if verify:
        try:
            # A provider may rotate the refresh token now: only a stored account can keep the new one.
            await _verify(request, caller, account.id)
        except BaseException:
            await asyncio.shield(store.accounts.delete(caller.environment_id, [account.id]))
            raise
        account = await store.accounts.get(caller.environment_id, account.id)
    return account_shape(account, registry)


@router.get(
    "",
    responses=ERRORS,
    openapi_extra={
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": kind}, "required": False}
            for name, kind in (
                ("tenant_id", "string"),
                ("integration", "string"),
                ("status", "string"),
                ("is_sandbox", "boolean"),
                ("created_at[gte]", "string"),
                ("created_at[lte]", "string"),
                ("updated_at[gte]", "string"),
                ("updated_at[lte]", "string"),
                ("limit", "integer"),
                ("next_cursor", "string"),
            )
        ]
    },
)
async def list_accounts(
    request: Request, caller: AccountReader, store: InjectedStore, registry: InjectedRegistry
) -> AccountList:
    """Lists the accounts of the environment, oldest first."""
    query = read_account_list(request)
    page = await store.accounts.page(
        caller.environment_id, query.filter, limit=query.limit, next_cursor=query.next_cursor
    )
    shapes = [account_shape(account, registry) for account in page.result]
    return AccountList(result=shapes, next_cursor=page.next_cursor, limit=page.limit)


@router.post("/token", responses=RECORD_ERRORS)
async def create_account_token(body: OneAccount, caller: AccountWriter, store: InjectedStore) -> AccountToken:
    """Creates a token for one account, valid for 15 minutes on /unified, /proxy, /custom and the account itself."""
    text = await store.api_tokens.create_for_account(caller.environment_id, body.integrated_account_id)
    return AccountToken(integrated_account_token=text)


@router.post("/refresh-credentials", responses=RECORD_ERRORS)
async def refresh_credentials(
    body: OneAccount,
    caller: AccountWriter,
    store: InjectedStore,
    client: InjectedClient,
    admission: InjectedAdmission,
) -> Refreshed:
    """Renews the access token of an account immediately."""
    connection = await store.connection(caller.environment_id, body.integrated_account_id)
    if connection is None:
        raise NotVisible("there is no such integrated account")
    admission.check_use(connection.account)
    try:
        is_refreshed = await client.refresh_token(connection.account)
    except AuthenticationError as error:
        await store.note_failure(connection.stored.id, error)
        raise
    return Refreshed(id=connection.stored.id, is_refreshed=is_refreshed)


@router.post("/bulk-delete", responses=ERRORS)
async def delete_accounts(body: ManyAccounts, caller: AccountWriter, store: InjectedStore) -> ManyDeleted:
    """Deletes accounts, with their tokens."""
    deleted_ids = await store.accounts.delete(caller.environment_id, body.ids)
    return ManyDeleted(result=[Deleted(id=account_id) for account_id in deleted_ids])


@router.post("/{account_id}/verify", responses=VERIFY_ERRORS)
async def verify_account(request: Request, account_id: str, caller: AccountWriter) -> Verified:
    """Proves an account with a cheap read at its provider; one that needed new credentials becomes active again."""
    return await _verify(request, caller, account_id)


async def _verify(request: Request, caller: Identity, account_id: str) -> Verified:
    connection = await find_connection(request, caller, account_id)
    async with observe_errors(request, connection):
        verification: Verification = await request.app.state.client.verify(connection.account)
    return Verified(id=connection.stored.id, call=verification.call, total=verification.total)


@router.get("/{account_id}", responses=RECORD_ERRORS)
async def get_account(
    account_id: str,
    caller: AccountReader,
    store: InjectedStore,
    registry: InjectedRegistry,
    client: InjectedClient,
) -> AccountDetails:
    """Reads an account."""
    account = await store.accounts.get(caller.environment_id, account_id)
    return account_details(account, registry, client.settings)


@router.patch("/{account_id}", responses=CHANGE_ERRORS)
async def update_account(
    account_id: str,
    body: AccountChanges,
    caller: AccountWriter,
    store: InjectedStore,
    registry: InjectedRegistry,
    admission: InjectedAdmission,
) -> AccountShape:
    """Changes an account; a change of its host must bring all its credentials along."""
    changes = read_changes(body)
    changed = await store.accounts.update(caller.environment_id, account_id, changes, admission, version=body.version)
    return account_shape(changed, registry)


@router.patch("/{account_id}/credentials", responses=CHANGE_ERRORS)
async def update_credentials(
    account_id: str,
    body: CredentialChanges,
    caller: AccountWriter,
    store: InjectedStore,
    registry: InjectedRegistry,
    admission: InjectedAdmission,
) -> AccountShape:
    """Changes the credentials of an account and makes it active again."""
    changes = read_changes(body)
    changed = await store.accounts.update(caller.environment_id, account_id, changes, admission, version=body.version)
    return account_shape(changed, registry)


@router.delete("/{account_id}", responses=RECORD_ERRORS)
async def delete_account(account_id: str, caller: AccountWriter, store: InjectedStore) -> Deleted:
    """Deletes an account, with its tokens."""
    deleted_ids = await store.accounts.delete(caller.environment_id, [account_id])
    if not deleted_ids:
        raise NotVisible("there is no such integrated account")
    return Deleted(id=deleted_ids[0])


@router.get("/{account_id}/capabilities", responses=RECORD_ERRORS, response_class=Response)
async def account_capabilities(
    request: Request, account_id: str, caller: AccountReader, store: InjectedStore, registry: InjectedRegistry
) -> Response:
    """Lists what can be called with an account."""
    account = await store.accounts.get(caller.environment_id, account_id)
    capabilities = describe_integration(registry, account.integration, read_parameters(request))
    layers = await store.overrides.of_integration(caller.environment_id, account.integration)
    overridden = {resource for resource, _, _ in layers}
    for entry in capabilities["unified"]:
        entry["env_overridden"] = f"{entry['model']}/{entry['resource']}" in overridden
    capabilities |= {
        "environment_id": account.environment_id,
        "account": {
            "id": account.id,
            "status": account.status,
            "authentication_method": account.authentication_method,
            "is_blocked": account.status == "blocked",
        },
    }
    return Response(dump(capabilities), media_type="application/json")


def read_changes(body: Body) -> dict[str, Any]:
    """The fields that a body sets, by name.

    Raises:
        InvalidInput: a required field is null.
    """
    changes = body.model_dump(exclude_unset=True, exclude={"version"})
    for name in ("tenant_id", "is_sandbox", "authentication_method", "credentials"):
        if name in changes and changes[name] is None:
            raise InvalidInput(f"{name} cannot be removed; leave it out to keep it")
    return changes
