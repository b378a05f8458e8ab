"""Resolves a call before any request is sent: its provider, mapping, endpoint and the account's values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from truto_unify.config.pagination import NamedAddress
from truto_unify.engine.account_fields import account_values
from truto_unify.engine.api_root import ApiRoot, split_root
from truto_unify.errors import InvalidInput, UnsupportedMethod
from truto_unify.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.config.configuration import LoadedMapping, Provider
    from truto_unify.config.provider import Endpoint
    from truto_unify.types import Account

_VERSION = re.compile(r"/\{[^{}]*\}/?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeRoute:
    """The target of a native call.

    Attributes:
        values: the account's ``context.*`` and ``credentials.*`` fields by placeholder name, with defaults.
        base_url: the API root, without a slash at the end.
        redactor: removes the account's secrets.
    """

    account: Account
    provider: Provider
    endpoint: Endpoint
    values: Mapping[str, str] = field(repr=False)
    base_url: str
    redactor: Redactor = field(repr=False)

    def base_of(self, endpoint: Endpoint) -> str:
        """The URL that the path of an endpoint follows; a proxy of the account stands for all of them."""
        if endpoint.base_url is None or self.account.base_url is not None:
            return self.base_url
        address = endpoint.base_url.fill(dict(self.values))
        _check_address(address)
        return address.rstrip("/")

    def root_of(self, endpoint: Endpoint) -> ApiRoot:
        """The API root of an endpoint; if the account names a proxy, also the root that the store itself has."""
        path = endpoint.path.text
        template = endpoint.base_url or self.provider.config.base_url
        alias = None
        if self.account.base_url is not None and all(self.values.get(name) for name in template.placeholders):
            alias = split_root(template.fill(dict(self.values)).rstrip("/"), path)[0]
        # A step of the address that the account fills in, at the end of it: the version of an API.
        has_version = not path.startswith("/..") and bool(_VERSION.search(template.text))
        is_whole = self.account.base_url is None or alias is not None
        links = None
        if isinstance(endpoint.pagination, NamedAddress) and endpoint.pagination.link_root is not None:
            links = endpoint.pagination.link_root.fill(dict(self.values)).rstrip("/")
            _check_address(links)
        is_proxied = self.account.base_url is not None
        root = split_root(self.base_of(endpoint), path)[0]
        return ApiRoot(root, alias, has_version and is_whole, links, links if not is_proxied else root)

    @property
    def context(self) -> dict[str, str]:
        """The account's context with defaults, as mapping expressions read it."""
        prefix = "context."
        return {name.removeprefix(prefix): value for name, value in self.values.items() if name.startswith(prefix)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(NativeRoute):
    """The target of a unified call: a native call and the mapping between the two."""

    mapping: LoadedMapping


def find_route(
    mapping: LoadedMapping, account: Account, method: Literal["list", "get"], *, needs_credentials: bool = True
) -> Route:
    """The route of a unified call.

    Args:
        mapping: the merged mapping of the resource to the account's provider.
        account: the account.
        method: the unified method.
        needs_credentials: False if no request will be sent (``explain``).

    Raises:
        UnsupportedMethod: the mapping does not offer the method.
        MissingCredential, InvalidInput: the account's fields are incomplete or malformed.
    """
    provider = mapping.provider
    form = getattr(mapping.config, method)
    if form is None:
        offered = [name for name in ("list", "get") if getattr(mapping.config, name)]
        raise UnsupportedMethod(f"{provider.slug} {mapping.schema.name} has no {method}; it has {', '.join(offered)}")
    values, base_url, redactor = _resolve_account(provider, account, needs_credentials=needs_credentials)
    return Route(
        account=account,
        provider=provider,
        mapping=mapping,
        endpoint=provider.endpoint(form.endpoint),
        values=values,
        base_url=base_url,
        redactor=redactor,
    )


def find_native_route(provider: Provider, account: Account, endpoint: Endpoint) -> NativeRoute:
    """The route of a native call.

    Raises:
        MissingCredential, InvalidInput: the account's fields are incomplete or malformed.
    """
    values, base_url, redactor = _resolve_account(provider, account, needs_credentials=True)
    return NativeRoute(
        account=account, provider=provider, endpoint=endpoint, values=values, base_url=base_url, redactor=redactor
    )


def _resolve_account(
    provider: Provider, account: Account, *, needs_credentials: bool
) -> tuple[dict[str, str], str, Redactor]:
    """The account's fields, its API root, and a redactor of its secrets."""
    values = account_values(provider, account, needs_credentials=needs_credentials)
    base_url = account.base_url or provider.config.base_url.fill(values)
    _check_address(base_url)
    secrets = [text for name, text in values.items() if name.startswith("credentials.")]
    return values, base_url.rstrip("/"), Redactor(secrets)


def _check_address(base_url: str) -> None:
    try:
        parts = urlsplit(base_url)
        is_plain = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        is_plain = False
    if not is_plain or re.search(r"[\s?#@]", base_url):
        shown = "" if "@" in base_url else f', not "{base_url}"'  # the text before an @ may be a password
        raise InvalidInput(f"base_url must be a plain http(s) address{shown}")
