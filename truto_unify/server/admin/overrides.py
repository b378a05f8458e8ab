"""Mapping overrides of the environment, checked before they are stored."""

from __future__ import annotations

from fastapi import APIRouter

from truto_unify.accounts.listing import MOST
from truto_unify.server.admin.dependencies import (
    ABOUT_ONE,
    CHANGES,
    REFUSALS,
    Known,
    OverrideReader,
    OverrideWriter,
    Store,
)
from truto_unify.server.admin.shapes import (
    Deleted,
    NewOverride,
    OverrideChanges,
    OverrideList,
    OverrideShape,
    override_shape,
)

router = APIRouter(prefix="/environment-unified-model-resource-method", tags=["overrides"], strict_content_type=False)


@router.post("", responses=CHANGES)
async def create_override(body: NewOverride, caller: OverrideWriter, store: Store, registry: Known) -> OverrideShape:
    """Stores an override for the environment of the token."""
    override = await store.overrides.create(
        caller.environment_id,
        registry,
        resource=f"{body.unified_model}/{body.resource}",
        integration=body.integration,
        method=body.method,
        config=body.config,
    )
    return override_shape(override)


@router.get("", responses=REFUSALS)
async def list_overrides(
    caller: OverrideReader,
    store: Store,
    unified_model: str | None = None,
    resource: str | None = None,
    integration: str | None = None,
) -> OverrideList:
    """Lists the overrides of the environment, the oldest first."""
    found = [override_shape(one) for one in await store.overrides.all(caller.environment_id)]
    kept = [
        one
        for one in found
        if unified_model in (None, "", one.unified_model)
        and resource in (None, "", one.resource)
        and integration in (None, "", one.integration)
    ]
    return OverrideList(result=kept, limit=MOST)


@router.get("/{override_id}", responses=ABOUT_ONE)
async def get_override(override_id: str, caller: OverrideReader, store: Store) -> OverrideShape:
    """Reads an override."""
    return override_shape(await store.overrides.get(caller.environment_id, override_id))


@router.patch("/{override_id}", responses=CHANGES)
async def update_override(
    override_id: str, body: OverrideChanges, caller: OverrideWriter, store: Store, registry: Known
) -> OverrideShape:
    """Replaces what an override says."""
    changed = await store.overrides.update(
        caller.environment_id, override_id, registry, body.config, version=body.version
    )
    return override_shape(changed)


@router.delete("/{override_id}", responses=ABOUT_ONE)
async def delete_override(override_id: str, caller: OverrideWriter, store: Store) -> Deleted:
    """Removes an override."""
    return Deleted(id=await store.overrides.delete(caller.environment_id, override_id))
