"""One API over many stores: a Unified API adapter framework."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from truto_unify.engine.breaker import CircuitBreaker
from truto_unify.engine.retry import RetryPolicy
from truto_unify.engine.send import Budget, Settings
from truto_unify.engine.verify_call import Verification
from truto_unify.errors import (
    AccountBlocked,
    AuthenticationError,
    CallError,
    ConfigError,
    ConflictError,
    Forbidden,
    ForbiddenAddress,
    ForbiddenDestination,
    ForbiddenParameter,
    InvalidCursor,
    InvalidEnvironment,
    InvalidId,
    InvalidInput,
    InvalidOverride,
    InvalidSetting,
    MappingError,
    MissingCredential,
    NotFoundError,
    NotVisible,
    OutdatedVersion,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
    ServiceError,
    StorageError,
    TransportError,
    Unauthenticated,
    UnifyError,
    UnknownProvider,
    UnknownResource,
    UnsupportedMethod,
    UnsupportedParameter,
    UnusableClient,
    WriteRefused,
)
from truto_unify.mapping.mapper import Mapper
from truto_unify.models.ecommerce import Customer
from truto_unify.models.orders import Order
from truto_unify.models.products import Product
from truto_unify.models.resource import ResourceSchema
from truto_unify.outbound import OutboundRule
from truto_unify.registry import Registry
from truto_unify.types import Account, Limits, Page

if TYPE_CHECKING:
    from truto_unify.async_client import AsyncClient
    from truto_unify.client import Client

__all__ = [
    "Account",
    "AccountBlocked",
    "AsyncClient",
    "AuthenticationError",
    "Budget",
    "CallError",
    "CircuitBreaker",
    "Client",
    "ConfigError",
    "ConflictError",
    "Customer",
    "Forbidden",
    "ForbiddenAddress",
    "ForbiddenDestination",
    "ForbiddenParameter",
    "InvalidCursor",
    "InvalidEnvironment",
    "InvalidId",
    "InvalidInput",
    "InvalidOverride",
    "InvalidSetting",
    "Limits",
    "Mapper",
    "MappingError",
    "MissingCredential",
    "NotFoundError",
    "NotVisible",
    "Order",
    "OutboundRule",
    "OutdatedVersion",
    "Page",
    "PermissionDeniedError",
    "Product",
    "ProviderError",
    "ProviderUnavailableError",
    "RateLimitedError",
    "Registry",
    "RejectedInputError",
    "ResourceSchema",
    "RetryPolicy",
    "ServiceError",
    "Settings",
    "StorageError",
    "TransportError",
    "Unauthenticated",
    "UnifyError",
    "UnknownProvider",
    "UnknownResource",
    "UnsupportedMethod",
    "UnsupportedParameter",
    "UnusableClient",
    "Verification",
    "WriteRefused",
]

_CLIENTS = {"AsyncClient": "truto_unify.async_client", "Client": "truto_unify.client"}

if not TYPE_CHECKING:  # a type checker must see that a misspelt name does not exist

    def __getattr__(name: str) -> object:
        """Loads a client on its first use: only the clients need httpx, and mapping alone is common."""
        if name not in _CLIENTS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        client = getattr(import_module(_CLIENTS[name]), name)
        globals()[name] = client
        return client

    def __dir__() -> list[str]:
        return sorted({*globals(), *_CLIENTS})
