"""Dependencies of the admin routes: the store, the registry, the admission rules and the required scopes."""

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


InjectedStore = Annotated[AccountStore, Depends(_store)]
InjectedRegistry = Annotated[Registry, Depends(_registry)]
InjectedClient = Annotated[AsyncClient, Depends(_client)]
AccountReader = Annotated[Identity, Depends(require("accounts:read"))]
AccountWriter = Annotated[Identity, Depends(require("accounts:write"))]
OwnAccount = Annotated[Identity, Depends(require("accounts:me"))]
OverrideReader = Annotated[Identity, Depends(require("overrides:read"))]
OverrideWriter = Annotated[Identity, Depends(require("overrides:write"))]
TokenReader = Annotated[Identity, Depends(require("tokens:read"))]

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The request is malformed or holds a wrong value."},
    401: {"description": "The token is missing or not valid."},
    403: {"description": "The token may not do this."},
    503: {"description": "The database does not answer."},
}
RECORD_ERRORS: dict[int | str, dict[str, Any]] = {**ERRORS, 404: {"description": "The environment has no such record."}}
VERIFY_ERRORS: dict[int | str, dict[str, Any]] = {
    **RECORD_ERRORS,
    401: {"description": "The token is not valid; with truto_is_remote_error the provider refused the credentials."},
    429: {"description": "A quota is used up; see Retry-After."},
    502: {"description": "The provider does not answer, or not as its API does."},
}
CHANGE_ERRORS: dict[int | str, dict[str, Any]] = {
    **RECORD_ERRORS,
    409: {"description": "The record has changed since it was read."},
    422: {"description": "An override is not valid; details.failures lists the problems."},
}


def admission(store: InjectedStore, registry: InjectedRegistry) -> Admission:
    """The rules for new and changed accounts."""
    return Admission(registry, store.outbound)


InjectedAdmission = Annotated[Admission, Depends(admission)]
