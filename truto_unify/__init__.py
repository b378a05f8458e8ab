"""One API over many stores: a Unified API adapter framework."""

from __future__ import annotations

from truto_unify.client import AsyncClient, Client
from truto_unify.engine.exchange import Budget, Settings
from truto_unify.engine.mapper import Mapper
from truto_unify.engine.retry import RetryPolicy
from truto_unify.errors import (
    AuthenticationError,
    CallError,
    ConfigError,
    ConflictError,
    InvalidCursor,
    InvalidInput,
    MappingError,
    MissingCredential,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
    TransportError,
    UnifyError,
    UnknownProvider,
    UnknownResource,
    UnsupportedMethod,
    UnsupportedParameter,
)
from truto_unify.models.ecommerce import Customer
from truto_unify.registry import Registry
from truto_unify.types import Account, Page

__all__ = [
    "Account",
    "AsyncClient",
    "AuthenticationError",
    "Budget",
    "CallError",
    "Client",
    "ConfigError",
    "ConflictError",
    "Customer",
    "InvalidCursor",
    "InvalidInput",
    "Mapper",
    "MappingError",
    "MissingCredential",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "ProviderError",
    "ProviderUnavailableError",
    "RateLimitedError",
    "Registry",
    "RejectedInputError",
    "RetryPolicy",
    "Settings",
    "TransportError",
    "UnifyError",
    "UnknownProvider",
    "UnknownResource",
    "UnsupportedMethod",
    "UnsupportedParameter",
]
