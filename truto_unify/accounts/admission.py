"""Checks an account before it is stored: its fields, its credentials, its addresses and its overrides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.accounts.addresses import check_account_url
from truto_unify.accounts.layers import StoredOverride, check_overrides
from truto_unify.config.authorization import OAuth2Authorization
from truto_unify.engine.account_fields import account_values
from truto_unify.engine.auth import AccountScheme, choose_scheme
from truto_unify.errors import InvalidInput
from truto_unify.types import Account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from truto_unify.outbound import OutboundRule
    from truto_unify.registry import Registry

AUTHENTICATION_METHODS = ("api_key", "oauth2", "oauth2_client_credentials")
_MAX_TEXT_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDraft:
    """An account to store.

    Attributes:
        tenant_id: the tenant that owns the account, as the caller's system names it.
        integration: slug of the provider.
        authentication_method: one of ``AUTHENTICATION_METHODS``; None: derived from the credentials.
    """

    tenant_id: str
    integration: str
    authentication_method: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    context: Mapping[str, str] = field(default_factory=dict)
    base_url: str | None = None
    token_url: str | None = None
    is_sandbox: bool = False
    unified_model_override: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admission:
    """The rules for new and changed accounts.

    Attributes:
        registry: the providers and their declared fields.
        outbound: the addresses that requests may reach.
    """

    registry: Registry
    outbound: OutboundRule

    def sort_context(self, integration: str, context: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """Splits the context of an import that also holds credentials into context and credentials.

        Raises:
            UnknownProvider: the registry has no such provider.
        """
        config = self.registry.provider(integration).config
        secret = {name for name in context if name in config.credentials and name not in config.context}
        plain = {name: value for name, value in context.items() if name not in secret}
        return plain, {name: context[name] for name in context if name in secret}

    def check(self, draft: AccountDraft, environment: Iterable[StoredOverride]) -> str:
        """Checks a draft and returns its authentication method.

        Args:
            draft: the whole account.
            environment: the overrides of its environment for its provider.

        Raises:
            UnknownProvider: the registry has no such provider.
            InvalidInput, MissingCredential: a field is wrong or missing; no credential is shown.
            ForbiddenAddress: the account leads to an address that requests may not reach.
            InvalidOverride: the mapping override is wrong.
        """
        _check_text("tenant_id", draft.tenant_id)
        if draft.authentication_method is not None and draft.authentication_method not in AUTHENTICATION_METHODS:
            raise InvalidInput(f"authentication_method must be one of {', '.join(AUTHENTICATION_METHODS)}")
        provider = self.registry.provider(draft.integration)
        for name in ("base_url", "token_url"):
            url = getattr(draft, name)
            if url is not None:
                check_account_url(name, url, self.outbound)
        account = Account(
            provider=draft.integration,
            credentials=draft.credentials,
            context=draft.context,
            base_url=draft.base_url,
            token_url=draft.token_url,
        )
        values = account_values(provider, account)
        scheme = choose_scheme(
            provider.config.authorization, values, account_key="", token_url=draft.token_url, label=draft.integration
        )
        # Context fields of the tenant become part of the base URL.
        fields = ", ".join(name for name in provider.config.base_url.placeholders if name.startswith("context."))
        label = "base_url" if draft.base_url or not fields else f"the address of {fields}"
        check_account_url(label, draft.base_url or provider.config.base_url.fill(values), self.outbound)
        if scheme.token_url is not None:
            check_account_url("token_url", scheme.token_url, self.outbound)
        check_overrides(self.registry, draft.integration, environment, draft.unified_model_override)
        return draft.authentication_method or _method(scheme)


def _method(scheme: AccountScheme) -> str:
    if not isinstance(scheme.rule, OAuth2Authorization):
        return "api_key"
    uses_refresh_token = any("refresh_token" in param.placeholders for param in scheme.rule.params.values())
    return "oauth2" if uses_refresh_token else "oauth2_client_credentials"


def _check_text(name: str, text: str) -> None:
    if not text.strip() or len(text) > _MAX_TEXT_CHARS or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", text):
        raise InvalidInput(f"{name} must have 1 to {_MAX_TEXT_CHARS} characters and no control character")
