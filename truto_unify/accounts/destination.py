"""Says which fields of an account decide the hosts that receive its credentials, and which of them a change moves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from truto_unify.config.authorization import TokenAuthorization
from truto_unify.config.pagination import NamedAddress
from truto_unify.config.schema import Template
from truto_unify.engine.account_fields import read_address

if TYPE_CHECKING:
    from truto_unify.config.provider import ProviderConfig
    from truto_unify.types import Account

_AUTHORITY = re.compile(r"(?:[^/]*://)?[^/]*")
"""The part of an address template that decides the host: what stands before the path."""


def host_fields(config: ProviderConfig) -> tuple[str, ...]:
    """The fields of an account from which the provider file builds a host, as ``context.store_url``.

    A path below a fixed host is no such field: the credentials stay with the same vendor.
    """
    rules = [rule for rule in config.authorization if isinstance(rule, TokenAuthorization)]
    endpoints = [endpoint for methods in config.resources.values() for endpoint in methods.values()]
    pages = [endpoint.pagination for endpoint in endpoints]
    roots = [endpoint.base_url for endpoint in endpoints if endpoint.base_url is not None]
    roots += [page.link_root for page in pages if isinstance(page, NamedAddress) and page.link_root is not None]
    templates = [config.base_url, *roots, *(rule.token_url for rule in rules)]
    authorities = [match[0] for template in templates if (match := _AUTHORITY.match(template.text))]
    names = [name for authority in authorities for name in Template(authority).placeholders]
    return tuple(dict.fromkeys(_source(config, name) for name in names))


def moved_fields(config: ProviderConfig, before: Account, after: Account) -> tuple[str, ...]:
    """The fields whose change sends the credentials to another host; ``base_url`` and ``token_url`` among them."""
    old, new = _destination(config, before), _destination(config, after)
    return tuple(name for name in old if old[name] != new[name])


def _source(config: ProviderConfig, name: str) -> str:
    """The field that accounts hold: a derived field follows another field of its group."""
    group, _, field = name.partition(".")
    declaration = getattr(config, group)[field]
    return name if declaration.derived is None else _source(config, f"{group}.{declaration.derived.source}")


def _destination(config: ProviderConfig, account: Account) -> dict[str, str]:
    values = {"base_url": _in_normal_form(account.base_url), "token_url": _in_normal_form(account.token_url)}
    for name in host_fields(config):
        group, _, field = name.partition(".")
        declaration = getattr(config, group)[field]
        values[name] = _in_normal_form(getattr(account, group).get(field) or declaration.default)
    return values


def _in_normal_form(text: str | None) -> str:
    try:
        return read_address(text or "")
    except ValueError:
        return text or ""  # a name, such as that of a shop
