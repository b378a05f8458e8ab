"""Mapping overrides of the environment, checked before they are stored."""

from __future__ import annotations

from fastapi import APIRouter

from truto_unify.accounts.listing import MAX_PAGE_ITEMS
from truto_unify.server.admin.dependencies import (
    CHANGE_ERRORS,
    ERRORS,
    RECORD_ERRORS,
    InjectedRegistry,
    InjectedStore,
    OverrideReader,
    OverrideWriter,
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


@router.post("", responses=CHANGE_ERRORS)
async def create_override(
    body: NewOverride, caller: OverrideWriter, store: InjectedStore, registry: InjectedRegistry
) -> OverrideShape:
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


@router.get("", responses=ERRORS)
async def list_overrides(
    caller: OverrideReader,
    store: InjectedStore,
    unified_model: str | None = None,
    resource: str | None = None,
    integration: str | None = None,
) -> OverrideList:
    """Lists the overrides of the environment, oldest first."""
    overrides = [override_shape(override) for override in await store.overrides.all(caller.environment_id)]
    matching = [
        override
        for override in overrides
        if unified_model in (None, "", override.unified_model)
        and resource in (None, "", override.resource)
        and integration in (None, "", override.integration)
    ]
    return OverrideList(result=matching, limit=MAX_PAGE_ITEMS)


@router.get("/{override_id}", responses=RECORD_ERRORS)
async def get_override(override_id: str, caller: OverrideReader, store: InjectedStore) -> OverrideShape:
    """Reads an override."""
    return override_shape(await store.overrides.get(caller.environment_id, override_id))


@router.patch("/{override_id}", responses=CHANGE_ERRORS)
async def update_override(
    override_id: str, body: OverrideChanges, caller: OverrideWriter, store: InjectedStore, registry: InjectedRegistry
) -> OverrideShape:
    """Replaces the content of an override."""
    changed = await store.overrides.update(
        caller.environment_id, override_id, registry, body.config, version=body.version
    )
    return override_shape(changed)


@router.delete("/{override_id}", responses=RECORD_ERRORS)
async def delete_override(override_id: str, caller: OverrideWriter, store: InjectedStore) -> Deleted:
    """Deletes an override."""
    return Deleted(id=await store.overrides.delete(caller.environment_id, override_id))
