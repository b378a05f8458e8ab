"""Integrated accounts: create, list, read, change, delete; their tokens and credentials."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from truto_unify.accounts.admission import Draft
from truto_unify.errors import AuthenticationError, InvalidInput, NotVisible
from truto_unify.server.admin.dependencies import (
    ABOUT_ONE,
    CHANGES,
    REFUSALS,
    AccountReader,
    AccountWriter,
    Caller,
    Known,
    Rules,
    Store,
)
from truto_unify.server.admin.filters import read_account_list
from truto_unify.server.admin.shapes import (
    AccountChanges,
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
    account_shape,
)
from truto_unify.server.catalogue import describe_integration
from truto_unify.server.errors import dump
from truto_unify.server.query import read_parameters

# The SDKs send JSON under other names too.
router = APIRouter(prefix="/integrated-account", tags=["integrated accounts"], strict_content_type=False)


@router.post("", responses=CHANGES)
async def create_account(
    body: NewAccount, caller: AccountWriter, store: Store, registry: Known, rules: Rules
) -> AccountShape:
    """Stores an account in the environment of the token."""
    integration = body.integration or body.environment_integration_id
    if integration is None:
        raise InvalidInput("integration is required: the name of a provider, as GET /integration lists them")
    if body.environment_integration_id not in (None, integration):
        raise InvalidInput("integration and environment_integration_id name different providers; one is enough")
    context, credentials = rules.sort_context(integration, body.context)
    given = body.model_dump(exclude={"integration", "environment_integration_id", "context", "credentials"})
    draft = Draft(integration=integration, context=context, credentials={**credentials, **body.credentials}, **given)
    return account_shape(await store.accounts.create(caller.environment_id, draft, rules), registry)


@router.get(
    "",
    responses=REFUSALS,
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
async def list_accounts(request: Request, caller: AccountReader, store: Store, registry: Known) -> AccountList:
    """Lists the accounts of the environment, the oldest first."""
    asked = read_account_list(request)
    page = await store.accounts.page(
        caller.environment_id, asked.filter, limit=asked.limit, next_cursor=asked.next_cursor
    )
    shapes = [account_shape(one, registry) for one in page.result]
    return AccountList(result=shapes, next_cursor=page.next_cursor, limit=page.limit)


@router.post("/token", responses=ABOUT_ONE)
async def create_account_token(body: OneAccount, caller: AccountWriter, store: Store) -> AccountToken:
    """Makes a token that opens one account for 15 minutes, on /unified, /proxy, /custom and its own record alone."""
    text = await store.api_tokens.create_for_account(caller.environment_id, body.integrated_account_id)
    return AccountToken(integrated_account_token=text)


@router.post("/refresh-credentials", responses=ABOUT_ONE)
async def refresh_credentials(body: OneAccount, caller: AccountWriter, store: Store, client: Caller) -> Refreshed:
    """Renews the access token of an account now."""
    found = await store.connection(caller.environment_id, body.integrated_account_id)
    if found is None:
        raise NotVisible("there is no such integrated account")
    try:
        is_refreshed = await client.refresh_token(found.account)
    except AuthenticationError as error:
        await store.note_failure(found.stored.id, error)
        raise
    return Refreshed(id=found.stored.id, is_refreshed=is_refreshed)


@router.post("/bulk-delete", responses=REFUSALS)
async def delete_accounts(body: ManyAccounts, caller: AccountWriter, store: Store) -> ManyDeleted:
    """Deletes accounts, with their tokens."""
    gone = await store.accounts.delete(caller.environment_id, body.ids)
    return ManyDeleted(result=[Deleted(id=one) for one in gone])


@router.get("/{account_id}", responses=ABOUT_ONE)
async def get_account(account_id: str, caller: AccountReader, store: Store, registry: Known) -> AccountShape:
    """Reads an account."""
    return account_shape(await store.accounts.get(caller.environment_id, account_id), registry)


@router.patch("/{account_id}", responses=CHANGES)
async def update_account(
    account_id: str, body: AccountChanges, caller: AccountWriter, store: Store, registry: Known, rules: Rules
) -> AccountShape:
    """Changes an account; its credentials stay as they are."""
    changes = read_changes(body)
    changed = await store.accounts.update(caller.environment_id, account_id, changes, rules, version=body.version)
    return account_shape(changed, registry)


@router.patch("/{account_id}/credentials", responses=CHANGES)
async def update_credentials(
    account_id: str, body: CredentialChanges, caller: AccountWriter, store: Store, registry: Known, rules: Rules
) -> AccountShape:
    """Changes the credentials of an account, which is active again with them."""
    changes = read_changes(body)
    changed = await store.accounts.update(caller.environment_id, account_id, changes, rules, version=body.version)
    return account_shape(changed, registry)


@router.delete("/{account_id}", responses=ABOUT_ONE)
async def delete_account(account_id: str, caller: AccountWriter, store: Store) -> Deleted:
    """Deletes an account, with its tokens."""
    gone = await store.accounts.delete(caller.environment_id, [account_id])
    if not gone:
        raise NotVisible("there is no such integrated account")
    return Deleted(id=gone[0])


@router.get("/{account_id}/capabilities", responses=ABOUT_ONE, response_class=Response)
async def account_capabilities(
    request: Request, account_id: str, caller: AccountReader, store: Store, registry: Known
) -> Response:
    """What can be called with an account."""
    account = await store.accounts.get(caller.environment_id, account_id)
    described = describe_integration(registry, account.integration, read_parameters(request))
    layers = await store.overrides.of_integration(caller.environment_id, account.integration)
    overridden = {resource for resource, _, _ in layers}
    for one in described["unified"]:
        one["env_overridden"] = f"{one['model']}/{one['resource']}" in overridden
    described |= {
        "environment_id": account.environment_id,
        "account": {
            "id": account.id,
            "status": account.status,
            "authentication_method": account.authentication_method,
            "is_blocked": account.status == "blocked",
        },
    }
    return Response(dump(described), media_type="application/json")


def read_changes(body: Body) -> dict[str, Any]:
    """The fields that a body gives, by name.

    Raises:
        InvalidInput: a field that cannot be removed is null.
    """
    changes = body.model_dump(exclude_unset=True, exclude={"version"})
    for name in ("tenant_id", "is_sandbox", "authentication_method"):
        if name in changes and changes[name] is None:
            raise InvalidInput(f"{name} cannot be removed; leave it out to keep it")
    return changes
