"""The account of an integrated-account token: read and changed by whoever holds the token."""

from __future__ import annotations

from fastapi import APIRouter

from truto_unify.accounts.records import Identity
from truto_unify.errors import Forbidden
from truto_unify.server.admin.accounts import read_changes
from truto_unify.server.admin.dependencies import CHANGES, REFUSALS, Known, OwnAccount, Rules, Store
from truto_unify.server.admin.shapes import AccountShape, Body, Changes, account_shape

router = APIRouter(prefix="/integrated-account/me", tags=["integrated accounts"], strict_content_type=False)


class OwnChanges(Body):
    """What the holder of an integrated-account token may change of the account."""

    context: Changes | None = None


@router.get("", responses=REFUSALS)
async def get_own_account(caller: OwnAccount, store: Store, registry: Known) -> AccountShape:
    """Reads the account of the token."""
    return account_shape(await store.accounts.get(caller.environment_id, _own_id(caller)), registry)


@router.patch("", responses=CHANGES)
async def update_own_account(
    body: OwnChanges, caller: OwnAccount, store: Store, registry: Known, rules: Rules
) -> AccountShape:
    """Merges the context of the account of the token; null removes a field."""
    changed = await store.accounts.update(caller.environment_id, _own_id(caller), read_changes(body), rules)
    return account_shape(changed, registry)


def _own_id(caller: Identity) -> str:
    if caller.integrated_account_id is None:
        raise Forbidden("only a token of an integrated account has an account of its own")
    return caller.integrated_account_id
