"""The frozen records of the account store; none shows a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from truto_unify.types import Account

TokenKind = Literal["api_token", "integrated_account_token"]
Status = Literal["active", "connecting", "needs_reauth", "post_install_error", "validation_error", "blocked"]

STATUSES: tuple[Status, ...] = (
    "active",
    "connecting",
    "needs_reauth",
    "post_install_error",
    "validation_error",
    "blocked",
)
SCOPES: dict[str, str] = {
    "unified:read": "list and get unified records",
    "proxy:read": "native resources of a provider, with calls that only read",
    "proxy": "native resources of a provider, with all their calls",
    "custom:read": "any path of a provider by GET, with the stored credentials",
    "custom": "any path of a provider by any method, with the stored credentials",
    "accounts:read": "see integrated accounts, never their credentials",
    "accounts:write": "create, change and delete integrated accounts, and make their tokens",
    "overrides:read": "see the mapping overrides of the environment",
    "overrides:write": "change the mapping overrides of the environment",
    "tokens:read": "see the API tokens of the environment, never their secrets",
}
"""The scopes of API tokens; a token has all of them by default."""
ACCOUNT_TOKEN_SCOPES = frozenset({"unified:read", "proxy", "custom", "accounts:me"})
"""The scopes of an integrated account token. ``accounts:me`` is its own account; no API token has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The caller of a request.

    Attributes:
        environment_id: the environment of the caller; all others are invisible to it.
        token_id: id of the token, for logs.
        kind: an API token, or a token of one integrated account.
        integrated_account_id: the account of an integrated-account token.
        scopes: the scopes of the token; see ``SCOPES``.
    """

    environment_id: str
    token_id: str
    kind: TokenKind
    integrated_account_id: str | None = None
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The unit of isolation: tokens, accounts and overrides belong to one."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """An API token without its secret.

    Attributes:
        prefix: the beginning of the token, by which people recognise it.
        last_used_at: accurate to ten minutes.
    """

    id: str
    environment_id: str
    name: str
    prefix: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegratedAccount:
    """One tenant's account at a provider, without its secrets.

    Attributes:
        tenant_id: the tenant that owns the account, as the caller's system names it.
        integration: slug of the provider.
        authentication_method: ``api_key``, ``oauth2``, ``oauth2_client_credentials``.
        context: plain facts about the merchant.
        base_url: replaces the API root of the provider file.
        token_url: replaces the token URL of the provider file.
        unified_model_override: the account's own mapping layers, ``{model: {resource: {...}}}``.
        last_error: the last error of the credentials; None if they work.
        version: incremented by each change.
    """

    id: str
    tenant_id: str
    environment_id: str
    integration: str
    authentication_method: str
    status: Status
    is_sandbox: bool
    context: Mapping[str, str]
    base_url: str | None
    token_url: str | None
    unified_model_override: Mapping[str, Any]
    last_error: Mapping[str, Any] | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A mapping layer of an environment.

    Attributes:
        resource: ``model/resource``.
        integration: slug of the provider.
        method: ``list`` or ``get``, or ``all`` for both.
        config: the differing part of a mapping file; null removes a key.
    """

    id: str
    environment_id: str
    resource: str
    integration: str
    method: str
    config: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An account as a call uses it.

    Attributes:
        account: the account with its credentials, and with the layers of environment and account in ``overrides``.
        stored: the same account without its secrets.
    """

    account: Account = field(repr=False)
    stored: IntegratedAccount
