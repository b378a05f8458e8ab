"""The account of a command: from options, from environment variables, or from an accounts file."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from truto_unify.accounts.file import read_account
from truto_unify.accounts.private_files import explain_exposure
from truto_unify.cli import output
from truto_unify.cli.completion import ACCOUNTS_FILE, complete_accounts, complete_fields, complete_providers
from truto_unify.engine.send import Settings
from truto_unify.types import Account, Limits

if TYPE_CHECKING:
    from truto_unify.registry import Registry
    from truto_unify.reports import NativeExchange, ProviderWait

Command = TypeVar("Command", bound=Callable[..., Any])

certificates_option = click.option(
    "--ca-bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    envvar="TRUTO_UNIFY_CA_BUNDLE",
    show_envvar=True,
    help="Certificates (PEM) that are trusted beside the public ones.",
)

accounts_file_option = click.option(
    "--accounts-file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=ACCOUNTS_FILE,
    envvar="TRUTO_UNIFY_ACCOUNTS_FILE",
    show_envvar=True,
    show_default=True,
    help="A YAML file: accounts: {NAME: {provider, credentials, context}}; truto-unify init writes it.",
)

_OPTIONS = (
    click.option(
        "--provider",
        metavar="SLUG",
        shell_complete=complete_providers,
        help="The provider; truto-unify capabilities lists them.",
    ),
    click.option(
        "--context",
        metavar="NAME=VALUE",
        multiple=True,
        shell_complete=complete_fields("context"),
        help="A context field of the merchant, not secret; repeatable.",
    ),
    click.option(
        "--credential",
        metavar="NAME=VALUE",
        multiple=True,
        shell_complete=complete_fields("credentials"),
        help="A secret; repeatable. Prefer TRUTO_UNIFY_<PROVIDER>_<NAME>, which other users cannot see.",
    ),
    click.option("--base-url", metavar="URL", help="Replaces the API root of the provider file."),
    click.option("--token-url", metavar="URL", help="Replaces the token URL of the provider file."),
    click.option(
        "--account",
        "account_name",
        metavar="NAME",
        shell_complete=complete_accounts,
        help="An account of the accounts file.",
    ),
    accounts_file_option,
    certificates_option,
    click.option(
        "--verbose",
        "-v",
        "is_verbose",
        is_flag=True,
        help="Shows each native request, its answer and each wait on standard error; no secrets.",
    ),
)


def account_options(command: Command) -> Command:
    """Adds the options that name an account."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def connection_limits(options: Mapping[str, Any]) -> Limits:
    """What the connections of a command trust."""
    return Limits(verify=options["ca_bundle"])


def call_settings(account: Account, options: Mapping[str, Any], **more: Any) -> Settings:
    """The settings of a command's calls: cursors that the next command reads, and what --verbose shows."""
    if options["is_verbose"]:
        more |= {"on_exchange": _show_exchange, "on_wait": _show_wait}
    return Settings(cursor_key=cursor_key(account), **more)


def _show_exchange(exchange: NativeExchange) -> None:
    milliseconds = f"{exchange.seconds * 1000:,.0f} ms"
    if exchange.unsent is not None:
        end = f"not sent ({exchange.unsent})"
    elif exchange.status is None:
        end = f"no answer ({exchange.error}), {milliseconds}"
    else:
        end = f"{exchange.status}, {milliseconds}, {exchange.received_bytes:,} bytes"
    output.note(f"{exchange.method} {exchange.show_url()}: {end}".lstrip())


def _show_wait(wait: ProviderWait) -> None:
    reasons = {"budget": "to stay below its limits", "asked": "as it asks", "retry": "before a retry"}
    reasons["in_flight"] = "until fewer requests were in flight"
    output.note(f"waits {wait.seconds:,.1f} s for {wait.provider} {reasons[wait.cause]}")


def cursor_key(account: Account) -> bytes:
    """The key that seals the cursors of an account, which the next command reads: only its owner knows it."""
    secrets = json.dumps(sorted(account.credentials.items()), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hmac.new(secrets, b"truto_unify cursors", hashlib.sha256).digest()


def find_provider(options: Mapping[str, Any]) -> str:
    """The provider that these options name, by itself or by an account of the file.

    Raises:
        click.UsageError: they name neither.
        ConfigError, InvalidInput: see ``truto_unify.accounts.file``.
    """
    stored = _stored(options)
    slug = options["provider"] or (stored.provider if stored else None)
    if slug is None:
        raise click.UsageError("name the provider: --provider SLUG, or --account NAME")
    return str(slug)


def find_account(registry: Registry, options: Mapping[str, Any]) -> Account:
    """The account of these options; options override environment variables, and both override the file.

    Raises:
        click.UsageError: no account is named, or an option is malformed.
        UnknownProvider, ConfigError, InvalidInput: see ``truto_unify.errors``.
    """
    stored = _stored(options)
    slug = options["provider"] or (stored.provider if stored else None)
    if stored and slug != stored.provider:
        # Its secrets and its address belong to another provider.
        raise click.UsageError(f'the account "{stored.id}" belongs to {stored.provider}, not to {slug}')
    if slug is None:
        raise click.UsageError("name an account: --provider SLUG with --context and --credential, or --account NAME")
    provider = registry.provider(slug)
    declared = {"context": provider.config.context, "credentials": provider.config.credentials}
    from_options = {
        "context": _pairs("--context", options["context"]),
        "credentials": _pairs("--credential", options["credential"]),
    }
    values: dict[str, dict[str, str]] = {}
    for group, fields in declared.items():
        from_environment = {
            name: os.environ[key] for name in fields if (key := variable_name(slug, name)) in os.environ
        }
        from_file = dict(getattr(stored, group)) if stored else {}
        values[group] = {**from_file, **from_environment, **from_options[group]}
    account = stored or Account(provider=slug)
    origins = dict(account.origins)
    for name in declared["credentials"]:
        if variable_name(slug, name) in os.environ:
            origins[name] = f"the environment variable {variable_name(slug, name)}"
        if name in from_options["credentials"]:
            origins[name] = "--credential"
    return replace(
        account,
        provider=slug,
        origins=origins,
        credentials=values["credentials"],
        context=values["context"],
        base_url=options["base_url"] or account.base_url,
        token_url=options["token_url"] or account.token_url,
    )


def _stored(options: Mapping[str, Any]) -> Account | None:
    name, file = options["account_name"], options["accounts_file"]
    if name is None:
        return None
    account = read_account(file, name)
    exposure = explain_exposure(file)
    if exposure is not None:
        output.note(exposure)
    return account


def variable_name(slug: str, name: str) -> str:
    """The environment variable of a field.

    >>> variable_name("acme-shop", "access_token")
    'TRUTO_UNIFY_ACME_SHOP_ACCESS_TOKEN'
    """
    return f"TRUTO_UNIFY_{slug}_{name}".upper().replace("-", "_")


def _pairs(flag: str, texts: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{flag} must be NAME=VALUE")  # the text is not shown: it may be a secret
        pairs[name] = value
    return pairs
