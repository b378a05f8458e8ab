"""Disguises the account of a cassette: placeholders for its secrets, the provider's examples for its context."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from truto_unify.engine.account_fields import read_address
from truto_unify.testing.cassettes.errors import UnsafeCassette
from truto_unify.testing.cassettes.secrets import MIN_SECRET_LETTERS, Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.provider import FieldDeclaration, ProviderConfig
    from truto_unify.types import Account

_MIN_NAME_LETTERS = 3


def disguise_account(account: Account, config: ProviderConfig, secrets: Secrets) -> tuple[Account, dict[str, str]]:
    """The account without anything real, and the new name of each text that belongs to it.

    Args:
        account: the real account; its credentials are added to the secrets.
        config: declares the fields.
        secrets: gets every credential.

    Raises:
        UnsafeCassette: a credential is too short to be looked for.
    """
    credentials: dict[str, str] = {}
    for name, value in account.credentials.items():
        if value and len(value) < MIN_SECRET_LETTERS:
            raise UnsafeCassette(
                [
                    f"credential {name} has fewer than {MIN_SECRET_LETTERS} characters: "
                    "a cassette cannot be searched for it"
                ]
            )
        credentials[name] = _placeholder(name, config.credentials[name])
        secrets.add(value, name, credentials[name])
    context = dict(account.context)
    names: dict[str, str] = {}
    for name, value in account.context.items():
        declared = config.context[name]
        if declared.example and declared.default is None and declared.derived is None and value:
            context[name] = declared.example
            names.update(_renamed(read_address(value) if declared.format == "address" else value, declared.example))
    slug = account.provider.replace("_", "-")
    hosts = {"base_url": f"{slug}.example.test", "token_url": f"tokens-{slug}.example.test"}
    urls = {name: url for name in hosts if (url := getattr(account, name))}
    for name, url in urls.items():
        netloc = urlsplit(url).netloc
        names.setdefault(f"{urlsplit(url).scheme}://{netloc}", f"https://{names.get(netloc, hosts[name])}")
        names.setdefault(netloc, hosts[name])
    names = {real: invented for real, invented in names.items() if len(real) >= _MIN_NAME_LETTERS and real != invented}
    base_url, token_url = (rename(urls[name], names) if name in urls else None for name in hosts)
    disguised = replace(
        account, credentials=credentials, context=context, id=None, base_url=base_url, token_url=token_url
    )
    return disguised, names


def rename(text: str, names: Mapping[str, str]) -> str:
    """The text with new names, where an old name is a whole word.

    >>> rename("https://acme-wine.example/acme", {"acme": "shop"})
    'https://shop-wine.example/shop'
    """
    return re.sub(name_pattern(names), lambda match: names[match[0]], text) if names else text


def name_pattern(names: Mapping[str, str]) -> str:
    """A pattern that finds the names, the longest first; empty without names."""
    longest = sorted(names, key=lambda name: (-len(name), name))
    words = "|".join(map(re.escape, longest))
    return rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])" if names else ""


def _placeholder(name: str, declared: FieldDeclaration) -> str:
    placeholder = f"FAKE_{name}"
    fits = declared.pattern is None or re.fullmatch(declared.pattern, placeholder)
    return placeholder if fits or not declared.example else declared.example


def _renamed(real: str, invented: str) -> Iterator[tuple[str, str]]:
    yield real, invented
    if "://" in real and "://" in invented:
        yield urlsplit(real).netloc, urlsplit(invented).netloc
