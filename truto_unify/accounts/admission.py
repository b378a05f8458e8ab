"""Checks an account before it is stored: its fields, its credentials, its addresses and its overrides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from truto_unify.accounts.addresses import check_account_url
from truto_unify.accounts.destination import moved_fields
from truto_unify.accounts.layers import StoredOverride, check_overrides
from truto_unify.accounts.stored_json import storage_faults
from truto_unify.config.authorization import OAuth2Authorization
from truto_unify.engine.account_fields import account_values
from truto_unify.engine.auth import AccountScheme, choose_scheme
from truto_unify.engine.route import find_native_route
from truto_unify.engine.send import Settings, open_session
from truto_unify.errors import ForbiddenAddress, ForbiddenDestination, InvalidInput, MissingCredential
from truto_unify.types import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

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

    @property
    def account(self) -> Account:
        """The account as a call uses it, without its overrides."""
        return Account(
            provider=self.integration,
            credentials=self.credentials,
            context=self.context,
            base_url=self.base_url,
            token_url=self.token_url,
        )


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

    def check(
        self,
        draft: AccountDraft,
        environment: Iterable[StoredOverride],
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> str:
        """Checks a draft and returns its authentication method.

        Args:
            draft: the whole account.
            environment: the overrides of its environment for its provider.
            is_wanted: whether somebody still waits for the result; if not, the check ends early.

        Raises:
            UnknownProvider: the registry has no such provider.
            InvalidInput, MissingCredential: a field is wrong or missing; no credential is shown.
            ForbiddenAddress: the account leads to an address that requests may not reach.
            InvalidOverride: the mapping override is wrong.
        """
        _check_text("tenant_id", draft.tenant_id)
        if draft.authentication_method is not None and draft.authentication_method not in AUTHENTICATION_METHODS:
            raise InvalidInput(f"authentication_method must be one of {', '.join(AUTHENTICATION_METHODS)}")
        self.registry.provider(draft.integration)
        texts = {"credentials": draft.credentials, "context": draft.context, "base_url": draft.base_url}
        for path, reason in storage_faults({**texts, "token_url": draft.token_url}):
            raise InvalidInput(f"{'.'.join(path)} {reason}")
        for name in ("base_url", "token_url"):
            url = getattr(draft, name)
            if url is not None:
                check_account_url(name, url, self.outbound)
        scheme = self._check_addresses(draft.account)
        override = draft.unified_model_override
        check_overrides(self.registry, draft.integration, environment, override, draft.context, is_wanted=is_wanted)
        return draft.authentication_method or _method(scheme)

    def check_move(
        self, before: AccountDraft, after: AccountDraft, new_credentials: Collection[str], *, may_move: bool
    ) -> None:
        """Checks that stored credentials never reach a host that they were not entered for.

        Args:
            before: the stored account.
            after: the account with its changes.
            new_credentials: the names of the credentials that come with the change.
            may_move: whether the caller may change the host at all.

        Raises:
            ForbiddenDestination: the caller may not change the host.
            MissingCredential: the change moves the account, and some of its credentials do not come with it.
        """
        config = self.registry.provider(before.integration).config
        moved = ", ".join(moved_fields(config, before.account, after.account))
        if not moved:
            return
        if not may_move:
            raise ForbiddenDestination(
                f"an integrated account token may not change {moved}, which decides where the credentials of the "
                "account are sent; use an API token with the scope accounts:write"
            )
        missing = ", ".join(name for name in before.credentials if name not in new_credentials)
        if missing:
            raise MissingCredential(
                f"a change of {moved} sends the credentials to another host, so that all of them must come in the "
                f"same request, under credentials; missing: {missing} (null removes one)"
            )

    def token_key(self, draft: AccountDraft, account_id: str) -> str:
        """The key of the account's token in a token store; empty if its scheme has no token, or a field is missing."""
        provider = self.registry.provider(draft.integration)
        endpoint = next(endpoint for methods in provider.config.resources.values() for endpoint in methods.values())
        try:
            route = find_native_route(provider, replace(draft.account, id=account_id), endpoint)
            return open_session(route, Settings()).scheme.key
        except (InvalidInput, MissingCredential):
            return ""

    def check_use(self, account: Account) -> None:
        """Checks the hosts of a stored account before a call: the allowed hosts may have changed since it was stored.

        Raises:
            ForbiddenDestination: a host is not among the allowed ones.
            MissingCredential, InvalidInput: a field is missing or wrong.
        """
        if self.outbound.hosts:
            self._check_addresses(account, is_stored=True)

    def _check_addresses(self, account: Account, *, is_stored: bool = False) -> AccountScheme:
        """Checks the addresses that the fields of an account lead to; returns its authentication scheme."""
        config = self.registry.provider(account.provider).config
        values = account_values(self.registry.provider(account.provider), account)
        scheme = choose_scheme(
            config.authorization, values, account_key="", token_url=account.token_url, label=account.provider
        )
        # Context fields of the tenant become part of the base URL.
        fields = ", ".join(name for name in config.base_url.placeholders if name.startswith("context."))
        label = "base_url" if account.base_url or not fields else f"the address of {fields}"
        addresses = {label: account.base_url or config.base_url.fill(values)}
        if scheme.token_url is not None:
            addresses["token_url"] = scheme.token_url
        for name, address in addresses.items():
            try:
                check_account_url(name, address, self.outbound)
            except (InvalidInput, ForbiddenAddress) as error:
                if is_stored:
                    raise ForbiddenDestination(error.message) from None
                raise
        return scheme


def _method(scheme: AccountScheme) -> str:
    if not isinstance(scheme.rule, OAuth2Authorization):
        return "api_key"
    return "oauth2" if scheme.rule.sends_refresh_token else "oauth2_client_credentials"


def _check_text(name: str, text: str) -> None:
    if not text.strip() or len(text) > _MAX_TEXT_CHARS or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", text):
        raise InvalidInput(f"{name} must have 1 to {_MAX_TEXT_CHARS} characters and no control character")
