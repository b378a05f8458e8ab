"""What admin routes share: the store, the registry, the rules for accounts, and who may call."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from truto_unify.accounts.admission import Admission
from truto_unify.accounts.records import Identity
from truto_unify.accounts.store import AccountStore
from truto_unify.async_client import AsyncClient
from truto_unify.registry import Registry
from truto_unify.server.identity import require


def _store(request: Request) -> AccountStore:
    store: AccountStore = request.app.state.store
    return store


def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def _client(request: Request) -> AsyncClient:
    client: AsyncClient = request.app.state.client
    return client


Store = Annotated[AccountStore, Depends(_store)]
Known = Annotated[Registry, Depends(_registry)]
Caller = Annotated[AsyncClient, Depends(_client)]
AccountReader = Annotated[Identity, Depends(require("accounts:read"))]
AccountWriter = Annotated[Identity, Depends(require("accounts:write"))]
OwnAccount = Annotated[Identity, Depends(require("accounts:me"))]
OverrideReader = Annotated[Identity, Depends(require("overrides:read"))]
OverrideWriter = Annotated[Identity, Depends(require("overrides:write"))]
TokenReader = Annotated[Identity, Depends(require("tokens:read"))]

REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The request cannot be understood."},
    401: {"description": "No token that counts."},
    403: {"description": "The token may not do this."},
    503: {"description": "The database does not answer."},
}
ABOUT_ONE: dict[int | str, dict[str, Any]] = {**REFUSALS, 404: {"description": "There is no such thing here."}}
CHANGES: dict[int | str, dict[str, Any]] = {
    **ABOUT_ONE,
    409: {"description": "Somebody else changed it meanwhile."},
    422: {"description": "An override is wrong; details.failures says where."},
}


def admission(store: Store, registry: Known) -> Admission:
    """The rules for new and changed accounts."""
    return Admission(registry, store.addresses)


Rules = Annotated[Admission, Depends(admission)]
