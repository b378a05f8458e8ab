"""One API over many stores: a Unified API adapter framework."""

from __future__ import annotations

from truto_unify.async_client import AsyncClient
from truto_unify.client import Client
from truto_unify.engine.retry import RetryPolicy
from truto_unify.engine.send import Budget, Settings
from truto_unify.errors import (
    AccountBlocked,
    AuthenticationError,
    CallError,
    ConfigError,
    ConflictError,
    Forbidden,
    InvalidCursor,
    InvalidEnvironment,
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
)
from truto_unify.mapping.mapper import Mapper
from truto_unify.models.ecommerce import Customer
from truto_unify.registry import Registry
from truto_unify.types import Account, Limits, Page

__all__ = [
    "Account",
    "AccountBlocked",
    "AsyncClient",
    "AuthenticationError",
    "Budget",
    "CallError",
    "Client",
    "ConfigError",
    "ConflictError",
    "Customer",
    "Forbidden",
    "InvalidCursor",
    "InvalidEnvironment",
    "InvalidInput",
    "InvalidOverride",
    "InvalidSetting",
    "Limits",
    "Mapper",
    "MappingError",
    "MissingCredential",
    "NotFoundError",
    "NotVisible",
    "OutdatedVersion",
    "Page",
    "PermissionDeniedError",
    "ProviderError",
    "ProviderUnavailableError",
    "RateLimitedError",
    "Registry",
    "RejectedInputError",
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
]
