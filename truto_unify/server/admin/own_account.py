"""The account of an integrated-account token: its holder reads and changes it."""

from __future__ import annotations

from fastapi import APIRouter

from truto_unify.accounts.records import Identity
from truto_unify.errors import Forbidden
from truto_unify.server.admin.accounts import read_changes
from truto_unify.server.admin.dependencies import (
    CHANGE_ERRORS,
    ERRORS,
    InjectedAdmission,
    InjectedClient,
    InjectedRegistry,
    InjectedStore,
    OwnAccount,
)
from truto_unify.server.admin.shapes import (
    AccountDetails,
    AccountShape,
    Body,
    Changes,
    account_details,
    account_shape,
    example_body,
)

router = APIRouter(prefix="/integrated-account/me", tags=["integrated accounts"], strict_content_type=False)


class OwnChanges(Body):
    """The part of an account that the holder of its token may change."""

    model_config = example_body({"context": {"time_zone": "Europe/Berlin"}})

    context: Changes | None = None


@router.get("", responses=ERRORS)
async def get_own_account(
    caller: OwnAccount, store: InjectedStore, registry: InjectedRegistry, client: InjectedClient
) -> AccountDetails:
    """Reads the account of the token."""
    account = await store.accounts.get(caller.environment_id, _own_id(caller))
    return account_details(account, registry, client.settings)


@router.patch("", responses=CHANGE_ERRORS)
async def update_own_account(
    body: OwnChanges, caller: OwnAccount, store: InjectedStore, registry: InjectedRegistry, admission: InjectedAdmission
) -> AccountShape:
    """Merges fields into the context of the token's account, except those that decide its host; null removes one."""
    changed = await store.accounts.update(
        caller.environment_id, _own_id(caller), read_changes(body), admission, may_move=False
    )
    return account_shape(changed, registry)


def _own_id(caller: Identity) -> str:
    if caller.integrated_account_id is None:
        raise Forbidden("only an integrated account token has an account of its own")
    return caller.integrated_account_id
